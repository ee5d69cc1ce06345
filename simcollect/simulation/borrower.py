"""What one borrower does on one day: liquidity, payment, and what is said in a conversation.

The compiled daily law of `simcollect.behaviour.law`, sampled with random numbers that depend on nothing but the
account, the day and the purpose.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from simcollect.behaviour.classes import MISINFORMED, PROMPT, STRAINED
from simcollect.behaviour.law import PART_HIGH, PART_LOW, age_group, talk_level
from simcollect.behaviour.opening import ON_PLAN, OPEN
from simcollect.behaviour.states import BROKEN, HARDSHIP, NONE, REFUSAL
from simcollect.simulation.flows import (
    ACCEPTED,
    BROKEN_PROMISES,
    CASH_CONTRACT,
    CASH_PROMISE,
    CLEARED,
    CURED,
    CURES,
    HARDSHIP_TOLD,
    KEPT,
    OFFERS_ACCEPTED,
    PART,
    PAYMENT,
    PROMISE_BROKEN,
    PROMISE_KEPT,
    PROMISED,
    PROMISES,
    REFUSED,
    Out,
    note,
)
from simcollect.simulation.money import due_date, due_dates_until, release_credit, settle
from simcollect.simulation.rules import FIRST_DAY, Tables
from simcollect.streams import Purpose, uniform

LIQUIDITY, PAY, AMOUNT, PART_SIZE = (int(p) for p in (Purpose.LIQUIDITY, Purpose.PAY, Purpose.AMOUNT, Purpose.PART))
KEEP, OUTCOME, ACCEPT = (int(p) for p in (Purpose.KEEP, Purpose.OUTCOME, Purpose.ACCEPT))


@njit(cache=True, inline="always")
def behaviour_row(r: Any) -> int:
    """Return the behaviour row: the disposition while able, else strained."""
    return STRAINED if r.strained else r.disposition


@njit(cache=True)
def catch_up(r: Any, t: int, tables: Tables) -> None:
    """Let liquidity move on each weekly tick up to day t, also those the account slept through."""
    while r.clock <= t:
        u = uniform(r.key, r.clock, LIQUIDITY)
        cell = r.product * 3 + r.band
        if r.strained:
            if u < tables.regain[r.clock, cell]:
                r.strained = 0
        elif u < tables.loss[r.clock, r.kind, cell]:
            r.strained = 1
        r.clock += 7


@njit(cache=True)
def evening(r: Any, i: int, rules: Any, day: Any, tables: Tables, out: Out, slot: int) -> None:
    """Keep or break a promise due today; else pay, or not, of one's own accord."""
    t = day.t
    if r.mode != OPEN or r.done:
        return
    x = t - r.due
    b = behaviour_row(r)
    if r.promise >= 0:
        if r.promise == t:
            if uniform(r.key, t, KEEP) < rules.keep[b, age_group(x)]:
                out.flows[slot, KEPT] += 1
                note(out.log, slot, i, PROMISE_KEPT, 0, 0.0)
                pay(r, i, True, rules, day, tables, out, slot)
            else:
                r.flag = max(r.flag, BROKEN)
                out.flows[slot, BROKEN_PROMISES] += 1
                note(out.log, slot, i, PROMISE_BROKEN, 0, 0.0)
                rest(r)
        return
    if x < FIRST_DAY:
        return
    bin_ = tables.bins[min(x - FIRST_DAY, tables.bins.size - 1)]
    if uniform(r.key, t, PAY) < tables.pay[r.product, r.level * 8 + r.message + 1, b, bin_]:
        pay(r, i, False, rules, day, tables, out, slot)


@njit(cache=True, inline="always")
def rest(r: Any) -> None:
    """Leave the account alone until its next review."""
    r.done = 1
    r.action = 0
    r.promise = -1


