"""One team's shift as a compiled event loop: collectors' next free times against the ordered work list.

Time runs in productive minutes 0 … M of a collector's day, M = hours · 60 · (1 − shrinkage) · occupancy; the
clock hour is ``start + hours · minute / M``. A list longer than the shift is worked in its order as
collectors come free; a shorter one is spread over the shift, each account at an hour of its own (so that one
account more or less moves no other). What is begun is finished; nothing is begun of which less than half is likely to
fit before the end, so that a team's day comes out at its length on average, for visits of an hour too.
"""

from __future__ import annotations

from math import ceil, exp, log, pi, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.simulation.ahead import AHEAD, look_ahead, request
from simcollect.simulation.borrower import behaviour_row, converse
from simcollect.simulation.columns import CALL_CONSENT
from simcollect.simulation.compiled import loop
from simcollect.simulation.contact import mark_attempt, opt_out, weariness
from simcollect.simulation.flows import ATTEMPT, BY_VISIT, TALK, file_notes, note
from simcollect.simulation.follow import touch
from simcollect.simulation.stages import BY_TEAM
from simcollect.simulation.world import Index, World
from simcollect.streams import Purpose, mix, uniform

ANSWER, DURATION, COMPLAINT, HOUR, OPT_OUT = (
    int(p) for p in (Purpose.ANSWER, Purpose.DURATION, Purpose.COMPLAINT, Purpose.HOUR, Purpose.OPT_OUT)
)
SPREAD_BELOW = 0.85  # judgement: a list that fills less of the shift than this is spread over it


@loop
def is_short(world: World, index: Index, people: float) -> bool:
    """Return whether a list is so short that it is spread over the shift, whatever its order."""
    acc, rules = world.acc, world.rules[0]
    expected = 0.0
    for n in range(index.size):
        look_ahead(acc, index, n, index.size)
        expected += mean_minutes(rules.contact[acc[index[n]].action], rules)
    span = (rules.open_to - rules.open_from) / rules.shift_hours * rules.minutes
    return expected < SPREAD_BELOW * people * span


@njit(cache=True, nogil=True)
def work(world: World, index: Index, t: int, spread: bool, people: float, team: int, slot: int) -> float:
    """Work a list on day t, spread over the shift or the most urgent first; return the minutes used."""
    acc, rules = world.acc, world.rules[0]
    minutes, hours = rules.minutes, rules.shift_hours
    opens = (rules.open_from - rules.shift_start) / hours * minutes
    shuts = (rules.open_to - rules.shift_start) / hours * minutes
    span = shuts - opens
    if people <= 0.0 or span <= 0.0 or index.size == 0:
        return 0.0
    begin = np.zeros(index.size)
    order = np.arange(index.size)
    if spread:
        for n in range(index.size):
            begin[n] = opens + uniform(acc[index[n]].key, t, HOUR) * span * min(people, 1.0)
        order = np.argsort(begin)
    count = ceil(people)
    free = np.full(count, opens)
    ends = np.full(count, shuts)
    ends[count - 1] = opens + span * (people - (count - 1))
    who = np.arange(count)
    return _work_through(world, index, order, begin, free, who, ends, t, spread, team, slot)


@loop
def _work_through(
    world: World,
    index: Index,
    order: npt.NDArray[np.int64],
    begin: npt.NDArray[np.float64],
    free: npt.NDArray[np.float64],
    who: npt.NDArray[np.int64],
    ends: npt.NDArray[np.float64],
    t: int,
    spread: bool,
    team: int,
    slot: int,
) -> float:
    """Work a list in order with collectors that are free from, and work until, given minutes."""
    acc, log = world.acc, world.log
    rules, day = world.rules[0], world.days[t]
    tally, followed = world.tallies[slot, day.column], world.followed[slot]
    minutes, hours = rules.minutes, rules.shift_hours
    used = 0.0
    for place in range(order.size):
        n = order[place]
        if place + AHEAD < order.size:
            request(acc, index[order[place + AHEAD]])
        half = 0.5 * mean_minutes(rules.contact[acc[index[n]].action], rules)
        while max(free[0], begin[n]) + half >= ends[who[0]] and free[0] < np.inf:
            _hold(free, who, np.inf)
        if free[0] == np.inf:
            break
        start = max(free[0], begin[n])
        planned = begin[n] if spread else start
        hour = rules.shift_start + hours * planned / minutes
        took = attempt(acc[index[n]], hour, rules, day, tally, followed, team)
        file_notes(tally, log, slot, index[n])
        used += took
        _hold(free, who, start + took)
    return used


@loop
def _hold(free: npt.NDArray[np.float64], who: npt.NDArray[np.int64], until: float) -> None:
    """Keep the collector at the top of the heap busy until a time."""
    person = who[0]
    at, size = 0, free.size
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and free[child + 1] < free[child]:
            child += 1
        if free[child] >= until:
            break
        free[at] = free[child]
        who[at] = who[child]
        at = child
    free[at] = until
    who[at] = person


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
def attempt(r: Any, hour: float, rules: Any, day: Any, tally: Any, followed: Any, team: int) -> float:
    """Try to reach one borrower; return the minutes it took."""
    t = day.t
    contact = rules.contact[r.action]
    right = rules.right_party[contact, behaviour_row(r)]
    live = rules.live_answer
    if contact == 0:
        factor = rules.attempt_decay**r.attempts * rules.hour_index[int(hour)]
        right = min(right * factor, 1.0)
        live = max(min(live * factor, 1.0), right)
    r.attempts += 1
    mark_attempt(r, t)
    weary = weariness(r, t, rules)
    tally.attempts[team] += 1
    when = hour + BY_VISIT * contact
    note(tally, ATTEMPT, 0, when)
    u = uniform(r.key, t, ANSWER)
    touch(r, BY_TEAM + team, u < right, rules, t, followed)
    if u >= right:
        if contact == 1:
            return rules.visit
        return rules.third_party if u < live else rules.no_answer
    r.talk_day = t
    tally.talks[team] += 1
    note(tally, TALK, 0, when)
    if uniform(r.key, t, COMPLAINT) < rules.complaint_call * weary:
        tally.complaints += 1
    if contact == 0 and uniform(r.key, t, OPT_OUT) < rules.optout_call * weary:
        opt_out(r, CALL_CONSENT, tally)
    accepted = converse(r, rules, day, tally)
    took = rules.visit if contact == 1 else talk_minutes(r.key, t, rules)
    return took + rules.set_up if accepted else took


@njit(cache=True)
def talk_minutes(key: np.uint64, t: int, rules: Any) -> float:
    """Return the minutes of a conversation and of the work after it, both log-normal with the given means."""
    radius = sqrt(-2.0 * log(1.0 - uniform(key, t, DURATION)))
    angle = 2.0 * pi * uniform(mix(key), t, DURATION)
    a, b = rules.talk_sigma, rules.wrap_sigma
    talk = rules.talk * exp(a * radius * np.cos(angle) - 0.5 * a * a)
    return talk + rules.wrap * exp(b * radius * np.sin(angle) - 0.5 * b * b)
