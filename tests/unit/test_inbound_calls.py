"""Calls that messages provoke: they come in clusters and take the early team's time ahead of its list."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import row_of
from simcollect.behaviour.week import READS
from simcollect.economy import Scenario
from simcollect.optimisation import optimise
from simcollect.optimisation.model import build_model
from simcollect.portfolio import Portfolio
from simcollect.simulation import SimulationResult, simulate
from simcollect.strategy import TEAMS, Resources, Strategy, Team
from simcollect.strategy.strategy import StrategyFile

FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return Portfolio.synthetic(3000, seed=2, as_of=date(2026, 5, 31))


def run(book: Portfolio, share: float, people: float = 5, **options: object) -> SimulationResult:
    behaviour = Behaviour.default().replace({"inbound.share": share})
    resources = Resources(teams={team: Team(people=people, hour_cost=10) for team in TEAMS})
    rules = [{"when": {"weeks": (-1, 1)}, "do": "sms"}, {"when": {"weeks": (2, 25)}, "do": "call"}]
    strategy = StrategyFile(name="both", rules=rules).strategy()
    return simulate(book, strategy, FLAT, days=90, seed=1, behaviour=behaviour, resources=resources, **options)


def test_a_share_of_messages_read_brings_calls_of_the_stated_length(book: Portfolio) -> None:
    without, result = run(book, 0.0), run(book, 0.2, events=True)
    calls = result.events[result.events["what"] == "incoming call"]
    read = (result.events["what"] == "message read").sum()
    assert result.daily["inbound"].sum() == len(calls) == pytest.approx(0.2 * read, rel=0.1)
    assert without.daily["inbound"].sum() == 0
    # Ample people: nothing but the early team's minutes is touched.
    more = result.daily["minutes_early"].sum() - without.daily["minutes_early"].sum()
    assert more == pytest.approx(4.0 * len(calls), rel=0.15)
    for name in ("cash", "attempts_early", "minutes_late", "messages", "promises"):
        np.testing.assert_array_equal(result.daily[name], without.daily[name])


def test_calls_come_in_clusters(book: Portfolio) -> None:
    """Messages go out by due day, so calls vary from day to day by more than chance alone."""
    daily = run(book, 0.2).daily["inbound"]
    assert daily.var() > 1.5 * daily.mean()


def test_they_go_ahead_of_the_list(book: Portfolio) -> None:
    scarce = {share: run(book, share, people=0.2).daily for share in (0.0, 0.5)}
    assert scarce[0.5]["attempts_early"].sum() < 0.8 * scarce[0.0]["attempts_early"].sum()
    over = scarce[0.5]["minutes_early"] - scarce[0.5]["capacity_early"]
    assert over.max() < 60  # but for the last call


def test_nobody_answers_where_nobody_works(book: Portfolio) -> None:
    run_ = simulate(book, Strategy.named("champion"), FLAT, days=30, seed=1, resources=Resources(teams={}))
    assert run_.daily["inbound"].sum() > 0 == run_.daily["minutes_early"].sum()


@pytest.mark.parametrize(("there", "answering"), [(("late", "desk"), "late"), (("desk", "field"), "desk")])
def test_without_an_early_team_the_next_one_answers(book: Portfolio, there: tuple[str, ...], answering: str) -> None:
    resources = Resources(teams={team: Team(people=5, hour_cost=10) for team in there})
    reminders = StrategyFile(name="reminders", rules=[{"when": {"weeks": (-1, 1)}, "do": "sms"}]).strategy()
    result = simulate(book, reminders, FLAT, days=60, seed=1, resources=resources)
    minutes = {team: result.daily[f"minutes_{team}"].sum() for team in TEAMS}
    assert minutes[answering] == pytest.approx(4.0 * result.daily["inbound"].sum(), rel=0.25)
    assert sum(minutes.values()) == minutes[answering]
    model = build_model(book, FLAT, resources, weeks=2)
    assert set(model.terms.team[model.catalogue.code("sms")]) == {TEAMS.index(answering)}


@pytest.mark.parametrize("teams", [{}, {"late": Team(people=1, hour_cost=45)}])
def test_a_plan_without_an_early_team_sends_messages_and_they_come_as_forecast(
    book: Portfolio, teams: dict[str, Team]
) -> None:
    resources = Resources(teams=teams, message_cost={"sms": 0.04, "app": 0.007, "wechat": 0.007})
    weeks = 6
    plan = optimise(book, FLAT, resources, weeks=weeks)
    forecast = plan.forecast["messages"].sum()
    assert forecast > len(book) / 2
    assert plan.gain > 0
    result = simulate(book, plan.by_table, FLAT, days=7 * weeks, seed=1, replications=2, resources=resources)
    cash, sent = (result.daily.groupby("replication")[name].sum().mean() for name in ("cash", "messages"))
    assert sent == pytest.approx(forecast, rel=0.12)  # weeks of the chain, days here: as far off with an early team
    assert cash == pytest.approx(plan.forecast["cash"].sum(), rel=0.02)
    answered = plan.forecast[[f"minutes_{team}" for team in TEAMS]].sum().sum()
    assert (answered > 0) == bool(teams)


def test_the_plan_counts_their_minutes(book: Portfolio) -> None:
    model = build_model(book, FLAT, Resources.default(book), weeks=4)
    sms = model.catalogue.code("sms")
    row = row_of(sms, 2, 0, 1)
    reads = model.chain.kernel.stats[0, row, READS]
    assert model.terms.minutes[0, row] == pytest.approx(reads * 0.03 * 4.0)
    assert set(model.terms.team[sms]) == {TEAMS.index("early")}
