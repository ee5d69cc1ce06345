"""What the lender can offer: each ends as it says, and no cent is lost on the way."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.modes import mode_rows
from simcollect.behaviour.parameters import OFFERS
from simcollect.behaviour.states import (
    BROKEN,
    CLOSED,
    HOLIDAY,
    PLAN,
    SETTLEMENT,
    describe,
    open_state,
    plan_state,
    settle_state,
)
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import SimulationResult, simulate
from simcollect.strategy import TEAMS, Catalogue, Resources, Strategy, Team
from simcollect.strategy.compliance import Caps, audit
from simcollect.strategy.strategy import StrategyFile

FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})
AMPLE = Resources(teams={team: Team(people=300, hour_cost=10) for team in TEAMS}, legal_slots_a_week=1e6)


@pytest.fixture(scope="module")
def book() -> Portfolio:
    whole = Portfolio.synthetic(40_000, seed=2, as_of=date(2026, 5, 31), currency="USD", country="US")
    return whole.subset((whole.accounts["dpd"] > 20) & (whole.accounts["dpd"] < 150)).head(1000)


def always(action: str) -> Strategy:
    """Return the strategy that takes one action wherever it is allowed, written as a user would."""
    rules = [{"when": {"weeks": (-1, 25)}, "do": action}]
    return StrategyFile(name=action, rules=rules).strategy()


def run(book: Portfolio, action: str, behaviour: Behaviour | None = None, days: int = 150) -> SimulationResult:
    return simulate(
        book, always(action), FLAT, days=days, seed=4, resources=AMPLE, events=True, check=True, behaviour=behaviour
    )


def accepting(offer: str, **changes: object) -> Behaviour:
    """Return a borrower who accepts one offer at once."""
    accept = Behaviour.default()["offer.accept"]
    accept[OFFERS.index(offer)] = 1.0
    dotted = {name.replace("__", "."): value for name, value in changes.items()}
    return Behaviour.default().replace({"offer.accept": accept, **dotted})


def story(result: SimulationResult, first: str) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Return what follows the first event of a kind in one account's history, and its day."""
    account = result.events.loc[result.events["what"] == first, "account_id"].iloc[0]
    history = result.history(account)
    at = history.index[history["what"] == first][0]
    return history.loc[at + 1 :], history.loc[at, "date"]


@pytest.fixture(scope="module")
def on_holiday(book: Portfolio) -> SimulationResult:
    return run(book, "holiday", accepting("holiday"))


class TestHoliday:
    def test_nothing_is_asked_or_paid_until_the_second_month_is_over(self, on_holiday: SimulationResult) -> None:
        later, began = story(on_holiday, "offer accepted")
        assert later["what"].iloc[0] == "holiday ended"
        assert 58 <= (later["date"].iloc[0] - began).days <= 62

    def test_afterwards_its_next_due_day_is_a_month_away(self, on_holiday: SimulationResult) -> None:
        later, ended = story(on_holiday, "holiday ended")
        # The first decision is the one a week before the due day.
        decided = later.loc[later["what"] == "review", "date"].iloc[0]
        assert 21 <= (decided - ended).days <= 24

    def test_the_chain_counts_the_months_and_then_has_it_current(self) -> None:
        rows = mode_rows(Behaviour.default().law())
        week = describe()["week"]

        def ends(state: int) -> set[int]:
            row = (state - PLAN) * 5
            assert rows.instalments[row] == rows.balance[row] == 0
            return set(rows.dest[rows.ptr[row] : rows.ptr[row + 1]].tolist())

        assert ends(plan_state(HOLIDAY, 1, 0)) == {plan_state(HOLIDAY, 4, 1), plan_state(HOLIDAY, 5, 1)}
        assert {week[state] for state in ends(plan_state(HOLIDAY, 1, 1))} == {-4, -5}


class TestSettlement:
    def test_paid_it_closes_the_account_and_the_rest_is_conceded(self, book: Portfolio) -> None:
        result = run(book, "settlement", accepting("settlement", settlement__keep=np.ones(5)))
        paid = result.events[result.events["what"] == "settlement paid"]
        later, _ = story(result, "settlement paid")
        assert later["what"].tolist() == ["closed"]
        # Half is paid and half conceded, but for a cent of rounding each; little else is conceded.
        assert result.daily["conceded"].sum() == pytest.approx(paid["amount"].sum(), rel=0.01)
        assert result.daily["cash_plan"].sum() == pytest.approx(paid["amount"].sum())

    def test_it_falls_due_once_within_a_month(self, book: Portfolio) -> None:
        result = run(book, "settlement", accepting("settlement"))
        events = result.events[result.events["what"].isin(["offer accepted", "settlement paid", "settlement missed"])]
        days = events.groupby("account_id")["day"].diff()[events["what"] != "offer accepted"]
        first = events.groupby("account_id")["what"].nth(1)
        assert set(first) == {"settlement paid", "settlement missed"}
        assert days.min() >= 22
        assert days.max() <= 28

    def test_missed_the_account_is_as_late_as_it_would_have_been(self, book: Portfolio) -> None:
        result = run(book, "settlement", accepting("settlement", settlement__keep=np.zeros(5)))
        later, missed = story(result, "settlement missed")
        assert (later["what"].iloc[0], later["date"].iloc[0]) == ("review", missed)
        assert result.daily["cash_plan"].sum() == 0

    def test_the_able_keep_it_far_more_than_the_strained(self) -> None:
        rows = mode_rows(Behaviour.default().law())
        for b, keep in enumerate(Behaviour.default()["settlement.keep"]):
            row = (settle_state(12, 1) - PLAN) * 5 + b
            entries = slice(rows.ptr[row], rows.ptr[row + 1])
            assert dict(zip(rows.dest[entries].tolist(), rows.prob[entries].round(9).tolist(), strict=True)) == {
                CLOSED: round(keep, 9),
                open_state(16, 0, BROKEN, 1): round(1 - keep, 9),
            }
            assert rows.balance[row] == pytest.approx(0.5 * keep)


