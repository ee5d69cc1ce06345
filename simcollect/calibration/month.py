"""A month of the daily law, seen only at month ends: what links the borrower to a monthly status history.

Symbols
-------
``k`` instalments due and unpaid at a month end, 0 .. 6, and 7 for charged off; ``d`` disposition; ``l`` liquidity (0
able, 1 strained); ``phase`` days from the due day to the month end.

Equations
---------
An account with ``k`` due stands at ``x = phase + MONTH (k - 1)`` days from its oldest unpaid due date. The thirty days
that follow are those of `simcollect.behaviour.law`: the same intensities by day bin, the same amounts, one payment
at most between two weekly reviews, liquidity moving at each review. The month's last part of a week counts as a
review of its own in the share of months that keeps the mean of 4.35 reviews (as `modes.next_due` does).

On the day on which the oldest unpaid due date is `chargeoff.week` weeks back, the account is charged off. It leaves
that state, to nothing due, at the rate at which recoveries end (`agency.exit`).

    T[d, k, l, k', l'] = P(k', l' at the next month end | k, l at this one, d)

No contact is in it: a history without actions cannot tell what the lender did from what the borrower would have done,
so the estimated intensities are those *under the lender's usual treatment*.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.classes import STRAINED
from simcollect.behaviour.law import MONTH, Law, day_bin, instalments_due
from simcollect.behaviour.states import LAST_WEEK

Array = npt.NDArray[np.float64]

MOST_DUE = 6  # six instalments due are 150 days and more
GONE = MOST_DUE + 1  # charged off
N_DUE = GONE + 1
DAYS = 30
_LANES = MOST_DUE + 2  # 0 .. 6 due, and one for an instalment paid ahead
_LAST_DAY = 7 * (LAST_WEEK + 1)  # days late at which the weekly chain charges off
_SHORT = MONTH / 7 - 4  # share of months with a fifth review


@njit(cache=True)
def month_kernel(
    law: Law, loss: float, regain: float, phase: float, ease: float, ease_late: float, only: int = -1
) -> Array:
    """Return the monthly transitions, shape (4, N_DUE, 2, N_DUE, 2) over (d, k, l, k', l').

    Parameters
    ----------
    law : the parameters, from `Behaviour.law`
    loss, regain : daily hazards of liquidity in this month
    phase : days from the due day to the month end, 0 to 20
    ease, ease_late : multipliers of the payment intensity in this month, of accounts with at most one instalment due at
        its start, and of others; usually 1
    only : one disposition to work out, the others staying zero; -1 for all

    Examples
    --------
    >>> from simcollect.behaviour import Behaviour
    >>> kernel = month_kernel(Behaviour.default().law(), 0.0005, 0.005, 15.0, 1.0, 1.0)
    >>> bool(np.allclose(kernel.sum(axis=(3, 4)), 1.0)), bool(kernel[0, 1, 0, 0, 0] > kernel[3, 1, 0, 0, 0])
    (True, True)
    """
    out = np.zeros((4, N_DUE, 2, N_DUE, 2))
    rate = np.zeros((2, 5, _LANES, DAYS + 1))
    age = np.zeros((_LANES, DAYS + 1), np.int64)
    for lane in range(_LANES):
        for j in range(1, DAYS + 1):
            x = int(np.floor(phase + MONTH * (lane - 2) + j))
            age[lane, j] = x
            bin_ = day_bin(law.bins, x)
            if bin_ < 0:
                continue
            for b in range(5):
                rate[0, b, lane, j] = -np.expm1(-law.base[b, bin_] * ease)
                rate[1, b, lane, j] = -np.expm1(-law.base[b, bin_] * ease_late)
    ending = 1.0 - (1.0 - law.agency_exit) ** (MONTH / 7.0)
    for d in range(4):
        if only >= 0 and d != only:
            continue
        for liq in range(2):
            for k in range(GONE):
                for fifth in range(2):
                    end = _run(law, loss, regain, rate[min(k // 2, 1)], age, d, k, liq, fifth)
                    weight = _SHORT if fifth == 1 else 1.0 - _SHORT
                    for lane in range(_LANES + 1):
                        to = GONE if lane == _LANES else min(lane, MOST_DUE)
                        for m in range(2):
                            out[d, k, liq, to, m] += weight * end[lane, m]
            moves = -np.expm1(-MONTH * (loss if liq == 0 else regain))
            for m in range(2):
                share = moves if m != liq else 1.0 - moves
                out[d, GONE, liq, GONE, m] = (1.0 - ending) * share
                out[d, GONE, liq, 0, m] = ending * share
    return out


@njit(cache=True)
def _run(
    law: Law, loss: float, regain: float, rate: Array, age: npt.NDArray[np.int64], d: int, k: int, liq: int, fifth: int
) -> Array:
    """Carry one account through the month; lane ``i`` holds ``i - 1`` instalments due at the month's start."""
    fresh = np.zeros((_LANES + 1, 2))  # the last row collects those charged off
    paid = np.zeros((_LANES, 2))
    moved = np.zeros((_LANES, 2))
    fresh[k + 1, liq] = 1.0
    for j in range(1, DAYS + 1):
        review = j % 7 == 1 and (j < 29 or fifth == 1)
        if review:
            days = 7.0
            if j == 29:
                days = MONTH - 28.0
            elif j == 22 and fifth == 0:
                days = MONTH - 21.0
            fall, rise = -np.expm1(-days * loss), -np.expm1(-days * regain)
            for i in range(_LANES):
                able, strained = fresh[i, 0] + paid[i, 0], fresh[i, 1] + paid[i, 1]
                fresh[i, 0] = able * (1.0 - fall) + strained * rise
                fresh[i, 1] = able * fall + strained * (1.0 - rise)
                paid[i, 0] = paid[i, 1] = 0.0
        moved[:] = 0.0
        for i in range(_LANES):
            x = age[i, j]
            if x >= _LAST_DAY:
                for m in range(2):
                    fresh[_LANES, m] += fresh[i, m] + paid[i, m]
                    fresh[i, m] = paid[i, m] = 0.0
                continue
            due = instalments_due(x)
            for m in range(2):
                there = fresh[i, m]
                if there <= 0.0:
                    continue
                b = d if m == 0 else STRAINED
                p = there * rate[b, i, j]
                if p == 0.0:
                    continue
                fresh[i, m] = there - p
                part = law.partial[m] if x >= 1 else 0.0
                back = part * law.part_size
                whole = 1.0 - part
                everything = whole * law.all_[m] if due > 1 else 0.0
                one = back + whole - everything
                moved[i, m] += p * (part - back)
                moved[max(i - 1, 0), m] += p * one
                moved[max(i - due, 0), m] += p * everything
        for i in range(_LANES):
            for m in range(2):
                paid[i, m] += moved[i, m]
    for i in range(_LANES):
        for m in range(2):
            fresh[i, m] += paid[i, m]
    return fresh
