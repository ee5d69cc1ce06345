"""How the month's moves change with the numbers behind them: the month of `month.py`, read backwards.

A sum over all moves, ``F = Σ c[d, k, l, k', l'] T[d, k, l, k', l']`` with fixed weights ``c``, is differentiated with
respect to all intensities, shares and hazards at once: each account is carried through the month, its place is noted
day by day, and what a unit of mass is worth at the month's end is carried back (reverse accumulation; Griewank &
Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, chapter 3). The cost is that of a few months however many numbers
there are; differences would cost two months each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.classes import STRAINED
from simcollect.behaviour.law import MONTH, Law, day_bin, instalments_due
from simcollect.calibration.month import _LANES, _LAST_DAY, _SHORT, DAYS, GONE, MOST_DUE

Array = npt.NDArray[np.float64]


class Slopes(NamedTuple):
    """Derivatives of F with respect to fields of the law.

    Attributes
    ----------
    base : (5, bins) payment intensities a day
    partial, all_ : (2,) by liquidity
    hazards : (2,) of liquidity lost and regained, a day
    exit : end of recoveries, a week, shape (1,)
    """

    base: Array
    partial: Array
    all_: Array
    hazards: Array
    exit: Array


@njit(cache=True)
def month_slopes(law: Law, loss: float, regain: float, phase: float, worth: Array) -> Slopes:
    """Return the derivatives of the sum of `month_kernel`'s moves, each times its weight.

    Parameters
    ----------
    law : the parameters; loss, regain : daily hazards of liquidity; phase : as in `month_kernel`
    worth : weights, shape (4, N_DUE, 2, N_DUE, 2)

    Examples
    --------
    >>> from simcollect.behaviour import Behaviour
    >>> law = Behaviour.default().law()
    >>> one_due_to_none = np.zeros((4, 8, 2, 8, 2))
    >>> one_due_to_none[0, 1, 0, 0, 0] = 1.0
    >>> slopes = month_slopes(law, 0.0005, 0.005, 15.0, one_due_to_none)
    >>> bool(slopes.hazards[0] < 0), bool(slopes.base[0].max() > 0)
    (True, True)
    """
    rate = np.zeros((5, _LANES, DAYS + 1))
    age = np.zeros((_LANES, DAYS + 1), np.int64)
    for lane in range(_LANES):
        for j in range(1, DAYS + 1):
            x = int(np.floor(phase + MONTH * (lane - 2) + j))
            age[lane, j] = x
            bin_ = day_bin(law.bins, x)
            for b in range(5):
                rate[b, lane, j] = -np.expm1(-law.base[b, bin_]) if bin_ >= 0 else 0.0
    out = Slopes(np.zeros_like(law.base), np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(1))
    by_rate = np.zeros_like(rate)
    at_end = np.zeros((_LANES + 1, 2))
    start_of_day = np.zeros((DAYS + 1, _LANES, 2))
    reviewed = np.zeros((DAYS + 1, _LANES, 2))
    for d in range(4):
        for k in range(GONE):
            for liq in range(2):
                for fifth in range(2):
                    weight = _SHORT if fifth == 1 else 1.0 - _SHORT
                    for lane in range(_LANES + 1):
                        to = GONE if lane == _LANES else min(lane, MOST_DUE)
                        for m in range(2):
                            at_end[lane, m] = weight * worth[d, k, liq, to, m]
                    _there(law, loss, regain, rate, age, d, k, liq, fifth, start_of_day, reviewed)
                    _back(law, loss, regain, rate, age, d, k, fifth, start_of_day, reviewed, at_end, by_rate, out)
        _gone(law, loss, regain, d, worth, out)
    for lane in range(_LANES):
        for j in range(1, DAYS + 1):
            bin_ = day_bin(law.bins, age[lane, j])
            if bin_ >= 0:
                for b in range(5):
                    out.base[b, bin_] += by_rate[b, lane, j] * (1.0 - rate[b, lane, j])
    return out


@njit(cache=True, inline="always")
def _days(j: int, fifth: int) -> float:
    """Return how many days of liquidity the review of day j stands for, 0 where there is none."""
    if j % 7 != 1 or (j == 29 and fifth == 0):
        return 0.0
    if j == 29:
        return MONTH - 28.0
    return MONTH - 21.0 if j == 22 and fifth == 0 else 7.0


@njit(cache=True)
def _there(
    law: Law, loss: float, regain: float, rate: Array, age: npt.NDArray[np.int64], d: int, k: int, liq: int, fifth: int,
    start_of_day: Array, reviewed: Array,
) -> None:  # fmt: skip
    """Note where the mass stands: `start_of_day` may still pay after the review; `reviewed` is what a review met."""
    fresh, paid, moved = np.zeros((_LANES, 2)), np.zeros((_LANES, 2)), np.zeros((_LANES, 2))
    fresh[k + 1, liq] = 1.0
    for j in range(1, DAYS + 1):
        days = _days(j, fifth)
        if days > 0.0:
            fall, rise = -np.expm1(-days * loss), -np.expm1(-days * regain)
            for i in range(k + 2):
                able, strained = fresh[i, 0] + paid[i, 0], fresh[i, 1] + paid[i, 1]
                reviewed[j, i, 0], reviewed[j, i, 1] = able, strained
                fresh[i, 0] = able * (1.0 - fall) + strained * rise
                fresh[i, 1] = able * fall + strained * (1.0 - rise)
                paid[i, 0] = paid[i, 1] = 0.0
        moved[:] = 0.0
        for i in range(k + 2):
            x = age[i, j]
            start_of_day[j, i, 0], start_of_day[j, i, 1] = fresh[i, 0], fresh[i, 1]
            if x >= _LAST_DAY:
                for m in range(2):
                    fresh[i, m] = paid[i, m] = 0.0
                continue
            due = instalments_due(x)
            for m in range(2):
                p = fresh[i, m] * rate[d if m == 0 else STRAINED, i, j]
                if p == 0.0:
                    continue
                fresh[i, m] -= p
                part = law.partial[m] if x >= 1 else 0.0
                everything = (1.0 - part) * law.all_[m] if due > 1 else 0.0
                kept = part * (1.0 - law.part_size)
                moved[i, m] += p * kept
                moved[max(i - 1, 0), m] += p * (1.0 - kept - everything)
                moved[max(i - due, 0), m] += p * everything
        for i in range(k + 2):
            for m in range(2):
                paid[i, m] += moved[i, m]


@njit(cache=True)
def _back(
    law: Law, loss: float, regain: float, rate: Array, age: npt.NDArray[np.int64], d: int, k: int, fifth: int,
    start_of_day: Array, reviewed: Array, at_end: Array, by_rate: Array, out: Slopes,
) -> None:  # fmt: skip
    """Carry what a unit is worth from the month's end to its start, and collect the derivatives on the way."""
    fresh, paid, moved = np.zeros((_LANES, 2)), np.zeros((_LANES, 2)), np.zeros((_LANES, 2))
    for i in range(k + 2):
        for m in range(2):
            fresh[i, m] = paid[i, m] = at_end[i, m]
    for j in range(DAYS, 0, -1):
        moved[:] = paid
        for i in range(k + 2):
            x = age[i, j]
            if x >= _LAST_DAY:
                for m in range(2):
                    fresh[i, m] = paid[i, m] = at_end[_LANES, m]
                continue
            due = instalments_due(x)
            for m in range(2):
                b = d if m == 0 else STRAINED
                r = rate[b, i, j]
                if r == 0.0:
                    continue
                stays, one, all_ = moved[i, m], moved[max(i - 1, 0), m], moved[max(i - due, 0), m]
                part = law.partial[m] if x >= 1 else 0.0
                clears = law.all_[m] if due > 1 else 0.0
                kept, everything = part * (1.0 - law.part_size), (1.0 - part) * clears
                gain = kept * stays + (1.0 - kept - everything) * one + everything * all_ - fresh[i, m]
                there = start_of_day[j, i, m]
                by_rate[b, i, j] += there * gain
                if x >= 1:
                    out.partial[m] += there * r * ((1.0 - law.part_size) * (stays - one) - clears * (all_ - one))
                if due > 1:
                    out.all_[m] += there * r * (1.0 - part) * (all_ - one)
                fresh[i, m] += r * gain
        days = _days(j, fifth)
        if days > 0.0:
            fall, rise = -np.expm1(-days * loss), -np.expm1(-days * regain)
            for i in range(k + 2):
                able, strained = fresh[i, 0], fresh[i, 1]
                out.hazards[0] += reviewed[j, i, 0] * (strained - able) * days * (1.0 - fall)
                out.hazards[1] += reviewed[j, i, 1] * (able - strained) * days * (1.0 - rise)
                fresh[i, 0] = paid[i, 0] = able * (1.0 - fall) + strained * fall
                fresh[i, 1] = paid[i, 1] = able * rise + strained * (1.0 - rise)


@njit(cache=True)
def _gone(law: Law, loss: float, regain: float, d: int, worth: Array, out: Slopes) -> None:
    """Add what the rows of the charged off give."""
    stay = (1.0 - law.agency_exit) ** (MONTH / 7.0)
    by_exit = MONTH / 7.0 * stay / (1.0 - law.agency_exit)
    for liq in range(2):
        hazard = loss if liq == 0 else regain
        moves = -np.expm1(-MONTH * hazard)
        for m in range(2):
            share, sign = (moves, 1.0) if m != liq else (1.0 - moves, -1.0)
            back, gone = worth[d, GONE, liq, 0, m], worth[d, GONE, liq, GONE, m]
            out.exit[0] += by_exit * share * (back - gone)
            out.hazards[liq] += sign * MONTH * (1.0 - moves) * (stay * gone + (1.0 - stay) * back)
