"""The reference borrower: one SimPy process that lives through morning, shift and evening of each day."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from math import ceil, exp
from typing import TYPE_CHECKING, Any

from reference_lender import Lender
from reference_world import (
    BROKEN,
    CHARGED_OFF,
    CLOSED,
    HARDSHIP,
    IN_LAW,
    MISINFORMED,
    NONE,
    ON_PLAN,
    OPEN,
    PROMPT,
    REFUSAL,
    STRAINED,
    World,
    age_group,
    intensity_bin,
)

from simcollect.behaviour.parameters import BANDS, CHANNELS, PRODUCTS
from simcollect.behaviour.states import open_state
from simcollect.units import DAYS_A_MONTH

if TYPE_CHECKING:
    import simpy

EVENING, NIGHT = 0.75, 0.25  # of a day
MOST_AHEAD = 10  # days before the due date; earlier nobody calls and nobody pays
FIRST_STAGE, JUDGMENT, ENFORCEMENT = 0, 2, 3
REVOLVING = -1
_CONSENT = {"sms": "consent_sms", "app": "consent_app", "wechat": "consent_wechat", "email": "consent_email",
            "voice": "consent_call"}  # fmt: skip
_FLAGS = {"hardship": HARDSHIP, "refusal": REFUSAL}


class Borrower:
    """One account and the person behind it. Money is in minor units."""

    def __init__(self, row: Any, world: World, lender: Lender, draw: Iterator[float]) -> None:
        self.world, self.lender, self.draw, self.p = world, lender, draw, world.parameters
        self.product = PRODUCTS.index(row.product)
        self.band = BANDS.index(row.risk_band)
        self.principal, self.instalment = float(row.principal), float(row.instalment)
        self.rate, self.term, self.score = row.rate_per_year / 12, int(row.remaining_term), row.score
        self.consent = [getattr(row, _CONSENT[c]) if c in _CONSENT else True for c in CHANNELS]
        self.callable = bool(row.consent_call)
        self.due_day, self.month = self._oldest_due(row)
        self.due = world.due(self.due_day, self.month)
        self.credit = 0.0  # paid towards the oldest instalment; negative where one that counts as paid lacks a part

        self.mode, self.attention, self.stage, self.offer, self.missed = OPEN, 0, 0, 0, 0
        self.late_before = row.times_30dpd_12m > 0
        broken = BROKEN if row.promises_broken > 0 else NONE
        self.flag = max(broken, _FLAGS.get(row.disclosed_reason, NONE)) if row.dpd > 0 else NONE

        self.contact_days: set[int] = set()
        self._forget_action()
        self.paid = False  # since the last review
        self.promise_due: int | None = None
        self.move_day = int(next(draw) * 7)
        hidden = self._draw_class(self._state(self.x(0) // 7))
        self.strained, self.disposition = divmod(hidden, 4)

    def _oldest_due(self, row: Any) -> tuple[int, int]:
        """Return due day and month of the oldest unpaid due date."""
        start, due_day = self.world.start, int(row.due_day)
        month = start.year * 12 + start.month - 1
        if row.dpd == 0:
            return due_day, month if self.world.due(due_day, month) >= 0 else month + 1
        oldest = type(start).fromordinal(start.toordinal() - 1 - int(row.dpd))
        month = oldest.year * 12 + oldest.month - 1
        fits = self.world.due(due_day, month) == -1 - row.dpd
        return due_day if fits else oldest.day, month

    def _draw_class(self, state: int) -> int:
        u = next(self.draw)
        shares = self.world.prior[self.product, self.band, state]
        for hidden, share in enumerate(shares):
            u -= share
            if u < 0:
                return hidden
        return int(shares.argmax())

    @property
    def b(self) -> int:
        """Row of behaviour."""
        return STRAINED if self.strained else self.disposition

    def x(self, day: int) -> int:
        """Days since the oldest unpaid due date."""
        return day - self.due

    def live(self, env: simpy.Environment) -> Generator[Any, Any, None]:
        """Live day after day until the account is closed."""
        for day in range(self.world.days):
            self._morning(day)
            if self.mode != OPEN or self.x(day) < -MOST_AHEAD:
                if self.mode == CLOSED:
                    return
                yield env.timeout(1)
                continue
            yield env.timeout(EVENING)
            if self.mode == OPEN:
                self._evening(day)
            if self.mode == CLOSED:
                return
            yield env.timeout(NIGHT)

    # ---- morning ---------------------------------------------------------------------------------------------
    def _morning(self, day: int) -> None:
        if day % 7 == self.move_day:
            self._move_liquidity(day)
        if self.mode == ON_PLAN:
            if self.x(day) == 0:
                self._plan_payment(day)
        elif self.mode == CHARGED_OFF and self.x(day) % 7 == 0:
            self._agency_week()
        elif self.mode == IN_LAW and self.x(day) % 7 == 0:
            self._law_week()
        if self.mode == OPEN:
            if self.x(day) % 7 == 0:
                self._review(day)
            if day == self.message_day:
                self._message(day)

    def _move_liquidity(self, day: int) -> None:
        which = "regain" if self.strained else "loss"
        hazard = self.p[f"liquidity.{which}"][self.product][self.band] / DAYS_A_MONTH
        if next(self.draw) < 1 - exp(-7 * hazard * self.world.paths[which][self.product][day]):
            self.strained = not self.strained

    def _review(self, day: int) -> None:
        week = self.x(day) // 7
        if self.attention > 0 and next(self.draw) < self.p["attention.decay"]:
            self.attention -= 1
        if self.read is not None:
            self.attention = max(self.attention, 1)
        self._forget_action()
        self.paid = False
        if week >= self.p["chargeoff.week"]:
            self._charge_off()
            self._agency_week()
            return
        if week >= 5:
            self.late_before = True
        state = self._state(week)
        code = self.world.actions[state]
        self.channel, self.attempts_planned, self.offered, legal = self.world.deeds[code]
        if legal:
            self.lender.for_law.append(self)
        if self.channel is not None:
            self.message_day = day + (4 if week < 0 else 1)
        team = self.world.teams[code][state]
        if team is not None and (self.callable or team == "field"):
            self.team = team
            self.lender.lists[team][self] = None

    def _state(self, week: int) -> int:
        return int(open_state(week, self.attention, self.flag, int(self.late_before)))

    def _forget_action(self) -> None:
        self.channel: int | None = None
        self.message_day: int | None = None
        self.read: int | None = None  # channel of this week's message, once it is read
        self.team: str | None = None
        self.offered: int | None = None
        self.attempts = self.attempts_planned = 0

    def weariness(self, day: int) -> float:
        """Return the factor on complaints and opt-outs of a contact today, which is remembered."""
        earlier = sum(day - d in range(1, 7) for d in self.contact_days)
        self.contact_days.add(day)
        return float(self.p["fatigue.factor"] ** earlier)

    def _message(self, day: int) -> None:
        channel = self.channel
        if channel is None or not self.consent[channel]:
            return
        tally = self.lender.tally
        tally["messages"] += 1
        weariness = self.weariness(day)
        tally["complaints"] += next(self.draw) < self.p["complaint.message"] * weariness
        if next(self.draw) < self.p["optout.message"][channel] * weariness:
            self.consent[channel] = False
            tally["opt_outs"] += 1
        if next(self.draw) < self.p["message.reach"][channel] * self.p["message.read"][channel]:
            self.read = channel
            tally["message read"] += 1
            if next(self.draw) < self.p["inbound.share"]:
                self.lender.answer_call()
            if self.b == MISINFORMED and next(self.draw) < self.p["message.clears"][channel]:
                self._clear()

    def _clear(self) -> None:
        self.disposition = PROMPT
        self.lender.tally["cleared"] += 1

    # ---- shift -----------------------------------------------------------------------------------------------
    def talk(self, day: int, group: int) -> bool:
        """Answer a collector; return whether an offer was accepted."""
        p, b = self.p, self.b
        accepted = self.offered is not None and next(self.draw) < p["offer.accept"][self.offered][b]
        self.attention = min(3, max(2, self.attention + 1))
        if accepted:
            self._enter_plan(day)
            return True
        u = next(self.draw) - p["talk.promise"][b][group]
        if u < 0:
            self.lender.tally["promises"] += 1
            self.promise_due = day + min(int(p["promise.horizon"]), 6 - self.x(day) % 7)
            return False
        if b == MISINFORMED:
            u -= p["talk.clear"]
            if u < 0:
                self._clear()
                return False
        u -= p["talk.hardship"][b]
        if u < 0:
            self.flag = max(self.flag, HARDSHIP)
            self.lender.tally["hardship"] += 1
        elif u < p["talk.refuse"][b]:
            self.flag = max(self.flag, REFUSAL)
            self.lender.tally["refusal"] += 1
        return False

    # ---- evening ---------------------------------------------------------------------------------------------
    def _evening(self, day: int) -> None:
        x, b, p, tally = self.x(day), self.b, self.p, self.lender.tally
        if self.promise_due is not None:
            if day == self.promise_due:
                self.promise_due = None
                if next(self.draw) < p["talk.keep"][b][age_group(x)]:
                    tally["kept"] += 1
                    self._pay(day, promised=True)
                else:
                    tally["broken"] += 1
                    self.flag = max(self.flag, BROKEN)
            return
        if self.paid:
            return
        boost = p["attention.effect"][self.attention][b]
        if self.read is not None:
            boost = max(boost, p["message.effect"][self.read][b])
        season = self.world.paths["pay"][self.product][day]
        rate = p["pay.base"][b][intensity_bin(x)] * self.world.weekday[day] * season * (1 + boost)
        if next(self.draw) < 1 - exp(-rate):
            self._pay(day, promised=False)

    def _pay(self, day: int, promised: bool) -> None:
        p, liquidity, x, tally = self.p, int(self.strained), self.x(day), self.lender.tally
        owed = self._instalments_due(day)
        source = "cash_promise" if promised else "cash_contract"
        if x >= 1 and not promised and next(self.draw) < p["pay.partial"][liquidity]:
            tally["part payment"] += 1
            amount = p["pay.part_size"] * (0.25 + 1.5 * next(self.draw)) * self.instalment
        else:
            everything = owed >= 2 and next(self.draw) < p["pay.all"][liquidity]
            amount = owed * self.instalment - self.credit if everything else self.instalment
            if self.term == 1:
                amount = self.instalment - self.credit
        self.paid = True
        self._receive(amount, source)
        if self.mode == CLOSED or self.x(day) < 0:
            tally["cures"] += x >= 1
            self.attention, self.flag = 0, NONE
            self._forget_action()

    def _instalments_due(self, day: int) -> int:
        """Count due dates reached and unpaid, at least one, at most what the loan has left."""
        count = 1
        while count != self.term and self.world.due(self.due_day, self.month + count) <= day:
            count += 1
        return count

    def _receive(self, amount: float, source: str) -> None:
        """Credit a payment to the oldest instalments; one counts as paid once half of it is in, the rest is carried."""
        self.lender.tally[source] += amount
        interest = min(self.rate * self.principal / self.instalment, 1.0)
        self.principal = max(self.principal - amount * (1 - interest), 0.0)
        self.credit += amount
        while self.credit >= self.instalment / 2 and self.mode != CLOSED:
            self.credit -= self.instalment
            self._next_due()
            if self.term != REVOLVING:
                self.term -= 1
                if self.term == 0:
                    self._close()

    def _next_due(self) -> None:
        self.month += 1
        self.due = self.world.due(self.due_day, self.month)

    # ---- plan, law, charge-off -------------------------------------------------------------------------------
    def _enter_plan(self, day: int) -> None:
        self.lender.tally["offers_accepted"] += 1
        self.mode, self.offer, self.missed = ON_PLAN, self.offered or 0, 0
        cut = self.p["offer.cut"][self.offer]
        self.instalment *= 1 - cut
        if self.term != REVOLVING:
            self.term = ceil(self.term / (1 - cut))
        self.credit = 0.0
        today = self.world.start.toordinal() + day
        accepted = type(self.world.start).fromordinal(today)
        self.due_day, self.month = accepted.day, accepted.year * 12 + accepted.month - 1
        self._next_due()

    def _plan_payment(self, day: int) -> None:
        p, tally = self.p, self.lender.tally
        relief = exp(-p["plan.relief"] * p["offer.cut"][self.offer])
        if next(self.draw) >= 1 - (1 - p["plan.miss"][self.b]) ** relief:
            tally["plan payment"] += 1
            self._receive(self.instalment, "cash_plan")
            return
        self.missed += 1
        if self.missed < 2:
            tally["plan missed"] += 1
            self._next_due()
            return
        tally["plan ended"] += 1
        # One month late with two instalments due: last month's and today's.
        self.mode, self.flag, self.attention = OPEN, BROKEN, 0
        self._forget_action()
        self.paid = False
        self.month -= 1
        self.due = self.world.due(self.due_day, self.month)

    def enter_law(self) -> None:
        """Be handed over to the law firm; the first week of law begins at once."""
        self.mode, self.stage = IN_LAW, FIRST_STAGE
        self._law_week()

    def _law_week(self) -> None:
        p, stage, b, tally = self.p, self.stage, self.b, self.lender.tally
        if next(self.draw) < p["legal.pay"][stage][b]:
            tally["cash_legal"] += p["legal.settle_share"][stage] * self.principal
            self._close()
        elif next(self.draw) < 1 / p["legal.weeks"][stage]:
            if stage == JUDGMENT and next(self.draw) >= p["legal.judgment"]:
                self._charge_off()  # its first week with the agency is the next
            elif stage == ENFORCEMENT:
                tally["cash_legal"] += p["legal.enforced"][b] * self.principal
                tally["written_off"] += (1 - p["legal.enforced"][b]) * self.principal
                self._close()
            else:
                tally["filed"] += stage == FIRST_STAGE
                self.stage += 1

    def _charge_off(self) -> None:
        self.mode = CHARGED_OFF
        self.lender.tally["charged_off"] += 1
        self.lender.tally["written_off"] += self.principal

    def _agency_week(self) -> None:
        if next(self.draw) < self.p["agency.collects"][self.b]:
            self.lender.tally["cash_agency"] += self.p["agency.share"] * self.principal
        if next(self.draw) < self.p["agency.exit"]:
            self._close()

    def _close(self) -> None:
        self.mode = CLOSED
        self.principal = 0.0
