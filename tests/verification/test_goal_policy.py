"""A plan under a goal in the simulator: each account on its own history, within the goal's limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import simcollect as sc
from simcollect.errors import InputError
from simcollect.optimisation.goalgroup import goal_groups
from simcollect.optimisation.limits import Weighing, objective_weights
from simcollect.optimisation.measures import build_rates
from simcollect.optimisation.policy import PlanPolicy

WEEKS, ACCOUNTS = 8, 6000


@pytest.fixture(scope="module")
def book() -> sc.Portfolio:
    return sc.Portfolio.synthetic(ACCOUNTS, seed=5)


@pytest.fixture(scope="module")
def people(book: sc.Portfolio) -> sc.Resources:
    return sc.Resources.default(book)


@pytest.fixture(scope="module")
def free(book: sc.Portfolio, people: sc.Resources) -> sc.Plan:
    """A plan for value without limits."""
    return sc.optimise(book, sc.Scenario.baseline(), people, weeks=WEEKS, max_rounds=10)


@pytest.fixture(scope="module")
def capped(book: sc.Portfolio, people: sc.Resources, free: sc.Plan) -> sc.Plan:
    """The same with a third of the contacts."""
    goal = sc.Goal(at_most={"contacts": free.measures.loc["contacts", "total"] / 3})
    return sc.optimise(book, sc.Scenario.baseline(), people, weeks=WEEKS, max_rounds=10, goal=goal)


def contacts(way: sc.Strategy, book: sc.Portfolio, people: sc.Resources) -> float:
    """Return the mean number of messages and attempts of four replications."""
    done = sc.simulate(book, way, sc.Scenario.baseline(), days=7 * WEEKS, replications=4, seed=9, resources=people)
    measures = done.measures()
    return float((measures["messages"] + measures["attempts"]).mean())


def test_a_goal_that_changes_nothing_weighs_each_action_as_the_plan_for_value_does(free: sc.Plan) -> None:
    """Written as a goal, net present value gives the same table of worths and uses, by another path."""
    model = free.model
    weighing = Weighing(objective_weights(model, "value"), (), 0)
    policy = free.policy().policy
    assert isinstance(policy, PlanPolicy)
    course = policy.course
    same = replace(course, groups=tuple(goal_groups(model, build_rates(model), weighing)))
    for week in (0, WEEKS - 1):
        plain, goal = (PlanPolicy(model, own)._weighed(week) for own in (course, same))
        for a, b in zip((*plain[0], plain[1]), (*goal[0], goal[1]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_a_cap_on_contacts_holds_where_each_account_is_watched(
    free: sc.Plan, capped: sc.Plan, book: sc.Portfolio, people: sc.Resources
) -> None:
    """Prices keep to the cap on average; the free plan makes three times as many contacts and so would break it."""
    cap = float(capped.limits.set_index("limit").loc["contacts", "asked"])
    assert contacts(free.strategy, book, people) > 2 * cap
    assert 0.7 * cap < contacts(capped.strategy, book, people) < 1.05 * cap


def test_planning_again_under_a_goal_is_refused(capped: sc.Plan) -> None:
    with pytest.raises(InputError, match="leave again_weeks out"):
        capped.policy(again_weeks=4)
