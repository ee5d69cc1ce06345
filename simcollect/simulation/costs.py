"""What a run cost, and its net present value; amounts in major units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simcollect.behaviour.parameters import CHANNELS
from simcollect.strategy import TEAMS, Resources

if TYPE_CHECKING:
    from simcollect.simulation.result import SimulationResult


def daily_costs(result: SimulationResult, resources: Resources) -> pd.DataFrame:
    """Return what each day cost, one row as in ``result.daily``, one column an item.

    Items: messages; staff (paid hours of those on the payroll, on working days, whether busy or not);
    plan_setup; legal_letters (one for each account handed to the law firm); filing; legal_fees and
    agency_fees (shares of what they collect); complaints.
    """
    daily = result.daily
    cost = pd.DataFrame(index=daily.index)
    cost["messages"] = sum(
        daily[f"messages_{name}"] * resources.message_cost.get(name, 0.0) for name in CHANNELS
    )
    cost["staff"] = sum(daily[f"paid_hours_{name}"] * resources.team(name).hour_cost for name in TEAMS)
    cost["plan_setup"] = daily["offers_accepted"] * resources.plan_setup_cost
    cost["legal_letters"] = daily["suits"] * resources.legal_letter_cost
    cost["filing"] = daily["filed"] * resources.filing_cost
    cost["legal_fees"] = daily["cash_legal"] * resources.legal_fee_share
    cost["agency_fees"] = daily["cash_agency"] * result.agency_fee[daily["replication"]]
    cost["complaints"] = daily["complaints"] * resources.complaint_cost
    return cost.astype(float)


def discount_factors(result: SimulationResult, resources: Resources) -> np.ndarray:
    """Return the present value of one unit on the day of each row of ``result.daily``, seen from day 0."""
    day = (result.daily["date"] - pd.Timestamp(result.start)).dt.days.to_numpy()
    return np.asarray((1 + resources.discount_a_year) ** (-day / 365))


def net_present_value(result: SimulationResult, resources: Resources) -> pd.Series:
    """Return discounted cash less costs by replication, without the value of the book at the end."""
    net = (result.daily["cash"] - daily_costs(result, resources).sum(axis=1)) * discount_factors(
        result, resources
    )
    return net.groupby(result.daily["replication"]).sum().rename("npv")
