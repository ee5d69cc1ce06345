"""Head-count as a decision: people by team and month, bought at their wages in the same master as the treatments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simcollect.optimisation.master import Purchase
from simcollect.strategy import TEAMS

if TYPE_CHECKING:
    from simcollect.optimisation.model import Model

MOST = 20.0  # times the people that are there (at least five): judgement, far above what any plan asked for


def people_to_buy(model: Model, headroom: float) -> list[Purchase]:
    """Return one purchase for each team and calendar month: one full-time person for that month.

    Hiring lead time, ramp-up and leavers are not in it: this is the head-count to aim for, and `simcollect.staff` is
    the way there.

    Parameters
    ----------
    model : the planning problem
    headroom : share of a shift that the plan leaves free
    """
    resources, calendar = model.resources, model.calendar
    days = 7 * model.weeks
    month = calendar.month[:days]
    working = calendar.working[:days]
    discount = (1 + resources.discount_a_year) ** (-(np.arange(days) + 0.5) / 365)
    productive = resources.hours * 60 * (1 - resources.shrinkage) * resources.occupancy * (1 - headroom)
    out = []
    for number, team in enumerate(TEAMS):
        wage = resources.team(team).hour_cost * resources.hours
        for m in np.unique(month):
            there = working & (month == m)
            capacity = np.zeros_like(model.capacity)
            capacity[number] = productive * there.reshape(model.weeks, 7).sum(axis=1)
            limit = MOST * max(5.0, resources.team(team).people)
            out.append(Purchase(f"{team}/{m}", float((wage * there * discount).sum()), capacity, limit))
    return out


def headcount_table(model: Model, bought: np.ndarray) -> pd.DataFrame:
    """Return the people bought: month, team, people (full-time equivalents)."""
    months = np.unique(model.calendar.month[: 7 * model.weeks])
    first = pd.Period(model.calendar.start, freq="M")
    rows = [
        {"month": first + int(m), "team": team, "people": float(bought[number * months.size + i])}
        for number, team in enumerate(TEAMS)
        for i, m in enumerate(months)
    ]
    return pd.DataFrame(rows).sort_values(["month", "team"], ignore_index=True, kind="stable")
