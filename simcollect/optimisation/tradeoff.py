"""The trade-off between two things a lender wants: how much of the one for how much of the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypedDict

import numpy as np
import pandas as pd

from simcollect.behaviour.behaviour import Behaviour
from simcollect.behaviour.prior import Prior
from simcollect.economy import Scenario
from simcollect.errors import InputError, nearest
from simcollect.optimisation.athand import mix_columns
from simcollect.optimisation.columns import Column
from simcollect.optimisation.goalgroup import GoalGroup
from simcollect.optimisation.measures import INDEX
from simcollect.optimisation.model import build_model
from simcollect.optimisation.outcome import totals_of
from simcollect.optimisation.problem import Problem, Solved
from simcollect.portfolio import Portfolio
from simcollect.strategy import LIMITS, OBJECTIVES, PER_ACCOUNT, TEAMS, Catalogue, Goal, Resources


class Effort(TypedDict):
    """How hard each point is tried; see `optimise`."""

    tolerance: float
    max_rounds: int
    progress: Callable[[int, float], None] | None


WANTED = ("recovery", "cash")  # what one wants more of: the curve runs along floors, not caps


def tradeoff(
    portfolio: Portfolio,
    scenario: Scenario,
    resources: Resources,
    *,
    of: str = "recovery",
    against: str = "cost",
    points: int | Sequence[float] = 8,
    goal: Goal | None = None,
    weeks: int = 52,
    behaviour: Behaviour | None = None,
    catalogue: Catalogue | None = None,
    prior: Prior | None = None,
    tolerance: float = 0.02,
    max_rounds: int = 40,
    progress: Callable[[int, float], None] | None = None,
) -> pd.DataFrame:
    """Return the best that can be had of one thing for each amount of another.

    Each point is a plan; each begins with the columns of the one before. In the end all points are mixed from the
    columns of all, so the curve bends one way only, as the curve of the true optimum does: each further unit is worth
    no more than the last.

    Parameters
    ----------
    portfolio, scenario, resources : the book, the economy, and what the lender has
    of : what to strive for: an objective of `Goal`
    against : what it costs: a limit of `Goal`, such as "cost", "headcount" (people are then chosen with the
        treatments), "contacts_per_account", "complaints"; or what has to be reached: "recovery", "cash"
    points : how many, spread evenly from what leaving all alone comes to up to what is used (or reached) where
        nothing limits it; or the amounts themselves
    goal : further limits that hold at every point; its objective is not used
    weeks, behaviour, catalogue, prior, tolerance, max_rounds : as for `optimise`, for each point
    progress : called with the round and gap of each point's plan

    Returns
    -------
    One row a point, by amount: the amount allowed (column named as `against`), what it brings (column named as `of`),
    ``bound`` that no strategy can beat there, and ``price``: what one unit more of `against` would change in `of`.
    The currency and the scenario are in its ``attrs``, for `simcollect.reporting.plot_tradeoff`.

    Raises
    ------
    InputError
        A name is not known (the nearest is given), or there are fewer than two points.
    InfeasibleError
        The further limits cannot be met, or an amount asked for is out of reach.

    Examples
    --------
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> curve = tradeoff(
    ...     book, Scenario.baseline(), Resources.default(book), of="recovery", against="contacts", points=3, weeks=3,
    ...     max_rounds=13,
    ... )
    >>> list(curve.columns), bool(curve["recovery"].is_monotonic_increasing)
    (['contacts', 'recovery', 'bound', 'price'], True)
    """
    if of not in OBJECTIVES:
        raise InputError(f"no objective is called {of}; {nearest(of, OBJECTIVES)}")
    if against not in LIMITS:
        raise InputError(f"no limit is called {against}; {nearest(against, LIMITS)}")
    if of == against:
        raise InputError(f"a trade-off needs two different things, not {of} against itself")
    if (points if isinstance(points, int) else len(points)) < 2:
        raise InputError("a trade-off needs at least two points")
    model = build_model(
        portfolio, scenario, resources, weeks=weeks, behaviour=behaviour, catalogue=catalogue, prior=prior,
        hires=against == "headcount",
    )  # fmt: skip
    problem = Problem(model, "chosen" if against == "headcount" else "given")
    effort: Effort = {"tolerance": tolerance, "max_rounds": max_rounds, "progress": progress}
    curve = curve_of(problem, of, against, points, goal or Goal(), effort)
    curve.attrs = {"currency": portfolio.currency, "scenario": scenario.name}
    return curve


def curve_of(
    problem: Problem, of: str, against: str, points: int | Sequence[float], goal: Goal, effort: Effort
) -> pd.DataFrame:
    """Return the curve of a planning problem; see `tradeoff`."""
    pool: list[list[Column]] | None = None
    if isinstance(points, int):
        free = problem.solve(_free(goal, of, against), keep_totals=True, **effort)
        amounts, pool = _spread(problem, free, against, points), free.pool
    else:
        amounts = [float(amount) for amount in sorted(points)]
    solved: list[Solved] = []
    for amount in amounts:
        solved.append(problem.solve(_limited(goal, of, against, amount), pool=pool, keep_totals=True, **effort))
        pool = solved[-1].pool
    return _mixed_from_all(problem, of, against, amounts, solved)


def _free(goal: Goal, of: str, against: str) -> Goal:
    """Return the goal at the far end: what has to be reached is limited by what can be."""
    return replace(goal, objective="recovery" if against in WANTED else of)


def _limited(goal: Goal, of: str, against: str, amount: float) -> Goal:
    """Return the goal of one point."""
    at_most, at_least = dict(goal.at_most), dict(goal.at_least)
    if against in WANTED:
        at_least[against] = max(amount, at_least.get(against, 0.0))
    else:
        at_most[against] = min(amount, at_most.get(against, amount))
    return replace(goal, objective=of, at_most=at_most, at_least=at_least)


def _spread(problem: Problem, free: Solved, against: str, points: int) -> list[float]:
    """Return evenly spread amounts, from what leaving all alone comes to up to what the free plan does."""
    groups = [group for group in free.groups if isinstance(group, GoalGroup)]
    row, unit = INDEX[against.removesuffix(PER_ACCOUNT)], 1.0
    if against.endswith(PER_ACCOUNT):
        unit = float(len(problem.model.segmentation.codes))
    alone = sum(float(columns[0].totals[row].sum()) for columns in free.pool if columns[0].totals is not None) / unit
    if against == "headcount":
        return [float(x) for x in np.linspace(0.0, _people_needed(problem, free), points)]
    mix = free.mix
    end = float(totals_of(groups, mix.columns, mix.weights, problem.items, mix.bought)[row].sum()) / unit
    if against in WANTED:  # the very end leaves nothing to mix
        end -= 1e-3 * (end - alone)
    return [float(x) for x in np.linspace(alone, end, points)]


def _people_needed(problem: Problem, free: Solved) -> float:
    """Return the average head-count with which no team is ever short in the free plan."""
    mix, need = free.mix, 0.0
    use = sum(
        share * column.use
        for own, shares in zip(mix.columns, mix.weights, strict=True)
        for column, share in zip(own, shares, strict=True)
    )
    for item in problem.items:
        if item.kind == "people":
            row = TEAMS.index(item.team)
            there = item.capacity[row] > 0
            # A week across two months is shared by the people of both: those of its larger part carry it.
            minutes = np.asarray(use)[row, there] / np.maximum(item.capacity[row, there], item.capacity[row].max() / 2)
            need += item.heads * float(minutes.max(initial=0.0))
    return need


def _mixed_from_all(
    problem: Problem, of: str, against: str, amounts: Sequence[float], solved: Sequence[Solved]
) -> pd.DataFrame:
    """Mix every point from the columns of all points, and list them."""
    pool: list[list[Column]] = []
    for g in range(len(problem.model.segments)):
        used = {id(column.policy) for one in solved for column in one.mix.columns[g]}
        known = {id(column.policy): column for one in solved for column in one.pool[g] if id(column.policy) in used}
        pool.append([solved[0].pool[g][0], *known.values()])
    sign = OBJECTIVES[of]
    rows = []
    for amount, one in zip(amounts, solved, strict=True):
        weighing = one.weighing
        assert weighing is not None
        _, prices, value, _ = mix_columns(pool, one.capacity, one.purchases)
        number = next(i for i, limit in enumerate(weighing.limits) if limit.name == against and not limit.weekly)
        limit = weighing.limits[number]
        price = sign * limit.sign * float(prices[weighing.first + number, 0]) * limit.unit
        bound = sign * max(one.mix.ceiling, value)
        if of in ("cost", "charge_off"):
            bound = max(bound, 0.0)
        rows.append({against: amount, of: sign * value, "bound": bound, "price": price})
    return pd.DataFrame(rows)
