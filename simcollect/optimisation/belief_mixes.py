"""Belief points, and how the beliefs that a week leaves are mixed from those of the next."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.classes import N_HIDDEN
from simcollect.optimisation.interpolate import MOST_PARTS, best_mix
from simcollect.optimisation.outcomes import N_GROUPS, N_LANES, Outcomes, seen

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


class Grid(NamedTuple):
    """Belief points by group."""

    ptr: Whole  # (groups + 1,) points of each group
    points: Array  # (P, H) the first H of each group are the corners
    visits: Array  # (groups, L) how much each lane counts when mixes are chosen


class Mixes(NamedTuple):
    """For each (outcome, point of its origin): the mix of the destination's points, compressed."""

    first: Whole  # (O + 1,) number of the outcome's first mix; mixes follow the points of the origin
    ptr: Whole  # (mixes + 1,)
    part: npt.NDArray[np.int32]  # which point of the destination
    weight: Array


@njit(cache=True, nogil=True)
def cell_starts(outcomes: Outcomes, grid: Grid) -> Whole:
    """Return where each cell's points begin when the destinations are laid out one after the other."""
    starts = np.zeros(outcomes.cell_group.size + 1, np.int64)
    for c in range(outcomes.cell_group.size):
        group = outcomes.cell_group[c]
        starts[c + 1] = starts[c] + grid.ptr[group + 1] - grid.ptr[group]
    return starts


@njit(cache=True, nogil=True)
def mix_again(
    outcomes: Outcomes,
    grid: Grid,
    value: Array,
    shares: Array,
    season: int,
    loss: float,
    regain: float,
    mixes: Mixes,
) -> None:
    """Choose the mixes anew, by what the points save on average over lanes and instalments."""
    saving = savings(outcomes, grid, value, shares)
    starts = cell_starts(outcomes, grid)
    most = 0
    for group in range(N_GROUPS):
        most = max(most, grid.ptr[group + 1] - grid.ptr[group])
    table, name, m = np.empty((N_HIDDEN + 1, most)), np.empty(most, np.int64), np.empty(N_HIDDEN)
    at, n = 0, 0
    mixes.ptr[0] = 0
    for group in range(N_GROUPS):
        for row in range(outcomes.group_ptr[group], outcomes.group_ptr[group + 1]):
            for o in range(outcomes.row_ptr[row], outcomes.row_ptr[row + 1]):
                cell = outcomes.cell[o]
                to = outcomes.cell_group[cell]
                there = grid.points[grid.ptr[to] : grid.ptr[to + 1]]
                saves = saving[starts[cell] : starts[cell + 1]]
                for i in range(grid.ptr[group], grid.ptr[group + 1]):
                    total = seen(outcomes.like[season, o], grid.points[i], loss, regain, m)
                    if total > 0.0:
                        room = slice(n, n + MOST_PARTS)
                        n += best_mix(there, saves, m, table, name, mixes.part[room], mixes.weight[room])
                    at += 1
                    mixes.ptr[at] = n


@njit(cache=True, nogil=True)
def savings(outcomes: Outcomes, grid: Grid, value: Array, shares: Array) -> Array:
    """Return what each point of each cell saves against the corners, averaged over lanes and instalments."""
    starts = cell_starts(outcomes, grid)
    saving = np.zeros(starts[-1])
    for c in range(outcomes.cell_group.size):
        group = outcomes.cell_group[c]
        first = grid.ptr[group]
        reached = np.zeros(N_LANES, np.bool_)
        for lane in range(N_LANES):
            reached[outcomes.cell_lane[c, lane]] = True
        for i in range(first + N_HIDDEN, grid.ptr[group + 1]):
            total = 0.0
            for lane in range(N_LANES):
                if not reached[lane] or outcomes.group_state[group, lane] < 0:
                    continue
                for u in range(shares.size):
                    k = u * N_LANES + lane
                    less = -value[i, k]
                    for h in range(N_HIDDEN):
                        less += grid.points[i, h] * value[first + h, k]
                    total += grid.visits[group, lane] * shares[u] * less
            saving[starts[c] + i - first] = total
    return saving
