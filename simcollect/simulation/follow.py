"""Which stage each account stands in, since when, and who has contacted it there.

An account moves through the stages by ageing, and jumps when a payment, a plan or a plan's end moves its oldest unpaid
due date. Ageing needs no work on the day: it is made up for when somebody contacts the account, when it jumps, and at
the end of the run. Stages in which an account already stood on the first day are not counted, since nobody knows
whether it had been contacted.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from simcollect.behaviour.opening import OPEN
from simcollect.simulation.columns import NEVER
from simcollect.simulation.compiled import loop
from simcollect.simulation.stages import FIRST, LAST, WAIT_BINS
from simcollect.simulation.world import World

BY_ANYBODY, BY_OWNER, REACHED = 1, 2, 4  # bits of `contacts`


@njit(cache=True, inline="always")
def stage_of(x: int, rules: Any) -> int:
    """Return the position of the stage at x days from the oldest unpaid due date."""
    return rules.stage_of[min(max(x - FIRST, 0), LAST - FIRST)]


@njit(cache=True, inline="always")
def followed_due(r: Any) -> int:
    """Return the due date that an account's stage follows from; `NEVER` for accounts that are in no stage."""
    return r.due if r.mode == OPEN else NEVER


@njit(cache=True)
def leave(r: Any, last: int, rules: Any, followed: Any) -> None:
    """Count an account that leaves its stage, `last` being its last day there."""
    if r.entered < 0 or r.contacts & BY_OWNER:
        return
    k = r.stage_now
    overdue = 1 if last - r.entered >= rules.stage_deadline[k] else 0
    followed.left[k, overdue] += 1
    if r.contacts == 0:
        followed.untouched[k] += 1


@njit(cache=True)
def grow_older(r: Any, t: int, rules: Any, followed: Any) -> None:
    """Make up for the stages that an account has aged through up to day t."""
    now = stage_of(t - r.due_seen, rules)
    while r.stage_now < now:
        last = r.due_seen + rules.stage_to[r.stage_now]
        leave(r, last, rules, followed)
        r.stage_now += 1
        r.entered = last + 1
        r.contacts = 0


@njit(cache=True)
def jump(r: Any, t: int, rules: Any, followed: Any) -> None:
    """Follow an account whose due date or mode has changed on day t."""
    due = followed_due(r)
    stage = stage_of(t - due, rules)
    if r.due_seen != NEVER:
        grow_older(r, t, rules, followed)
        r.worst = max(r.worst, t - r.due_seen)
        if due != NEVER and stage == r.stage_now:
            r.due_seen = due
            return
        leave(r, t, rules, followed)
    r.due_seen = due
    r.stage_now = stage
    r.entered = t
    r.contacts = 0


@njit(cache=True)
def touch(r: Any, by: int, reached: bool, rules: Any, t: int, followed: Any) -> None:
    """Note that somebody tried to contact an account on day t, and whether with success.

    Parameters
    ----------
    by : code of who did, see `simcollect.simulation.stages`
    """
    if followed_due(r) != r.due_seen:
        jump(r, t, rules, followed)
    grow_older(r, t, rules, followed)
    k = r.stage_now
    before = r.contacts
    r.contacts |= BY_ANYBODY
    if rules.stage_owner[k] != by:
        return
    r.contacts |= BY_OWNER
    if reached:
        r.contacts |= REACHED
    if r.entered < 0:
        return
    if not before & BY_OWNER:
        followed.first[k, min(t - r.entered, WAIT_BINS - 1)] += 1
    if reached and not before & REACHED:
        followed.reached[k] += 1


@loop
def close_stages(world: World, slot: int, low: int, high: int, t: int) -> None:
    """Count those of accounts `low` to `high` still in a stage at the end of day t, the run's last, uncontacted."""
    acc, rules, followed = world.acc, world.rules[0], world.followed[slot]
    for i in range(low, high):
        r = acc[i]
        if r.due_seen == NEVER:
            continue
        grow_older(r, t, rules, followed)
        if r.entered >= 0 and not r.contacts & BY_OWNER:
            overdue = 1 if t - r.entered >= rules.stage_deadline[r.stage_now] else 0
            followed.waiting[r.stage_now, overdue] += 1
