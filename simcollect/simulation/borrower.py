"""What one borrower does on one day: liquidity, payment, and what is said in a conversation.

The compiled daily law of `simcollect.behaviour.law`, sampled with random numbers that depend on nothing but
the account, the day and the purpose.

A borrower who pays on day d with probability 1 − exp(−λ_d) pays on the first day on which the sum of the λ since the
review exceeds an exponential number of mean 1. So one random number a week decides, the account's *patience*, and a
day without a payment takes a subtraction. When to pay can be seen ahead for as long as the lender cannot act.
Liquidity moves in the same way (`liquidity`).
"""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
from numba import njit

from simcollect.behaviour.classes import MISINFORMED, PROMPT, STRAINED
from simcollect.behaviour.law import PART_HIGH, PART_LOW, age_group, talk_level
from simcollect.behaviour.opening import ON_PLAN, OPEN
from simcollect.behaviour.states import BROKEN, HARDSHIP, NONE, REFUSAL, SETTLE_WEEKS, SETTLEMENT
from simcollect.simulation.flows import (
    ACCEPTED,
    CLEARED,
    CURED,
    HARDSHIP_TOLD,
    PART,
    PAYMENT,
    PROMISE_BROKEN,
    PROMISE_KEPT,
    PROMISED,
    REFUSED,
    note,
)
from simcollect.simulation.money import PAID_FROM, due_date, due_dates_until, release_credit, settle
from simcollect.simulation.rules import FIRST_DAY, LATEST
from simcollect.streams import Purpose, uniform

PAY, AMOUNT, PART_SIZE = int(Purpose.PAY), int(Purpose.AMOUNT), int(Purpose.PART)
KEEP, OUTCOME, ACCEPT = (int(p) for p in (Purpose.KEEP, Purpose.OUTCOME, Purpose.ACCEPT))


@njit(cache=True, inline="always")
def behaviour_row(r: Any) -> int:
    """Return the behaviour row: the disposition while able, else strained."""
    return STRAINED if r.strained else r.disposition


@njit(cache=True, inline="always")
def boost_row(r: Any) -> int:
    """Return the row of the payment intensity that contact leads to: attention, and the message read."""
    return r.level * 8 + r.message + 1


@njit(cache=True, inline="always")
def intensity(boost: int, b: int, x: int, rules: Any) -> float:
    """Return the payment intensity on an average day, x ≥ `FIRST_DAY` days past the due day."""
    return rules.intensity[boost, b, min(x - FIRST_DAY, LATEST)]


@njit(cache=True, inline="always")
def exponential(key: np.uint64, d: int, purpose: int) -> float:
    """Return an exponential random number of mean 1."""
    return -log(1.0 - uniform(key, d, purpose))


@njit(cache=True, inline="always")
def patience(r: Any, d: int) -> float:
    """Return the intensity that is left before the payment, on day d; each account-week has a draw of its own."""
    return r.patience if r.patience >= 0.0 else exponential(r.key, d - (d - r.due) % 7, PAY)


@njit(cache=True)
def evening(r: Any, rules: Any, day: Any, tally: Any) -> None:
    """Keep or break a promise due today; else pay, or not, of one's own accord."""
    t = day.t
    if r.mode != OPEN or r.done:
        return
    if r.promise >= 0:
        if r.promise == t:
            if uniform(r.key, t, KEEP) < rules.keep[behaviour_row(r), age_group(t - r.due)]:
                tally.kept += 1
                note(tally, PROMISE_KEPT, 0, 0.0)
                pay(r, True, rules, day, tally)
            else:
                r.flag = max(r.flag, BROKEN)
                tally.broken += 1
                note(tally, PROMISE_BROKEN, 0, 0.0)
                rest(r)
        return
    x = t - r.due
    if x < FIRST_DAY:
        return
    left = patience(r, t)
    today = day.season[r.product] * intensity(boost_row(r), behaviour_row(r), x, rules)
    if left <= today:
        pay(r, False, rules, day, tally)
    else:
        r.patience = left - today
        r.counted = x


@njit(cache=True, inline="always")
def rest(r: Any) -> None:
    """Leave the account alone until its next review, which draws its patience anew."""
    r.done = 1
    r.action = 0
    r.promise = -1
    r.patience = -1.0  # what was counted of it hangs on a due date that may have moved


