"""Luck belongs to the borrower and the day: neither order, nor neighbours, nor threads change a result."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import Simulation, engine, simulate
from simcollect.strategy import TEAMS, Resources, Strategy, Team

FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})
AMPLE = Resources(teams={team: Team(people=300, hour_cost=10) for team in TEAMS}, legal_slots_a_week=1e6)
SCARCE = Resources(teams={team: Team(people=1, hour_cost=10) for team in TEAMS}, legal_slots_a_week=1)
FEW_MESSAGES = SCARCE.model_copy(update={"messages_a_week": 200.0})


@pytest.fixture(scope="module")
def book() -> Portfolio:
    whole = Portfolio.synthetic(8000, seed=2, as_of=date(2026, 5, 31))
    return whole.subset((whole.accounts["dpd"] > 10) | (whole.accounts.index < 500))


def stories(book: Portfolio, resources: Resources = AMPLE, **options: object) -> pd.DataFrame:
    """Return the event log, in the order of accounts' names."""
    run = simulate(
        book,
        Strategy.champion(),
        FLAT,
        days=100,
        seed=5,
        resources=resources,
        events=True,
        check=True,
        **options,
    )
    return run.events.sort_values(["replication", "account_id", "day"], kind="stable", ignore_index=True)


def test_the_same_seed_gives_the_same_run_and_another_does_not(book: Portfolio) -> None:
    runs = [
        simulate(book, Strategy.champion(), FLAT, days=60, seed=seed, resources=SCARCE).daily
        for seed in (5, 5, 6)
    ]
    pd.testing.assert_frame_equal(runs[0], runs[1])
    assert not runs[0]["cash"].equals(runs[2]["cash"])


@pytest.mark.parametrize("resources", [AMPLE, SCARCE], ids=["ample", "scarce"])
def test_the_order_of_accounts_does_not_matter(book: Portfolio, resources: Resources) -> None:
    order = np.random.default_rng(1).permutation(len(book))
    shuffled = Portfolio(
        book.accounts.iloc[order].reset_index(drop=True), book.as_of, book.currency, book.country
    )
    pd.testing.assert_frame_equal(stories(book, resources), stories(shuffled, resources))


def test_removing_one_account_changes_only_that_one(book: Portfolio) -> None:
    before = stories(book)
    removed = before.loc[before["what"] == "talk", "account_id"].iloc[0]
    after = stories(book.subset(book.accounts["account_id"] != removed))
    pd.testing.assert_frame_equal(before[before["account_id"] != removed].reset_index(drop=True), after)


def test_two_strategies_share_each_borrowers_luck(book: Portfolio) -> None:
    """Who is never contacted under either strategy does the same under both."""
    logs = []
    for name in ("champion", "do_nothing"):
        run = simulate(book, Strategy.named(name), FLAT, days=60, seed=5, resources=AMPLE, events=True)
        logs.append(run.events[run.events["what"] != "review"])
    touched = (
        logs[0].loc[logs[0]["what"].isin(["message read", "talk", "handed to law"]), "account_id"].unique()
    )
    same = [
        log[~log["account_id"].isin(touched) & ~log["what"].isin(["message", "attempt", "opt-out"])].reset_index(
            drop=True
        )
        for log in logs
    ]
    assert len(same[0]) > 200
    pd.testing.assert_frame_equal(*same)


