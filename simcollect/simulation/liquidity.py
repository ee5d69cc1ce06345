"""When an account's liquidity moves.

It can move on one day of each week, the account's own, and moves on the first on which the sum of the hazards since its
last move exceeds an exponential number of mean 1. So one random number says when it moves next, and nobody has to look
at the account for it before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.simulation.borrower import exponential
from simcollect.simulation.columns import NEVER
from simcollect.simulation.compiled import loop
from simcollect.simulation.world import World
from simcollect.streams import Purpose

LIQUIDITY = int(Purpose.LIQUIDITY)
Sums = npt.NDArray[np.float64]


@njit(cache=True, inline="always")
def move(r: Any, loss: Sums, regain: Sums) -> None:
    """Let liquidity move, and see when it will the next time.

    Parameters
    ----------
    loss, regain : see `simcollect.simulation.rules.Tables`
    """
    r.strained = 1 - r.strained
    r.clock = next_move(r, r.clock + 7, loss, regain)


@njit(cache=True, inline="always")
def next_move(r: Any, first: int, loss: Sums, regain: Sums) -> int:
    """Return the day on which liquidity moves next, if it can from day `first` on; `NEVER` if not in the run."""
    weeks = (loss.shape[0] - 1 - first) // 7
    if weeks < 0:
        return NEVER
    sums = exponential(r.key, first, LIQUIDITY)
    if first >= 7:
        sums += regain[first - 7, r.product, r.band] if r.strained else loss[first - 7, r.kind, r.product, r.band]
    low, high = 0, weeks + 1
    middle = weeks  # most do not move at all: the last day is looked at first
    while low < high:
        day = first + 7 * middle
        if (regain[day, r.product, r.band] if r.strained else loss[day, r.kind, r.product, r.band]) > sums:
            high = middle
        else:
            low = middle + 1
        middle = (low + high) // 2
    return first + 7 * low if low <= weeks else NEVER


@loop
def foresee(world: World, low: int, high: int) -> None:
    """See when the liquidity of accounts `low` to `high` will move first; until now their clock is their weekly day."""
    acc, loss, regain = world.acc, world.tables.loss, world.tables.regain
    for i in range(low, high):
        r = acc[i]
        r.clock = next_move(r, r.clock, loss, regain)


@loop
def catch_up(world: World, low: int, high: int, t: int) -> None:
    """Bring the hidden liquidity of accounts `low` to `high` up to day t, also of those asleep."""
    acc, loss, regain = world.acc, world.tables.loss, world.tables.regain
    for i in range(low, high):
        r = acc[i]
        while r.clock <= t:
            move(r, loss, regain)
