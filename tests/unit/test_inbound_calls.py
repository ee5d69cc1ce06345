"""Calls that messages provoke: they come in clusters and take the early team's time ahead of its list."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.behaviour.chain import row_of
from simcollect.behaviour.week import READS
from simcollect.economy import Scenario
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


def test_the_plan_counts_their_minutes(book: Portfolio) -> None:
    model = build_model(book, FLAT, Resources.default(book), weeks=4)
    sms = model.catalogue.code("sms")
    row = row_of(sms, 2, 0, 1)
    reads = model.chain.kernel.stats[0, row, READS]
    assert model.terms.minutes[0, row] == pytest.approx(reads * 0.03 * 4.0)
    assert set(model.terms.team[sms]) == {TEAMS.index("early")}
