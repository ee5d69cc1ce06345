"""What may be bought in the same master as the treatments: people, overtime, seats at an agency, more messages.

What can be had, and at what cost, is said by the resources. Hiring lead time, ramp-up and leavers are not in it: this
is the head-count to aim for, and `simcollect.staff` is the way there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.optimisation.master import Purchase
from simcollect.optimisation.model import RESOURCES
from simcollect.strategy import TEAMS, Goal

if TYPE_CHECKING:
    from simcollect.optimisation.limits import Weighing
    from simcollect.optimisation.model import Model

Array = npt.NDArray[np.float64]
MOST = 20.0  # times the people that are there (at least five): judgement, far above what any plan asked for
UNITS = {"people": "people", "overtime": "hours", "seats": "seats", "messages": "messages"}


@dataclass(frozen=True, eq=False)
class Item:
    """One thing that may be bought.

    Attributes
    ----------
    kind, team, period : what, for which team ("" for messages), in which month ("2026-07") or week (number)
    paid, discounted : money for one unit, and the same discounted to day 0
    capacity : what one unit adds to the resources, shape (R, T)
    limit : most units that can be had
    heads : what one unit adds to the average head-count
    linked : row among the linked ones that it touches, and what it adds there, shape (T,); overtime needs people
    """

    kind: str
    team: str
    period: str
    paid: float
    discounted: float
    capacity: Array
    limit: float
    heads: float = 0.0
    linked: tuple[int, Array] | None = None

    def purchase(self, objective: str, weighing: Weighing | None) -> Purchase:
        """Return it as the master has it: what it takes from the objective and adds to every row."""
        cost = {"value": self.discounted, "cost": self.paid}.get(objective, 0.0)
        name = f"{self.kind}/{self.team}/{self.period}"
        if weighing is None:
            return Purchase(name, cost, self.capacity, self.limit)
        weeks = self.capacity.shape[1]
        rows = np.zeros((weighing.linked + len(weighing.limits), weeks))
        if self.linked is not None and weighing.linked:
            rows[self.linked[0]] = self.linked[1]
        for row, limit in zip(rows[weighing.linked :], weighing.limits, strict=True):
            row[0] = -limit.sign * {"cost": self.paid, "headcount": self.heads}.get(limit.measure, 0.0)
        return Purchase(name, cost, np.concatenate([self.capacity, rows]), self.limit)


def items_for_sale(model: Model, choose_people: bool, headroom: float) -> list[Item]:
    """Return all that may be bought: people and seats by month, overtime and messages by week.

    Parameters
    ----------
    model : the planning problem
    choose_people : whether the people themselves are bought
    headroom : share of a shift that the plan leaves free
    """
    resources, calendar, weeks = model.resources, model.calendar, model.weeks
    month, working = calendar.month[: 7 * weeks], calendar.working[: 7 * weeks]
    discount = (1 + resources.discount_a_year) ** (-(np.arange(7 * weeks) + 0.5) / 365)
    by_week = discount.reshape(weeks, 7).mean(axis=1)
    hour = 60 * (1 - resources.shrinkage) * resources.occupancy * (1 - headroom)
    first = pd.Period(model.calendar.start, freq="M")
    days_a_week = working.reshape(weeks, 7).sum(axis=1)
    out = []

    def resource(row: int, amount: Array) -> Array:
        capacity = np.zeros_like(model.capacity)
        capacity[row] = amount
        return capacity

    for number, name in enumerate(TEAMS):
        team = resources.team(name)
        for m in np.unique(month):
            there = working & (month == m)
            days = there.reshape(weeks, 7).sum(axis=1)
            minutes = resource(number, resources.hours * hour * days)
            period = first + int(m)
            if choose_people:
                wage = team.hour_cost * resources.hours
                extra = team.overtime_hours * days / np.maximum(days_a_week, 1)
                out.append(
                    Item(
                        "people", name, str(period), wage * float(there.sum()), wage * float(discount[there].sum()),
                        minutes, MOST * max(5.0, team.people), heads=float(there.sum() / working.sum()),
                        linked=(number, extra),
                    )
                )  # fmt: skip
            if team.seats > 0:
                part = float((month == m).sum()) / period.days_in_month
                cost = team.seat_cost * part
                later = float(discount[month == m].mean())
                out.append(Item("seats", name, str(period), cost, cost * later, minutes, team.seats))
        if team.overtime_hours > 0:
            cost = team.hour_cost * (1 + team.overtime_premium)
            for t in np.flatnonzero(days_a_week).tolist():
                one = np.arange(weeks) == t
                most = np.inf if choose_people else team.overtime_hours * team.people
                most = min(most, MOST * max(5.0, team.people) * team.overtime_hours)
                out.append(
                    Item(
                        "overtime", name, str(t), cost, cost * float(by_week[t]), resource(number, hour * one), most,
                        linked=(number, -1.0 * one),
                    )
                )  # fmt: skip
    if resources.extra_messages_a_week > 0:
        cost = resources.extra_message_cost
        for t in range(weeks):
            capacity = resource(RESOURCES.index("messages"), 1.0 * (np.arange(weeks) == t))
            most = resources.extra_messages_a_week
            out.append(Item("messages", "", str(t), cost, cost * float(by_week[t]), capacity, most))
    return out


def purchases(items: Sequence[Item], goal: Goal, weighing: Weighing | None) -> list[Purchase]:
    """Return the items as the master has them under a goal."""
    return [item.purchase(goal.objective, weighing) for item in items]


def whole_shifts(bought: Sequence[Purchase], headroom: float) -> list[Purchase]:
    """Return purchases with the share of each shift that a plan leaves free: a bound may use it.

    Examples
    --------
    >>> one = Purchase("people/early/2026-07", 10.0, np.full((len(RESOURCES), 1), 95.0), 1.0)
    >>> whole_shifts([one], headroom=0.05)[0].capacity[:, 0].round(6).tolist()
    [100.0, 100.0, 100.0, 100.0, 95.0, 95.0]
    """
    return [
        replace(one, capacity=np.concatenate([one.capacity[: len(TEAMS)] / (1 - headroom), one.capacity[len(TEAMS) :]]))
        for one in bought
    ]


def capacity_bought(items: Sequence[Item], bought: Array, like: Array) -> Array:
    """Return what is bought of each resource in each week, shaped as the capacity that is given, (R, T)."""
    out = np.zeros_like(like)
    for item, amount in zip(items, bought, strict=True):
        out += amount * item.capacity
    return out


def bought_table(items: Sequence[Item], bought: Array) -> pd.DataFrame:
    """Return what was bought, one row a kind, team and period: amount, unit, cost (not discounted)."""
    rows = [
        {
            "kind": item.kind,
            "team": item.team,
            "period": item.period,
            "amount": float(amount),
            "unit": UNITS[item.kind],
            "cost": item.paid * float(amount),
        }
        for item, amount in zip(items, bought, strict=True)
        if amount > 1e-9
    ]
    return pd.DataFrame(rows, columns=["kind", "team", "period", "amount", "unit", "cost"])


def headcount_table(items: Sequence[Item], bought: Array) -> pd.DataFrame:
    """Return the people bought: month, team, people (full-time equivalents)."""
    rows = [
        {"month": pd.Period(item.period, freq="M"), "team": item.team, "people": float(amount)}
        for item, amount in zip(items, bought, strict=True)
        if item.kind == "people"
    ]
    return pd.DataFrame(rows).sort_values(["month", "team"], ignore_index=True, kind="stable")
