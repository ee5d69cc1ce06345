"""The weekly look at an account: what the lender sees, what it decides; and the weekly law of the other modes."""

from __future__ import annotations

from typing import Any

from numba import njit

from simcollect.behaviour.opening import CHARGED_OFF, IN_LEGAL, OPEN
from simcollect.behaviour.states import BROKEN, EARLY_WEEKS, LAST_WEEK, open_state
from simcollect.simulation.borrower import behaviour_row
from simcollect.simulation.flows import (
    AGENCY_PAID,
    CASH_AGENCY,
    CASH_LEGAL,
    CASH_PLAN,
    FILED,
    HANDED,
    LEGAL_PAID,
    LEGAL_STEP,
    PLAN_ENDED,
    PLAN_MISSED,
    PLAN_PAID,
    REVIEW,
    SUITS,
    Out,
    note,
)
from simcollect.simulation.money import (
    charge_off,
    close,
    concede,
    due_date,
    pay_principal,
    release_credit,
    settle,
    write_off,
)
from simcollect.simulation.rules import Tables
from simcollect.streams import Purpose, uniform

DECAY, PLAN, LEGAL, LEGAL_PAY, AGENCY = (
    int(p) for p in (Purpose.DECAY, Purpose.PLAN, Purpose.LEGAL, Purpose.LEGAL_PAY, Purpose.AGENCY)
)
# Why an account waits in the middle of its day.
READY, ASK_POLICY, ASK_LAW, ASK_GATEWAY, ASK_TEAM = range(5)


@njit(cache=True)
def fresh_week(r: Any) -> None:
    """Forget what belongs to the week that ends."""
    r.done = 0
    r.message = -1
    r.sent = 0
    r.attempts = 0
    r.reached = 0
    r.promise = -1
    r.action = 0


@njit(cache=True)
def review(r: Any, i: int, rules: Any, day: Any, tables: Tables, out: Out, slot: int) -> int:
    """Review an open account whose age is a whole number of weeks; return what it waits for, if anything."""
    t = day.t
    x = t - r.due
    w = x // 7
    if r.message >= 0:
        r.level = max(r.level, 1)
    if r.level > 0 and uniform(r.key, t, DECAY) < rules.decay:
        r.level -= 1
    fresh_week(r)
    if w > LAST_WEEK:
        charge_off(r, i, out, slot)
        agency_week(r, i, rules, day, out, slot)
        return READY
    if w >= EARLY_WEEKS:
        r.late = 1
    if w < -1:
        return READY
    r.state = open_state(w, r.level, r.flag, r.late)
    if rules.asks_policy:
        return ASK_POLICY
    week = min(day.week, tables.actions.shape[1] - 1)
    return decide(r, i, tables.actions[r.column, week, r.state], rules, tables, out, slot)


@njit(cache=True)
def decide(r: Any, i: int, action: int, rules: Any, tables: Tables, out: Out, slot: int) -> int:
    """Set the week's action; one that is not allowed is not taken."""
    r.action = action if tables.allowed[action, r.state] else 0
    note(out.log, slot, i, REVIEW, 0, float(r.action))
    return ASK_LAW if rules.legal[r.action] else READY


@njit(cache=True)
def hand_to_law(r: Any, i: int, rules: Any, day: Any, out: Out, slot: int) -> None:
    """Give the account to the law firm; its first week there begins."""
    release_credit(r)
    r.mode = IN_LEGAL
    r.stage = 0
    r.action = 0
    out.flows[slot, SUITS] += 1
    note(out.log, slot, i, HANDED, 0, 0.0)
    legal_week(r, i, rules, day, out, slot)


@njit(cache=True)
def legal_week(r: Any, i: int, rules: Any, day: Any, out: Out, slot: int) -> None:
    """One week in law: the borrower settles, the stage ends, or neither."""
    b, stage = behaviour_row(r), r.stage
    if uniform(r.key, day.t, LEGAL_PAY) < rules.legal_pay[stage, b]:
        _recover_by_law(r, i, rules.legal_share[stage], out, slot)
        concede(r, r.principal, out, slot)
        close(r, i, out, slot)
        return
    leave = rules.legal_exit[stage]
    u = uniform(r.key, day.t, LEGAL)
    if u >= leave:
        return
    if stage == 3:
        _recover_by_law(r, i, rules.enforced[b], out, slot)
        write_off(r, out, slot)
        close(r, i, out, slot)
    elif stage == 2 and u >= leave * rules.judgment:
        charge_off(r, i, out, slot)
    else:
        if stage == 0:
            out.flows[slot, FILED] += 1
        r.stage = stage + 1
        note(out.log, slot, i, LEGAL_STEP, 0, float(r.stage))


@njit(cache=True)
def _recover_by_law(r: Any, i: int, share: float, out: Out, slot: int) -> None:
    amount = int(round(r.principal * share))
    pay_principal(r, amount)
    out.flows[slot, CASH_LEGAL] += amount
    note(out.log, slot, i, LEGAL_PAID, amount, float(r.stage))


@njit(cache=True)
def agency_week(r: Any, i: int, rules: Any, day: Any, out: Out, slot: int) -> None:
    """One week after charge-off: perhaps a payment, perhaps the last."""
    b = behaviour_row(r)
    if uniform(r.key, day.t, AGENCY) < rules.agency_pays[b]:
        amount = int(round(r.written_off * rules.agency_share))
        r.recovered += amount
        r.paid += amount
        out.flows[slot, CASH_AGENCY] += amount
        note(out.log, slot, i, AGENCY_PAID, amount, 0.0)
    if uniform(r.key, day.t, LEGAL) < rules.agency_exit:
        close(r, i, out, slot)


@njit(cache=True)
def plan_due(r: Any, i: int, rules: Any, day: Any, tables: Tables, out: Out, slot: int) -> None:
    """A plan payment falls due today: paid, missed, or missed for the second time, which ends the plan."""
    low = rules.month_low
    if uniform(r.key, day.t, PLAN) >= rules.miss[r.offer, behaviour_row(r)]:
        amount = int(round(r.instalment * (1.0 - rules.cut[r.offer])))
        r.paid += amount
        out.flows[slot, CASH_PLAN] += amount
        note(out.log, slot, i, PLAN_PAID, amount, 0.0)
        settle(r, i, amount, tables, low, out, slot)
        return
    r.missed += 1
    if r.missed == 1:
        note(out.log, slot, i, PLAN_MISSED, 0, 0.0)
        r.month += 1
        r.due = due_date(tables.first, low, r.month, r.due_day)
        return
    note(out.log, slot, i, PLAN_ENDED, 0, 0.0)
    fresh_week(r)
    r.mode = OPEN
    r.month -= 1
    r.due = due_date(tables.first, low, r.month, r.due_day)
    r.missed = 0
    r.level = 0
    r.flag = BROKEN
    r.late = 1
    if r.left > 0:
        r.left = max(int(round(r.left * (1.0 - rules.cut[r.offer]))), 2)


@njit(cache=True, inline="always")
def outside_week(r: Any, i: int, rules: Any, day: Any, out: Out, slot: int) -> None:
    """Run the weekly law of an account in law or charged off."""
    if r.mode == IN_LEGAL:
        legal_week(r, i, rules, day, out, slot)
    elif r.mode == CHARGED_OFF:
        agency_week(r, i, rules, day, out, slot)
