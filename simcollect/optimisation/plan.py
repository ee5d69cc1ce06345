"""The plan: what to do with whom, what it is worth, how far it may be from the best possible, and what is scarce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.states import AGENCY, CLOSED, EARLY, LATE, LEGAL, N_STATES, PLAN
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.explain import Explanation, explain
from simcollect.optimisation.goalgroup import GoalGroup, goal_groups
from simcollect.optimisation.limits import Weighing
from simcollect.optimisation.master import Mix, mix_columns
from simcollect.optimisation.measures import build_rates
from simcollect.optimisation.model import RESOURCES, Model
from simcollect.optimisation.outcome import limits_table, measures_table, totals_of
from simcollect.optimisation.purchases import Item, bought_table, headcount_table
from simcollect.optimisation.table import strategy_table
from simcollect.portfolio import Portfolio
from simcollect.strategy import OBJECTIVES, TEAMS, Goal, Strategy

if TYPE_CHECKING:
    from simcollect.optimisation.problem import Problem, Solved

Array = npt.NDArray[np.float64]
BLOCKS = (("current", 0, EARLY), ("early", EARLY, LATE), ("late", LATE, PLAN), ("plan", PLAN, LEGAL),
          ("legal", LEGAL, AGENCY), ("agency", AGENCY, CLOSED), ("closed", CLOSED, N_STATES))  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """A plan with its proof; amounts in major units of the book's currency, discounted to day 0.

    Attributes
    ----------
    model, mix : the problem, and the mix of columns that solves it
    nothing : value of leaving every account alone
    scenario : name of the scenario it was made for
    goal : what was striven for, and within which limits
    solved : the solution with all its prices
    items : what could be bought

    Notes
    -----
    `value` is what the plan strives for: unless a goal says otherwise net present value, which counts cash, costs of
    contact, law and complaints, what is bought, and the value of the book at the horizon. Collectors' wages are in it
    only where head-count was planned; otherwise they are the same for every plan. What is to be least (cost,
    charge-off, loss) has a minus sign here, so that more is better; `measures` has it without.
    """

    model: Model
    mix: Mix
    nothing: float
    scenario: str
    goal: Goal
    solved: Solved
    items: Sequence[Item] = ()

    @classmethod
    def of(cls, problem: Problem, solved: Solved, goal: Goal, scenario: str) -> Plan:
        """Return the plan that a solved problem makes."""
        return cls(problem.model, solved.mix, solved.nothing, scenario, goal, solved, tuple(problem.items))

    @property
    def value(self) -> float:
        """What the plan earns; attainable as the book grows."""
        return self.mix.value

    @property
    def headcount(self) -> pd.DataFrame | None:
        """People by month and team, where they were planned too; else None."""
        if not any(item.kind == "people" for item in self.items):
            return None
        return headcount_table(self.items, self.mix.bought)

    @cached_property
    def bought(self) -> pd.DataFrame:
        """What the plan buys: kind, team, period (month or week), amount, unit, cost (not discounted)."""
        return bought_table(self.items, self.mix.bought)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """What the plan comes to by each measure that a goal can name, in its weeks and afterwards."""
        return measures_table(self._totals, self.model.segments[0].series.discount)

    @cached_property
    def limits(self) -> pd.DataFrame:
        """The goal's limits: asked, reached, and what one unit more of each would be worth to the objective."""
        solved = self.solved
        # The mix's own duals: nothing for a limit that is not reached, whatever the steadier prices say.
        _, prices, _, _ = mix_columns(solved.pool, solved.capacity, solved.purchases)
        return limits_table(solved.weighing, self._totals, prices)

    @cached_property
    def _totals(self) -> Array:
        groups = self.solved.groups
        own = [group for group in groups if isinstance(group, GoalGroup)]
        own = own or goal_groups(self.model, build_rates(self.model), Weighing(np.zeros(()), (), 0))
        return totals_of(own, self.mix.columns, self.mix.weights, self.items, self.mix.bought)

    @property
    def bound(self) -> float:
        """What no strategy can beat, not even one that sees why each customer does not pay."""
        return self.mix.ceiling

    @property
    def gain(self) -> float:
        """Value over leaving every account alone."""
        return self.value - self.nothing

    @property
    def gap(self) -> float:
        """Distance to the bound as a share of the bound's gain; for a least-cost plan, of the cost itself."""
        return (self.bound - self.value) / max(abs(self.bound - self.nothing), abs(self.gain), 1e-12)

    @property
    def currency(self) -> str:
        """Currency of all amounts."""
        return self.model.currency

    @property
    def weeks(self) -> int:
        """Weeks planned."""
        return self.model.weeks

    def __repr__(self) -> str:
        if self.goal.objective != "value":
            amount = self.value * OBJECTIVES[self.goal.objective]
            return (
                f"<Plan for {self.scenario}: {self.weeks} weeks, {self.goal.objective} {self.currency} {amount:,.0f}, "
                f"at most {100 * self.gap:.1f} % from the best possible>"
            )
        return (
            f"<Plan for {self.scenario}: {self.weeks} weeks, gain {self.currency} {self.gain:,.0f} over leaving all "
            f"alone, at most {100 * self.gap:.1f} % below the best possible>"
        )

    @cached_property
    def prices(self) -> pd.DataFrame:
        """Worth of one more minute, message or legal slot in each week, shape (T, R)."""
        return pd.DataFrame(self.mix.prices.T, columns=list(RESOURCES)).rename_axis("week")

    @cached_property
    def capacity(self) -> pd.DataFrame:
        """What there is of each resource in each week, shape (T, R)."""
        return pd.DataFrame(self.model.capacity.T, columns=list(RESOURCES)).rename_axis("week")

    @cached_property
    def forecast(self) -> pd.DataFrame:
        """Expected cash, cost, effort and accounts by stage, one row a week."""
        weeks = self.model.weeks
        flows, use, stages = np.zeros((weeks, 3)), np.zeros((len(RESOURCES), weeks)), np.zeros((weeks, len(BLOCKS)))
        for mu, part, column_use in self._passes:
            flows += part
            use += column_use
            by_state = mu[:weeks].sum(axis=2)
            stages += np.stack([by_state[:, first:end].sum(axis=1) for _, first, end in BLOCKS], axis=1)
        start = pd.Timestamp(self.model.calendar.start)
        table = {
            "date": [start + pd.Timedelta(weeks=t) for t in range(weeks)],
            "cash": flows[:, 0] + flows[:, 1],
            "cost": flows[:, 2],
            **{f"minutes_{team}": use[i] for i, team in enumerate(TEAMS)},
            "messages": use[len(TEAMS)],
            "legal_slots": use[len(TEAMS) + 1],
            **{name: stages[:, i] for i, (name, _, _) in enumerate(BLOCKS)},
        }
        return pd.DataFrame(table).rename_axis("week").reset_index()

    @cached_property
    def _passes(self) -> list[tuple[Array, Array, Array]]:
        """Forward measures of accounts, money flows and use of each column, weighted."""
        out = []
        for segment, columns, weights in zip(self.model.segments, self.mix.columns, self.mix.weights, strict=True):
            group = ChainGroup(self.model, segment)
            for column, weight in zip(columns, weights, strict=True):
                _, mu, _, flows = group.evaluate(column.policy)
                out.append((weight * mu, weight * flows, weight * column.use))
        return out

    @cached_property
    def strategy(self) -> Strategy:
        """The plan as a strategy for the simulator: each account is drawn to a column of its segment."""
        weeks = self.model.weeks
        tables: list[npt.NDArray[np.int8]] = []
        gains: list[Array] = []
        weights = np.zeros((len(self.model.segments), sum(len(columns) for columns in self.mix.columns)))
        at = 0
        for g, (columns, shares) in enumerate(zip(self.mix.columns, self.mix.weights, strict=True)):
            by_action = self._gains(g)
            for column, share in zip(columns, shares, strict=True):
                tables.append(column.policy)
                gains.append(np.take_along_axis(by_action, column.policy[None].astype(np.int64), axis=0)[0])
                weights[g, at] = share
                at += 1
        return Strategy(
            name="plan",
            tables=np.stack(tables).reshape(at, weeks, N_STATES),
            weights=weights,
            priority="gain",
            gain=np.stack(gains),
            catalogue=self.model.catalogue,
            description=f"Optimised for {self.scenario} over {weeks} weeks.",
        )

    def _gains(self, g: int) -> Array:
        """Return the gain of each action over waiting per minute of work, in instalments, shape (A, T, S).

        Worked out with the values of the segment's main column; its other columns differ from it at the margin only.
        """
        keep, mu, nu = self._backward(g)
        out = self.solved.groups[g].gains(mu, nu, keep)
        return np.asarray(out / np.maximum(_mean_minutes(self.model), 1e-6)[:, None, :])

    def values_later(self, g: int) -> Array:
        """Return what accounts of a segment are worth a week later under the plan, shape (T, S, 2, H).

        Money per unit of instalment, and cost per account with the use of scarce resources at the plan's prices.
        """
        return self._backward(g)[0]

    def _backward(self, g: int) -> tuple[Array, Array, Array]:
        """Go back through a segment's main column: values a week later, and the forward measures."""
        group = self.solved.groups[g]
        policy = self.mix.columns[g][int(np.argmax(self.mix.weights[g]))].policy
        keep = np.zeros((self.model.weeks, N_STATES, 2, N_HIDDEN))
        _, mu, nu, _ = group.evaluate(policy)
        group.sweep_back(self.solved.prices, mu, nu, policy.copy(), keep)
        return keep, mu, nu

    def explain(self, portfolio: Portfolio, account_id: str) -> Explanation:
        """Return why the plan does what it does with one account in its first week; see `explain`.

        Parameters
        ----------
        portfolio : the book that the plan was made for
        account_id : the account
        """
        return explain(self, portfolio, account_id)

    def workload(self) -> pd.DataFrame:
        """Return the minutes of work by month and team that the plan calls for, for `simcollect.staff`."""
        frame = self.forecast
        month = (frame["date"] + pd.Timedelta(days=3)).dt.to_period("M")
        parts = [
            frame.groupby(month)[f"minutes_{team}"]
            .sum()
            .rename("minutes")
            .rename_axis("month")
            .reset_index()
            .assign(team=team)
            for team in TEAMS
        ]
        return pd.concat(parts, ignore_index=True)[["month", "team", "minutes"]].sort_values(
            ["month", "team"], ignore_index=True, kind="stable"
        )

    def table(self) -> pd.DataFrame:
        """Return the plan in few rows: by product, band and stage what is done, by whom, with how many accounts."""
        return strategy_table(self)

    def summary(self) -> pd.DataFrame:
        """Return the plan's figures, one row each.

        Notes
        -----
        ``gap`` is the distance to the bound as a share of the gain that the bound leaves possible.
        """
        use = self.forecast[[f"minutes_{team}" for team in TEAMS]].sum().to_numpy()
        there = self.capacity[list(TEAMS)].sum().to_numpy()
        what, sign = self.goal.objective, OBJECTIVES[self.goal.objective]
        least = sign < 0
        rows = {
            what: (sign * self.value, self.currency),
            f"{what} of leaving all alone": (sign * self.nothing, self.currency),
            ("saving" if least else "gain"): (self.gain, self.currency),
            f"bound on the {'saving' if least else 'gain'}": (self.bound - self.nothing, self.currency),
            "gap": (self.gap, f"share of the {'saving' if least else 'bound on the gain'}"),
            "expected cash": (float(self.forecast["cash"].sum()), f"{self.currency}, not discounted"),
            "rounds of pricing": (float(self.mix.rounds), "count"),
            **{
                f"use of the {team} team": (float(u / c) if c > 0 else 0.0, "share of productive minutes")
                for team, u, c in zip(TEAMS, use, there, strict=True)
            },
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=["figure", "unit"])


def _mean_minutes(model: Model) -> Array:
    """Return expected minutes of each action in each state, averaged over behaviours, shape (A, S)."""
    kernel = model.chain.kernel
    out = np.ones((len(model.catalogue), N_STATES))
    per_week = model.terms.minutes[0].reshape(len(model.catalogue), -1, 4, 5).mean(axis=3)
    for s in range(PLAN):
        w, level = int(kernel.week_of[s]), int(kernel.level_of[s])
        column = per_week[:, w + 6, level]
        out[:, s] = np.where(model.terms.team[:, s] >= 0, column, 1.0)
    return out
