"""Loans with an end, small businesses, hard times: the planner's chain and the simulator bring the same cash."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.model import build_model
from simcollect.portfolio import Portfolio
from simcollect.simulation import simulate
from simcollect.strategy import TEAMS, Resources, Strategy, Team
from simcollect.strategy.compliance import Caps

WEEKS, ACCOUNTS, RUNS = 26, 12_000, 3
FLAT = Scenario(name="flat", unemployment={"change_12m": [0.0]})
HARD = Scenario(name="hard times", unemployment={"change_12m": [8.0]})  # points above a year ago, from the first day
# Nothing costs anything and money has no interest: then the planner's value is cash.
FREE = Resources(
    teams={team: Team(people=500, hour_cost=0) for team in TEAMS}, legal_slots_a_week=1e6, legal_fee_share=0.0,
    discount_a_year=0.0,
)  # fmt: skip
BEHAVIOUR = Behaviour.default().replace({"agency.fee": 0.0})


def loans(product: str) -> Portfolio:
    """Return term loans of one product, whose holders all agreed to every channel."""
    whole = Portfolio.synthetic(60_000, seed=4, as_of=date(2025, 11, 30), currency="USD", country="US")
    like = (whole.accounts["product"] == product) & (whole.accounts["remaining_term"] > 0)
    accounts = whole.subset(like).resample(ACCOUNTS, seed=5).accounts.copy()
    for channel in ("sms", "app", "wechat", "email", "call"):
        accounts[f"consent_{channel}"] = True
    return Portfolio(accounts, whole.as_of, whole.currency, whole.country)


def both(book: Portfolio, scenario: Scenario, ways: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Return half a year's cash of each strategy: as the chain expects it, and as the simulator finds it."""
    model = build_model(book, scenario, FREE, weeks=WEEKS, behaviour=BEHAVIOUR)
    out = {}
    for way in ways:
        strategy = Strategy.named(way)
        policy = np.repeat(strategy.tables[0], WEEKS, axis=0)
        expected = 0.0
        for segment in model.segments:
            within = replace(segment, end=np.zeros_like(segment.end))  # what comes after half a year does not count
            expected += ChainGroup(model, within).evaluate(policy)[0].value
        run = simulate(
            book, strategy, scenario, days=7 * WEEKS, replications=RUNS, seed=11, resources=FREE, behaviour=BEHAVIOUR,
            compliance=Caps("none", "test"),
        )  # fmt: skip
        out[way] = expected, float(run.measures()["cash"].mean())
    return out


def test_small_businesses_with_seasonal_revenue_bring_the_same_cash() -> None:
    for expected, simulated in both(loans("micro_sme"), FLAT, ("champion", "do_nothing")).values():
        assert simulated == pytest.approx(expected, rel=0.0075)


def test_hard_times_cost_consumer_loans_the_same_cash() -> None:
    """The levels agree within luck; what a downturn takes, which shares its luck, within the chain's approximations."""
    book = loans("consumer")
    (calm_expected, calm), (expected, simulated) = (both(book, s, ("do_nothing",))["do_nothing"] for s in (FLAT, HARD))
    assert calm == pytest.approx(calm_expected, rel=0.0075)
    assert simulated == pytest.approx(expected, rel=0.0075)
    assert calm_expected - expected > 0.01 * calm_expected
    assert calm - simulated == pytest.approx(calm_expected - expected, rel=0.2)