@pytest.mark.parametrize("resources", [AMPLE, SCARCE], ids=["ample", "scarce"])
def test_threads_and_chunks_do_not_matter(
    book: Portfolio, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = stories(book, resources)
    monkeypatch.setattr(engine, "CHUNK", 100)
    pd.testing.assert_frame_equal(one, stories(book, resources, jobs=3))
    # Without a log, teams and evenings run side by side too.
    days = [
        simulate(book, Strategy.champion(), FLAT, days=100, seed=5, resources=resources, events=events, jobs=3).daily
        for events in (True, False)
    ]
    pd.testing.assert_frame_equal(*days)


def test_jobs_do_not_matter_for_replications(book: Portfolio) -> None:
    daily = [
        simulate(
            book, Strategy.champion(), FLAT, days=40, seed=5, replications=4, resources=SCARCE, jobs=jobs
        ).daily
        for jobs in (1, 2)
    ]
    pd.testing.assert_frame_equal(*daily)
    assert daily[0].groupby("replication")["cash"].sum().nunique() == 4


def test_who_is_woken_for_nothing_does_the_same(book: Portfolio) -> None:
    """Accounts sleep through days on which nothing can happen; looking at all of them every day finds no more."""

    def alarm(sim: Simulation) -> Generator[Any, Any, None]:
        while True:
            sim._world.wake[:] = np.minimum(sim._world.wake, sim.day)
            yield sim.env.timeout(1)

    pd.testing.assert_frame_equal(stories(book, SCARCE), stories(book, SCARCE, processes=[alarm]))


def look_in(sim: Simulation) -> Generator[Any, Any, None]:
    """Do nothing, each day: with somebody there to act, accounts cannot be carried further than to the evening."""
    while True:
        yield sim.env.timeout(1)


class Mixed:
    """A policy that takes all kinds of actions."""

    def decide(self, view: pd.DataFrame) -> np.ndarray[Any, Any]:
        return np.asarray((7 * view["account"] + view["week"] + view["day"]) % 9, dtype=np.int64)


@pytest.mark.parametrize("resources", [AMPLE, SCARCE, FEW_MESSAGES], ids=["ample", "scarce", "few messages"])
@pytest.mark.parametrize("asked", [False, True], ids=["table", "policy"])
def test_accounts_carried_for_a_month_or_day_by_day_end_up_the_same(
    book: Portfolio, resources: Resources, asked: bool
) -> None:
    strategy = Strategy.champion()
    if asked:
        strategy = Strategy(name="mixed", tables=np.zeros_like(strategy.tables), policy=Mixed(), priority="balance")
    ahead, daily, logged = (
        simulate(book, strategy, FLAT, days=80, seed=5, resources=resources, **options)
        for options in ({}, {"processes": [look_in]}, {"events": True})
    )
    for other in (daily, logged):
        pd.testing.assert_frame_equal(ahead.daily, other.daily)
        pd.testing.assert_frame_equal(ahead.adherence, other.adherence)
        assert np.array_equal(ahead.runs[0].final, other.runs[0].final)


def test_a_process_that_wakes_in_the_middle_of_a_month_finds_no_account_ahead_of_it(book: Portfolio) -> None:
    """The gateway fails from the tenth morning on, whatever the accounts had been carried to before."""

    def fails(sim: Simulation) -> Generator[Any, Any, None]:
        yield sim.env.timeout(9.5)
        sim.channel_open["sms"] = 0.0

    sent = [
        simulate(book, Strategy.champion(), FLAT, days=25, seed=5, processes=processes).daily["messages_sms"]
        for processes in ((), (fails,))
    ]
    assert sent[0][:10].equals(sent[1][:10])
    assert (sent[0][10:] > 0).any()
    assert (sent[1][10:] == 0).all()


class Watcher(Mixed):
    """Looks at the whole book every ten days and keeps what it saw."""

    every_days = 10

    def begin(self, book: pd.DataFrame) -> Watcher:
        self.seen = [book]
        return self

    def survey(self, book: pd.DataFrame) -> None:
        self.seen.append(book)

    def beliefs(self, book: pd.DataFrame) -> np.ndarray[Any, Any]:
        return np.full((len(book), 8), 0.125)


def test_who_looks_at_the_whole_book_sees_no_account_ahead_of_the_day(book: Portfolio) -> None:
    tables = np.zeros_like(Strategy.champion().tables)
    ahead, daily = Watcher(), Watcher()
    for watcher, processes in ((ahead, ()), (daily, (look_in,))):
        strategy = Strategy(name="watching", tables=tables, policy=watcher, priority="balance")
        simulate(book, strategy, FLAT, days=45, seed=5, resources=SCARCE, processes=processes)
    assert [int(seen["day"].iloc[0]) for seen in ahead.seen] == [0, 10, 20, 30, 40]
    for one, other in zip(ahead.seen, daily.seen, strict=True):
        pd.testing.assert_frame_equal(one, other)
