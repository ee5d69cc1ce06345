"""A book's planning problem under a goal, ready to be solved, and solved again under other limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from simcollect.errors import InputError
from simcollect.optimisation.columns import ChainGroup, Column
from simcollect.optimisation.feasible import meet_limits
from simcollect.optimisation.goalgroup import GoalGroup, goal_groups
from simcollect.optimisation.limits import Weighing, limits_of, objective_weights
from simcollect.optimisation.master import Mix, Purchase, solve_master
from simcollect.optimisation.measures import build_rates
from simcollect.optimisation.model import HEADROOM, RESOURCES, Model
from simcollect.optimisation.purchases import Item, items_for_sale, purchases, whole_shifts
from simcollect.strategy import TEAMS, Goal

Array = npt.NDArray[np.float64]
People = Literal["given", "chosen"]
Progress = Callable[[int, float], None]


@dataclass(frozen=True, eq=False)
class Solved:
    """A solved problem.

    Attributes
    ----------
    mix : the mix; its prices and columns speak of the resources only
    nothing : what leaving every account alone comes to in the objective
    groups : the segments under the goal
    prices : prices of all rows of the master, those of the limits included
    weighing : the goal as weights and rows; None for net present value without limits
    pool : all columns at hand in the end, the first of each segment leaving all alone
    capacity, purchases : the master's rows and what could be bought
    """

    mix: Mix
    nothing: float
    groups: tuple[ChainGroup, ...]
    prices: Array
    weighing: Weighing | None
    pool: list[list[Column]]
    capacity: Array
    purchases: list[Purchase]


@dataclass(frozen=True, eq=False)
class Problem:
    """What is planned, whatever the goal.

    Attributes
    ----------
    model : the planning problem
    people : whether the teams are as they are ("given") or bought ("chosen")
    """

    model: Model
    people: People = "given"

    @cached_property
    def items(self) -> list[Item]:
        """What may be bought."""
        return items_for_sale(self.model, self.people == "chosen", HEADROOM)

    @cached_property
    def goal_groups(self) -> list[GoalGroup]:
        """The segments with their rates; their goal is to be replaced."""
        nothing = Weighing(objective_weights(self.model, "value"), (), 0)
        return goal_groups(self.model, build_rates(self.model), nothing)

    def capacities(self) -> tuple[Array, Array]:
        """Return what the mix may use of the resources, and what the bound may, shape (R, T)."""
        capacity, bound = self.model.capacity.copy(), self.model.capacity.copy()
        capacity[: len(TEAMS)] *= 1 - HEADROOM
        if self.people == "chosen":
            capacity[: len(TEAMS)] = bound[: len(TEAMS)] = 0.0
        return capacity, bound

    def solve(
        self,
        goal: Goal,
        *,
        tolerance: float,
        max_rounds: int,
        pool: Sequence[Sequence[Column]] | None = None,
        keep_totals: bool = False,
        progress: Progress | None = None,
    ) -> Solved:
        """Solve the problem under a goal.

        Parameters
        ----------
        goal : the objective and its limits
        tolerance, max_rounds, progress : as for `optimise`
        pool : columns of an earlier solution to begin with, one that kept its totals
        keep_totals : carry totals by measure even where the goal does not need them

        Raises
        ------
        InfeasibleError
            No plan was found that meets all limits; those that collide and the nearest figures are named.
        """
        resources = self.model.resources
        goal = goal.within(resources.at_most, resources.at_most_weekly)
        if self.people == "given" and "headcount" in {**goal.at_most, **goal.at_least}:
            raise InputError('a limit on headcount needs people="chosen"; given people are what they are')
        capacity, bound = self.capacities()
        overtime = self.people == "chosen" and any(item.kind == "overtime" for item in self.items)
        groups: list[ChainGroup]
        if goal.plain and not overtime and not keep_totals:
            weighing = None
            groups = [ChainGroup(self.model, segment) for segment in self.model.segments]
        else:
            accounts = sum(float(segment.accounts.sum()) for segment in self.model.segments)
            weighing = Weighing(
                objective_weights(self.model, goal.objective),
                limits_of(goal, round(accounts)),
                len(TEAMS) if overtime else 0,
            )
            groups = [group.under(weighing) for group in self.goal_groups]
            rows = weighing.capacity(self.model.weeks)
            capacity, bound = np.concatenate([capacity, rows]), np.concatenate([bound, rows])
        buy = purchases(self.items, goal, weighing)
        nothing = [group.nothing() for group in groups]
        columns = self._columns_to_begin_with(groups, nothing, capacity, buy, weighing, pool, max_rounds, progress)
        searching = columns is None
        columns = columns or [[column] for column in nothing]
        mix = solve_master(
            groups,
            capacity,
            purchases=buy,
            bound_capacity=bound,
            bound_purchases=whole_shifts(buy, HEADROOM),
            tolerance=tolerance,
            max_rounds=max_rounds,
            sweeps=2,
            pool=columns,
            searching=searching,
            progress=progress,
        )
        return Solved(
            mix=_resources_only(mix),
            nothing=sum(column.value for column in nothing),
            groups=tuple(groups),
            prices=mix.prices,
            weighing=weighing,
            pool=columns,
            capacity=capacity,
            purchases=buy,
        )

    def _columns_to_begin_with(
        self,
        groups: Sequence[ChainGroup],
        nothing: Sequence[Column],
        capacity: Array,
        buy: Sequence[Purchase],
        weighing: Weighing | None,
        pool: Sequence[Sequence[Column]] | None,
        max_rounds: int,
        progress: Progress | None,
    ) -> list[list[Column]] | None:
        """Return columns that can meet all limits; None where leaving all alone meets them and there are no others."""
        if weighing is None:
            return None
        own = [group for group in groups if isinstance(group, GoalGroup)]
        given = None
        if pool is not None:
            given = [
                [none, *(group.weighed(column) for column in columns if column.policy.any())]
                for group, none, columns in zip(own, nothing, pool, strict=True)
            ]
        return meet_limits(own, nothing, capacity, buy, weighing, given, max_rounds, progress)


def _resources_only(mix: Mix) -> Mix:
    rows = len(RESOURCES)
    columns = tuple(tuple(replace(column, use=column.use[:rows]) for column in own) for own in mix.columns)
    return replace(mix, columns=columns, prices=mix.prices[:rows])
