"""A goal as rows of the master: limits that may be on each week or on the whole plan, in one table with capacities.

Row r of the master's table holds, week by week, what there is of something. The resources come first, then rows of
linked purchases, then one row a limit. A limit on the whole plan stands in the row's first cell, the other cells are
without limit: so it has one price. A floor is a cap on the negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.optimisation.master import UNLIMITED
from simcollect.optimisation.measures import INDEX, NAMES
from simcollect.optimisation.model import RESOURCES, Model
from simcollect.strategy import OBJECTIVES, PER_ACCOUNT, Goal

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Limit:
    """One limit of a goal.

    Attributes
    ----------
    name : as the goal has it, such as "contacts_per_account"
    asked : the figure asked for, in the unit of the name
    unit : what one unit of the name is in units of the measure: 1, or the number of accounts
    floor : whether it is a least amount
    weekly : whether it holds for each week
    """

    name: str
    asked: float
    unit: float
    floor: bool
    weekly: bool

    @property
    def measure(self) -> str:
        """Name of the measure it limits."""
        return self.name.removesuffix(PER_ACCOUNT)

    @property
    def sign(self) -> float:
        """Sign with which the measure stands in a row of caps."""
        return -1.0 if self.floor else 1.0

    def text(self, amount: float | None = None) -> str:
        """Return it in words, with another amount if given.

        Examples
        --------
        >>> Limit("recovery", 5e6, 1.0, floor=True, weekly=False).text()
        'recovery at least 5,000,000'
        """
        amount = self.asked if amount is None else amount
        figure = f"{amount:,.0f}" if amount >= 1000 else f"{amount:.6g}"
        return f"{self.name} at {'least' if self.floor else 'most'} {figure}{' a week' if self.weekly else ''}"


@dataclass(frozen=True)
class Weighing:
    """An objective with its limits, as weights and rows.

    Attributes
    ----------
    weights : what one unit of each measure adds to the objective in each week and (last) after the plan, (M, T + 1)
    limits : one row each
    linked : rows between resources and limits that accounts do not touch
    """

    weights: Array
    limits: tuple[Limit, ...]
    linked: int

    @property
    def first(self) -> int:
        """Row of the first limit."""
        return len(RESOURCES) + self.linked

    def rows(self, totals: Array) -> Array:
        """Return what a column takes of the rows below the resources, shape (linked + limits, T)."""
        out = np.zeros((self.linked + len(self.limits), totals.shape[1] - 1))
        for row, limit in zip(out[self.linked :], self.limits, strict=True):
            own = limit.sign * totals[INDEX[limit.measure]]
            if limit.weekly:
                row[:] = own[:-1]
            else:
                row[0] = own.sum()
        return out

    def capacity(self, weeks: int) -> Array:
        """Return what there is in the rows below the resources, shape (linked + limits, T)."""
        out = np.zeros((self.linked + len(self.limits), weeks))
        for row, limit in zip(out[self.linked :], self.limits, strict=True):
            row[:] = UNLIMITED
            row[: weeks if limit.weekly else 1] = limit.sign * limit.asked * limit.unit
        return out

    def at(self, prices: Array) -> Array:
        """Return the weights once limits are paid for at their prices, shape (M, T + 1)."""
        out = self.weights.copy()
        for row, limit in zip(prices[self.first :], self.limits, strict=True):
            i = INDEX[limit.measure]
            if limit.weekly:
                out[i, :-1] -= limit.sign * row
            else:
                out[i] -= limit.sign * row[0]
        return out


def objective_weights(model: Model, objective: str) -> Array:
    """Return the weights of an objective, shape (M, T + 1); see `Weighing`."""
    out = np.zeros((len(NAMES), model.weeks + 1))
    if objective == "value":
        discount = model.segments[0].series.discount
        out[INDEX["recovery"], :-1] = discount
        out[INDEX["cost"], :-1] = -discount
        out[INDEX["book"], -1] = 1.0
    else:
        out[INDEX[objective]] = OBJECTIVES[objective]
    return out


def limits_of(goal: Goal, accounts: int) -> tuple[Limit, ...]:
    """Return the limits of a goal for a book of so many accounts.

    Examples
    --------
    >>> [limit.text() for limit in limits_of(Goal(at_most={"contacts": 9}, at_least={"cash": 1}), 3)]
    ['contacts at most 9', 'cash at least 1']
    """
    asked = [
        (goal.at_most, False, False), (goal.at_most_weekly, False, True),
        (goal.at_least, True, False), (goal.at_least_weekly, True, True),
    ]  # fmt: skip
    return tuple(
        Limit(name, float(amount), float(accounts) if name.endswith(PER_ACCOUNT) else 1.0, floor, weekly)
        for limits, floor, weekly in asked
        for name, amount in limits.items()
    )
