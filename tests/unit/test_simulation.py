"""What a simulation promises: strategies do what they say, capacity and law are kept, money adds up."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.portfolio import Portfolio
from simcollect.simulation import LedgerError, Simulation, SimulationResult, simulate
from simcollect.strategy import TEAMS, Resources, Strategy, Team
from simcollect.strategy.compliance import Caps, audit

FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})
AMPLE = Resources(teams={team: Team(people=300, hour_cost=10) for team in TEAMS}, legal_slots_a_week=1e6)


def late_book(n: int = 1500, country: str = "CN") -> Portfolio:
    """Return a book with many overdue accounts, so that every team has work."""
    currency = {"CN": "CNY", "US": "USD"}[country]
    book = Portfolio.synthetic(12 * n, seed=2, as_of=date(2026, 5, 31), currency=currency, country=country)
    late = book.accounts["dpd"] > 20
    return book.subset(late | (book.accounts.index < n // 2)).head(n)


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return late_book()


@pytest.fixture(scope="module")
def run(book: Portfolio) -> SimulationResult:
    return simulate(
        book, Strategy.champion(), FLAT, days=120, seed=3, resources=AMPLE, events=True, check=True
    )


def everything(action: str) -> Strategy:
    """Return the strategy that takes one action wherever it is allowed."""
    code = Strategy.champion().catalogue.code(action)
    return Strategy(name=action, tables=np.full_like(Strategy.champion().tables, code))


class TestStrategies:
    def test_a_strategy_may_have_hundreds_of_tables(self, book: Portfolio) -> None:
        one = everything("sms")
        tables = np.zeros((300, *one.tables.shape[1:]), np.int8)
        tables[200] = one.tables[0]
        many = Strategy(name="many", tables=tables, weights=np.eye(300)[[200]])
        sent = [simulate(book, way, FLAT, days=14, seed=1).daily["messages_sms"].sum() for way in (one, many)]
        assert sent[0] == sent[1] > 0

    def test_doing_nothing_contacts_nobody(self, book: Portfolio) -> None:
        run = simulate(book, Strategy.named("do_nothing"), FLAT, days=60, seed=1)
        total = run.daily.sum(numeric_only=True)
        assert total["messages"] == 0
        assert total[[f"attempts_{team}" for team in TEAMS]].sum() == 0
        assert total["suits"] == 0
        assert total["cash"] > 0

    def test_nobody_works_without_collectors(self, book: Portfolio) -> None:
        nobody = Resources(teams={})
        run = simulate(book, Strategy.champion(), FLAT, days=60, seed=1, resources=nobody)
        total = run.daily.sum(numeric_only=True)
        assert (
            total[[f"{what}_{team}" for team in TEAMS for what in ("attempts", "minutes", "capacity")]].sum()
            == 0
        )
        assert total["messages"] > 0

    def test_every_mode_is_reached(self, run: SimulationResult) -> None:
        end = run.by_stage[run.by_stage["date"] == run.by_stage["date"].max()].set_index("bucket")["accounts"]
        assert (end[["on_plan", "in_legal", "charged_off", "closed"]] > 0).all()
        assert run.daily[["cash_promise", "cash_plan", "cash_legal", "cash_agency"]].sum().gt(0).all()

    def test_a_policy_sees_observable_columns_and_decides(self, book: Portfolio) -> None:
        seen: list[pd.DataFrame] = []

        class Late:
            def decide(self, view: pd.DataFrame) -> np.ndarray:
                seen.append(view)
                return np.where(view["week"] >= 1, 5, 0).astype(np.int8)

        table = np.zeros_like(Strategy.champion().tables)
        run = simulate(
            book, Strategy(name="own", tables=table, policy=Late()), FLAT, days=30, seed=1, resources=AMPLE
        )
        columns = "account state week level flag late_before product risk_band principal instalment score segment day"
        columns += " age_days consents attempt_day attempt_days"
        assert set(seen[0].columns) == set(columns.split())
        assert run.daily["attempts_early"].sum() > 0

    def test_a_policy_and_its_table_do_the_same(self, book: Portfolio) -> None:
        champion = Strategy.champion()

        class Table:
            def decide(self, view: pd.DataFrame) -> np.ndarray:
                return champion.tables[0, 0, view["state"]]

        own = Strategy(name="own", tables=champion.tables, policy=Table())
        arguments: dict[str, Any] = {"days": 40, "seed": 1, "resources": AMPLE}
        pd.testing.assert_frame_equal(
            simulate(book, own, FLAT, **arguments).daily, simulate(book, champion, FLAT, **arguments).daily
        )

    def test_a_policy_that_returns_nonsense_is_refused(self, book: Portfolio) -> None:
        class Bad:
            def decide(self, view: pd.DataFrame) -> np.ndarray:
                return np.full(len(view), 99)

        strategy = Strategy(name="bad", tables=Strategy.champion().tables, policy=Bad())
        with pytest.raises(InputError, match="action code from 0 to 9"):
            simulate(book, strategy, FLAT, days=5, seed=1)

    def test_decisions_know_nothing_hidden(self, book: Portfolio) -> None:
        """All borrowers able, or all strained: until they behave, they are treated alike."""
        from simcollect.behaviour import Behaviour
        from simcollect.behaviour.prior import Prior
        from simcollect.strategy import usual_prior

        usual = usual_prior(Behaviour.default())
        first = []
        for hidden in (0, 7):
            table = np.zeros_like(usual.table)
            table[..., hidden] = 1.0
            run = simulate(
                book, Strategy.champion(), FLAT, days=1, seed=1, events=True, resources=AMPLE,
                prior=Prior(table, usual.occupancy),
            )  # fmt: skip
            reviews = run.events[run.events["what"].isin(["review", "message", "attempt"])]
            first.append(reviews[["account_id", "what", "detail"]].reset_index(drop=True))
        pd.testing.assert_frame_equal(*first)


class TestCapacity:
    def test_minutes_stay_within_the_shift_but_for_the_last_call(self, book: Portfolio) -> None:
        people = {team: Team(people=0.1, hour_cost=10) for team in TEAMS}
        run = simulate(book, everything("call"), FLAT, days=14, seed=1, resources=Resources(teams=people))
        for team in TEAMS:
            over = run.daily[f"minutes_{team}"] - run.daily[f"capacity_{team}"]
            assert over.max() < 90
        assert run.daily["minutes_early"].sum() > 0.8 * run.daily["capacity_early"].sum()

    @pytest.mark.parametrize(
        ("action", "team", "people"),
        [("call", "early", 0.05), ("visit", "field", 0.05), ("visit", "field", 0.3), ("visit", "field", 1.4)],
    )
    def test_a_part_of_a_person_works_that_part_of_the_time(
        self, book: Portfolio, action: str, team: str, people: float
    ) -> None:
        """A twentieth of a day has no room for a visit, a third has room for one and a half: days make up for it."""
        resources = Resources(teams={team: Team(people=people, hour_cost=10)})
        run = simulate(book, everything(action), FLAT, days=70, seed=1, resources=resources)
        over = (run.daily[f"minutes_{team}"] - run.daily[f"capacity_{team}"]).cumsum()
        assert run.daily[f"capacity_{team}"].sum() > 600
        # Ahead by the last attempt at most, behind by the half of one that did not fit.
        assert -60 < over.iloc[-1] < 90

    def test_the_most_urgent_are_called_first(self, book: Portfolio) -> None:
        people = Resources(teams={"late": Team(people=0.2, hour_cost=10)})
        called = {}
        for name in ("oldest_first", "largest_balance_first"):
            strategy = Strategy(
                name=name, tables=everything("call").tables, priority=Strategy.named(name).priority
            )
            run = simulate(book, strategy, FLAT, days=7, seed=1, resources=people, events=True)
            ids = run.events.loc[run.events["what"] == "attempt", "account_id"].unique()
            called[name] = book.accounts.set_index("account_id").loc[ids]
        assert called["oldest_first"]["dpd"].mean() > called["largest_balance_first"]["dpd"].mean()
        assert (
            called["oldest_first"]["principal"].mean() < called["largest_balance_first"]["principal"].mean()
        )

    def test_suits_keep_to_the_slots(self, book: Portfolio) -> None:
        run = simulate(
            book,
            everything("legal"),
            FLAT,
            days=70,
            seed=1,
            resources=Resources(teams={}, legal_slots_a_week=2),
        )
        assert 18 <= run.daily["suits"].sum() <= 20

    def test_messages_keep_to_the_budget(self, book: Portfolio) -> None:
        run = simulate(
            book, everything("sms"), FLAT, days=70, seed=1, resources=Resources(teams={}, messages_a_week=70)
        )
        assert 600 < run.daily["messages"].sum() <= 700

    def test_short_lists_are_spread_over_the_shift(self, run: SimulationResult) -> None:
        hours = run.events.loc[run.events["what"] == "attempt", "hour"]
        assert hours.between(9, 17).all()
        assert np.histogram(hours, 8, (9, 17))[0].min() > 0.1 * len(hours)


class TestCompliance:
    @pytest.mark.parametrize("name", ["us_regf", "cn_gbt45251_2025", "in_rbi", "uk_conc7"])
    def test_the_event_log_shows_no_breach(self, book: Portfolio, name: str) -> None:
        caps = Caps.preset(name)
        late_shift = AMPLE.model_copy(update={"shift_start": 12})
        run = simulate(
            book,
            everything("call"),
            FLAT,
            days=60,
            seed=1,
            resources=late_shift,
            compliance=caps,
            events=True,
        )
        assert run.daily["attempts_early"].sum() > 0
        assert audit(run.events, caps).empty

    def test_the_audit_finds_what_a_laxer_rule_allowed(self, book: Portfolio) -> None:
        lax = simulate(
            book,
            everything("call"),
            FLAT,
            days=60,
            seed=1,
            resources=AMPLE,
            compliance=Caps("none", "test"),
            events=True,
        )
        found = audit(lax.events, Caps.preset("us_regf"))
        assert set(found["rule"]) == {"silence after a conversation"}

    def test_few_attempts_a_week_are_kept(self, book: Portfolio) -> None:
        caps = Caps("strict", "test", attempts_a_week=2)
        run = simulate(
            book, everything("call"), FLAT, days=40, seed=1, resources=AMPLE, compliance=caps, events=True
        )
        assert audit(run.events, caps).empty
        assert not audit(run.events, Caps("stricter", "test", attempts_a_week=1)).empty

    def test_who_did_not_consent_is_not_called(self, book: Portfolio) -> None:
        accounts = book.accounts.assign(consent_call=False)
        silent = Portfolio(accounts, book.as_of, book.currency, book.country)
        run = simulate(silent, everything("call"), FLAT, days=30, seed=1, resources=AMPLE)
        assert run.daily[[f"attempts_{team}" for team in TEAMS]].to_numpy().sum() == 0


class TestOperations:
    def test_a_gateway_that_is_down_sends_nothing(self, book: Portfolio) -> None:
        down = FLAT.model_copy(
            update={"operations": Scenario.model_validate(
                {"name": "x", "unemployment": {"change_12m": [0.0]},
                 "operations": [{"what": "sms_gateway", "from_day": 5, "to_day": 9, "share": 1.0}]}
            ).operations}
        )  # fmt: skip
        sent = simulate(book, everything("sms"), down, days=20, seed=1).daily["messages_sms"]
        assert (sent[5:10] == 0).all()
        assert sent[:5].sum() > 0
        assert sent[10:].sum() > 0

    def test_delayed_reminders_go_out_later(self, book: Portfolio) -> None:
        late = Scenario.model_validate(
            {"name": "x", "unemployment": {"change_12m": [0.0]},
             "operations": [{"what": "reminders_delayed", "from_day": 0, "to_day": 60, "days": 2}]}
        )  # fmt: skip
        days = {}
        for scenario in (FLAT, late):
            run = simulate(book, everything("sms"), scenario, days=14, seed=1, events=True)
            events = run.events
            reviewed = events[events["what"] == "review"].groupby("account_id")["day"].first()
            sent = events[events["what"] == "message"].groupby("account_id")["day"].first()
            days[scenario.name] = (sent - reviewed).dropna().min()
        assert days["x"] == days["flat"] + 2

    def test_a_process_of_ones_own_can_change_the_staff(self, book: Portfolio) -> None:
        seen: list[date] = []

        def strike(sim: Simulation) -> Generator[Any]:
            yield sim.env.timeout(7)
            seen.append(sim.date)
            sim.people["early"] = 0
            yield sim.env.timeout(7)
            sim.people["early"] = 5

        run = simulate(book, everything("call"), FLAT, days=28, seed=1, resources=AMPLE, processes=[strike])
        attempts = run.daily["attempts_early"]
        assert seen == [date(2026, 6, 8)]
        assert attempts[7:14].sum() == 0
        assert min(attempts[:7].sum(), attempts[14:].sum()) > 0


    def test_what_an_account_waits_for_is_counted_on_days_of_the_run_only(self, book: Portfolio) -> None:
        """Of a due date that a payment has moved nothing is counted: days that do not exist would be read."""
        latest = []

        def look(sim: Simulation) -> Generator[Any]:
            while True:
                yield sim.env.timeout(1)
                waits = sim._acc[(sim._acc["mode"] == 0) & (sim._acc["patience"] >= 0)]
                latest.append(int((waits["due"] + waits["counted"]).max()))

        simulate(book, Strategy.named("do_nothing"), FLAT, days=40, seed=1, processes=[look])
        assert len(latest) == 39
        assert max(latest) < 40


class TestMoney:
    def test_the_ledger_of_every_account_balances_every_day(self, run: SimulationResult) -> None:
        assert run.daily["cash"].sum() > 0  # made with check=True: a violation would have raised

    def test_a_cent_too_many_is_found(self, book: Portfolio) -> None:
        found = []

        def tamper(sim: Simulation) -> Generator[Any]:
            yield sim.env.timeout(3)
            sim._acc["principal"][4] += 1
            found.append(True)

        with pytest.raises(LedgerError, match="day 3, account 4: principal is not"):
            simulate(book, Strategy.champion(), FLAT, days=10, seed=1, check=True, processes=[tamper])
        assert found

    def test_cash_is_the_sum_of_its_events(self, run: SimulationResult) -> None:
        paid = run.events["what"].isin(
            ["payment", "part payment", "plan payment", "legal payment", "agency payment"]
        )
        assert run.events.loc[paid, "amount"].sum() == pytest.approx(run.daily["cash"].sum())

    def test_costs_and_value_follow_from_the_daily_table(self, run: SimulationResult) -> None:
        costs = run.costs()["mean"]
        working = (run.daily["paid_hours_early"] > 0).sum()
        assert costs["staff"] == pytest.approx(working * 4 * 300 * 8 * 10)
        assert costs["total"] == pytest.approx(costs.drop("total").sum())
        free = AMPLE.model_copy(update={"teams": {}, "discount_a_year": 0.0})
        fees = run.daily["cash_legal"].sum() * 0.30 + run.daily["cash_agency"].sum() * 0.25
        assert run.npv(free)[0] == pytest.approx(run.daily["cash"].sum() - fees)

    def test_stages_add_up_to_the_book(self, book: Portfolio, run: SimulationResult) -> None:
        by_date = run.by_stage.groupby("date")[["accounts", "arrears"]].sum()
        assert (by_date["accounts"] == len(book)).all()
        assert by_date["arrears"].iloc[0] == pytest.approx(book.summary()["arrears"].sum(), rel=0.02)

    def test_roll_rates_are_shares_of_the_month_before(self, run: SimulationResult) -> None:
        shares = run.roll_rates.groupby(["month", "from_bucket"])["share"].sum()
        assert np.allclose(shares, 1.0)
        assert run.roll_rates["month"].nunique() == 3

    def test_the_final_measure_holds_every_instalment(self, book: Portfolio, run: SimulationResult) -> None:
        assert run.final[0].shape[1:] == (len(Strategy.champion().tables[0, 0]), 8)
        assert run.final[0].sum() == pytest.approx(book.accounts["instalment"].sum() / 100)


class TestResult:
    def test_history_tells_an_accounts_story_in_order(self, run: SimulationResult) -> None:
        busiest = run.events["account_id"].value_counts().index[0]
        story = run.history(busiest)
        assert story["day"].is_monotonic_increasing
        assert {"review", "attempt"} <= set(story["what"])

    def test_an_unknown_account_is_named(self, run: SimulationResult) -> None:
        with pytest.raises(InputError, match="no account is called nobody"):
            run.history("nobody")

    def test_without_a_log_there_is_no_history(self, book: Portfolio) -> None:
        with pytest.raises(InputError, match="events=True"):
            simulate(book, Strategy.champion(), FLAT, days=2, seed=1).history("x")

    def test_summary_has_an_interval_with_replications(self, book: Portfolio) -> None:
        run = simulate(book, Strategy.champion(), FLAT, days=30, seed=1, replications=3)
        cash = run.summary().loc["cash"]
        assert cash["low"] < cash["mean"] < cash["high"]
        assert "3 replications" in repr(run)

    def test_workload_by_month_and_team(self, run: SimulationResult) -> None:
        work = run.workload()
        assert set(work["team"]) == set(TEAMS)
        assert (work["minutes"] <= work["capacity"]).all()

    @pytest.mark.parametrize("name", ["days", "replications", "jobs"])
    def test_numbers_out_of_range_are_refused(self, book: Portfolio, name: str) -> None:
        with pytest.raises(InputError, match=f"{name} must be 1 or more"):
            simulate(book, Strategy.champion(), FLAT, **{"days": 5, "seed": 1, name: 0})

    def test_progress_counts_every_day(self, book: Portfolio) -> None:
        calls: list[tuple[int, int]] = []
        simulate(
            book, Strategy.named("do_nothing"), FLAT, days=4, replications=2, seed=1,
            progress=lambda done, total: calls.append((done, total)),
        )  # fmt: skip
        assert calls == [(k, 8) for k in range(1, 9)]
