"""What the lender can see of an account, as one small number.

Everything hangs on one coordinate: ``x``, days since the oldest unpaid due date, negative before it (so dpd is
``max(x, 0)``). Each account is reviewed when ``x`` is a multiple of seven; its age is then ``w = x / 7`` weeks.
A payment of one instalment moves ``x`` back by a month.

Blocks of observed states, in this order:

=========  ==================================  =======================================================
block      states                              meaning
=========  ==================================  =======================================================
current    w = -6..-1, late before (2)         nothing overdue; one reminder week, w = -1
early      w = 0..4, level 4, flag 4, late 2   0-34 days late
late       w = 5..25, level 4, flag 4          35-181 days late (then "late before" is true by itself)
plan       plan 4, weeks to due 5, missed 2    on a restructuring plan, or payment holiday (then its month)
settling   due week 13, weeks to due 3         a lump sum is agreed on, due four weeks after the review
legal      4                                   letter, filed, judgment, enforcement
agency     1                                   charged off, being recovered
closed     1                                   paid off, settled, or recovery dried up
=========  ==================================  =======================================================

``level`` is the attention ladder: 0 none, 1 reminded, 2 spoken to, 3 spoken to again. ``flag`` is what the
lender knows of the reason: none, a promise broken, refusal, hardship; a graver flag stays until the account is
current again.
"""

from __future__ import annotations

import pandas as pd
from numba import njit

from simcollect.behaviour.parameters import LEGAL_STAGES, OFFERS

HOLIDAY, SETTLEMENT = OFFERS.index("holiday"), OFFERS.index("settlement")
PLANS = OFFERS[:SETTLEMENT]  # offers that run from month to month

FIRST_WEEK, LAST_WEEK, CURRENT_WEEKS = -6, 25, 6
EARLY_WEEKS, LATE_WEEKS, LEVELS, FLAGS = 5, 21, 4, 4
FLAG_NAMES = ("none", "promise broken", "refusal", "hardship")
LEVEL_NAMES = ("none", "reminded", "spoken to", "spoken to again")
NONE, BROKEN, REFUSAL, HARDSHIP = range(4)

EARLY = CURRENT_WEEKS * 2
LATE = EARLY + EARLY_WEEKS * LEVELS * FLAGS * 2
PLAN = LATE + LATE_WEEKS * LEVELS * FLAGS
PLAN_WEEKS = 5
SETTLE = PLAN + len(PLANS) * PLAN_WEEKS * 2
SETTLE_WEEKS = 4  # from the review of the week in which a settlement is agreed to the day on which it falls due
FIRST_SETTLED, LAST_SETTLED = 9, LAST_WEEK - SETTLE_WEEKS  # ages at which one can be agreed: none outlasts charge-off
N_SETTLED = LAST_SETTLED - FIRST_SETTLED + 1
LEGAL = SETTLE + N_SETTLED * (SETTLE_WEEKS - 1)
AGENCY = LEGAL + len(LEGAL_STAGES)
CLOSED = AGENCY + 1
N_STATES = CLOSED + 1

# Weekly ages of an open account, as rows of the weekly law: w + 6.
N_WEEKS = LAST_WEEK - FIRST_WEEK + 1


@njit(cache=True, inline="always")
def open_state(w: int, level: int, flag: int, late: int) -> int:
    """Return the index of an open account's observed state.

    Parameters
    ----------
    w : age in weeks, -6..25; level, flag : 0..3; late : 0 or 1 (both ignored where the state does not carry them)

    Examples
    --------
    >>> open_state(-1, 0, 0, 0), open_state(0, 0, 0, 0) == EARLY, open_state(25, 3, 3, 1) == PLAN - 1
    (10, True, True)
    """
    if w < 0:
        return (w + 6) * 2 + late
    if w < EARLY_WEEKS:
        return EARLY + ((w * LEVELS + level) * FLAGS + flag) * 2 + late
    return LATE + ((w - EARLY_WEEKS) * LEVELS + level) * FLAGS + flag


@njit(cache=True, inline="always")
def plan_state(offer: int, weeks_to_due: int, missed: int) -> int:
    """Return the index of a plan state; `weeks_to_due` runs 1..5, `missed` 0..1 (of a holiday: months gone).

    Examples
    --------
    >>> plan_state(0, 1, 0) == PLAN
    True
    """
    return PLAN + (offer * PLAN_WEEKS + weeks_to_due - 1) * 2 + missed


@njit(cache=True, inline="always")
def settle_state(agreed: int, weeks_to_due: int) -> int:
    """Return the index of a settlement state.

    Parameters
    ----------
    agreed : age in weeks of the account when it was agreed, 9..21; weeks_to_due : 1..3

    Examples
    --------
    >>> settle_state(9, 1) == SETTLE, settle_state(21, 3) == LEGAL - 1
    (True, True)
    """
    return SETTLE + (agreed - FIRST_SETTLED) * (SETTLE_WEEKS - 1) + weeks_to_due - 1


def describe() -> pd.DataFrame:
    """Return one row an observed state: block, weeks late, level, flag, late before.

    Examples
    --------
    >>> table = describe()
    >>> len(table) == N_STATES, table.loc[EARLY, "block"]
    (True, 'early')
    """
    rows: list[dict[str, object]] = []

    def add(block: str, **values: object) -> None:
        rows.append({"block": block, "week": None, "level": "none", "flag": "none", "late_before": False} | values)

    for w in range(FIRST_WEEK, 0):
        for late in (False, True):
            add("current", week=w, late_before=late)
    for w in range(EARLY_WEEKS):
        for level in LEVEL_NAMES:
            for flag in FLAG_NAMES:
                for late in (False, True):
                    add("early", week=w, level=level, flag=flag, late_before=late)
    for w in range(EARLY_WEEKS, LAST_WEEK + 1):
        for level in LEVEL_NAMES:
            for flag in FLAG_NAMES:
                add("late", week=w, level=level, flag=flag, late_before=True)
    for offer in PLANS:
        word = "months gone" if offer == OFFERS[HOLIDAY] else "missed"
        for weeks in range(1, PLAN_WEEKS + 1):
            for missed in (0, 1):
                add("plan", week=-weeks, flag=f"{offer}, {missed} {word}", late_before=True)
    for agreed in range(FIRST_SETTLED, LAST_SETTLED + 1):
        for weeks in range(1, SETTLE_WEEKS):
            add("settling", week=-weeks, flag=f"agreed {agreed} weeks late", late_before=True)
    for stage in LEGAL_STAGES:
        add("legal", flag=stage, late_before=True)
    add("agency", late_before=True)
    add("closed")
    return pd.DataFrame(rows)
