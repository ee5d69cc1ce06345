"""The compiled sweep: carries accounts through the days.

An account sleeps while nothing can happen to it. What happens to it when it wakes is nobody else's business, until it
has to wait for a policy, a slot at the law firm, message capacity or a collector: then it joins that day's queue, is
served on that day by the functions over lists, and goes on in the evening. So each account is carried in one go as far
as the days ahead are known (see `engine`), to the end of the month at most: its record comes from memory once, not on
each day. With random numbers by account and day, the order in which accounts pass their days changes nothing.
Accounts do not touch each other, so chunks may run on any number of threads; counters are integers, so their sum does
not depend on it.

Functions called for single accounts take records only: an array handed on costs two atomic operations (its
reference count), which came to ten times the rest of the day's work. See also `compiled`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.opening import CLOSED_MODE, ON_PLAN, OPEN
from simcollect.simulation.ahead import look_ahead
from simcollect.simulation.attempts import NOT_TRIED, Tries, book
from simcollect.simulation.borrower import (
    behaviour_row,
    boost_row,
    evening,
    intensity,
    patience,
    plan_day,
)
from simcollect.simulation.columns import NEVER
from simcollect.simulation.compiled import loop
from simcollect.simulation.contact import callable_today, contact, message_day, send
from simcollect.simulation.flows import file_notes
from simcollect.simulation.follow import followed_due, jump
from simcollect.simulation.liquidity import move
from simcollect.simulation.review import (
    ASK_STRATEGY,
    READY,
    decide,
    fresh_week,
    hand_to_law,
    outside_week,
    plan_due,
    review,
)
from simcollect.simulation.rules import FIRST_DAY
from simcollect.simulation.waiting import join
from simcollect.simulation.world import Index, World

Hazard = npt.NDArray[np.float64]


@loop
def carry(world: World, index: Index, tries: Tries, slot: int, evening_of: int, last: int) -> None:
    """Carry accounts from the day on which each wakes to the evening of day `last`, or until it has to wait.

    Parameters
    ----------
    tries : what came of a collector's attempt at each account in the shift of that evening, if there was one; empty if
        they sleep
    slot : where what happens is counted
    evening_of : the day in whose evening accounts that had to wait go on; negative if they sleep
    """
    acc, wake, queue, log, days = world.acc, world.wake, world.queue, world.log, world.days
    rules, followed = world.rules[0], world.followed[slot]
    actions, loss, regain, season = world.tables.actions, world.tables.loss, world.tables.regain, world.tables.season
    for place in range(index.size):
        look_ahead(acc, index, place, index.size)
        i = index[place]
        r = acc[i]
        waited = evening_of >= 0
        t = evening_of if waited else wake[i]
        if waited and tries[place].came != NOT_TRIED:
            tally = world.tallies[slot, days[t].column]
            book(r, tries[place], rules, days[t], tally, followed)
        reason = READY
        while t <= last and reason == READY:
            day = days[t]
            tally = world.tallies[slot, day.column]
            if not waited:
                while r.clock <= t:
                    move(r, loss, regain)
                if r.mode == OPEN and r.patience >= 0.0 and r.counted >= t - r.due:
                    look_back(r, rules, season, t)
                reason = morning(r, rules, day, tally)
                if reason == ASK_STRATEGY and not rules.asks_policy:
                    reason = decide(r, actions[r.column, min(day.week, actions.shape[1] - 1), r.state], rules, tally)
                if reason == READY:
                    reason = contact(r, rules, day, tally, followed)
            waited = False
            if reason == READY:
                evening(r, rules, day, tally)
                if followed_due(r) != r.due_seen:
                    jump(r, t, rules, followed)
                t = next_wake(r, rules, day, season)
            else:
                join(queue, day.column, i, reason)
            if tally.notes > 0:
                file_notes(tally, log, slot, i)
        if reason == READY:
            wake[i] = t


@njit(cache=True)
def look_back(r: Any, rules: Any, season: Hazard, t: int) -> None:
    """Take back what was counted of days from t on: the account is woken before its time."""
    while r.counted >= max(t - r.due, FIRST_DAY):
        r.patience += season[r.due + r.counted, r.product] * intensity(boost_row(r), behaviour_row(r), r.counted, rules)
        r.counted -= 1


@njit(cache=True)
def morning(r: Any, rules: Any, day: Any, tally: Any) -> int:
    """Let plan payments fall due and reviews happen; return what the account waits for, if anything."""
    t = day.t
    if r.mode == ON_PLAN and t == plan_day(r):
        plan_due(r, rules, day, tally)
    if (t - r.due) % 7 == 0:
        if r.mode == OPEN:
            return review(r, rules, day, tally)
        outside_week(r, rules, day, tally)
    return READY


@njit(cache=True, inline="always")
def next_wake(r: Any, rules: Any, day: Any, season: Hazard) -> int:
    """Return the next day on which anything happens to the account.

    Until the next day on which the lender could act, only a payment can, or a move of liquidity; when they come
    is known, so the account is woken then and not before.
    """
    t = day.t
    until = next_step(r, rules, day)
    if until > t + 1 and r.mode == OPEN and not r.done and r.promise < 0:
        first = max(t + 1, r.due + FIRST_DAY)
        last = min(until, season.shape[0])
        if first < last:
            if r.clock < last:
                until = last = max(r.clock, first)
            left = patience(r, first)
            # What does not change while the account sleeps is read once, not on each day.
            due, product, boost, b = r.due, r.product, boost_row(r), behaviour_row(r)
            for d in range(first, last):
                today = season[d, product] * intensity(boost, b, d - due, rules)
                if left <= today:
                    until = last = d
                    break
                left -= today
            r.patience = left
            r.counted = last - 1 - due
    return until


@njit(cache=True)
def next_step(r: Any, rules: Any, day: Any) -> int:
    """Return the next day on which something but a payment of one's own accord can happen to the account."""
    t = day.t
    if r.mode == CLOSED_MODE:
        return NEVER
    if r.mode == ON_PLAN:
        return plan_day(r)
    x = t - r.due
    next_review = t + 7 - x % 7
    if r.mode != OPEN:
        return next_review
    if next_review < r.due + FIRST_DAY:
        fresh_week(r)  # the reviews until the week before the due day change nothing else
        return r.due - 7
    if r.done:
        return next_review
    if r.promise > t:
        return r.promise
    if r.action == 0 or r.reached:
        return next_review
    until = next_review
    if r.attempts < rules.attempts[r.action]:
        until = min(until, t + day.to_shift)
    wait = message_day(r, x, rules, day) - x % 7
    if wait > 0 and r.sent == 0 and rules.channel[r.action] >= 0:
        until = min(until, t + wait)
    return until


