"""One team's shift as a compiled event loop: collectors' next free times against the ordered work list.

Time runs in productive minutes 0 … M of a collector's day, M = hours · 60 · (1 − shrinkage) · occupancy; the
clock hour is ``start + hours · minute / M``. A list longer than the shift is worked in its order as
collectors come free; a shorter one is spread over the shift, each account at an hour of its own (so that one
account more or less moves no other). What is begun is finished; nothing is begun of which less than half is likely to
fit before the end. What a day runs over, or leaves because nothing more would fit, is made up on the next (`floor`).
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.simulation.ahead import look_ahead
from simcollect.simulation.attempts import Tries, make, mean_minutes
from simcollect.simulation.compiled import loop
from simcollect.simulation.rules import Record

SPREAD_BELOW = 0.85  # judgement: a list that fills less of the shift than this is spread over it


class Hours(NamedTuple):
    """What is the same on each day: when collectors may begin and must end, in minutes, and what attempts take."""

    opens: float
    shuts: float
    call: float
    visit: float


def hours_of(rules_: Record) -> Hours:
    """Return the hours of a run, shape (1,) of its rules."""
    rules = rules_[0]
    start, minute = float(rules["shift_start"]), float(rules["minutes"])
    hours = float(rules["shift_hours"])
    opens, shuts = (float(rules[name] - start) / hours * minute for name in ("open_from", "open_to"))
    return Hours(opens, shuts, mean_minutes(0, rules), mean_minutes(1, rules))


def work(
    tries: Tries, rules_: Record, hours: Hours, people: float, place: npt.NDArray[np.int64], ties: bool
) -> tuple[float, npt.NDArray[np.int64], bool]:
    """Work a team's list, spread over the shift or the most urgent first.

    Parameters
    ----------
    tries : see `simcollect.simulation.attempts`; what came of each attempt is written there
    place : the team's accounts among them
    ties : whether accounts can be equally urgent; the first of them goes first then

    Returns
    -------
    minutes used, the order in which the list was worked, and whether any of it was left
    """
    opens, shuts = hours.opens, hours.shuts
    span = shuts - opens
    if people <= 0.0 or span <= 0.0 or place.size == 0:
        return 0.0, place[:0], place.size > 0
    lots, haste = np.empty(place.size), np.empty(place.size)
    visits = _sort_keys(tries, place, lots, haste)
    expected = (place.size - visits) * hours.call + visits * hours.visit
    spread = expected < SPREAD_BELOW * people * span
    begin = opens + lots * span * min(people, 1.0) if spread else np.zeros(place.size)
    order = np.argsort(begin if spread else haste, kind="stable" if ties else None)
    place, begin = place[order], begin[order]
    count = ceil(people)
    free = np.full(count + 1, np.inf)  # one more than there are, so that the last has a neighbour who never comes free
    free[:count] = opens
    ends = np.full(count, shuts)
    ends[count - 1] = opens + span * (people - (count - 1))
    used, worked = _work_through(tries, place, begin, free, np.arange(count + 1), ends, rules_, spread)
    return used, place, worked < place.size


@loop
def _sort_keys(
    tries: Tries, place: npt.NDArray[np.int64], lots: npt.NDArray[np.float64], haste: npt.NDArray[np.float64]
) -> int:
    """Write down the lots of a team's accounts, and their urgency, greatest first; return how many want a visit."""
    visits = 0
    for n in range(place.size):
        look_ahead(tries, place, n, place.size)
        d = tries[place[n]]
        lots[n] = d.lot
        haste[n] = -d.urgency
        visits += d.contact
    return visits


@loop
def _work_through(
    tries: Tries,
    order: npt.NDArray[np.int64],
    begin: npt.NDArray[np.float64],
    free: npt.NDArray[np.float64],
    who: npt.NDArray[np.int64],
    ends: npt.NDArray[np.float64],
    rules_: Record,
    spread: bool,
) -> tuple[float, int]:
    """Work a list in order with collectors that are free from, and work until, given minutes.

    Returns the minutes used, and how many were tried.
    """
    rules = rules_[0]
    minutes, hours = rules.minutes, rules.shift_hours
    halves = 0.5 * mean_minutes(0, rules), 0.5 * mean_minutes(1, rules)
    used = 0.0
    worked = 0
    for n in range(order.size):
        look_ahead(tries, order, n, order.size)
        d = tries[order[n]]
        half = halves[d.contact]
        while max(free[0], begin[n]) + half >= ends[who[0]] and free[0] < np.inf:
            _hold(free, who, np.inf)
        if free[0] == np.inf:
            break
        start = max(free[0], begin[n])
        planned = begin[n] if spread else start
        took = make(d, rules.shift_start + hours * planned / minutes, rules)
        used += took
        worked = n + 1
        _hold(free, who, start + took)
    return used, worked


@njit(cache=True, inline="always")
def _hold(free: npt.NDArray[np.float64], who: npt.NDArray[np.int64], until: float) -> None:
    """Keep the collector at the top of the heap busy until a time; the last place of `free` is nobody's."""
    person = who[0]
    at, child, size = 0, 1, free.size - 1
    while child < size:
        # Which of the two comes free first is a toss-up: adding it costs less than a branch foreseen wrongly.
        child += int(free[child + 1] < free[child])
        if free[child] >= until:
            break
        free[at] = free[child]
        who[at] = who[child]
        at, child = child, 2 * child + 1
    free[at] = until
    who[at] = person