@njit(cache=True)
def pay(r: Any, promised: bool, rules: Any, day: Any, tally: Any) -> None:
    """Book a payment today: a part, one instalment, or all arrears."""
    t = day.t
    x = t - r.due
    k = due_dates_until(r, t, day.month, rules) if x >= 0 else 1
    share = rules.partial[r.strained] if (x >= 1 and not promised) else 0.0
    u = uniform(r.key, t, AMOUNT) if k >= 2 or share > 0.0 else 1.0  # nothing to decide for most
    what = PAYMENT
    if u < share:
        what = PART
        width = PART_LOW + (PART_HIGH - PART_LOW) * uniform(r.key, t, PART_SIZE)
        amount = round(r.instalment * rules.part_size * width)
        if r.left == 1:
            amount = min(amount, r.instalment - r.credit)
        r.credit += amount
        enough = r.instalment if r.left == 1 else PAID_FROM * r.instalment
        if r.credit >= enough:
            r.credit -= r.instalment
            settle(r, r.instalment, rules, tally)
    elif k >= 2 and u - share < (1.0 - share) * rules.all_[r.strained]:
        amount = k * r.instalment - r.credit
        r.credit = 0
        for _ in range(k):
            settle(r, r.instalment, rules, tally)
    else:
        amount = r.instalment
        if r.left == 1:
            amount -= r.credit
            r.credit = 0
        settle(r, r.instalment, rules, tally)
    r.paid += amount
    if promised:
        tally.cash_promise += amount
    else:
        tally.cash_contract += amount
    note(tally, what, amount, float(x))
    rest(r)
    if t < r.due or r.mode != OPEN:
        if x >= 1:
            tally.cures += 1
            note(tally, CURED, 0, 0.0)
        r.level = 0
        r.flag = NONE
        r.message = -1


@njit(cache=True)
def converse(r: Any, rules: Any, day: Any, tally: Any) -> None:
    """Hold a conversation with the right party."""
    t = day.t
    x = t - r.due
    b = behaviour_row(r)
    group = age_group(x)
    r.reached = 1
    if takes_offer(r, b, t, rules):
        offer = rules.offer[r.action]
        if offer == SETTLEMENT:
            agree_settlement(r, day)
        else:
            start_plan(r, offer, rules, day)
        tally.offers_accepted += 1
        note(tally, ACCEPTED, 0, float(offer))
        return
    r.level = talk_level(r.level)
    u = uniform(r.key, t, OUTCOME)
    promise = rules.promise[b, group]
    clear = rules.clear if b == MISINFORMED else 0.0
    if u < promise:
        j = x % 7
        r.promise = t - j + min(j + rules.horizon, 6)
        tally.promises += 1
        note(tally, PROMISED, 0, float(r.promise))
    elif u < promise + clear:
        r.disposition = PROMPT
        note(tally, CLEARED, 0, 0.0)
    elif u < promise + clear + rules.hardship[b]:
        r.flag = HARDSHIP
        note(tally, HARDSHIP_TOLD, 0, 0.0)
    elif u < promise + clear + rules.hardship[b] + rules.refuse[b]:
        r.flag = max(r.flag, REFUSAL)
        note(tally, REFUSED, 0, 0.0)


@njit(cache=True, inline="always")
def takes_offer(r: Any, b: int, t: int, rules: Any) -> bool:
    """Return whether the borrower accepts the action's offer, if it has one, in a conversation on day t."""
    offer = rules.offer[r.action]
    return offer >= 0 and uniform(r.key, t, ACCEPT) < rules.accept[offer, b]


@njit(cache=True)
def start_plan(r: Any, offer: int, rules: Any, day: Any) -> None:
    """Restructure: arrears join the term, payments fall by the offer's cut, the first is due in a month."""
    release_credit(r)
    rest(r)
    r.mode = ON_PLAN
    r.offer = offer
    r.missed = 0
    r.level = 0
    r.flag = NONE
    r.message = -1
    r.due_day = min(day.day_of_month, 28)
    r.month = day.month + 1
    r.due = due_date(rules, r.month, r.due_day)
    if r.left > 0:
        r.left = stretched(r.left, rules.stretch[offer])


@njit(cache=True)
def agree_settlement(r: Any, day: Any) -> None:
    """Agree on a lump sum, due four weeks after the review; until then nothing else is asked or paid."""
    rest(r)
    r.mode = ON_PLAN
    r.offer = SETTLEMENT
    r.missed = 0
    r.level = 0
    r.flag = NONE
    r.message = -1
    r.promise = day.t - (day.t - r.due) % 7 + 7 * SETTLE_WEEKS


@njit(cache=True, inline="always")
def plan_day(r: Any) -> int:
    """Return the day on which an account on a plan has to pay next."""
    return r.promise if r.offer == SETTLEMENT else r.due


@njit(cache=True, inline="always")
def stretched(left: int, share: float) -> int:
    """Return how many payments of `share` an instalment make up `left` instalments, rounded up."""
    return min(int(-((-left / share + 1e-9) // 1)), 32000)
