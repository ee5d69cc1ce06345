"""A collector's attempt at one borrower: what it would bring at which hour, and what it does.

Who is reached, and how many minutes that takes, depends on the hour, and so on who else is on the list; all else does
not. So what an attempt would bring is looked up for all accounts of a day first, on any number of threads, the shift is
worked on these short notes, and what it brought is written to the accounts afterwards.
"""

from __future__ import annotations

from math import exp, log, pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.simulation.ahead import look_ahead
from simcollect.simulation.borrower import behaviour_row, converse, takes_offer
from simcollect.simulation.columns import CALL_CONSENT
from simcollect.simulation.compiled import loop
from simcollect.simulation.contact import mark_attempt, opt_out, weariness
from simcollect.simulation.flows import ATTEMPT, BY_VISIT, TALK, file_notes, note
from simcollect.simulation.follow import touch
from simcollect.simulation.review import ASK_TEAM
from simcollect.simulation.stages import BY_TEAM
from simcollect.simulation.worklist import urgency_of
from simcollect.simulation.world import Index, World
from simcollect.streams import Purpose, mix, uniform

ANSWER, DURATION, COMPLAINT, HOUR, OPT_OUT = (
    int(p) for p in (Purpose.ANSWER, Purpose.DURATION, Purpose.COMPLAINT, Purpose.HOUR, Purpose.OPT_OUT)
)
NOT_TRIED, TRIED, REACHED = range(3)
NO_TEAM = -1

TRY = np.dtype(
    [
        ("luck", "f8"), ("right", "f8"), ("fading", "f8"), ("minutes", "f8"), ("lot", "f8"), ("urgency", "f8"),
        ("hour", "f8"), ("team", "i1"), ("contact", "i1"), ("came", "i1"),
    ],
    align=True,
)  # fmt: skip
"""An account that waits, and what an attempt at it would bring: uniform number that decides who answers; probability of
the right party at a first attempt in an average hour, factor for attempts already made; minutes with the right party
(0 where it cannot be reached at any hour); a lot; urgency; hour of the attempt; team, `NO_TEAM` if it waits for none;
call (0) or visit (1); what came of it."""

Tries = npt.NDArray[Any]


@loop
def look_up(
    world: World,
    index: Index,
    t: int,
    team_of: npt.NDArray[np.int8],
    kind: int,
    gain: Any,
    out: Tries,
    teams: npt.NDArray[np.int8],
) -> None:
    """Write down what an attempt on day t at each account of a list that waits for a collector would bring.

    Parameters
    ----------
    team_of : the team by action and observed state
    kind, gain : as in `simcollect.simulation.worklist.urgency`
    out, teams : written: the notes, and once more the team of each, side by side for who picks a team's list
    """
    acc, reasons, rules, day = world.acc, world.queue.reasons, world.rules[0], world.days[t]
    best_hour = 0.0
    for hour in range(24):
        best_hour = max(best_hour, rules.hour_index[hour])
    for n in range(index.size):
        look_ahead(acc, index, n, index.size)
        d = out[n]
        d.came = NOT_TRIED
        d.team = teams[n] = NO_TEAM
        if reasons[index[n]] != ASK_TEAM:
            continue
        r = acc[index[n]]
        b = behaviour_row(r)
        d.team = teams[n] = team_of[r.action, r.state]
        d.contact = rules.contact[r.action]
        d.luck = uniform(r.key, t, ANSWER)
        d.right = rules.right_party[d.contact, b]
        d.fading = rules.attempt_decay**r.attempts if d.contact == 0 else 1.0
        d.lot = uniform(r.key, t, HOUR)
        d.urgency = urgency_of(r, kind, gain, rules, day, d.lot)
        d.minutes = 0.0
        if d.luck < d.right * max(d.fading * best_hour, 1.0):
            d.minutes = rules.visit if d.contact == 1 else talk_minutes(r.key, t, rules)
            if takes_offer(r, b, t, rules):
                d.minutes += rules.set_up


@njit(cache=True, inline="always")
def make(d: Any, hour: float, rules: Any) -> float:
    """Let an attempt happen at an hour; return the minutes it took."""
    right, live = d.right, rules.live_answer
    if d.contact == 0:
        factor = d.fading * rules.hour_index[int(hour)]
        right = min(right * factor, 1.0)
        live = max(min(live * factor, 1.0), right)
    d.hour = hour
    if d.luck < right:
        d.came = REACHED
        return d.minutes
    d.came = TRIED
    if d.contact == 1:
        return rules.visit
    return rules.third_party if d.luck < live else rules.no_answer


@njit(cache=True)
def book(r: Any, d: Any, rules: Any, day: Any, tally: Any, followed: Any) -> None:
    """Write to an account what an attempt at it brought."""
    t = day.t
    reached = d.came == REACHED
    r.attempts += 1
    mark_attempt(r, t)
    weary = weariness(r, t, rules)
    tally.attempts[d.team] += 1
    when = d.hour + BY_VISIT * d.contact
    note(tally, ATTEMPT, 0, when)
    touch(r, BY_TEAM + d.team, reached, rules, t, followed)
    if not reached:
        return
    r.talk_day = t
    tally.talks[d.team] += 1
    note(tally, TALK, 0, when)
    if uniform(r.key, t, COMPLAINT) < rules.complaint_call * weary:
        tally.complaints += 1
    if d.contact == 0 and uniform(r.key, t, OPT_OUT) < rules.optout_call * weary:
        opt_out(r, CALL_CONSENT, tally)
    converse(r, rules, day, tally)


@loop
def book_in_order(world: World, index: Index, tries: Tries, order: npt.NDArray[np.int64], t: int, slot: int) -> None:
    """Write to the accounts what the attempts of a list brought, in its order: for the log of events."""
    acc, log = world.acc, world.log
    rules, day = world.rules[0], world.days[t]
    tally, followed = world.tallies[slot, day.column], world.followed[slot]
    for place in range(order.size):
        n = order[place]
        d = tries[n]
        if d.came != NOT_TRIED:
            book(acc[index[n]], d, rules, day, tally, followed)
            file_notes(tally, log, slot, index[n])
            d.came = NOT_TRIED


@njit(cache=True)
def mean_minutes(contact: int, rules: Any) -> float:
    """Return the expected minutes of an attempt, for an average borrower's first."""
    if contact == 1:
        return rules.visit
    right = min(rules.right_party[0, 0], rules.live_answer)
    talk = right * (rules.talk + rules.wrap)
    return (
        talk + (rules.live_answer - right) * rules.third_party + (1.0 - rules.live_answer) * rules.no_answer
    )


@njit(cache=True)
def talk_minutes(key: np.uint64, t: int, rules: Any) -> float:
    """Return the minutes of a conversation and of the work after it, both log-normal with the given means."""
    radius = sqrt(-2.0 * log(1.0 - uniform(key, t, DURATION)))
    angle = 2.0 * pi * uniform(mix(key), t, DURATION)
    a, b = rules.talk_sigma, rules.wrap_sigma
    talk = rules.talk * exp(a * radius * np.cos(angle) - 0.5 * a * a)
    return talk + rules.wrap * exp(b * radius * np.sin(angle) - 0.5 * b * b)
