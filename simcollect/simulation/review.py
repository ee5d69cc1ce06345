"""The weekly look at an account: what the lender sees and decides; and the weekly law of the other modes."""

from __future__ import annotations

from typing import Any

from numba import njit

from simcollect.behaviour.opening import CHARGED_OFF, IN_LEGAL, OPEN
from simcollect.behaviour.states import BROKEN, EARLY_WEEKS, HOLIDAY, LAST_WEEK, NONE, SETTLEMENT, open_state
from simcollect.simulation.borrower import behaviour_row
from simcollect.simulation.flows import (
    AGENCY_PAID,
    HANDED,
    HOLIDAY_ENDED,
    LEGAL_PAID,
    LEGAL_STEP,
    PLAN_ENDED,
    PLAN_MISSED,
    PLAN_PAID,
    REVIEW,
    SETTLE_MISSED,
    SETTLED,
    SOLD,
    note,
)
from simcollect.simulation.follow import touch
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
from simcollect.simulation.stages import BY_LAW
from simcollect.streams import Purpose, uniform

DECAY, PLAN, LEGAL, LEGAL_PAY, AGENCY = (
    int(p) for p in (Purpose.DECAY, Purpose.PLAN, Purpose.LEGAL, Purpose.LEGAL_PAY, Purpose.AGENCY)
)
HOLIDAY_MONTHS = 2  # the states of a holiday are a plan's: none missed yet, one missed
# Why an account waits in the middle of its day.
READY, ASK_STRATEGY, ASK_LAW, ASK_GATEWAY, ASK_TEAM = range(5)


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
    r.patience = -1.0


@njit(cache=True)
def review(r: Any, rules: Any, day: Any, tally: Any) -> int:
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
        charge_off(r, tally)
        agency_week(r, rules, day, tally)
        return READY
    if w >= EARLY_WEEKS:
        r.late = 1
    if w < -1:
        return READY
    r.state = open_state(w, r.level, r.flag, r.late)
    return ASK_STRATEGY


@njit(cache=True)
def decide(r: Any, action: int, rules: Any, tally: Any) -> int:
    """Set the week's action; return what the account waits for, if anything."""
    r.action = action
    note(tally, REVIEW, 0, float(action))
    return ASK_LAW if rules.legal[action] else READY


@njit(cache=True)
def hand_to_law(r: Any, rules: Any, day: Any, tally: Any, followed: Any) -> None:
    """Give the account to the law firm; its first week there begins."""
    touch(r, BY_LAW, True, rules, day.t, followed)
    release_credit(r)
    r.mode = IN_LEGAL
    r.stage = 0
    r.action = 0
    tally.suits += 1
    note(tally, HANDED, 0, 0.0)
    legal_week(r, rules, day, tally)


@njit(cache=True)
def legal_week(r: Any, rules: Any, day: Any, tally: Any) -> None:
    """One week in law: the borrower settles, the stage ends, or neither."""
    b, stage = behaviour_row(r), r.stage
    if uniform(r.key, day.t, LEGAL_PAY) < rules.legal_pay[stage, b]:
        _recover_by_law(r, rules.legal_share[stage], tally)
        concede(r, r.principal, tally)
        close(r, tally)
        return
    leave = rules.legal_exit[stage]
    u = uniform(r.key, day.t, LEGAL)
    if u >= leave:
        return
    if stage == 3:
        _recover_by_law(r, rules.enforced[b], tally)
        write_off(r, tally)
        close(r, tally)
    elif stage == 2 and u >= leave * rules.judgment:
        charge_off(r, tally)
    else:
        if stage == 0:
            tally.filed += 1
        r.stage = stage + 1
        note(tally, LEGAL_STEP, 0, float(r.stage))


@njit(cache=True)
def _recover_by_law(r: Any, share: float, tally: Any) -> None:
    amount = round(r.principal * share)
    pay_principal(r, amount)
    tally.cash_legal += amount
    note(tally, LEGAL_PAID, amount, float(r.stage))


