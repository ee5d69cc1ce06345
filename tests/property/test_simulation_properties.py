"""What must hold for any book, strategy, scenario and staff: money, the law, and what the lender may know."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import Simulation, SimulationResult, simulate
from simcollect.simulation.summary import interval
from simcollect.strategy import TEAMS, Catalogue, Resources, Strategy, Team
from simcollect.strategy.compliance import Caps, audit

# A failure is shown as it was found: making it smaller would take hundreds of simulations.
FAST = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate)
)
CHAMPION = Strategy.champion()
N_ACTIONS = len(CHAMPION.catalogue)
PAID = ["payment", "part payment", "plan payment", "legal payment", "agency payment"]


def overdue_book(n: int, seed: int, country: str = "CN") -> Portfolio:
    """Return a small book half of which is overdue, loans and cards, consumers and businesses."""
    currency = {"CN": "CNY", "US": "USD"}[country]
    whole = Portfolio.synthetic(8 * n, seed=seed, as_of=date(2026, 2, 28), currency=currency, country=country)
    return whole.subset((whole.accounts["dpd"] > 0) | (whole.accounts.index < n // 2)).head(n)


def any_strategy(seed: int, priority: Any) -> Strategy:
    """Return a strategy that does anything anywhere, in two columns that change from week to week."""
    rng = np.random.default_rng(seed)
    shape = (2, 3, CHAMPION.tables.shape[2])
    tables = rng.integers(0, N_ACTIONS, shape).astype(np.int8)
    return Strategy(
        name=f"any {seed}", tables=tables, weights=np.array([[0.4, 0.6]]), priority=priority, owners=CHAMPION.owners
    )


number = st.integers(0, 10**6)
people = st.sampled_from([0.0, 0.3, 1.0, 2.5])
staffs = st.builds(
    lambda heads, messages, slots, start: Resources(
        teams={team: Team(people=head, hour_cost=10) for team, head in zip(TEAMS, heads, strict=True)},
        messages_a_week=messages, legal_slots_a_week=slots, shift_start=start,
    ),
    st.tuples(*[people] * len(TEAMS)), st.sampled_from([0.0, 15.0, 1e9]), st.sampled_from([0.0, 0.5, 40.0]),
    st.sampled_from([6, 9, 13]),
)  # fmt: skip
limits = st.builds(
    lambda day, talks, week, silence, opens, length: Caps(
        "drawn", "test", attempts_a_day=day, talks_a_day=talks, attempts_a_week=week, silence_days=silence,
        hours=(opens, opens + length),
    ),
    st.integers(0, 2), st.integers(0, 2), st.integers(0, 8), st.integers(0, 9), st.integers(6, 12), st.integers(1, 10),
)  # fmt: skip
failures = st.sampled_from(["collectors", "sms_gateway", "law_firm"])


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw an economy and perhaps a failure of the lender's own operations."""
    path = draw(st.lists(st.floats(-1.0, 6.0), min_size=1, max_size=3))
    operations: list[dict[str, Any]] = []
    if draw(st.booleans()):
        begin = draw(st.integers(0, 30))
        operations.append(
            {"what": draw(failures), "from_day": begin, "to_day": begin + draw(st.integers(0, 9)), "share": 0.7}
        )
    if draw(st.booleans()):
        operations.append({"what": "reminders_delayed", "from_day": 5, "to_day": 20, "days": draw(st.integers(1, 4))})
    return Scenario.model_validate({"name": "drawn", "unemployment": {"change_12m": path}, "operations": operations})


