"""The figures that a run is judged by, and intervals over replications."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simcollect.simulation import costs
from simcollect.strategy import TEAMS, Resources

if TYPE_CHECKING:
    from simcollect.simulation.result import SimulationResult

OVERDUE = ("1-30", "31-60", "61-90", "91-120", "121-150", "151-180", "180+")
SUMMED = (
    "cash", "cash_contract", "cash_promise", "cash_plan", "cash_legal", "cash_agency", "cash_sale",
    "messages", "promises", "kept", "broken", "offers_accepted", "suits", "filed", "complaints", "opt_outs",
    "charged_off", "written_off", "conceded", "cures", "standing_orders", "inbound",
)  # fmt: skip


def interval(by_run: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Return mean, low and high of each column: Student's t interval for the mean over replications.

    Examples
    --------
    >>> interval(pd.DataFrame({"cash": [1.0, 3.0]})).round(2).values.tolist()
    [[2.0, -10.71, 14.71]]
    """
    n = len(by_run)
    mean = by_run.mean()
    if n < 2:
        return pd.DataFrame({"mean": mean, "low": np.nan, "high": np.nan})
    from scipy.stats import t

    half = float(t.ppf(0.5 + level / 2, n - 1)) * by_run.std(ddof=1) / np.sqrt(n)
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half})


def measures(result: SimulationResult, resources: Resources) -> pd.DataFrame:
    """Return the figures that a run is judged by, one row a replication.

    Sums over the run of cash by source, contacts, promises and so on; ``attempts``, ``talks``, ``minutes``
    over teams; ``contacts_per_account`` (messages and attempts); ``promises_kept_share``; ``utilisation``
    (minutes used of productive minutes); ``cost``, ``cost_to_collect`` (cost per unit of cash), ``npv``; and
    at the end of the run ``overdue_accounts``, ``overdue_30_accounts``, ``overdue_principal``, ``arrears``.
    """
    daily = result.daily
    sums = daily.groupby("replication").sum(numeric_only=True)
    out = sums[list(SUMMED)].astype(float)
    for name in ("attempts", "talks", "minutes"):
        out[name] = sums[[f"{name}_{team}" for team in TEAMS]].sum(axis=1).astype(float)
    capacity = sums[[f"capacity_{team}" for team in TEAMS]].sum(axis=1)
    out["utilisation"] = _ratio(out["minutes"], capacity)
    out["promises_kept_share"] = _ratio(out["kept"], out["kept"] + out["broken"])
    out["contacts_per_account"] = (out["messages"] + out["attempts"]) / result.accounts
    out["cost"] = costs.daily_costs(result, resources).sum(axis=1).groupby(daily["replication"]).sum()
    out["cost_to_collect"] = _ratio(out["cost"], out["cash"])
    out["npv"] = costs.net_present_value(result, resources)
    stages = result.by_stage
    end = stages[stages["date"] == stages["date"].max()]
    late = end[end["bucket"].isin(OVERDUE)].groupby("replication")
    out["overdue_accounts"] = late["accounts"].sum().astype(float)
    deep = end[end["bucket"].isin(OVERDUE[1:])].groupby("replication")
    out["overdue_30_accounts"] = deep["accounts"].sum().astype(float)
    out["overdue_principal"], out["arrears"] = late["principal"].sum(), late["arrears"].sum()
    return out


def _ratio(above: pd.Series, below: pd.Series) -> pd.Series:
    return above / below.where(below > 0)
