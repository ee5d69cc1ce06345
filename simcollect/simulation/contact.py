"""Messages, and whether a collector may and should try an account today."""

from __future__ import annotations

from typing import Any

from numba import njit

from simcollect.behaviour.classes import MISINFORMED, PROMPT
from simcollect.behaviour.opening import OPEN
from simcollect.simulation.borrower import behaviour_row
from simcollect.simulation.columns import CALL_CONSENT
from simcollect.simulation.flows import CLEARED, MESSAGE, READ, note
from simcollect.simulation.follow import touch
from simcollect.simulation.review import ASK_GATEWAY, ASK_TEAM, READY
from simcollect.simulation.stages import BY_SYSTEM
from simcollect.streams import Purpose, mix, uniform

READING, CLEARING, COMPLAINT = int(Purpose.READ), int(Purpose.CLEAR), int(Purpose.COMPLAINT)


@njit(cache=True)
def contact(r: Any, rules: Any, day: Any, tally: Any) -> int:
    """Send the week's message if this is its day; say whether a collector should try today."""
    if r.action == 0 or r.done or r.reached or r.mode != OPEN:
        return READY
    channel = rules.channel[r.action]
    x = day.t - r.due
    if channel >= 0 and r.sent == 0 and x % 7 == message_day(r, x, rules, day):
        r.sent = 1
        if r.consents >> channel & 1:
            if day.limited:
                return ASK_GATEWAY
            send(r, rules, day, tally)
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
def send(r: Any, rules: Any, day: Any, tally: Any) -> None:
    """Send the week's message: it fails where the gateway is down, and may be read."""
    t, channel = day.t, rules.channel[r.action]
    up = day.channel_open[channel]
    u = uniform(r.key, t, READING)
    if u >= up:
        return
    tally.messages[channel] += 1
    note(tally, MESSAGE, 0, float(channel))
    if uniform(mix(r.key), t, COMPLAINT) < rules.complaint_message:
        tally.complaints += 1
    read = u < up * rules.read[channel]
    touch(r, BY_SYSTEM, read, rules, t, tally)
    if read:
        r.message = channel
        note(tally, READ, 0, float(channel))
        if behaviour_row(r) == MISINFORMED and uniform(r.key, t, CLEARING) < rules.clears[channel]:
            r.disposition = PROMPT
            note(tally, CLEARED, 0, float(channel))
