"""A plan under a goal as a strategist reads it: tables, explanation, command line, example files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import simcollect as sc
from simcollect.cli import app
from simcollect.optimisation import Plan
from simcollect.reporting import plot_tradeoff
from simcollect.strategy import MEASURES, TEAMS, Team

EXAMPLE = Path(__file__).parents[2] / "scenarios" / "resources" / "budgeted.yaml"


@pytest.fixture(scope="module")
def book() -> sc.Portfolio:
    return sc.Portfolio.synthetic(300, seed=1)


@pytest.fixture(scope="module")
def plan(book: sc.Portfolio) -> Plan:
    """Most recovery, people chosen, at most 20 contacts; the resources allow ten complaints and buy overtime."""
    resources = sc.Resources.default(book)
    teams = {name: team.model_copy(update={"overtime_hours": 5.0}) for name, team in resources.teams.items()}
    resources = resources.model_copy(update={"teams": teams, "at_most": {"complaints": 10.0, "contacts": 50.0}})
    goal = sc.Goal("recovery", at_most={"contacts": 20, "cost": 1000})
    return sc.optimise(book, sc.Scenario.baseline(), resources, weeks=3, max_rounds=14, people="chosen", goal=goal)


def test_limits_of_goal_and_resources_hold_and_the_tighter_wins(plan: Plan) -> None:
    limits = plan.limits.set_index("limit")
    assert limits["asked"].to_dict() == {"contacts": 20.0, "cost": 1000.0, "complaints": 10.0}
    assert (limits["reached"] <= limits["asked"] * (1 + 1e-6)).all()
    assert limits.loc["contacts", "price"] > 0
    assert limits.loc["complaints", "price"] == pytest.approx(0.0, abs=1e-6)


def test_measures_agree_with_the_forecast_and_with_what_is_bought(plan: Plan) -> None:
    measures = plan.measures
    assert set(measures.index) == {*MEASURES, "value"}
    assert measures.loc["cash", "total"] == pytest.approx(plan.forecast["cash"].sum(), rel=1e-9)
    assert measures.loc["recovery", "total"] == pytest.approx(plan.value, rel=1e-9)
    spent = plan.forecast["cost"].sum() + plan.bought["cost"].sum()
    assert measures.loc["cost", "in_plan"] == pytest.approx(spent, rel=1e-9)
    assert set(plan.bought["kind"]) <= {"people", "overtime"}
    people = plan.bought[plan.bought["kind"] == "people"]
    assert plan.headcount is not None
    assert plan.headcount["people"].sum() == pytest.approx(people["amount"].sum())


def test_capacity_shows_what_is_given_and_what_is_bought(plan: Plan, book: sc.Portfolio) -> None:
    """Where people are chosen all are bought; where they are given, overtime comes on top; use is of both together."""
    minutes = {team: plan.forecast[f"minutes_{team}"].to_numpy() for team in TEAMS}
    for team in TEAMS:
        assert (plan.capacity[f"{team} given"] == 0).all()
        assert (minutes[team] <= plan.capacity[f"{team} bought"] * (1 + 1e-6) + 1e-9).all()
        assert plan.summary().loc[f"use of the {team} team", "figure"] <= 1.0
    resources = sc.Resources(teams={"early": Team(people=0.01, hour_cost=1, overtime_hours=30, overtime_premium=0)})
    more = sc.optimise(book, sc.Scenario.baseline(), resources, weeks=2, max_rounds=14)
    assert more.capacity["early given"].sum() == pytest.approx(0.01 * 8 * 60 * 0.7 * 0.8 * 10)
    hours = more.bought.loc[more.bought["kind"] == "overtime", "amount"].sum()
    assert hours > 0
    assert more.capacity["early bought"].sum() == pytest.approx(hours * 60 * 0.7 * 0.8)
    both = more.capacity[["early given", "early bought"]].to_numpy().sum()
    use = more.summary().loc["use of the early team", "figure"]
    assert use == pytest.approx(more.forecast["minutes_early"].sum() / both)
    assert use <= 1.0


def test_the_policy_of_a_goal_serves_its_own_objective(plan: Plan, book: sc.Portfolio) -> None:
    """The plan's own action is the best on offer at its prices, limits included; and it runs in the simulator."""
    overdue = book.accounts.loc[book.accounts["dpd"] > 0, "account_id"]
    told = [plan.explain(book, account_id) for account_id in overdue.iloc[:25]]
    weighed = [one.actions for one in told if len(one.actions) > 1]
    assert weighed
    chosen = [table.loc[table["planned"], "net"].iloc[0] >= table["net"].max() - 1e-6 for table in weighed]
    assert np.mean(chosen) > 0.9  # columns of the same segment differ at the margin
    run = sc.simulate(book, plan.strategy, sc.Scenario.baseline(), days=21, seed=1)
    assert len(run.daily) == 21


def test_the_command_takes_goals_and_refuses_what_cannot_be_met(book: sc.Portfolio, tmp_path: Path) -> None:
    file = tmp_path / "accounts.parquet"
    book.write(file)
    given = ["optimise", str(file), "--as-of", "2026-06-30", "--weeks", "2"]
    out = tmp_path / "plan"
    done = CliRunner().invoke(
        app, [*given, "--objective", "charge_off", "--at-most", "contacts=15", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "Limits, and what one unit more of each would be worth" in done.stdout
    table = pd.read_csv(out / "limits.csv", index_col="limit")
    assert table.loc["contacts", "reached"] <= 15 * (1 + 1e-6)
    assert pd.read_csv(out / "measures.csv", index_col="measure").loc["charge_off", "total"] > 0
    for wrong, words in (
        (["--objective", "recovry"], "did you mean recovery"),
        (["--at-most", "contacts"], "must look like cost=200000"),
        (["--at-least", "recovery=9", "--at-most", "recovery=5"], "the floor lies above the cap"),
    ):
        refused = CliRunner().invoke(app, [*given, *wrong])
        assert refused.exit_code != 0
        assert words in (refused.output + str(refused.exception)).replace("\n", " ")


def test_the_example_of_resources_can_be_read() -> None:
    resources = sc.Resources.read(EXAMPLE)
    assert resources.team("late").seats == 10
    assert resources.at_most["cost"] == 1_500_000


def test_the_figure_draws_the_curve_and_its_bound() -> None:
    curve = pd.DataFrame({"contacts": [0.0, 10.0, 20.0], "recovery": [5e6, 6e6, 6.2e6], "bound": [5e6, 6.1e6, 6.4e6]})
    curve.attrs = {"currency": "CNY", "scenario": "baseline"}
    ax = plot_tradeoff(curve)
    drawn, bound = ax.get_lines()[:2]
    assert drawn.get_xydata().tolist() == curve[["contacts", "recovery"]].to_numpy().tolist()
    assert bound.get_ydata().tolist() == curve["bound"].tolist()
    assert ax.get_ylabel() == "recovery, CNY million"
    assert ax.get_xlabel() == "contacts"
