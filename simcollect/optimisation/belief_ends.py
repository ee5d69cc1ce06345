"""Where the pass over beliefs begins and ends: the last week, states in which nothing is decided, and day 0."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN
from simcollect.behaviour.states import N_STATES, PLAN
from simcollect.optimisation.belief_mixes import Grid
from simcollect.optimisation.interpolate import MOST_PARTS, best_mix
from simcollect.optimisation.outcomes import COLUMNS, N_GROUPS, N_LANES, Outcomes, seen
from simcollect.optimisation.recursion import Series, Terms, action_values

Array = npt.NDArray[np.float64]


@njit(cache=True, nogil=True, inline="always")
def mean_of(belief: Array, q: Array) -> tuple[float, float]:
    """Return money and cost averaged over the hidden classes."""
    money, cost = 0.0, 0.0
    for h in range(N_HIDDEN):
        money += belief[h] * q[0, h]
        cost += belief[h] * q[1, h]
    return money, cost


@njit(cache=True, nogil=True)
def last_week(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    prices: Array,
    units: Array,
    end: Array,
    outcomes: Outcomes,
    grid: Grid,
    value: Array,
    linear: Array,
) -> None:
    """Fill the values of the last week: what follows is linear in the belief, so nothing is bounded yet."""
    t, q = series.season.size - 1, np.empty((2, N_HIDDEN))
    value[:] = -np.inf
    for s in range(N_STATES):
        group, lane = outcomes.group_of[s], outcomes.lane_of[s]
        for action in range(terms.allowed.shape[0]):
            if (s >= PLAN and action > 0) or (s < PLAN and not terms.allowed[action, s]):
                continue
            action_values(kernel, terms, series, prices, t, end, s, action, q)
            if outcomes.ends[group]:
                linear[s] = q
            for i in range(grid.ptr[group], grid.ptr[group + 1]):
                money, cost = mean_of(grid.points[i], q)
                for u in range(units.size):
                    at = u * N_LANES + lane
                    value[i, at] = max(value[i, at], units[u] * money - cost)


@njit(cache=True, nogil=True)
def linear_values(
    outcomes: Outcomes,
    kernel: Kernel,
    terms: Terms,
    series: Series,
    prices: Array,
    units: Array,
    grid: Grid,
    later: Array,
    t: int,
    linear: Array,
    value: Array,
) -> None:
    """Lay the values of accounts in law, charged off or closed, which are linear, at their corners."""
    for s in range(PLAN, N_STATES):
        group = outcomes.group_of[s]
        if not outcomes.ends[group]:
            continue
        action_values(kernel, terms, series, prices, t, later, s, 0, linear[s])
        for h in range(N_HIDDEN):
            for u in range(units.size):
                value[grid.ptr[group] + h, u * N_LANES] = units[u] * linear[s, 0, h] - linear[s, 1, h]


@njit(cache=True, nogil=True)
def first_day(
    outcomes: Outcomes,
    kernel: Kernel,
    series: Series,
    grid: Grid,
    value: Array,
    units: Array,
    start: Array,
) -> float:
    """Bound the value of the accounts as they stand before the first week's moves of liquidity and attention."""
    total = 0.0
    certain = np.zeros(COLUMNS)
    certain[:N_BEHAVIOURS] = 1.0
    m, part, weight = np.empty(N_HIDDEN), np.empty(MOST_PARTS, np.int32), np.empty(MOST_PARTS)
    most = 0
    for group in range(N_GROUPS):
        most = max(most, grid.ptr[group + 1] - grid.ptr[group])
    table, name = np.empty((N_HIDDEN + 1, most)), np.empty(most, np.int64)
    for u in range(units.size):
        for s in range(N_STATES):
            if seen(certain, start[u, s], series.loss[0], series.regain[0], m) <= 0.0:
                continue
            fades = s < PLAN and kernel.level_of[s] > 0
            for step in range(2 if fades else 1):
                chance = 1.0 if not fades else kernel.decay if step == 1 else 1.0 - kernel.decay
                group = outcomes.group_of[s] - step  # one level of attention less is the group before
                k, first = u * N_LANES + outcomes.lane_of[s], grid.ptr[group]
                there = grid.points[first : grid.ptr[group + 1]]
                saving = np.zeros(there.shape[0])
                for i in range(N_HIDDEN, there.shape[0]):
                    saving[i] = -value[first + i, k]
                    for h in range(N_HIDDEN):
                        saving[i] += there[i, h] * value[first + h, k]
                for n in range(best_mix(there, saving, m, table, name, part, weight)):
                    total += chance * weight[n] * value[first + part[n], k]
    return total