class TestRateCut:
    def test_payments_fall_and_the_term_does_not_grow(self, book: Portfolio) -> None:
        """A loan with three instalments left pays three, each a tenth lower; the difference is let go."""
        accounts = book.accounts.copy()
        accounts = accounts[accounts["dpd"] < 60]
        accounts["remaining_term"] = np.int32(3)
        short = Portfolio(accounts.reset_index(drop=True), book.as_of, book.currency, book.country)
        never = {"plan__miss": np.zeros(5)}
        for action, payments in (("rate_cut", 3), ("extension", 5)):  # 3 / (1 - 0.3), rounded up
            result = run(short, action, accepting(action, **never), days=220)
            events = result.events
            paid_before = events.loc[events["what"].isin(["payment", "part payment"]), "account_id"]
            closed = events.loc[events["what"] == "closed", "account_id"]
            payments_made = events["account_id"].isin(closed) & (events["what"] == "plan payment")
            plans = events[payments_made & ~events["account_id"].isin(paid_before)].groupby("account_id")
            assert set(plans.size()) == {payments}
            due = short.accounts.set_index("account_id")["instalment"] / 100
            cut = 0.1 if action == "rate_cut" else 0.3
            np.testing.assert_allclose(plans["amount"].mean(), (1 - cut) * due[plans["amount"].mean().index], atol=0.01)


class TestMessages:
    @pytest.mark.parametrize("channel", ["email", "letter", "voice"])
    def test_every_channel_can_be_named_in_a_strategy(self, book: Portfolio, channel: str) -> None:
        daily = run(book, channel, days=30).daily.sum(numeric_only=True)
        assert daily[f"messages_{channel}"] == daily["messages"] > 0

    def test_an_automated_call_is_a_call_to_consent_and_compliance(self, book: Portfolio) -> None:
        accounts = book.accounts.assign(consent_call=False)
        silent = Portfolio(accounts, book.as_of, book.currency, book.country)
        assert run(silent, "voice", days=30).daily["messages"].sum() == 0
        # Calls one week, a machine the next: seven days of silence after a conversation bind both.
        rules = [
            {"when": {"weeks": (week, week)}, "do": "voice" if week % 2 else "call"} for week in range(26)
        ]
        mixed = StrategyFile(name="mixed", rules=rules).strategy()
        arguments = {"days": 60, "seed": 1, "resources": AMPLE, "events": True}
        kept = simulate(book, mixed, FLAT, compliance=Caps.preset("us_regf"), **arguments)
        assert audit(kept.events, Caps.preset("us_regf")).empty
        assert kept.daily["messages_voice"].sum() > 0
        lax = simulate(book, mixed, FLAT, compliance=Caps("none", "test"), **arguments)
        assert len(audit(lax.events, Caps.preset("us_regf"))) > 0


def test_no_cent_is_lost_with_everything_on(book: Portfolio) -> None:
    """Every action of the full catalogue by turns, charged-off debt sold: each account's ledger balances every day."""
    names = [action.name for action in Catalogue.full().actions if action.name not in ("wait", "standing_order")]
    rules = [
        {"when": {"weeks": (week, week)}, "do": names[(7 * week) % len(names)]} for week in range(26)
    ] + [{"when": {"weeks": (-1, 25)}, "do": name} for name in ("standing_order", "holiday", "call", "sms")]
    result = simulate(
        book,
        StrategyFile(name="everything", rules=rules).strategy(),
        FLAT,
        days=240,
        seed=4,
        resources=AMPLE.model_copy(update={"after_chargeoff": "sale"}),
        compliance=Caps("none", "test"),
        behaviour=accepting("settlement"),
        events=True,
        check=True,
    )
    happened = {"settlement paid", "settlement missed", "holiday ended", "plan payment", "plan ended", "debt sale"}
    happened |= {"legal payment", "opt-out", "incoming call"}
    assert happened <= set(result.events["what"])
    paid = result.events["what"].str.contains("payment|settlement paid|debt sale")
    assert result.events.loc[paid, "amount"].sum() == pytest.approx(result.daily["cash"].sum())


def test_the_full_catalogue_keeps_the_codes_of_the_default_one() -> None:
    default, full = Catalogue.default(), Catalogue.full()
    assert full.names[: len(default)] == default.names
    assert set(OFFERS) <= {action.offer for action in full.actions} | {None}
    settling = full.allowed()[full.code("settlement")]
    assert set(describe()["week"][settling]) == set(range(9, 22))


def test_a_settlement_outlasts_no_charge_off() -> None:
    last = describe()["week"][Catalogue.full().allowed()[Catalogue.full().code("settlement")]].max()
    assert open_state(int(last) + 4, 0, BROKEN, 1) < PLAN
    assert len(OFFERS) - 1 == SETTLEMENT
