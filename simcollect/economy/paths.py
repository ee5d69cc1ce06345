"""From a scenario to multipliers on the daily hazards.

A borrower is able or strained; hazards ``loss`` (able → strained) and ``regain`` (strained → able) give a
steady share strained ``s = loss / (loss + regain)``, whose log-odds are ``log loss − log regain``. To move
the log-odds by ``β·Δu`` with a part ``φ`` through regain (Shimer 2012: three quarters of unemployment's
variation is job finding):

    loss multiplier   = exp((1 − φ)·β·Δu)
    regain multiplier = exp(−φ·β·Δu)

The multiplier is 1 where unemployment stands where it stood a year before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcollect.economy.scenario import PRODUCTS, Scenario
from simcollect.worktime import Calendar


@dataclass(frozen=True, eq=False)
class Paths:
    """Multipliers for each product (row order `PRODUCTS`) and day, constant within a calendar month.

    Attributes
    ----------
    loss : float64[product, day], on the hazard of becoming strained; 1 = the default hazard
    regain : float64[product, day], on the hazard of becoming able again
    pay : float64[product, day], on the payment intensity of the able; micro-SME by season, mean 1 over a year
        where the scenario has no payment factor
    """

    loss: NDArray[np.float64]
    regain: NDArray[np.float64]
    pay: NDArray[np.float64]


def hazard_paths(scenario: Scenario, calendar: Calendar) -> Paths:
    """Return the multipliers that a scenario puts on the hazards, for each product and day of a calendar.

    Examples
    --------
    >>> from datetime import date
    >>> calendar = Calendar.build("US", date(2025, 1, 1), 40)
    >>> paths = hazard_paths(Scenario(name="shock", unemployment={"change_12m": [5.0]}), calendar)
    >>> round(float(np.log(paths.loss[0, 0] / paths.regain[0, 0])), 6)  # 0.20 log-odds a point, 5 points
    1.0
    """
    months = int(calendar.month[-1]) + 1
    log_odds = scenario.links.loss_per_pp_change * scenario.effective_change(months)
    through_regain = scenario.links.share_through_regain
    by_month_pay = np.tile(scenario.payment_factors(months), (len(PRODUCTS), 1))
    calendar_month = (calendar.start.month - 1 + np.arange(months)) % 12
    by_month_pay[PRODUCTS.index("micro_sme")] *= scenario.seasonal_factors()[calendar_month]
    return Paths(
        loss=_daily(np.exp((1 - through_regain) * log_odds), calendar),
        regain=_daily(np.exp(-through_regain * log_odds), calendar),
        pay=_daily(by_month_pay, calendar),
    )


def _daily(by_month: NDArray[np.float64], calendar: Calendar) -> NDArray[np.float64]:
    """Spread monthly values, [month] or [product, month], over [product, day]."""
    spread = np.broadcast_to(by_month[..., calendar.month], (len(PRODUCTS), calendar.days))
    return np.ascontiguousarray(spread)
