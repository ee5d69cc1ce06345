"""Messages, and whether a collector may and should try an account today."""

from __future__ import annotations

from math import cos, exp, log, pi, sqrt
from typing import Any

import numpy as np
from numba import njit

from simcollect.behaviour.classes import FORGETFUL, MISINFORMED, PROMPT
from simcollect.behaviour.opening import OPEN
from simcollect.behaviour.parameters import CHANNELS
from simcollect.simulation.borrower import behaviour_row
from simcollect.simulation.columns import CALL_CONSENT
from simcollect.simulation.flows import CALLED_IN, CLEARED, ENROLLED, MESSAGE, OPTED_OUT, READ, note
from simcollect.simulation.follow import touch
from simcollect.simulation.review import ASK_GATEWAY, ASK_TEAM, READY
from simcollect.simulation.stages import BY_SYSTEM
from simcollect.streams import Purpose, mix, uniform

VOICE = CHANNELS.index("voice")  # a call all the same, though nobody of the lender's speaks
READING, CLEARING, COMPLAINT, OPT_OUT, INBOUND = (
    int(p) for p in (Purpose.READ, Purpose.CLEAR, Purpose.COMPLAINT, Purpose.OPT_OUT, Purpose.INBOUND)
)


@njit(cache=True)
def contact(r: Any, rules: Any, day: Any, tally: Any, followed: Any) -> int:
    """Send the week's message if this is its day; say whether a collector should try today."""
    if r.action == 0 or r.done or r.reached or r.mode != OPEN:
        return READY
    channel = rules.channel[r.action]
    x = day.t - r.due
    if channel >= 0 and r.sent == 0 and x % 7 == message_day(r, x, rules, day):
        r.sent = 1
        if r.consents >> channel & 1 and (channel != VOICE or machine_may_call(r, rules, day)):
            if day.limited:
                return ASK_GATEWAY
            send(r, rules, day, tally, followed)
    return ASK_TEAM if callable_today(r, rules, day) else READY


@njit(cache=True, inline="always")
def message_day(r: Any, x: int, rules: Any, day: Any) -> int:
    """Return the day of the account-week on which the week's message goes out; beyond 6 it is lost."""
    return (rules.day_current[r.action] if x < 0 else rules.day_arrears[r.action]) + day.delay


@njit(cache=True)
def callable_today(r: Any, rules: Any, day: Any) -> bool:
    """Return whether an attempt is wanted today and breaks no limit."""
    if r.attempts >= rules.attempts[r.action] or not day.calls:
        return False
    if rules.contact[r.action] == 0 and not r.consents >> CALL_CONSENT & 1:
        return False
    # The model makes one attempt a day at most, so limits by the day bind only where they are zero.
    if min(rules.attempts_a_day, rules.talks_a_day) < 1 or day.t - r.talk_day < rules.silence:
        return False
    return rules.attempts_a_week >= 7 or attempts_this_week(r, day.t) < rules.attempts_a_week


@njit(cache=True)
def machine_may_call(r: Any, rules: Any, day: Any) -> bool:
    """Return whether an automated call today breaks no limit on calls; weekends are no limit to a machine."""
    if day.barred or min(rules.attempts_a_day, rules.talks_a_day) < 1 or day.t - r.talk_day < rules.silence:
        return False
    return rules.attempts_a_week >= 7 or attempts_this_week(r, day.t) < rules.attempts_a_week


@njit(cache=True, inline="always")
def mark_attempt(r: Any, t: int) -> None:
    """Remember an attempt on day t."""
    r.attempt_mask = _lately(r.attempt_mask, t - r.attempt_day) | 1
    r.attempt_day = t


@njit(cache=True)
def attempts_this_week(r: Any, t: int) -> int:
    """Return the attempts of the last 7 days, today included."""
    return _count(_lately(r.attempt_mask, t - r.attempt_day))


@njit(cache=True)
def weariness(r: Any, t: int, rules: Any) -> float:
    """Return by how much a contact today is likelier to bring a complaint or an opt-out, and remember the contact.

    Contacts of one day count as one; days are counted among the last seven.
    """
    days = _lately(r.contact_mask, t - r.contact_day)
    r.contact_mask = days | 1
    r.contact_day = t
    return rules.fatigue ** _count(days & 0x7E)


@njit(cache=True)
def opt_out(r: Any, channel: int, tally: Any) -> None:
    """Withdraw consent to a channel, or to calls; from now on it is not used."""
    r.consents &= ~(1 << channel) & 0xFF
    tally.opt_outs += 1
    note(tally, OPTED_OUT, 0, float(channel))


@njit(cache=True, inline="always")
def _lately(mask: int, age: int) -> int:
    """Shift a week's days, one bit each, by the days that have passed."""
    return (mask << age) & 0x7F if age < 7 else 0


@njit(cache=True)
def _count(bits: int) -> int:
    count = 0
    while bits:
        count += bits & 1
        bits >>= 1
    return count


@njit(cache=True)
def send(r: Any, rules: Any, day: Any, tally: Any, followed: Any) -> None:
    """Send the week's message: it fails where the gateway is down, and may be read."""
    t, channel = day.t, rules.channel[r.action]
    up = day.channel_open[channel]
    u = uniform(r.key, t, READING)
    if u >= up:
        return
    if channel == VOICE:
        mark_attempt(r, t)
    tally.messages[channel] += 1
    note(tally, MESSAGE, 0, float(channel))
    weary = weariness(r, t, rules)
    if uniform(mix(r.key), t, COMPLAINT) < rules.complaint_message * weary:
        tally.complaints += 1
    if uniform(mix(r.key), t, OPT_OUT) < rules.optout_message[channel] * weary:
        opt_out(r, channel, tally)
    read = u < up * rules.read[channel]
    touch(r, BY_SYSTEM, read, rules, t, followed)
    if read:
        r.message = channel
        note(tally, READ, 0, float(channel))
        if uniform(r.key, t, INBOUND) < rules.inbound:
            minutes = log_normal(rules.inbound_minutes, rules.talk_sigma, mix(r.key), t, INBOUND)
            tally.inbound += 1
            tally.inbound_seconds += round(60.0 * minutes)
            note(tally, CALLED_IN, 0, minutes)
        b = behaviour_row(r)
        if b == MISINFORMED and uniform(r.key, t, CLEARING) < rules.clears[channel]:
            r.disposition = PROMPT
            note(tally, CLEARED, 0, float(channel))
        elif b == FORGETFUL and rules.invites[r.action] and uniform(r.key, t, CLEARING) < rules.enrol:
            r.disposition = PROMPT
            tally.standing_orders += 1
            note(tally, ENROLLED, 0, 0.0)


@njit(cache=True)
def log_normal(mean: float, sigma: float, key: np.uint64, t: int, purpose: int) -> float:
    """Return a log-normal number with the given mean, from two numbers of the key (Box & Muller)."""
    radius = sqrt(-2.0 * log(1.0 - uniform(key, t, purpose)))
    normal = radius * cos(2.0 * pi * uniform(mix(key), t, purpose))
    return mean * exp(sigma * normal - 0.5 * sigma * sigma)
