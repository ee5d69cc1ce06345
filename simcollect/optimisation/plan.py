"""The plan: what to do with whom, what it is worth, how far it may be from the best possible, and what is scarce."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.errors import InputError
from simcollect.optimisation.again import Course, make_course, values_later
from simcollect.optimisation.athand import mix_columns
from simcollect.optimisation.bound import same_information_bound
from simcollect.optimisation.bytable import by_table
from simcollect.optimisation.explain import Explanation, explain
from simcollect.optimisation.forecast import Pass, forecast, passes, workload
from simcollect.optimisation.goalgroup import GoalGroup, goal_groups
from simcollect.optimisation.limits import Weighing
from simcollect.optimisation.master import Mix
from simcollect.optimisation.measures import build_rates
from simcollect.optimisation.model import HEADROOM, RESOURCES, Model
from simcollect.optimisation.outcome import limits_table, measures_table, totals_of
from simcollect.optimisation.playbook import Playbook, playbook
from simcollect.optimisation.policy import PlanPolicy
from simcollect.optimisation.purchases import Item, bought_table, capacity_bought, headcount_table
from simcollect.optimisation.summary import summary
from simcollect.optimisation.table import strategy_table
from simcollect.optimisation.underdraws import UnderDraws, under_draws
from simcollect.optimisation.uses import main_use, mean_minutes
from simcollect.portfolio import Portfolio
from simcollect.strategy import OBJECTIVES, TEAMS, Goal, Strategy

if TYPE_CHECKING:
    from simcollect.optimisation.problem import Problem, Solved

Array = npt.NDArray[np.float64]
PLAYBOOK_ROWS = 20  # judgement: a page; on the made-up book more rows add next to nothing


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
    drawn : how it fares under draws of the borrower's parameters, where `optimise` was given some

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
    drawn: UnderDraws | None = None

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
        """What there is of each resource in each week, as given and as bought on top: two columns a resource.

        Minutes are productive ones, of which the plan leaves a small share free in both (`HEADROOM`). Where people are
        chosen nothing is given of the teams: all of them are bought.
        """
        given, added = self.model.capacity.copy(), capacity_bought(self.items, self.mix.bought, self.model.capacity)
        added[: len(TEAMS)] /= 1 - HEADROOM
        if self.headcount is not None:
            given[: len(TEAMS)] = 0.0
        columns = {
            f"{name} {what}": amounts[row]
            for row, name in enumerate(RESOURCES)
            for what, amounts in (("given", given), ("bought", added))
        }
        return pd.DataFrame(columns).rename_axis("week")

    @cached_property
    def forecast(self) -> pd.DataFrame:
        """Expected cash, cost, effort and accounts by stage, one row a week."""
        return forecast(self.model, self._passes)

    @cached_property
    def _passes(self) -> list[Pass]:
        return passes(self.model, self.mix)

    def seen(self) -> list[tuple[Array, Array]]:
        """Return accounts, and their instalments in money, by week and observed state, shape (T, S); by segment."""
        out, at = [], 0
        for columns in self.mix.columns:
            parts = self._passes[at : at + len(columns)]
            out.append((np.sum([p.accounts for p in parts], axis=0), np.sum([p.instalments for p in parts], axis=0)))
            at += len(columns)
        return out

    @cached_property
    def strategy(self) -> Strategy:
        """The plan as a strategy for the simulator: every account on its own history, see `policy`.

        Its tables (`by_table`) gained 4 % less (standard error 1) on 20,000 accounts over half a year, 6 % less in a
        downturn (2), on luck that nothing was chosen on. Planning again every month gained no more, at five times the
        time, not even where a plan for the baseline met a severe downturn.
        """
        return self.policy()

    def policy(self, again_weeks: int | None = None) -> Strategy:
        """Return the plan as a strategy that carries a belief about each account and acts on it.

        An action's gain is the mean, over what is believed of this very account, of taking it and then following the
        plan, less waiting, less the plan's prices of what it uses (under a goal also those of its limits); the belief
        starts from the book's prior and follows what the lender observes, by Bayes' rule.

        Parameters
        ----------
        again_weeks : plan again after so many weeks on the book as it stands, so that prices follow what has happened;
            None follows the first plan to its end

        Raises
        ------
        InputError
            The weeks are not positive, or the plan to be made again strives for something else than value, or within
            limits.
        """
        if again_weeks is not None and again_weeks < 1:
            raise InputError(f"again_weeks must be 1 or more, or None, not {again_weeks}")
        if again_weeks is not None and self.solved.weighing is not None:
            raise InputError("a plan under a goal cannot be made again in the course of a run: leave again_weeks out")
        return replace(
            self.by_table,
            name="plan",
            policy=PlanPolicy(self.model, self._course, None if again_weeks is None else 7 * again_weeks),
            description=f"Optimised over {self.weeks} weeks for {self.scenario}; follows each account's own history.",
        )

    @cached_property
    def _course(self) -> Course:
        capacity = self.model.capacity.copy()
        if self.headcount is not None:  # the people to be hired are what there will be
            capacity[: len(TEAMS)] = np.sum([one.use for one in self._passes], axis=0)[: len(TEAMS)]
        else:
            capacity[: len(TEAMS)] *= 1 - HEADROOM
        return make_course(self.solved.groups, 0, capacity, self.solved.prices, self.mix.columns, self.mix.weights)

    @cached_property
    def by_table(self) -> Strategy:
        """The plan as tables: each account is drawn to a column of its segment, whatever its history."""
        return by_table(self)

    def gains(self, share: float = 1.0) -> list[Array]:
        """Return what each action gains over waiting, per unit of instalment, shape (A, T, S); by segment.

        Worked out with the values of the segment's main column; its other columns differ from it at the margin only.

        Parameters
        ----------
        share : of the plan's prices that is charged for what the action uses
        """
        return [self._gains(g, share * self.solved.prices) for g in range(len(self.model.segments))]

    def gains_a_minute(self) -> list[Array]:
        """Return the gain of each action over waiting, before prices, for each minute of work it takes, as `gains`."""
        minutes = np.maximum(mean_minutes(self.model), 1e-6)[:, None, :]
        return [gain / minutes for gain in self._gross]

    def uses(self) -> tuple[npt.NDArray[np.int64], Array]:
        """Return which resource (a row of `RESOURCES`) each action mainly takes in each state and how much, (A, S)."""
        return main_use(self.model)

    @cached_property
    def _gross(self) -> list[Array]:
        return self.gains(0.0)

    def _gains(self, g: int, prices: Array) -> Array:
        keep, mu, nu = self._backward(g)
        return self.solved.groups[g].gains(prices, mu, nu, keep)

    def values_later(self, g: int) -> Array:
        """Return what accounts of a segment are worth a week later under the plan, shape (T, S, 2, H).

        Money per unit of instalment, and cost per account with the use of scarce resources at the plan's prices.
        """
        return self._backward(g)[0]

    def _backward(self, g: int) -> tuple[Array, Array, Array]:
        """Go back through a segment's main column: values a week later, and the forward measures."""
        column = self.mix.columns[g][int(np.argmax(self.mix.weights[g]))]
        return values_later(self.solved.groups[g], column, self.solved.prices)

    def same_information_bound(self, points: int = 6) -> float:
        """Return what no strategy can beat that sees what the lender sees: at most `bound`, but takes a while.

        Once it is worked out, `summary` tells how far the plan is from it at most.

        Parameters
        ----------
        points : belief points for each kind of observed state; see `simcollect.optimisation.bound`

        Raises
        ------
        InputError
            The number of points is negative, or the plan strives for something else than value, or within limits.
        """
        if points not in self._same_information:
            self._same_information[points] = same_information_bound(self, points)
        return self._same_information[points]

    @cached_property
    def _same_information(self) -> dict[int, float]:
        return {}

    def explain(self, portfolio: Portfolio, account_id: str, believed: npt.ArrayLike | None = None) -> Explanation:
        """Return why the plan does what it does with one account in its first week; see `explain`.

        Parameters
        ----------
        portfolio : the book that the plan was made for
        account_id : the account
        believed : what is believed of it, if it has been watched, such as a row of `SimulationResult.beliefs`
        """
        return explain(self, portfolio, account_id, believed)

    def under_draws(
        self,
        portfolio: Portfolio,
        scenario: Scenario,
        draws: Sequence[Behaviour],
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> UnderDraws:
        """Return how this plan fares if the borrower is not quite as it was made for; see `underdraws`.

        Parameters
        ----------
        portfolio, scenario : what the plan was made for
        draws : parameter tables, as `Calibration.draws` gives; at least two, 20 or more for a probability worth stating
        progress : called with draws done and draws in all

        Raises
        ------
        InputError
            Fewer than two draws, another book, or a plan under a goal.

        Examples
        --------
        >>> import simcollect as sc
        >>> book, now = sc.Portfolio.synthetic(300, seed=1), sc.Scenario.baseline()
        >>> plan = sc.optimise(book, now, sc.Resources.default(book), weeks=4, max_rounds=14)
        >>> draws = [sc.Behaviour.default().replace({"attention.decay": x}) for x in (0.3, 0.5)]
        >>> found = plan.under_draws(book, now, draws)
        >>> len(found.table), bool((found.table["regret"] >= 0).all())
        (2, True)
        """
        return under_draws(self, portfolio, scenario, draws, progress=progress)

    def workload(self) -> pd.DataFrame:
        """Return the minutes of work by month and team that the plan calls for, for `simcollect.staff`."""
        return workload(self.forecast)

    def table(self) -> pd.DataFrame:
        """Return the plan in few rows: by product, band and stage what is done, by whom, with how many accounts."""
        return strategy_table(self)

    def playbook(self, rows: int = PLAYBOOK_ROWS) -> Playbook:
        """Boil the plan down to a few rules that a strategist can read and a work-list system can run.

        Parameters
        ----------
        rows : most rules

        Examples
        --------
        >>> import simcollect as sc
        >>> book = sc.Portfolio.synthetic(300, seed=1)
        >>> plan = sc.optimise(book, sc.Scenario.baseline(), sc.Resources.default(book), weeks=4, max_rounds=14)
        >>> few = plan.playbook(rows=8)
        >>> len(few.table) <= 8, few.strategy.name
        (True, 'playbook')
        """
        return self._playbook if rows == PLAYBOOK_ROWS else playbook(self, rows)

    @cached_property
    def _playbook(self) -> Playbook:
        """The playbook of the usual length, which study, tables and report all ask for."""
        return playbook(self, PLAYBOOK_ROWS)

    def summary(self) -> pd.DataFrame:
        """Return the plan's figures, one row each.

        Notes
        -----
        ``gap`` is the distance to the bound as a share of the gain that the bound leaves possible. Rows on the same
        information are there once `same_information_bound` has been worked out, the lowest if more than once.
        """
        return summary(self, list(self._same_information.values()))
