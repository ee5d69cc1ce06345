"""What a plan expects week by week: cash, cost, effort, accounts by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.states import AGENCY, CLOSED, EARLY, LATE, LEGAL, N_STATES, PLAN
from simcollect.optimisation.columns import ChainGroup
from simcollect.optimisation.master import Mix
from simcollect.optimisation.model import RESOURCES, Model
from simcollect.strategy import TEAMS

Array = npt.NDArray[np.float64]
BLOCKS = (("current", 0, EARLY), ("early", EARLY, LATE), ("late", LATE, PLAN), ("plan", PLAN, LEGAL),
          ("legal", LEGAL, AGENCY), ("agency", AGENCY, CLOSED), ("closed", CLOSED, N_STATES))  # fmt: skip


class Pass(NamedTuple):
    """What one column of a plan comes to, at its weight.

    Attributes
    ----------
    accounts, instalments : by week and observed state, shape (T, S); instalments in money
    flows : cash in the plan and afterwards, and cost, by week, shape (T, 3)
    use : of each resource by week, shape (R, T)
    """

    accounts: Array
    instalments: Array
    flows: Array
    use: Array


def passes(model: Model, mix: Mix) -> list[Pass]:
    """Return what each column of a mix comes to, segment by segment."""
    out = []
    for segment, columns, weights in zip(model.segments, mix.columns, mix.weights, strict=True):
        group = ChainGroup(model, segment)
        for column, weight in zip(columns, weights, strict=True):
            _, mu, nu, flows = group.evaluate(column.policy)
            seen = weight * mu[: model.weeks].sum(axis=2), weight * nu[: model.weeks].sum(axis=2)
            out.append(Pass(*seen, weight * flows, weight * column.use))
    return out


def forecast(model: Model, parts: Sequence[Pass]) -> pd.DataFrame:
    """Return expected cash, cost, effort and accounts by stage, one row a week."""
    weeks = model.weeks
    flows, use, stages = np.zeros((weeks, 3)), np.zeros((len(RESOURCES), weeks)), np.zeros((weeks, len(BLOCKS)))
    for one in parts:
        flows += one.flows
        use += one.use
        stages += np.stack([one.accounts[:, first:end].sum(axis=1) for _, first, end in BLOCKS], axis=1)
    start = pd.Timestamp(model.calendar.start)
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


def workload(weekly: pd.DataFrame) -> pd.DataFrame:
    """Return the minutes of work by month and team in a forecast; a week counts to the month of its middle."""
    month = (weekly["date"] + pd.Timedelta(days=3)).dt.to_period("M")
    parts = [
        weekly.groupby(month)[f"minutes_{team}"]
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
