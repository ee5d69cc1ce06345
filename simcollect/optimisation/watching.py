"""The belief about a real account from one review to the next, by what happened in between.

The chain's week is seven days and its payments move an account by a fraction of weeks; a real account's payment moves
it by a calendar month, and a current account is not looked at again until a week before its next due day. So what is
seen is first told in the chain's terms: how many instalments were paid, and in which state the week ended, to the
nearest that the chain knows. The share of a payment that the chain books on either side of the true day is the same
for all hidden classes and falls out of Bayes' rule.

Contact counts as it was made, not as it was planned: a call that no collector had time for is a week of waiting, one
attempt of three is a third of the way (geometrically) from waiting to the full week's law.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN
from simcollect.behaviour.law import MONTH, behaviour_of
from simcollect.behaviour.parameters import OFFERS
from simcollect.behaviour.states import (
    BROKEN,
    EARLY_WEEKS,
    FIRST_WEEK,
    LEGAL,
    LEVELS,
    PLAN,
    PLAN_WEEKS,
    open_state,
    plan_state,
)
from simcollect.optimisation.posterior import arrive, move, normalise

Array = npt.NDArray[np.float64]
MONTH_WEEKS = MONTH / 7
ON_WATCH = -1  # from this week on an account is reviewed every week
PAYS_AHEAD = -2  # the one week before it in which an instalment may be paid
N_OFFERS = len(OFFERS)
ALWAYS = np.zeros(16)  # loans that go on: whether one ends does not hang on what is hidden


@njit(cache=True, nogil=True)
def watch(
    kernel: Kernel,
    season: int,
    belief: Array,
    state: int,
    action: int,
    tried: float,
    now: int,
    days: int,
    moved: int,
    share: float,
    loss: float,
    regain: float,
    out: Array,
) -> None:
    """Fill `out` with the belief now, of an account last reviewed `days` ago.

    Parameters
    ----------
    kernel, season : the weekly chain, and the season of the week that followed the last review
    belief : at the last review, shape (H,)
    state, action : observed state then, and what was decided
    tried : share of the action's contact attempts that were made; 1 where it was cut short by success
    now : observed state today
    days : since the last review
    moved : days by which payments have moved the oldest unpaid due date
    share : part of the first week that was watched (less than one only at the start of a run)
    loss, regain : weekly probabilities that liquidity moves
    out : filled, shape (H,)
    """
    weeks = max(1, round(days / 7.0))
    paid = max(0, round(moved / MONTH))
    was_open = state < PLAN
    if not was_open or (now >= PLAN and now < LEGAL) or _back_from_plan(kernel, now, days, moved):
        _on_plan(kernel, season, belief, state, action, now, days, loss, regain, out)
    elif now >= PLAN:
        out[:] = belief
        for _ in range(weeks):
            move(out, loss, regain)
    elif kernel.week_of[state] < ON_WATCH:
        out[:] = belief
        part = share if kernel.week_of[state] == PAYS_AHEAD else 1.0
        _unwatched(kernel, season, out, weeks, paid, kernel.week_of[now] >= ON_WATCH, part, loss, regain)
    elif paid == 0 and kernel.week_of[now] == kernel.week_of[state]:
        out[:] = belief  # the week is not over
        return
    else:
        first = _first_week(kernel, season, belief, state, action, tried, now, paid, share, out)
        move(out, loss, regain)
        if weeks > 1:
            on_watch = kernel.week_of[now] >= ON_WATCH
            _unwatched(kernel, season, out, weeks - 1, paid - first, on_watch, 1.0, loss, regain)
    normalise(out, belief)


@njit(cache=True, nogil=True)
def _first_week(
    kernel: Kernel,
    season: int,
    belief: Array,
    state: int,
    action: int,
    tried: float,
    now: int,
    paid: int,
    share: float,
    out: Array,
) -> int:
    """Fill the joint of the week that followed the review; return how many instalments were paid in it.

    No more than made the account current: what was paid beyond that was paid ahead of a later due day.
    """
    week, late = int(kernel.week_of[state]), int(kernel.late_of[state])
    late = 1 if week >= EARLY_WEEKS else late
    first = 0
    while first < paid and week + 1 - first * MONTH_WEEKS >= ON_WATCH:
        first += 1
    ends = max(int(np.floor(week + 1 - first * MONTH_WEEKS)), FIRST_WEEK)
    level = int(kernel.level_of[now]) if ends >= 0 else 0
    flag = int(kernel.flag_of[now]) if ends >= 0 else 0
    done = 0 if kernel.legal[action] else action  # no slot came free: it would not be here
    out[:] = 0.0
    _arrive_with_decay(kernel, season, belief, state, done, ends, level, flag, late, out)
    if tried < 1.0 and done > 0:
        idle = np.zeros(N_HIDDEN)
        _arrive_with_decay(kernel, season, belief, state, 0, ends, level, flag, late, idle)
        _blend(idle, out, tried)
    if share < 1.0 and paid == 0:
        _blend(belief, out, share)
    normalise(out, belief)
    return first


@njit(cache=True, nogil=True)
def _arrive_with_decay(
    kernel: Kernel,
    season: int,
    belief: Array,
    state: int,
    action: int,
    week: int,
    level: int,
    flag: int,
    late: int,
    out: Array,
) -> None:
    """Add the joint of ending the week at (week, level, flag), a level perhaps lost at the review itself."""
    kept = 1.0 - kernel.decay if level > 0 else 1.0
    arrive(kernel, season, ALWAYS, belief, state, action, open_state(week, level, flag, late), kept, out)
    if week >= 0 and level < LEVELS - 1:
        above = open_state(week, level + 1, flag, late)
        arrive(kernel, season, ALWAYS, belief, state, action, above, kernel.decay, out)


@njit(cache=True, nogil=True, inline="always")
def _blend(start: Array, end: Array, share: float) -> None:
    """Go only a share of the way from one joint to another, geometrically, in place of the second."""
    for h in range(N_HIDDEN):
        end[h] = start[h] ** (1.0 - share) * end[h] ** share


@njit(cache=True, nogil=True)
def _unwatched(
    kernel: Kernel,
    season: int,
    joint: Array,
    weeks: int,
    paid: int,
    reached: bool,
    part: float,
    loss: float,
    regain: float,
) -> None:
    """Carry a joint through weeks before the due day, in which only a payment ahead can happen.

    Parameters
    ----------
    reached : whether the account is under review again, so that the last chance to pay ahead passed unused
    part : share of that last chance that was watched
    """
    for _ in range(paid):
        for _ in range(4):
            move(joint, loss, regain)
        for h in range(N_HIDDEN):
            joint[h] *= 1.0 - _pays_not(kernel, season, h)
    for _ in range(weeks - 4 * paid):
        move(joint, loss, regain)
    if reached:
        for h in range(N_HIDDEN):
            joint[h] *= _pays_not(kernel, season, h) ** part


@njit(cache=True, nogil=True)
def _pays_not(kernel: Kernel, season: int, h: int) -> float:
    """Return the probability that nothing is paid in the week in which an instalment may be paid ahead."""
    row = ((PAYS_AHEAD - FIRST_WEEK) * LEVELS) * N_BEHAVIOURS + behaviour_of(h)
    stays = 0.0
    for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
        if kernel.paid[n] == 0:
            stays += kernel.prob[season, n]
    return stays


@njit(cache=True, nogil=True, inline="always")
def _back_from_plan(kernel: Kernel, now: int, days: int, moved: int) -> bool:
    """Return whether an open account has been on a plan since: two months and more away, late again, promise broken."""
    return days > 1.5 * MONTH and now < PLAN and kernel.week_of[now] >= 3 and kernel.flag_of[now] == BROKEN


@njit(cache=True, nogil=True)
def _on_plan(
    kernel: Kernel,
    season: int,
    belief: Array,
    state: int,
    action: int,
    now: int,
    days: int,
    loss: float,
    regain: float,
    out: Array,
) -> None:
    """Fill the joint of an offer accepted, and of the plan's payments kept and missed since.

    An account that is open again has missed twice, the second time last; one still on its plan shows how often.
    """
    offer = -1
    kept = np.zeros(N_HIDDEN)
    if state >= PLAN and state < LEGAL:
        offer = (state - PLAN) // (PLAN_WEEKS * 2)
        kept[:] = belief
    elif state < PLAN and not kernel.legal[action]:
        for o in range(N_OFFERS):
            for w in range(1, PLAN_WEEKS + 1):
                before = kept.sum()
                arrive(kernel, season, ALWAYS, belief, state, action, plan_state(o, w, 0), 1.0, kept)
                if kept.sum() > before:
                    offer = o
    if offer < 0 or now >= LEGAL:
        out[:] = belief
        for _ in range(max(1, round(days / 7.0))):
            move(out, loss, regain)
        return
    missed = np.zeros(N_HIDDEN)
    back = now < PLAN
    months = max(2, round((days - 6) / MONTH)) if back else int(days / MONTH)
    row = (plan_state(offer, 1, 0) - PLAN) * N_BEHAVIOURS
    for month in range(months):
        for _ in range(4):
            move(kept, loss, regain)
            move(missed, loss, regain)
        for h in range(N_HIDDEN):
            pays = 0.0
            for n in range(kernel.mode_ptr[row + behaviour_of(h)], kernel.mode_ptr[row + behaviour_of(h) + 1]):
                if kernel.mode_paid[n]:
                    pays += kernel.mode_prob[n]
            if back and month == months - 1:
                missed[h] *= 1.0 - pays
            else:
                missed[h] = missed[h] * pays + kept[h] * (1.0 - pays)
                kept[h] *= pays
    if back or (now - PLAN) % 2 == 1:
        out[:] = missed
    else:
        out[:] = kept
    normalise(out, belief)


@njit(cache=True, nogil=True)
def tries_since(attempt_day: int, attempt_days: int, review_day: int) -> int:
    """Return how many contact attempts were made since the last review.

    Parameters
    ----------
    attempt_day : day of the latest attempt
    attempt_days : one bit a day on which there was one, from that day back
    review_day : day of the last review

    Examples
    --------
    >>> tries_since(12, 0b111, 11)  # on days 12, 11 and 10
    2
    """
    count = 0
    for back in range(7):
        if attempt_day - back >= review_day and (attempt_days >> back) & 1:
            count += 1
    return count
