"""A plan under draws of the borrower's parameters: its own ones, ones in which contact is worthless, and refusals."""

from dataclasses import replace

import numpy as np
import pytest

from simcollect import Behaviour, Plan, Portfolio, Resources, Scenario, optimise
from simcollect.errors import InputError
from simcollect.optimisation.limits import Weighing
from simcollect.optimisation.underdraws import NEAR, probability

BOOK, NOW, DEFAULT = Portfolio.synthetic(300, seed=1), Scenario.baseline(), Behaviour.default()
# Nothing that is said or sent moves anybody, clears or discloses anything, and nobody takes an offer.
USELESS = DEFAULT.replace(
    {name: 0.0 * DEFAULT[name] for name in ("message.effect", "message.clears", "attention.effect", "talk.clear",
                                            "talk.promise", "offer.accept", "prevention.enrol", "legal.pay",
                                            "legal.judgment")}
)  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Plan:
    return optimise(BOOK, NOW, Resources.default(BOOK), weeks=6, draws=[DEFAULT, USELESS])


def test_under_its_own_parameters_a_plan_is_worth_what_it_says_and_nothing_much_is_better(plan: Plan) -> None:
    assert plan.drawn is not None
    row = plan.drawn.table.loc[0]
    assert row["value"] == pytest.approx(plan.value, rel=1e-9)
    assert row["gain"] == pytest.approx(plan.gain, rel=1e-6)
    assert row["overload"] == pytest.approx(0.0, abs=1e-6 * plan.gain)
    assert 0.0 <= row["regret"] <= plan.bound - plan.value
    assert row["regret"] <= NEAR * row["best_gain"]


def test_where_contact_is_worthless_the_plan_only_costs_and_one_who_knows_leaves_all_alone(plan: Plan) -> None:
    assert plan.drawn is not None
    row = plan.drawn.table.loc[1]
    assert row["gain"] < 0
    assert row["regret"] == pytest.approx(row["best_gain"] - row["gain"])
    assert row["best_gain"] >= 0
    assert row["regret"] > 0.9 * -row["gain"]


def test_the_probabilities_count_such_draws(plan: Plan) -> None:
    assert plan.drawn is not None
    assert plan.drawn.right == probability(1.0, 2)
    assert plan.drawn.better_than_nothing == probability(1.0, 2)
    summary = plan.drawn.summary()
    assert summary.loc["regret", "figure"] == pytest.approx(plan.drawn.table["regret"].mean())
    assert "right with probability 0.50" in repr(plan.drawn)


def test_what_cannot_be_weighed_is_refused(plan: Plan) -> None:
    with pytest.raises(InputError, match="two draws of the parameters or more, not 1"):
        plan.under_draws(BOOK, NOW, [DEFAULT])
    with pytest.raises(InputError, match="not the one that the plan was made for"):
        plan.under_draws(Portfolio.synthetic(200, seed=2), NOW, [DEFAULT, DEFAULT])
    under_goal = replace(plan, solved=replace(plan.solved, weighing=Weighing(np.zeros(()), (), 0)))
    with pytest.raises(InputError, match="plan under a goal"):
        under_goal.under_draws(BOOK, NOW, [DEFAULT, DEFAULT])