@FAST
@given(
    book=number, way=number, priority=st.sampled_from(["oldest", "balance", "score", "expected"]), staff=staffs,
    caps=limits, scenario=scenarios(), country=st.sampled_from(["CN", "US"]), seed=number,
)  # fmt: skip
def test_any_run_balances_keeps_the_law_and_counts_everybody(
    book: int, way: int, priority: str, staff: Resources, caps: Caps, scenario: Scenario, country: str, seed: int
) -> None:
    accounts = overdue_book(90, book % 50, country)
    run = simulate(
        accounts, any_strategy(way, priority), scenario, days=45, seed=seed, resources=staff, compliance=caps,
        events=True, check=True,
    )  # fmt: skip
    events, daily = run.events, run.daily
    assert audit(events, caps).empty
    assert events.loc[events["what"].isin(PAID), "amount"].sum() == pytest.approx(daily["cash"].sum())
    assert run.by_stage.groupby("date")["accounts"].sum().eq(len(accounts)).all()
    assert daily["suits"].sum() <= 1 + np.ceil(staff.legal_slots_a_week * 45 / 7)
    for team in TEAMS:
        idle = daily[f"capacity_{team}"] == 0
        assert (daily.loc[idle, f"attempts_{team}"] == 0).all()
    kept = run.adherence
    parts = kept[["in_time", "breaches", "left_before_deadline", "open_before_deadline"]].sum(axis=1)
    assert (parts == kept["accounts"]).all()


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_limit_of_a_week_is_reached_and_not_passed_by_people_or_machine(most: int) -> None:
    """Calls in one week, an automated call in the next: what a collector has used up, the machine may not add to."""
    catalogue = Catalogue.full()
    week = np.arange(CHAMPION.tables.shape[2]) // 32 % 2  # blocks of states, whatever they are
    codes = np.where(week == 0, catalogue.code("call"), catalogue.code("voice")).astype(np.int8)
    strategy = Strategy(name="calls and machine", tables=codes[None, None], catalogue=catalogue)
    ample = Resources(teams={team: Team(people=20, hour_cost=10) for team in TEAMS})
    accounts = overdue_book(400, 3)

    def attempts(limit: Caps) -> pd.DataFrame:
        return simulate(
            accounts, strategy, Scenario.baseline(), days=45, seed=1, resources=ample, compliance=limit, events=True
        ).events

    caps, free = Caps("week", "test", attempts_a_week=most), Caps("none", "test")
    assert not audit(attempts(free), caps).empty  # without the limit it would be passed
    kept = attempts(caps)
    assert audit(kept, caps).empty
    assert not audit(kept, replace(caps, attempts_a_week=most - 1)).empty  # and it is made use of
    assert (kept["detail"] == "voice").any()


class AnyPolicy:
    """Decides by a scramble of all it is shown, so that whatever the view gives away shows in what is done."""

    def decide(self, view: pd.DataFrame) -> np.ndarray:
        return (pd.util.hash_pandas_object(view, index=False).to_numpy() % N_ACTIONS).astype(np.int8)


HIDDEN = ("strained", "disposition")
DECIDED = ["review", "message", "attempt", "handed to law"]
UNSEEN = ["cleared"]  # nobody tells the lender
PLAN_DAY = ["plan payment", "plan missed", "plan ended"]


def twins(n: int, seed: int) -> Portfolio:
    """Return a book in which every second account is the twin of the one before in all that the tape tells."""
    half = overdue_book(n, seed)
    accounts = half.accounts.loc[half.accounts.index.repeat(2)].reset_index(drop=True)
    accounts["account_id"] = [f"{name}-{side}" for name, side in zip(accounts["account_id"], "ab" * n, strict=True)]
    return Portfolio(accounts, half.as_of, half.currency, half.country)


def swapped(sim: Simulation, pairs: list[int]) -> Generator[Any]:
    """Exchange what is hidden of both twins of some pairs on the first morning."""
    place = np.argsort(sim._order)
    for pair in pairs:
        one, other = place[2 * pair], place[2 * pair + 1]
        for name in HIDDEN:
            values = sim._acc[name]
            values[one], values[other] = values[other], values[one]
    yield sim.env.timeout(0)