@njit(cache=True, nogil=True)
def apply_policy(world: World, index: Index, t: int, actions: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Take the actions that a policy chose on day t; return what each account waits for now."""
    acc, log, slot = world.acc, world.log, len(world.tallies) - 1
    rules, day = world.rules[0], world.days[t]
    tally, followed = world.tallies[slot, day.column], world.followed[slot]
    reasons = np.empty(index.size, np.int8)
    for n in range(index.size):
        r = acc[index[n]]
        reason = decide(r, actions[n], rules, tally)
        reasons[n] = contact(r, rules, day, tally, followed) if reason == READY else reason
        file_notes(tally, log, slot, index[n])
    return reasons


@loop
def allot_slots(world: World, index: Index, t: int, slots: int) -> None:
    """Hand the first `slots` accounts of a list to the law firm; the others wait for their next review."""
    acc, log, slot = world.acc, world.log, len(world.tallies) - 1
    rules, day = world.rules[0], world.days[t]
    tally, followed = world.tallies[slot, day.column], world.followed[slot]
    for n in range(index.size):
        r = acc[index[n]]
        if n < slots:
            hand_to_law(r, rules, day, tally, followed)
            file_notes(tally, log, slot, index[n])
        else:
            r.action = 0


@njit(cache=True, nogil=True)
def allot_messages(world: World, index: Index, t: int, messages: int) -> npt.NDArray[np.bool_]:
    """Send to the first `messages` accounts of a list; return whom a collector should still try."""
    acc, log, slot = world.acc, world.log, len(world.tallies) - 1
    rules, day = world.rules[0], world.days[t]
    tally, followed = world.tallies[slot, day.column], world.followed[slot]
    out = np.empty(index.size, np.bool_)
    for n in range(index.size):
        r = acc[index[n]]
        if n < messages:
            send(r, rules, day, tally, followed)
            file_notes(tally, log, slot, index[n])
        out[n] = callable_today(r, rules, day)
    return out
