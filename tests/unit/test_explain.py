"""Why this action for this account: beliefs that fit what is seen, gains that fit the plan."""

import pytest

from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation import Plan, optimise
from simcollect.portfolio import Portfolio
from simcollect.strategy import Resources


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return Portfolio.synthetic(2000, seed=1)


@pytest.fixture(scope="module")
def plan(book: Portfolio) -> Plan:
    return optimise(book, Scenario.baseline(), Resources.default(book), weeks=8, max_rounds=20)


def one(book: Portfolio, low: int, high: int) -> str:
    dpd = book.accounts["dpd"]
    return str(book.accounts.loc[(dpd >= low) & (dpd <= high), "account_id"].iloc[0])


def test_causes_sum_to_one_and_the_long_overdue_are_short_of_money(book: Portfolio, plan: Plan) -> None:
    current, late = plan.explain(book, one(book, 0, 0)), plan.explain(book, one(book, 45, 90))
    for found in (current, late):
        assert found.causes.sum() == pytest.approx(1.0)
    assert late.causes["short of money"] > 3 * current.causes["short of money"]
    assert current.causes["would pay anyway"] > late.causes["would pay anyway"]


def test_the_net_of_an_action_is_its_gain_less_what_its_resources_are_worth(book: Portfolio, plan: Plan) -> None:
    actions = plan.explain(book, one(book, 45, 90)).actions.set_index("action")
    assert actions.loc["wait", ["gain", "resources", "net"]].abs().max() < 1e-9
    assert ((actions["gain"] - actions["resources"]) - actions["net"]).abs().max() < 1e-9
    assert (actions["resources"] > -1e-9).all()
    assert actions["planned"].sum() == 1
    assert actions["net"].is_monotonic_decreasing


def test_an_unknown_account_is_named_with_the_nearest(book: Portfolio, plan: Plan) -> None:
    with pytest.raises(InputError, match="no account is called nobody"):
        plan.explain(book, "nobody")