@FAST
@given(book=number, pairs=st.sets(st.integers(0, 39), min_size=3, max_size=40), own=st.booleans(), seed=number)
def test_what_is_hidden_reaches_no_decision_before_it_shows(book: int, pairs: set[int], own: bool, seed: int) -> None:
    """A book with the hidden columns of accounts that look equal exchanged is treated the same until they differ."""
    accounts = twins(40, book % 50)
    strategy = replace(any_strategy(book, "oldest"), policy=AnyPolicy() if own else None)
    few = Resources(teams={team: Team(people=0.5, hour_cost=10) for team in TEAMS}, legal_slots_a_week=2)

    def log(*processes: Any) -> pd.DataFrame:
        run = simulate(
            accounts, strategy, Scenario.baseline(), days=28, seed=seed, resources=few, events=True, processes=processes
        )
        events = run.events
        events["count"] = 1
        keys = ["day", "account_id", "what", "amount", "detail"]
        return events[~events["what"].isin(UNSEEN)].groupby(keys, as_index=False)["count"].sum()

    plain, changed = log(), log(lambda sim: swapped(sim, sorted(pairs)))
    both = plain.merge(changed, how="outer", indicator=True)
    apart = both[both["_merge"] != "both"]
    if apart.empty:
        return
    first = apart["day"].min()
    today = apart[apart["day"] == first]
    # Something was observed on the day the runs part; and in the morning, before it was, all decisions were the same.
    assert (~today["what"].isin(DECIDED)).any()
    showed = today.loc[today["what"].isin(PLAN_DAY), "account_id"]
    decided = today[today["what"].isin(["review", "message", "handed to law"]) & ~today["account_id"].isin(showed)]
    assert decided.empty, decided


def test_exchanging_hidden_columns_does_change_what_borrowers_do() -> None:
    """Or else the property above would hold for nothing."""
    accounts = twins(40, 1)
    cash = []
    for processes in ([], [lambda sim: swapped(sim, list(range(40)))]):
        run = simulate(accounts, CHAMPION, Scenario.baseline(), days=28, seed=1, processes=processes)
        cash.append(run.daily["cash"].to_numpy())
    assert (cash[0] != cash[1]).any()


def worked(accounts: Portfolio, heads: float, seed: int, priority: Any, scenario: Scenario) -> SimulationResult:
    """Call everybody overdue with so many people in each of the two telephone teams."""
    table = np.full_like(CHAMPION.tables, CHAMPION.catalogue.code("call"))
    staff = Resources(teams={team: Team(people=heads, hour_cost=0) for team in ("early", "late")})
    return simulate(
        accounts, Strategy(name="calls", tables=table, priority=priority), scenario, days=56, replications=4,
        seed=seed, resources=staff,
    )  # fmt: skip


@settings(FAST, max_examples=6)
@given(
    book=number, seed=number, fewer=st.sampled_from([0.0, 0.1, 0.4]), more=st.sampled_from([0.2, 0.5, 2.0]),
    priority=st.sampled_from(["oldest", "balance", "score", "expected"]), scenario=scenarios(),
)  # fmt: skip
def test_more_collectors_never_lower_recovery_beyond_noise(
    book: int, seed: int, fewer: float, more: float, priority: str, scenario: Scenario
) -> None:
    accounts = overdue_book(250, book % 50)
    cash = [worked(accounts, heads, seed, priority, scenario).measures()["cash"] for heads in (fewer, fewer + more)]
    difference = interval((cash[1] - cash[0]).to_frame("cash"), level=0.999).loc["cash"]
    assert difference["high"] >= 0, difference


def test_enough_collectors_recover_more_than_none() -> None:
    accounts = overdue_book(1500, 3)
    runs = [worked(accounts, heads, 5, "oldest", Scenario.baseline()) for heads in (0.0, 10.0)]
    gain = interval((runs[1].measures()["cash"] - runs[0].measures()["cash"]).to_frame("cash")).loc["cash"]
    assert gain["low"] > 0
