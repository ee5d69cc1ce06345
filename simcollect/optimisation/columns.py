"""Columns: one policy for one segment, with what it truly earns and uses.

`ChainGroup` prices columns of a book's segment on the joint chain. The master (`master.py`) knows only the `Group`
protocol, so that small hand-made problems can be solved by the same code and checked against the whole LP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.states import N_STATES
from simcollect.optimisation.backward import action_gains, revealed, sweep
from simcollect.optimisation.forward import forward
from simcollect.optimisation.model import RESOURCES, Model, Segment
from simcollect.optimisation.recursion import Series, Terms

Array = npt.NDArray[np.float64]
NOT_KEPT = np.zeros((0, 0, 0, 0))


@dataclass(frozen=True, eq=False)
class Column:
    """A policy's true account: value in money, use of each resource, shape (R, T), and its table, shape (T, S).

    Columns for a goal also carry their totals by measure, shape (M, T + 1); see `measures`.
    """

    value: float
    use: Array
    policy: npt.NDArray[np.int8]
    totals: Array | None = None


class Group(Protocol):
    """A segment as the master sees it."""

    name: str

    def nothing(self) -> Column:
        """Return the column of leaving every account alone."""
        ...

    def improve(self, prices: Array, start: Column, sweeps: int) -> Column:
        """Return a column that is at least as good as `start` at these prices, after so many sweeps at the most."""
        ...

    def ceiling(self, prices: Array) -> float:
        """Return an upper bound on value less priced use over all policies."""
        ...


@dataclass
class ChainGroup:
    """A segment of a book, priced on its joint chain.

    The forward measures of the last column are kept: a sweep starts from them.
    """

    model: Model
    segment: Segment
    name: str = ""
    _measures: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = self.segment.name

    def __getstate__(self) -> dict[str, object]:
        """Leave the measures out of a kept plan: they are worked out again when wanted, and are most of its size."""
        return {**self.__dict__, "_measures": {}}

    def evaluate(self, policy: npt.NDArray[np.int8]) -> tuple[Column, Array, Array, Array]:
        """Return a policy's column with its forward measures and money flows (T, 3), not discounted."""
        model, segment = self.model, self.segment
        shape = (model.weeks + 1, N_STATES, N_HIDDEN)
        mu, nu = np.empty(shape), np.empty(shape)
        flows, use = np.empty((model.weeks, 3)), np.empty((len(RESOURCES), model.weeks))
        forward(
            model.chain.kernel,
            model.terms,
            segment.series,
            segment.accounts,
            segment.instalments,
            policy,
            mu,
            nu,
            flows,
            use,
        )
        money = float((flows @ np.array([1.0, 1.0, -1.0]) * segment.series.discount).sum())
        book = float((nu[-1] * segment.end[:, 0]).sum() - (mu[-1] * segment.end[:, 1]).sum())
        return Column(money + book, use, policy), mu, nu, flows

    def nothing(self) -> Column:
        """Return the column of leaving every account alone."""
        return self._remember(np.zeros((self.model.weeks, N_STATES), np.int8))

    def improve(self, prices: Array, start: Column, sweeps: int) -> Column:
        """Better a column by sweeps backward in time until none helps, `sweeps` at the most."""
        column = start
        for _ in range(sweeps):
            before = column.value - float((column.use * prices).sum())
            mu, nu = self._measures_of(column)
            policy = column.policy.copy()
            self.sweep_back(prices, mu, nu, policy, NOT_KEPT)
            better = self._remember(policy)
            after = better.value - float((better.use * prices).sum())
            if after <= before + 1e-9 * abs(before):
                return column if after < before else better
            column = better
        return column

    def ceiling(self, prices: Array) -> float:
        """Bound what any policy could earn at these prices, even one that sees the hidden classes.

        Accounts of different instalments are bounded by chords between a few (the best value is convex in it).
        """
        total = 0.0
        for unit, weight in zip(self.segment.units, self.segment.unit_weights, strict=True):
            total += float((self.best_revealed(prices, float(unit)) * weight).sum())
        return total

    def sweep_back(self, prices: Array, mu: Array, nu: Array, policy: npt.NDArray[np.int8], keep: Array) -> None:
        """Better a policy in place by one sweep backward in time, keeping the values it was weighed with."""
        model, segment = self.model, self.segment
        sweep(
            model.chain.kernel,
            model.terms,
            segment.series,
            prices,
            mu,
            nu,
            segment.faith,
            segment.mean_instalment,
            segment.end,
            policy,
            keep,
        )

    def best_revealed(self, prices: Array, unit: float) -> Array:
        """Return the best value for each (state, hidden class) if hidden classes were seen, shape (S, H)."""
        model, segment = self.model, self.segment
        return revealed(model.chain.kernel, model.terms, segment.series, prices, unit, segment.end)

    def gains(self, prices: Array, mu: Array, nu: Array, keep: Array) -> Array:
        """Return what each action gains over waiting, per unit of instalment and net of prices, shape (A, T, S).

        Parameters
        ----------
        prices : of each resource in each week; zeros for the gain before prices
        mu, nu : forward measures of a policy; keep : values that `sweep_back` kept of it
        """
        model, segment = self.model, self.segment
        out = np.empty((len(model.catalogue), model.weeks, N_STATES))
        action_gains(
            model.chain.kernel,
            model.terms,
            segment.series,
            prices,
            keep,
            mu,
            nu,
            segment.faith,
            segment.mean_instalment,
            out,
        )
        return out

    def weighing_of(self, t: int, prices: Array) -> tuple[Kernel, Terms, Series, Array, int]:
        """Return what `action_values` weighs an action of week t with: kernel, terms, series, prices, index of t."""
        return self.model.chain.kernel, self.model.terms, self.segment.series, prices, t

    def _remember(self, policy: npt.NDArray[np.int8]) -> Column:
        column, mu, nu, _ = self.evaluate(policy)
        self._measures = {id(column): (mu, nu)}
        return column

    def _measures_of(self, column: Column) -> tuple[Array, Array]:
        if id(column) not in self._measures:
            _, mu, nu, _ = self.evaluate(column.policy)
            self._measures = {id(column): (mu, nu)}
        return self._measures[id(column)]
