"""The daily law of the borrower, once, for the simulator that samples it and the chain that multiplies it out.

Symbols
-------
``b`` behaviour row (prompt, forgetful, misinformed, unwilling, strained); ``x`` days since the oldest unpaid due
date; ``a`` attention level 0..3; ``k`` instalments due.

Equations
---------
- intensity of payment on a day: ``base[b, bin(x)] * calendar * season * (1 + boost)``, with ``boost`` the greater of
  ``attention[a, b]`` and the effect of a message read this week; P(payment) = 1 - exp(-intensity);
- at most one payment between two reviews; a pending promise takes the place of the intensity until its day;
- amount: in arrears, a part of an instalment with ``partial[liquidity]``, else all arrears with
  ``all_[liquidity]`` where two or more are due, else one instalment;
- attention: a message read lifts it to at least 1, a conversation to ``min(3, max(2, a + 1))``; at each review a
  level is lost with probability ``decay``;
- liquidity: once a week, loss and regain with ``1 - exp(-7 hazard)``.

The self-exciting form is that of Chehrazi & Weber (2015, Management Science 61(12)), with one ladder of attention in
place of a stock per channel: what a message adds on top of a recent conversation is not identified by any evidence
at hand, and one ladder keeps the observed state small enough to plan on exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.classes import STRAINED

Array = npt.NDArray[np.float64]

MONTH = 365.2425 / 12
MAX_DUE = 7  # most instalments that can be due before charge-off, and one to spare
PART_LOW, PART_HIGH = 0.25, 1.75  # a part is uniform between these multiples of its mean


class Law(NamedTuple):
    """The parameters as arrays, for compiled code; made by `Behaviour.law`.

    Axes: b behaviour (5), c channel (7), g age group (4), o offer (5), s legal stage (4), p product, r band.
    """

    bins: npt.NDArray[np.int64]  # (11,) lower ends of the day bins
    base: Array  # (b, 11)
    partial: Array  # (2,)
    all_: Array  # (2,)
    part_size: float
    read: Array  # (c,) read and reachable
    effect: Array  # (c, b)
    clears: Array  # (c,)
    enrol: float
    attention: Array  # (4, b)
    decay: float
    right_party: Array  # (2, b) contact kind: call, visit
    attempt_decay: float
    promise: Array  # (b, g)
    keep: Array  # (b, g)
    hardship: Array  # (b,)
    refuse: Array  # (b,)
    clear: float
    horizon: int
    accept: Array  # (o, b)
    cut: Array  # (o,)
    stretch: Array  # (o,) the term grows by one over this
    miss: Array  # (o, b) probability to miss a plan payment, cut applied
    settle_share: float
    settle_keep: Array  # (b,)
    legal_exit: Array  # (s,)
    legal_pay: Array  # (s, b)
    legal_share: Array  # (s,)
    judgment: float
    enforced: Array  # (b,)
    agency_pays: Array  # (b,)
    agency_share: float
    agency_exit: float
    complaint_call: float
    complaint_message: float
    fatigue: float  # factor on complaints for each earlier day with a contact
    loss: Array  # (p, r) per day
    regain: Array  # (p, r) per day


@njit(cache=True, inline="always")
def behaviour_of(h: int) -> int:
    """Return the behaviour row of a hidden class: the disposition while able, else strained."""
    return h if h < 4 else STRAINED


@njit(cache=True, inline="always")
def day_bin(bins: npt.NDArray[np.int64], x: int) -> int:
    """Return the day bin of ``x``; -1 while the due day is too far off to be paid."""
    found = -1
    for i in range(bins.size):
        if x >= bins[i]:
            found = i
    return found


@njit(cache=True, inline="always")
def age_group(x: int) -> int:
    """Return 0 for 1-30 days late, 1 for 31-60, 2 for 61-90, 3 beyond."""
    return 0 if x <= 30 else 1 if x <= 60 else 2 if x <= 90 else 3


@njit(cache=True, inline="always")
def talk_level(a: int) -> int:
    """Return the attention level after a conversation."""
    return min(3, max(2, a + 1))


@njit(cache=True, inline="always")
def instalments_due(x: int) -> int:
    """Return how many instalments are due (unpaid, due day reached) on an average calendar."""
    return int(x / MONTH) + 1 if x >= 0 else 1
