"""The compiled sweep: carries every account that is awake through one day.

An account sleeps while nothing can happen to it and costs one comparison a day. Most of those awake need nobody else,
so their whole day is done in one go; the rest wait (for a slot at the law firm, for message capacity, for a collector)
and are resumed by the functions over lists. Accounts do not touch each other, so chunks may run on any number of
threads; counters are integers, so their sum does not depend on it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.classes import MISINFORMED, PROMPT
from simcollect.behaviour.opening import CLOSED_MODE, ON_PLAN, OPEN
from simcollect.simulation.borrower import behaviour_row, catch_up, evening
from simcollect.simulation.columns import CALL_CONSENT, NEVER, Accounts
from simcollect.simulation.flows import CLEARED, COMPLAINTS, LIST, MESSAGE, MESSAGES, READ, Out, note
from simcollect.simulation.review import (
    ASK_GATEWAY,
    ASK_TEAM,
    READY,
    decide,
    fresh_week,
    hand_to_law,
    outside_week,
    plan_due,
    review,
)
from simcollect.simulation.rules import FIRST_DAY, Record, Tables
from simcollect.streams import Purpose, mix, uniform

READING, CLEARING, COMPLAINT = int(Purpose.READ), int(Purpose.CLEAR), int(Purpose.COMPLAINT)
Wake = npt.NDArray[np.int32]
Index = npt.NDArray[np.int32]


@njit(cache=True, nogil=True)
def sweep(
    acc: Accounts, wake: Wake, low: int, high: int, rules_: Record, day_: Record, tables: Tables, out: Out, slot: int,
    waiting: Index, reasons: npt.NDArray[np.int8],
) -> int:
    """Carry accounts low … high − 1 through the day; return how many wait, listed from ``waiting[low]`` on."""
    rules, day = rules_[0], day_[0]
    t = day.t
    count = 0
    for i in range(low, high):
        if wake[i] > t:
            continue
        r = acc[i]
        reason = morning(r, i, rules, day, tables, out, slot)
        if reason == READY:
            evening(r, i, rules, day, tables, out, slot)
            wake[i] = next_wake(r, t)
        else:
            waiting[low + count] = i
            reasons[low + count] = reason
            count += 1
    return count


@njit(cache=True)
def morning(r: Any, i: int, rules: Any, day: Any, tables: Tables, out: Out, slot: int) -> int:
    """Let liquidity move, plans fall due, reviews happen and messages go out; return what the account waits for."""
    t = day.t
    catch_up(r, t, tables)
    if r.mode == ON_PLAN and t == r.due:
        plan_due(r, i, rules, day, tables, out, slot)
    if (t - r.due) % 7 == 0:
        if r.mode == OPEN:
            reason = review(r, i, rules, day, tables, out, slot)
            if reason != READY:
                return reason
        else:
            outside_week(r, i, rules, day, out, slot)
    return contact(r, i, rules, day, out, slot)


@njit(cache=True)
def contact(r: Any, i: int, rules: Any, day: Any, out: Out, slot: int) -> int:
    """Send the week's message if this is its day; say whether a collector should try today."""
    if r.action == 0 or r.done or r.reached or r.mode != OPEN:
        return READY
    channel = rules.channel[r.action]
    x = day.t - r.due
    if channel >= 0 and r.sent == 0:
        on = rules.day_current[r.action] if x < 0 else rules.day_arrears[r.action]
        if x % 7 == on + day.delay:
            r.sent = 1
            if r.consents >> channel & 1:
                if day.limited:
                    return ASK_GATEWAY
                send(r, i, rules, day, out, slot)
    return ASK_TEAM if callable_today(r, rules, day) else READY


@njit(cache=True)
def callable_today(r: Any, rules: Any, day: Any) -> bool:
    """Return whether an attempt is wanted today and breaks no limit."""
    if r.attempts >= rules.attempts[r.action] or not day.calls:
        return False
    if rules.contact[r.action] == 0 and not r.consents >> CALL_CONSENT & 1:
        return False
    # One attempt a day is all there ever is.
    if rules.attempts_a_day < 1 or day.t - r.talk_day < rules.silence:
        return False
    return attempts_this_week(r, day.t) < rules.attempts_a_week