@njit(cache=True)
def pay(r: Any, i: int, promised: bool, rules: Any, day: Any, tables: Tables, out: Out, slot: int) -> None:
    """Book a payment today: a part, one instalment, or all arrears."""
    t, low = day.t, rules.month_low
    x = t - r.due
    k = due_dates_until(r, t, day.month, tables.first, low) if x >= 0 else 1
    share = rules.partial[r.strained] if (x >= 1 and not promised) else 0.0
    u = uniform(r.key, t, AMOUNT)
    what = PAYMENT
    if u < share:
        what = PART
        width = PART_LOW + (PART_HIGH - PART_LOW) * uniform(r.key, t, PART_SIZE)
        amount = int(round(r.instalment * rules.part_size * width))
        if r.left == 1:
            amount = min(amount, r.instalment - r.credit)
        r.credit += amount
        while r.credit >= r.instalment and r.mode == OPEN:
            r.credit -= r.instalment
            settle(r, i, r.instalment, tables, low, out, slot)
    elif k >= 2 and u - share < (1.0 - share) * rules.all_[r.strained]:
        amount = k * r.instalment - r.credit
        r.credit = 0
        for _ in range(k):
            settle(r, i, r.instalment, tables, low, out, slot)
    else:
        amount = r.instalment
        if r.left == 1:
            amount -= r.credit
            r.credit = 0
        settle(r, i, r.instalment, tables, low, out, slot)
    r.paid += amount
    out.flows[slot, CASH_PROMISE if promised else CASH_CONTRACT] += amount
    note(out.log, slot, i, what, amount, float(x))
    rest(r)
    if t < r.due or r.mode != OPEN:
        if x >= 1:
            out.flows[slot, CURES] += 1
            note(out.log, slot, i, CURED, 0, 0.0)
        r.level = 0
        r.flag = NONE
        r.message = -1


@njit(cache=True)
def converse(r: Any, i: int, rules: Any, day: Any, tables: Tables, out: Out, slot: int) -> bool:
    """Hold a conversation with the right party; return whether an offer was accepted."""
    t = day.t
    x = t - r.due
    b = behaviour_row(r)
    group = age_group(x)
    offer = rules.offer[r.action]
    r.reached = 1
    if offer >= 0 and uniform(r.key, t, ACCEPT) < rules.accept[offer, b]:
        start_plan(r, offer, rules, day, tables)
        out.flows[slot, OFFERS_ACCEPTED] += 1
        note(out.log, slot, i, ACCEPTED, 0, float(offer))
        return True
    r.level = talk_level(r.level)
    u = uniform(r.key, t, OUTCOME)
    promise = rules.promise[b, group]
    clear = rules.clear if b == MISINFORMED else 0.0
    if u < promise:
        j = x % 7
        r.promise = t - j + min(j + rules.horizon, 6)
        out.flows[slot, PROMISES] += 1
        note(out.log, slot, i, PROMISED, 0, float(r.promise))
    elif u < promise + clear:
        r.disposition = PROMPT
        note(out.log, slot, i, CLEARED, 0, 0.0)
    elif u < promise + clear + rules.hardship[b]:
        r.flag = HARDSHIP
        note(out.log, slot, i, HARDSHIP_TOLD, 0, 0.0)
    elif u < promise + clear + rules.hardship[b] + rules.refuse[b]:
        r.flag = max(r.flag, REFUSAL)
        note(out.log, slot, i, REFUSED, 0, 0.0)
    return False


@njit(cache=True)
def start_plan(r: Any, offer: int, rules: Any, day: Any, tables: Tables) -> None:
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
    r.due = due_date(tables.first, rules.month_low, r.month, r.due_day)
    if r.left > 0:
        r.left = stretched(r.left, 1.0 - rules.cut[offer])


@njit(cache=True, inline="always")
def stretched(left: int, share: float) -> int:
    """Return how many payments of `share` an instalment make up `left` instalments, rounded up."""
    return min(int(-((-left / share + 1e-9) // 1)), 32000)
