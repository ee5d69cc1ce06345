"""How a plan fares if the borrower is not quite as it was made for: the same plan under draws of the parameters.

Symbols: ``theta_i`` a draw of the parameters, ``V_i`` the value of the plan's fixed columns and shares on the chain
under it, ``N_i`` that of leaving every account alone, ``B_i`` the value of the best plan found by one who knew
``theta_i``.

- *gain* ``V_i − N_i``. Talks may take more of the teams' time under a draw than there is; the work that then is left
  undone takes its price in the plan from ``V_i`` (*overload*).
- *regret* ``B_i − V_i``, not below zero. ``B_i`` comes of a few rounds of pricing that begin with the plan's own
  columns, so a regret may be somewhat larger than shown. Its mean is the expected value of perfect information: what
  knowing the parameters exactly would be worth (Raiffa & Schlaifer, Applied Statistical Decision Theory, 1961).
- The plan is *right* under a draw if its regret is at most `NEAR` of the gain of the best plan, and that gain is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.master import solve_master
from simcollect.optimisation.model import Model, build_model
from simcollect.optimisation.problem import Problem
from simcollect.portfolio import Portfolio

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan

Array = npt.NDArray[np.float64]

NEAR = 0.05  # of the best gain: judgement, a little more than twice the tolerance at which plans are made
TOLERANCE = 0.02  # of the plan of one who knows: as that of `optimise`
ROUNDS = 6  # of pricing for the plan of one who knows: on 2,000 accounts over half a year, twelve found no more


@dataclass(frozen=True, eq=False, repr=False)
class UnderDraws:
    """A plan under draws of the borrower's parameters.

    Attributes
    ----------
    table : one row a draw: `value` of the plan, `nothing` (leaving all alone), `gain`, `overload` (price of work beyond
        capacity, taken off already), `best_gain` (of a plan made for this draw) and `regret`; money of the book
    scenario, currency : of the plan
    """

    table: pd.DataFrame
    scenario: str
    currency: str

    @property
    def right(self) -> tuple[float, float, float]:
        """Probability that the plan is the right decision, within 5 % of the best gain, with its 95 % interval."""
        best = self.table["best_gain"]
        return probability(float(((self.table["regret"] <= NEAR * best) & (self.table["gain"] > 0)).sum()), len(best))

    @property
    def better_than_nothing(self) -> tuple[float, float, float]:
        """Probability that the plan is better than leaving every account alone, with its 95 % interval."""
        gain = self.table["gain"]
        return probability(float((gain > 0).sum() + 0.5 * (gain == 0).sum()), len(gain))

    def summary(self) -> pd.DataFrame:
        """Return the plan's gain, its regret and how probable it is that it is right: figure, low, high, unit."""
        rows = {
            name: (float(column.mean()), *map(float, np.quantile(column, [0.025, 0.975])), self.currency)
            for name, column in (("gain", self.table["gain"]), ("regret", self.table["regret"]))
        }
        share = "probability"
        rows["right: within 5 % of the best plan"] = (*self.right, share)
        rows["better than leaving all alone"] = (*self.better_than_nothing, share)
        return pd.DataFrame.from_dict(rows, orient="index", columns=["figure", "low", "high", "unit"])

    def __repr__(self) -> str:
        gain, regret = self.table["gain"], self.table["regret"]
        low, high = np.quantile(gain, [0.025, 0.975])
        return (
            f"<Plan for {self.scenario} under {len(gain)} draws of the parameters: gain {self.currency} "
            f"{gain.mean():,.0f} ({low:,.0f} to {high:,.0f}); right with probability {self.right[0]:.2f}; "
            f"knowing the parameters would be worth {regret.mean():,.0f}>"
        )


def probability(wins: float, n: int) -> tuple[float, float, float]:
    """Return a share of draws with Jeffreys' 95 % interval, Beta(k + 1/2, n − k + 1/2).

    Source: Brown, Cai & DasGupta, Statistical Science 16(2), 2001; draws are few, and shares near one.

    Examples
    --------
    >>> [round(x, 2) for x in probability(20, 20)]
    [1.0, 0.88, 1.0]
    """
    from scipy.stats import beta

    low, high = beta.ppf([0.025, 0.975], wins + 0.5, n - wins + 0.5)
    return wins / n, float(low), float(high)


def under_draws(
    plan: Plan,
    portfolio: Portfolio,
    scenario: Scenario,
    draws: Sequence[Behaviour],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> UnderDraws:
    """Return how a plan fares under each draw; `Plan.under_draws` says what the arguments are."""
    if len(draws) < 2:
        raise InputError(f"a plan's spread needs two draws of the parameters or more, not {len(draws)}")
    if plan.solved.weighing is not None:
        raise InputError("a plan under a goal cannot be weighed under draws; compare its by_table with others instead")
    rows = []
    for number, behaviour in enumerate(draws):
        if progress is not None:
            progress(number, len(draws))
        model = build_model(
            portfolio, scenario, plan.model.resources, weeks=plan.weeks, behaviour=behaviour,
            catalogue=plan.model.catalogue,
        )  # fmt: skip
        if number == 0:
            _refuse_another_book(plan, model)
        rows.append((number, *_weigh(plan, model)))
    if progress is not None:
        progress(len(draws), len(draws))
    columns = ["draw", "value", "nothing", "gain", "overload", "best_gain", "regret"]
    return UnderDraws(pd.DataFrame(rows, columns=columns), plan.scenario, plan.currency)


def _weigh(plan: Plan, model: Model) -> tuple[float, float, float, float, float, float]:
    """Return value, nothing, gain, overload, best gain and regret of a plan under another model of the same book."""
    groups = [ChainGroup(model, segment) for segment in model.segments]
    pool = [
        [group.nothing(), *(group.evaluate(column.policy)[0] for column in columns if column.policy.any())]
        for group, columns in zip(groups, plan.mix.columns, strict=True)
    ]
    nothing = sum(columns[0].value for columns in pool)
    buy = plan.solved.purchases
    capacity, _ = Problem(model, "given" if plan.headcount is None else "chosen").capacities()
    value, use = 0.0, -capacity
    for own, columns, weights in zip(pool, plan.mix.columns, plan.mix.weights, strict=True):
        known = iter(own[1:])
        for column, weight in zip(columns, weights, strict=True):
            there = next(known) if column.policy.any() else own[0]
            value += float(weight) * there.value
            use = use + weight * there.use
    for purchase, units in zip(buy, plan.mix.bought, strict=True):
        value -= float(units) * purchase.cost
        use = use - units * purchase.capacity
    overload = float((plan.mix.prices * np.maximum(use, 0.0)).sum())
    value -= overload
    best = solve_master(
        groups, capacity, purchases=buy, tolerance=TOLERANCE, max_rounds=ROUNDS,
        sweeps=2, pool=pool, searching=False,
    ).value  # fmt: skip
    best = max(best, value)
    return value, nothing, value - nothing, overload, best - nothing, best - value


def _refuse_another_book(plan: Plan, model: Model) -> None:
    mine, given = plan.model.segmentation.codes, model.segmentation.codes
    if mine.shape != given.shape or not np.array_equal(mine, given):
        raise InputError("the book is not the one that the plan was made for: its segments differ")