@njit(cache=True)
def attempts_this_week(r: Any, t: int) -> int:
    """Return the attempts of the last 7 days, today included."""
    age = t - r.attempt_day
    bits = (r.attempt_mask << age) & 0x7F if age < 7 else 0
    count = 0
    while bits:
        count += bits & 1
        bits >>= 1
    return count


@njit(cache=True)
def send(r: Any, i: int, rules: Any, day: Any, out: Out, slot: int) -> None:
    """Send the week's message: it fails where the gateway is down, and may be read."""
    t, channel = day.t, rules.channel[r.action]
    up = day.channel_open[channel]
    u = uniform(r.key, t, READING)
    if u >= up:
        return
    out.flows[slot, MESSAGES + channel] += 1
    note(out.log, slot, i, MESSAGE, 0, float(channel))
    if uniform(mix(r.key), t, COMPLAINT) < rules.complaint_message:
        out.flows[slot, COMPLAINTS] += 1
    if u < up * rules.read[channel]:
        r.message = channel
        note(out.log, slot, i, READ, 0, float(channel))
        if behaviour_row(r) == MISINFORMED and uniform(r.key, t, CLEARING) < rules.clears[channel]:
            r.disposition = PROMPT
            note(out.log, slot, i, CLEARED, 0, float(channel))


@njit(cache=True)
def next_wake(r: Any, t: int) -> int:
    """Return the next day on which anything can happen to the account."""
    if r.mode == CLOSED_MODE:
        return NEVER
    if r.mode == ON_PLAN:
        return r.due
    x = t - r.due
    next_review = t + 7 - x % 7
    if r.mode != OPEN:
        return next_review
    first = r.due + FIRST_DAY
    if next_review < first:
        fresh_week(r)  # the reviews until then change nothing else
        return first
    if r.done:
        return next_review
    if x < FIRST_DAY:
        return first
    return r.promise if r.promise > t else t + 1


@njit(cache=True, nogil=True)
def apply_policy(
    acc: Accounts, index: Index, actions: npt.NDArray[np.int64], rules_: Record, day_: Record, tables: Tables, out: Out
) -> npt.NDArray[np.int8]:
    """Take the actions that a policy chose; return what each account waits for now."""
    rules, day = rules_[0], day_[0]
    reasons = np.empty(index.size, np.int8)
    for n in range(index.size):
        i = index[n]
        reasons[n] = decide(acc[i], i, actions[n], rules, tables, out, LIST)
        if reasons[n] == READY:
            reasons[n] = contact(acc[i], i, rules, day, out, LIST)
    return reasons


@njit(cache=True, nogil=True)
def allot_slots(acc: Accounts, index: Index, slots: int, rules_: Record, day_: Record, out: Out) -> None:
    """Hand the first `slots` accounts of a list to the law firm; the others wait for their next review."""
    rules, day = rules_[0], day_[0]
    for n in range(index.size):
        i = index[n]
        if n < slots:
            hand_to_law(acc[i], i, rules, day, out, LIST)
        else:
            acc[i].action = 0


@njit(cache=True, nogil=True)
def allot_messages(
    acc: Accounts, index: Index, messages: int, rules_: Record, day_: Record, out: Out
) -> npt.NDArray[np.bool_]:
    """Send to the first `messages` accounts of a list; return which of all should still be tried by a collector."""
    rules, day = rules_[0], day_[0]
    callable_ = np.empty(index.size, np.bool_)
    for n in range(index.size):
        r = acc[index[n]]
        if n < messages:
            send(r, index[n], rules, day, out, LIST)
        callable_[n] = callable_today(r, rules, day)
    return callable_


@njit(cache=True, nogil=True)
def finish(acc: Accounts, wake: Wake, index: Index, rules_: Record, day_: Record, tables: Tables, out: Out) -> None:
    """Let the evening come for accounts that had to wait."""
    rules, day = rules_[0], day_[0]
    for n in range(index.size):
        i = index[n]
        evening(acc[i], i, rules, day, tables, out, LIST)
        wake[i] = next_wake(acc[i], day.t)


@njit(cache=True, nogil=True)
def wake_up(acc: Accounts, t: int, tables: Tables) -> None:
    """Bring every account's hidden liquidity up to day t, also of those asleep."""
    for i in range(acc.size):
        catch_up(acc[i], t, tables)
