"""The same-information bound: what no strategy can beat that sees what the lender sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcollect.errors import InputError
from simcollect.optimisation.athand import profit, rent
from simcollect.optimisation.belief_mixes import Grid, Mixes
from simcollect.optimisation.belief_values import belief_values
from simcollect.optimisation.beliefs import choose_points
from simcollect.optimisation.bound_prices import lower_prices
from simcollect.optimisation.interpolate import MOST_PARTS
from simcollect.optimisation.model import HEADROOM, RESOURCES, Model, Segment
from simcollect.optimisation.outcomes import Outcomes, build_outcomes
from simcollect.optimisation.purchases import whole_shifts
from simcollect.strategy import TEAMS

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan

Array = npt.NDArray[np.float64]
SEED = 5  # of the histories that points are drawn from: any
LEAST = 1e-4  # of the plan's gain: what a step of prices must lower the bound by to be worth another; judgement


def same_information_bound(plan: Plan, points: int = 6, *, threads: int = 2) -> float:
    """Bound the value of every strategy that decides on what the lender can see.

    Parameters
    ----------
    plan : a plan for net present value without limits; the search for prices begins with its own
    points : belief points for each kind of observed state, apart from the eight certainties; more points, as a rule a
        tighter bound, and more time
    threads : segments worked on at once; the result does not depend on it

    Returns
    -------
    the bound, in major units of the book's currency, discounted to day 0: between the plan's value and `Plan.bound`

    Raises
    ------
    InputError
        The number of points is negative, or the plan strives for something else than value, or within limits.

    Notes
    -----
    The lender sees, at each weekly review of the chain, where each account stands and what it has paid; so what he
    believes of the hidden classes is a function of the history. The best value is convex in that belief, so it lies
    below any mix of its values at given beliefs; going back through the weeks with such mixes gives a bound under
    any prices. Those of the plan were made with some of the capacity left free, and for tables; `bound_prices` looks
    for others at which the bound with all revealed, which is quick, is lower. Smallwood & Sondik,
    Operations Research 21(5), 1973 (convexity); Lovejoy, Operations Research 39(1), 1991 (the bound by interpolation).

    Proved is that the best on this information lies between the plan's value and this bound; so it falls short of
    `Plan.bound` by at least `Plan.bound` less this bound, and by at most `Plan.bound` less the plan's value. As
    `Plan.bound` itself is no strategy's value, no distance between the bounds is what asking customers for their
    reasons would be worth.

    Examples
    --------
    >>> from simcollect import Portfolio, Resources, Scenario, optimise
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> plan = optimise(book, Scenario.baseline(), Resources.default(book), weeks=3, max_rounds=13)
    >>> bool(plan.value <= same_information_bound(plan, points=4) <= plan.bound)
    True
    """
    if points < 0:
        raise InputError(f"points must be 0 or more, not {points}")
    weighing = plan.solved.weighing
    if plan.goal.objective != "value" or (weighing is not None and weighing.limits):
        raise InputError("the same-information bound is for plans that strive for value, without limits")
    model, solved = plan.model, plan.solved
    outcomes = build_outcomes(model.chain.kernel, model.terms.allowed)
    there = solved.capacity.copy()
    there[: len(TEAMS)] /= 1 - HEADROOM  # a bound may use the whole shift
    bought = whole_shifts(solved.purchases, HEADROOM)

    with ThreadPoolExecutor(threads) as workers:

        def revealed(prices: Array) -> Array:
            return np.array(list(workers.map(lambda group: group.ceiling(prices), solved.groups)))

        def capacity(prices: Array) -> float:
            """Return what all capacity, and buying more of it, is worth."""
            return rent(prices, there) + profit(prices, bought)

        prices = lower_prices(
            solved.prices, lambda at: float(revealed(at).sum()) + capacity(at), LEAST * abs(plan.gain)
        )

        def one(g: int) -> float:
            segment, columns, shares = model.segments[g], plan.mix.columns[g], plan.mix.weights[g]
            grid = choose_points(model, outcomes, segment, columns, shares, points, SEED + g)
            return segment_bound(model, outcomes, segment, prices[: len(RESOURCES)], grid)

        hidden = np.array(list(workers.map(one, range(len(model.segments)))))
        return min(float(np.minimum(hidden, revealed(prices)).sum()) + capacity(prices), plan.bound)


def segment_bound(model: Model, outcomes: Outcomes, segment: Segment, prices: Array, grid: Grid) -> float:
    """Bound what a segment's accounts could earn at given prices, by mixes of the points of a grid."""
    group_of_row = np.repeat(np.arange(grid.ptr.size - 1), np.diff(outcomes.group_ptr))
    size = np.diff(grid.ptr)[np.repeat(group_of_row, np.diff(outcomes.row_ptr))]
    first = np.concatenate([[0], np.cumsum(size)])
    mixes = Mixes(
        first=first,
        ptr=np.zeros(first[-1] + 1, np.int64),
        part=np.empty(first[-1] * MOST_PARTS, np.int32),
        weight=np.empty(first[-1] * MOST_PARTS),
    )
    accounts = segment.unit_weights.sum(axis=(1, 2))
    return belief_values(
        outcomes,
        model.chain.kernel,
        model.terms,
        segment.series,
        prices,
        segment.units,
        accounts / accounts.sum(),
        segment.end,
        grid,
        mixes,
        segment.unit_weights,
    )
