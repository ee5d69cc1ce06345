"""The usual ways to work a book, which a plan has to beat: what they do, and that the daily programme is solved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from simcollect.behaviour.states import PLAN, describe
from simcollect.economy import Scenario
from simcollect.errors import SolverError
from simcollect.optimisation.allotment import allot
from simcollect.optimisation.oneday import CALL, MESSAGE, VISIT, OneDayPolicy, hand_out, one_day_lp
from simcollect.portfolio import Portfolio
from simcollect.simulation import simulate
from simcollect.strategy import Decision, Resources, Strategy, Team
from simcollect.stressing import compare
from simcollect.study import Study, rerun, run_study
from simcollect.study import run as running

BOOK = Portfolio.synthetic(2000, seed=2)
BASELINE = Scenario.baseline()


def test_contact_everyone_leaves_nobody_alone_who_is_due_or_overdue() -> None:
    strategy = Strategy.named("contact_everyone")
    states = describe()
    week = states["week"].to_numpy(dtype=float)[:PLAN]
    names = np.array(strategy.catalogue.names)[strategy.tables[0, 0, :PLAN]]
    assert (names[week < -1] == "wait").all()
    assert (names[week == -1] == "sms").all()
    hardship = (states["flag"] == "hardship").to_numpy()[:PLAN]
    assert (names[(week >= 0) & ~hardship] == "call").all()
    assert set(names[(week >= 0) & hardship]) == {"sms", "extension"}


def views(days: int = 7) -> list[tuple[pd.DataFrame, Decision]]:
    """What the daily programme saw and did in a week."""
    strategy = one_day_lp(BOOK)
    assert isinstance(strategy.policy, OneDayPolicy)
    decide, seen = strategy.policy.decide, []

    class Watching:
        def decide(self, view: pd.DataFrame) -> Decision:
            answer = decide(view)
            seen.append((view, answer))
            return answer

    watched = Strategy(strategy.name, strategy.tables, priority="gain", policy=Watching())
    simulate(BOOK, watched, BASELINE, days=days, seed=1)
    return seen


def test_the_programme_gives_away_what_there_is_and_no_more_and_calls_where_it_brings_most() -> None:
    policy = one_day_lp(BOOK).policy
    assert isinstance(policy, OneDayPolicy)
    call = policy.catalogue.code("call")
    late_minutes = Resources.default(BOOK).minutes_a_day("late") * 5 / 7
    predicted = policy._predicted
    for view, answer in views():
        state = view["state"].to_numpy(int)
        at = (view["product"].cat.codes.to_numpy(), view["risk_band"].cat.codes.to_numpy(), call, state)
        called = (answer.actions == call) & (view["week"].to_numpy() >= 5)
        longest = predicted.minutes[at][called].max(initial=0.0)
        assert predicted.minutes[at][called].sum() <= late_minutes + longest  # whole accounts: rounded by one
        assert (answer.actions[view["week"].to_numpy() < 0] != call).all()  # a call before the due day is not allowed


def test_the_programme_sees_no_hidden_column_and_decides_the_same_for_equals() -> None:
    view, answer = views(1)[0]
    policy = one_day_lp(BOOK).policy
    assert policy is not None
    shuffled = view.sample(frac=1, random_state=1)
    again = policy.decide(shuffled.reset_index(drop=True))
    assert isinstance(again, Decision)
    frame = pd.DataFrame({"action": again.actions}, index=shuffled.index).sort_index()
    assert np.mean(frame["action"].to_numpy() == answer.actions) > 0.99  # but for ties at the edge of what there is
    assert {"liquidity", "disposition"}.isdisjoint(view.columns)


def test_without_collectors_only_messages_are_sent() -> None:
    nobody = Resources.default(BOOK).model_copy(update={"teams": {"early": Team(people=1, hour_cost=20)}})
    run = simulate(BOOK, one_day_lp(BOOK, nobody), BASELINE, days=28, seed=1, resources=nobody)
    used = run.workload().groupby("team", observed=True)["minutes"].sum()
    assert used["late"] == used["field"] == 0
    assert run.daily["messages"].sum() > 0


def test_allotment_is_the_optimum_of_another_solver_on_random_days() -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        group = np.repeat(np.arange(8), 3)
        gain, use = rng.uniform(0.1, 5, 24), rng.uniform(0, 4, (24, 2))
        accounts, there = rng.integers(1, 6, 8).astype(float), np.array([20.0, 15.0])
        found = allot(gain, use, group, accounts, there)
        member = (group == np.arange(8)[:, None]).astype(float)
        known = linprog(-gain, np.vstack([use.T, member]), np.concatenate([there, accounts]), method="highs-ipm")
        assert gain @ found == pytest.approx(-known.fun, rel=1e-7)
        assert (use.T @ found <= there + 1e-7).all()
        assert (member @ found <= accounts + 1e-7).all()


def test_a_programme_stopped_by_the_clock_is_no_success() -> None:
    rng = np.random.default_rng(1)
    n = 400
    gain, use = rng.uniform(1, 2, n), rng.uniform(0.5, 1.5, (n, 40))
    with pytest.raises(SolverError, match="without a proof"):
        allot(gain, use, np.arange(n), np.ones(n), np.full(40, n / 5), time_limit=0.0)


def test_calls_of_a_group_go_to_its_largest_instalments() -> None:
    share = np.array([[2.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    group, unit = np.array([0, 0, 1, 0, 0, 0]), np.array([5.0, 9.0, 99.0, 7.0, 1.0, 3.0])
    given = hand_out(share, group, unit)
    assert given.tolist() == [MESSAGE, CALL, -1, VISIT, -1, MESSAGE]


def test_both_earn_more_than_leaving_all_alone() -> None:
    ways = [Strategy.named("do_nothing"), one_day_lp(BOOK), Strategy.named("contact_everyone")]
    low = compare(BOOK, ways, BASELINE, days=70, replications=4, seed=4).table["difference_low"].astype(float)
    assert (low.drop("do_nothing") > 0).all()


def test_both_are_named_in_a_study_which_can_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "figures", lambda *_: {})
    monkeypatch.setattr(running, "write_report", lambda *given: given[3].write_text("", encoding="utf-8"))
    names = ["contact_everyone", "one_day_lp", "champion"]
    study = Study(
        name="usual", synthetic={"accounts": 300}, scenarios=["baseline"], strategies=names, weeks=3, optimise=False
    )
    run = run_study(study, tmp_path / "run")
    assert run.table("baseline/comparison")["strategy"].tolist() == names
    assert rerun(run.path).differ == ()