@njit(cache=True)
def agency_week(r: Any, rules: Any, day: Any, tally: Any) -> None:
    """One week after charge-off: the debt is sold; or perhaps a payment, perhaps the last."""
    if rules.sale_price > 0.0:
        amount = round(r.written_off * rules.sale_price)
        r.recovered += amount
        r.paid += amount
        tally.cash_sale += amount
        note(tally, SOLD, amount, 0.0)
        close(r, tally)
        return
    b = behaviour_row(r)
    if uniform(r.key, day.t, AGENCY) < rules.agency_pays[b]:
        amount = round(r.written_off * rules.agency_share)
        r.recovered += amount
        r.paid += amount
        tally.cash_agency += amount
        note(tally, AGENCY_PAID, amount, 0.0)
    if uniform(r.key, day.t, LEGAL) < rules.agency_exit:
        close(r, tally)


@njit(cache=True)
def plan_due(r: Any, rules: Any, day: Any, tally: Any) -> None:
    """A plan payment falls due today: paid, missed, or missed for the second time, which ends the plan."""
    if r.offer == SETTLEMENT:
        settlement_due(r, rules, day, tally)
        return
    if r.offer == HOLIDAY:
        holiday_month(r, rules, tally)
        return
    if uniform(r.key, day.t, PLAN) >= rules.miss[r.offer, behaviour_row(r)]:
        amount = round(r.instalment * (1.0 - rules.cut[r.offer]))
        r.paid += amount
        tally.cash_plan += amount
        note(tally, PLAN_PAID, amount, 0.0)
        settle(r, amount, rules, tally)
        return
    r.missed += 1
    if r.missed == 1:
        note(tally, PLAN_MISSED, 0, 0.0)
        r.month += 1
        r.due = due_date(rules, r.month, r.due_day)
        return
    note(tally, PLAN_ENDED, 0, 0.0)
    fresh_week(r)
    r.mode = OPEN
    r.month -= 1
    r.due = due_date(rules, r.month, r.due_day)
    r.missed = 0
    r.level = 0
    r.flag = BROKEN
    r.late = 1
    if r.left > 0:
        r.left = max(round(r.left * rules.stretch[r.offer]), 2)


@njit(cache=True)
def holiday_month(r: Any, rules: Any, tally: Any) -> None:
    """A month of a payment holiday has passed; after the second the account is current."""
    r.month += 1
    r.due = due_date(rules, r.month, r.due_day)
    r.missed += 1
    if r.missed < HOLIDAY_MONTHS:
        return
    note(tally, HOLIDAY_ENDED, 0, 0.0)
    fresh_week(r)
    r.mode = OPEN
    r.missed = 0
    r.level = 0
    r.flag = NONE
    r.late = 1


@njit(cache=True)
def settlement_due(r: Any, rules: Any, day: Any, tally: Any) -> None:
    """The lump sum falls due: paid, and the rest is conceded; or the account is as late as it would have been."""
    if uniform(r.key, day.t, PLAN) < rules.settle_keep[behaviour_row(r)]:
        release_credit(r)
        amount = round(r.principal * rules.settle_share)
        pay_principal(r, amount)
        tally.cash_plan += amount
        note(tally, SETTLED, amount, 0.0)
        concede(r, r.principal, tally)
        close(r, tally)
        return
    note(tally, SETTLE_MISSED, 0, 0.0)
    fresh_week(r)
    r.mode = OPEN
    r.level = 0
    r.flag = BROKEN
    r.late = 1


@njit(cache=True, inline="always")
def outside_week(r: Any, rules: Any, day: Any, tally: Any) -> None:
    """Run the weekly law of an account in law or charged off."""
    if r.mode == IN_LEGAL:
        legal_week(r, rules, day, tally)
    elif r.mode == CHARGED_OFF:
        agency_week(r, rules, day, tally)
