"""A segment priced for any goal: the same recursions, fed week by week with the goal's weights.

Weights may change from week to week (a limit on each week has a price each), so passes run one week at a time; the
value of what follows is handed from one to the next. Nothing is compiled anew.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.states import N_STATES
from simcollect.optimisation.backward import action_gains, revealed, sweep
from simcollect.optimisation.columns import ChainGroup, Column
from simcollect.optimisation.limits import Weighing
from simcollect.optimisation.measures import Rates, afterwards, one_week, totals, weighed_terms
from simcollect.optimisation.model import RESOURCES, Model, Segment
from simcollect.optimisation.recursion import Series, Terms

Array = npt.NDArray[np.float64]


@dataclass(kw_only=True)
class GoalGroup(ChainGroup):
    """A segment of a book under a goal.

    Attributes
    ----------
    weighing : the goal
    rates : what account-weeks add to each measure
    after : what each measure comes to after the horizon, shape (M, S, 2, H)
    """

    weighing: Weighing
    rates: Rates
    after: Array

    def under(self, weighing: Weighing) -> GoalGroup:
        """Return the same segment under another goal."""
        return replace(self, weighing=weighing, _measures={})

    def evaluate(self, policy: npt.NDArray[np.int8]) -> tuple[Column, Array, Array, Array]:
        """Return a policy's column with its forward measures and money flows (T, 3), not discounted."""
        column, mu, nu, flows = super().evaluate(policy)
        own = totals(self.model, self.segment, self.rates, self.after, policy, mu, nu)
        return self.weighed(replace(column, totals=own)), mu, nu, flows

    def weighed(self, column: Column) -> Column:
        """Return a column of the segment with value and rows as this goal has them."""
        assert column.totals is not None
        value = float((self.weighing.weights * column.totals).sum())
        use = np.concatenate([column.use[: len(RESOURCES)], self.weighing.rows(column.totals)])
        return replace(column, value=value, use=use)

    def sweep_back(self, prices: Array, mu: Array, nu: Array, policy: npt.NDArray[np.int8], keep: Array) -> None:
        """Better a policy in place by one sweep backward in time, keeping the values it was weighed with."""
        segment, weights = self.segment, self.weighing.at(prices)
        values = self._end(weights)
        for t in range(self.model.weeks - 1, -1, -1):
            kernel, terms, series, price, _ = self._week(t, weights, prices)
            kept = keep[t : t + 1] if keep.size else keep
            values = sweep(
                kernel,
                terms,
                series,
                price,
                mu[t : t + 2],
                nu[t : t + 2],
                segment.faith,
                segment.mean_instalment,
                values,
                policy[t : t + 1],
                kept,
            )

    def best_revealed(self, prices: Array, unit: float) -> Array:
        """Return the best value for each (state, hidden class) if hidden classes were seen, shape (S, H)."""
        weights = self.weighing.at(prices)
        end = self._end(weights)
        for t in range(self.model.weeks - 1, -1, -1):
            kernel, terms, series, price, _ = self._week(t, weights, prices)
            best = revealed(kernel, terms, series, price, unit, end)
            # For one size of instalment only the sum of money and cost counts: it goes on as a negative cost.
            end = np.stack([np.zeros_like(best), -best], axis=1)
        return best

    def gains(self, prices: Array, mu: Array, nu: Array, keep: Array) -> Array:
        """Return what each action gains over waiting, per unit of instalment and net of prices, shape (A, T, S)."""
        segment, weights = self.segment, self.weighing.at(prices)
        parts = []
        for t in range(self.model.weeks):
            kernel, terms, series, price, _ = self._week(t, weights, prices)
            out = np.empty((len(self.model.catalogue), 1, N_STATES))
            week, next_ = slice(t, t + 1), slice(t, t + 2)
            action_gains(
                kernel,
                terms,
                series,
                price,
                keep[week],
                mu[next_],
                nu[next_],
                segment.faith,
                segment.mean_instalment,
                out,
            )
            parts.append(out)
        return np.concatenate(parts, axis=1)

    def weighing_of(self, t: int, prices: Array) -> tuple[Kernel, Terms, Series, Array, int]:
        """Return what `action_values` weighs an action of week t with: kernel, terms, series, prices, index of t."""
        return self._week(t, self.weighing.at(prices), prices)

    def _week(self, t: int, weights: Array, prices: Array) -> tuple[Kernel, Terms, Series, Array, int]:
        kernel, series = self.model.chain.kernel, self.segment.series
        k = int(series.season[t])
        return (
            kernel._replace(prob=kernel.prob[k : k + 1], stats=kernel.stats[k : k + 1]),
            weighed_terms(self.model, self.rates, weights[:, t], k, float(series.balance[t])),
            one_week(series, t),
            np.ascontiguousarray(prices[: len(RESOURCES), t : t + 1]),
            0,
        )

    def _end(self, weights: Array) -> Array:
        return np.asarray(np.tensordot(weights[:, -1], self.after, axes=1))


def goal_groups(model: Model, rates: Rates, weighing: Weighing) -> list[GoalGroup]:
    """Return the segments of a planning problem under a goal."""

    def one(segment: Segment) -> GoalGroup:
        after = afterwards(model, segment, rates)
        return GoalGroup(model, segment, weighing=weighing, rates=rates, after=after)

    with ThreadPoolExecutor(2) as workers:
        return list(workers.map(one, model.segments))
