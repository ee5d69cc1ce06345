"""One account-week of an open account, multiplied out exactly: seven days of the daily law.

For each (action, age week w, attention a, behaviour b) the kernel lists where the account stands at the end of the
week and with what probability, averaged over the weekday on which the week begins. Masses carried through the week
are indexed by what has happened so far: misunderstanding cleared (or standing order set up) or not, message read or
not, kind of conversation; and for pending promises the day they fall due.

A payment of ``k`` instalments moves the account back ``k`` months, which is not a whole number of weeks: the mass
is split between the two nearest weeks so that the mean is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.classes import FORGETFUL, MISINFORMED, PROMPT, STRAINED
from simcollect.behaviour.law import MONTH, Law, age_group, day_bin, instalments_due, talk_level
from simcollect.behaviour.states import (
    BROKEN,
    FIRST_SETTLED,
    FIRST_WEEK,
    HARDSHIP,
    LAST_SETTLED,
    LAST_WEEK,
    N_SETTLED,
    N_WEEKS,
    NONE,
    PLAN_WEEKS,
    PLANS,
    REFUSAL,
    SETTLEMENT,
)

Array = npt.NDArray[np.float64]

# Where an account-week can end. Weeks still owed, charged off, entry to a plan, a settlement agreed (by the age then),
# and weeks reached by paying up (apart from the first, because the last instalment of a loan closes it there).
TO_AGENCY = N_WEEKS
TO_PLAN = TO_AGENCY + 1
TO_SETTLE = TO_PLAN + len(PLANS) * PLAN_WEEKS
TO_PAID = TO_SETTLE + N_SETTLED
N_PAID = 11  # w' = -6..4
N_CODES = TO_PAID + N_PAID

# What a week uses and brings, per account: columns of the statistics. `CASH` counts instalments other than those of
# payments that clear everything due; of these, `ALL_LOW` is the probability with as many instalments due as at the
# week's start, `ALL_HIGH` with one more (how many of them a loan still had to bill depends on its term).
CASH, MESSAGES, ATTEMPTS, TALKS, ACCEPTED, PROMISES, ALL_LOW, ALL_HIGH, COMPLAINTS, READS = range(10)
N_STATS = 10

# Kinds of conversation during the week.
_NO_TALK, _PLAIN, _HARDSHIP, _REFUSAL = range(4)


class Act(NamedTuple):
    """What one weekly action does to an account, physically.

    Attributes
    ----------
    channel : message channel, -1 for none; message_day : day of the account-week it goes out, before the due day
        and in arrears
    attempts : contact attempts in the week, one each working day until the right party is reached; 0 for none
    contact : 0 call, 1 visit
    offer : restructuring offer made in the conversation, -1 for none
    invites : 1 if the message invites to set up a standing order
    """

    channel: int
    message_day_current: int
    message_day_arrears: int
    attempts: int
    contact: int
    offer: int
    invites: int = 0


@njit(cache=True, inline="always")
def _add(out: Array, code: int, level: int, flag: int, cleared: int, mass: float) -> None:
    out[code, level, flag, cleared] += mass


@njit(cache=True)
def _moved(out: Array, w: int, k: int, level: int, flag: int, cleared: int, mass: float, full: bool) -> None:
    """Move mass back by k months, split over the two nearest weeks."""
    end = (w + 1) - k * MONTH / 7.0
    low = int(np.floor(end))
    upper = end - low
    for step in range(2):
        week = min(max(low + step, FIRST_WEEK), 4 if full else LAST_WEEK)
        share = mass * (upper if step == 1 else 1.0 - upper)
        if full:
            _add(out, TO_PAID + week - FIRST_WEEK, 0, NONE, cleared, share)
        else:
            _add(out, week - FIRST_WEEK, level, flag, cleared, share)


@njit(cache=True)
def _pay(
    law: Law,
    out: Array,
    stats: Array,
    w: int,
    x: int,
    liquidity: int,
    level: int,
    flag: int,
    cleared: int,
    mass: float,
    promised: bool,
) -> None:
    """Book a payment made on day x: part, one instalment, or all arrears."""
    k = instalments_due(x)
    partial = law.partial[liquidity] if (x >= 1 and not promised) else 0.0
    if partial > 0.0:
        part = mass * partial
        stats[CASH] += part * law.part_size
        moved = part * law.part_size
        _moved(out, w, 1, level, flag, cleared, moved, k == 1)
        _stay(out, w, level, flag, cleared, part - moved)
    rest = mass * (1.0 - partial)
    everything = rest * law.all_[liquidity] if k > 1 else rest
    stats[ALL_HIGH if k > instalments_due(7 * w) else ALL_LOW] += everything
    stats[CASH] += rest - everything
    _moved(out, w, k, level, flag, cleared, everything, True)
    if k > 1:
        _moved(out, w, 1, level, flag, cleared, rest - everything, False)


@njit(cache=True, inline="always")
def _stay(out: Array, w: int, level: int, flag: int, cleared: int, mass: float) -> None:
    """Age the mass by a week; the last week ends in charge-off."""
    if w >= LAST_WEEK:
        _add(out, TO_AGENCY, 0, NONE, cleared, mass)
    elif w < 0 and w + 1 < 0:
        _add(out, w + 1 - FIRST_WEEK, 0, NONE, cleared, mass)
    else:
        _add(out, w + 1 - FIRST_WEEK, level, flag, cleared, mass)


@njit(cache=True)
def week_row(
    law: Law, act: Act, w: int, a: int, b: int, season: float, pay_index: Array, works: Array, out: Array, stats: Array
) -> None:
    """Add one account-week to `out` (codes, levels, flags, cleared) and `stats`, which come zeroed.

    Parameters
    ----------
    season : multiplier of the payment intensity this week
    pay_index : payments by weekday, Monday first, mean 1; works : 1.0 where collectors work
    """
    liquidity = 1 if b == STRAINED else 0
    talked = talk_level(a)
    message_day = act.message_day_current if w < 0 else act.message_day_arrears
    mass = np.empty((2, 2, 4))
    promised = np.empty((7, 2, 2))
    for start in range(7):
        mass[:] = 0.0
        promised[:] = 0.0
        mass[0, 0, _NO_TALK] = 1.0 / 7.0
        attempt = 0
        for j in range(7):
            x = 7 * w + j
            weekday = (start + j) % 7
            # 1. a message goes out
            if act.channel >= 0 and j == message_day:
                unread = mass[0, 0, _NO_TALK]
                stats[MESSAGES] += unread
                stats[COMPLAINTS] += unread * law.complaint_message * law.fatigue**attempt
                seen = unread * law.read[act.channel]
                stats[READS] += seen
                clears = law.clears[act.channel] if b == MISINFORMED else 0.0
                if act.invites and b == FORGETFUL:
                    clears = law.enrol
                mass[0, 0, _NO_TALK] = unread - seen
                mass[0, 1, _NO_TALK] += seen * (1.0 - clears)
                mass[1, 1, _NO_TALK] += seen * clears
            # 2. a collector tries to reach the borrower
            if attempt < act.attempts and works[weekday] > 0.0:
                reached_p = law.right_party[act.contact, b]
                if act.contact == 0:
                    reached_p *= law.attempt_decay**attempt
                contacts = attempt + (1 if act.channel >= 0 and message_day < j else 0)
                complaint = law.complaint_call * law.fatigue**contacts
                attempt += 1
                group = age_group(x)
                for c in range(2):
                    for m in range(2):
                        waiting = mass[c, m, _NO_TALK]
                        if waiting <= 0.0:
                            continue
                        row = PROMPT if c == 1 else b
                        reached = waiting * reached_p
                        stats[ATTEMPTS] += waiting
                        stats[TALKS] += reached
                        stats[COMPLAINTS] += reached * complaint
                        mass[c, m, _NO_TALK] = waiting - reached
                        if act.offer == SETTLEMENT and FIRST_SETTLED <= w <= LAST_SETTLED:
                            accepted = reached * law.accept[act.offer, row]
                            stats[ACCEPTED] += accepted
                            reached -= accepted
                            _add(out, TO_SETTLE + w - FIRST_SETTLED, 0, NONE, c, accepted)
                        elif 0 <= act.offer < SETTLEMENT:
                            accepted = reached * law.accept[act.offer, row]
                            stats[ACCEPTED] += accepted
                            reached -= accepted
                            # The first plan payment falls due a month later.
                            end = (MONTH - (7 - j)) / 7.0
                            low = int(np.floor(end))
                            upper = end - low
                            base = TO_PLAN + act.offer * PLAN_WEEKS - 1
                            _add(out, base + low, 0, NONE, c, accepted * (1.0 - upper))
                            _add(out, base + low + 1, 0, NONE, c, accepted * upper)
                        due = min(j + law.horizon, 6)
                        p_promise = law.promise[row, group]
                        p_clear = law.clear if row == MISINFORMED else 0.0
                        stats[PROMISES] += reached * p_promise
                        promised[due, c, m] += reached * p_promise
                        mass[1, m, _PLAIN] += reached * p_clear
                        mass[c, m, _HARDSHIP] += reached * law.hardship[row]
                        mass[c, m, _REFUSAL] += reached * law.refuse[row]
                        mass[c, m, _PLAIN] += reached * (
                            1.0 - p_promise - p_clear - law.hardship[row] - law.refuse[row]
                        )
            # 3. promises fall due
            group = age_group(x)
            for c in range(2):
                for m in range(2):
                    pending = promised[j, c, m]
                    if pending > 0.0:
                        row = PROMPT if c == 1 else b
                        kept = pending * law.keep[row, group]
                        _pay(law, out, stats, w, x, liquidity, talked, NONE, c, kept, True)
                        _stay(out, w, talked, BROKEN, c, pending - kept)
            # 4. others pay
            bin_ = day_bin(law.bins, x)
            if bin_ < 0:
                continue
            for c in range(2):
                row = PROMPT if c == 1 else b
                for m in range(2):
                    for t in range(4):
                        there = mass[c, m, t]
                        if there <= 0.0:
                            continue
                        level = a if t == _NO_TALK else talked
                        boost = law.attention[level, row]
                        if m == 1:
                            boost = max(boost, law.effect[act.channel, row])
                        rate = law.base[row, bin_] * season * pay_index[weekday] * (1.0 + boost)
                        paying = there * (1.0 - np.exp(-rate))
                        mass[c, m, t] = there - paying
                        if t == _NO_TALK and m == 1:
                            level = max(level, 1)
                        _pay(law, out, stats, w, x, liquidity, level, _flag(t), c, paying, False)
        for c in range(2):
            for m in range(2):
                for t in range(4):
                    there = mass[c, m, t]
                    if there > 0.0:
                        level = a if t == _NO_TALK else talked
                        if t == _NO_TALK and m == 1:
                            level = max(level, 1)
                        _stay(out, w, level, _flag(t), c, there)


@njit(cache=True, inline="always")
def _flag(talk: int) -> int:
    return HARDSHIP if talk == _HARDSHIP else REFUSAL if talk == _REFUSAL else NONE
