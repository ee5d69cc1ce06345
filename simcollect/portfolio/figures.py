"""Figures behind the synthetic tape: value, unit, source. ``judgement`` marks what no source at hand gives.

The figures estimated from data are recomputed by `tests/estimates/portfolio_figures.py`. Names of the sets:
*panel*, monthly arrears of loan and card clients (Kaggle, rikdifos, CC0); *Taiwan*, UCI "Default of credit
card clients" (Yeh & Lien 2009, CC BY 4.0), April to August 2005; *SBA*, US Small Business Administration,
California (Li, Mickel & Taylor 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PANEL: Final = "panel, all months with a loan"
TAIWAN: Final = "Taiwan, August 2005"
SBA: Final = "SBA, up to USD 50,000 and no real estate"
JUDGEMENT: Final = "judgement"
SURVEYS: Final = "evidence 6: debt-advice surveys and judgement"


@dataclass(frozen=True)
class Figure:
    """One figure: its value (a number, or one for each of `keys`), unit and source."""

    value: float | tuple[float, ...]
    unit: str
    source: str
    keys: tuple[str, ...] = ()


def _figure(value: float | Sequence[float], unit: str, source: str, keys: Sequence[str] = ()) -> Figure:
    return Figure(value if isinstance(value, float | int) else tuple(value), unit, source, tuple(keys))


_BANDS: Final = ("A", "B", "C")
_LATE: Final = ("1-30", "31-60", "61-90", "91-120", "121-150", "151-180")
_REASONS: Final = ("oversight", "misunderstanding", "hardship", "refusal")

FIGURES: Final[dict[str, Figure]] = {
    # who
    "micro_sme_share": _figure(0.15, "share of accounts", JUDGEMENT),
    "band_share": _figure(
        (0.488, 0.254, 0.258), "share of accounts",
        f"{TAIWAN}: credit limit above 140,000, 50,000-140,000, up to 50,000 NT$", _BANDS),
    "revolving_share": _figure(0.40, "share of consumer accounts", JUDGEMENT),
    "score_mean": _figure(640.0, "points", JUDGEMENT),
    "score_sd": _figure(60.0, "points", JUDGEMENT),
    # lateness
    "bucket_share": _figure(
        (0.0762, 0.0281, 0.00221, 0.00084, 0.00057, 0.00038), "share of accounts",
        f"31-150: {PANEL}; 151-180: the stock before it times its roll of 0.663, same panel; "
        "1-30: the panel's monthly entries into 30-59 over roll_1_30", _LATE),
    "roll_1_30": _figure(0.25, "share a month", "judgement (evidence 3; 0.15 to 0.45)"),
    "times_late_by_band": _figure((0.519, 1.202, 1.710), "share 30+ relative to all", TAIWAN, _BANDS),
    "times_deep_by_band": _figure((0.430, 0.924, 2.150), "share 60+ relative to all", TAIWAN, _BANDS),
    "days_late_log_mean": _figure(1.40, "log days", "instalment loans of three lenders, evidence 13"),
    "days_late_log_sd": _figure(1.17, "log days", "instalment loans of three lenders, evidence 13"),
    "spells_below_30": _figure((0.8854, 0.0833, 0.0244, 0.0069), "share with 0, 1, 2, 3 spells", PANEL),
    "spells_30_59": _figure((0.4702, 0.3178, 0.1582, 0.0538), "share with 0, 1, 2, 3 spells", PANEL),
    "spells_60": _figure((0.6376, 0.2729, 0.0655, 0.0240), "share with 0, 1, 2, 3 spells", PANEL),
    "promises_broken_a_month_late": _figure(0.4, "promises a month late", JUDGEMENT),
    "reason_disclosed": _figure(
        (0.30, 0.45, 0.55, 0.60, 0.65, 0.70), "share of late accounts", JUDGEMENT, _LATE),
    "reasons_early": _figure(
        (0.30, 0.06, 0.61, 0.03), "share of reasons at 1-30 days", SURVEYS, _REASONS),
    "reasons_deep": _figure(
        (0.02, 0.06, 0.80, 0.12), "share of reasons at 91 days and more", SURVEYS, _REASONS),
    # consumer money
    "consumer_log_balance": _figure(
        (11.183, 10.748, 9.915), "log NT$ of 2005",
        f"{TAIWAN}: bills above NT$ 1,000 of those who did not pay in full", _BANDS),
    "consumer_log_balance_sd": _figure((1.233, 0.876, 0.765), "log NT$", TAIWAN, _BANDS),
    "minimum_payment_share": _figure(
        0.036, "share of the bill",
        "Taiwan, lower edge (20 % quantile) of payment over bill of revolvers above NT$ 20,000"),
    "minimum_payment_floor": _figure(
        1000.0, "NT$ of 2005", "Taiwan, commonest payment on bills up to NT$ 20,000"),
    "consumer_terms": _figure(
        (0.10, 0.40, 0.10, 0.25, 0.15), "share of instalment loans", JUDGEMENT,
        ("6", "12", "18", "24", "36")),
    "consumer_rate": _figure((0.12, 0.18, 0.24), "a year", JUDGEMENT, _BANDS),
    # micro-SME money
    "micro_sme_log_amount": _figure(10.077, "log USD", SBA),
    "micro_sme_log_amount_sd": _figure(0.649, "log USD", SBA),
    "micro_sme_largest": _figure(50_000.0, "USD", "judgement: the cut that defines micro in the SBA sample"),
    "micro_sme_terms": _figure(
        (0.015, 0.008, 0.082, 0.106, 0.745, 0.044), "share of loans",
        f"{SBA}, paid in full, to the nearest usual term", ("12", "24", "36", "60", "84", "120")),
    "micro_sme_rate": _figure((0.08, 0.12, 0.16), "a year", JUDGEMENT, _BANDS),
    # reach and place
    "consents": _figure(
        (0.95, 0.55, 0.70, 0.60, 0.98), "share of accounts", "judgement (evidence 1, reachable base)",
        ("sms", "app", "wechat", "email", "call")),
    "regions": _figure(
        (0.35, 0.25, 0.25, 0.15), "share of accounts", JUDGEMENT, ("east", "south", "north", "west")),
    "sectors": _figure(
        (0.35, 0.25, 0.15, 0.15, 0.10), "share of micro-SME", JUDGEMENT,
        ("retail", "catering", "transport", "manufacturing", "services")),
    "card_age_years": _figure(8.0, "years, the oldest", JUDGEMENT),
}  # fmt: skip

# Units of a currency for one US dollar in August 2005, the date of the Taiwan bills, rounded; used only to
# give a synthetic book amounts of the right order in its currency. From memory, unverified.
PER_USD: Final[dict[str, float]] = {
    "USD": 1.0, "TWD": 32.0, "CNY": 8.1, "HKD": 7.8, "EUR": 0.81, "GBP": 0.56, "JPY": 111.0, "INR": 43.5,
    "SGD": 1.66, "AUD": 1.31, "CAD": 1.20, "IDR": 9900.0, "PHP": 56.0, "VND": 15850.0, "KRW": 1020.0,
}  # fmt: skip


def number(name: str) -> float:
    """Return a figure that is one number.

    Examples
    --------
    >>> number("minimum_payment_floor")
    1000.0
    """
    value = FIGURES[name].value
    assert isinstance(value, float | int)
    return float(value)


def vector(name: str) -> NDArray[np.float64]:
    """Return a figure that has one number for each key.

    Examples
    --------
    >>> vector("consumer_rate").tolist()
    [0.12, 0.18, 0.24]
    """
    return np.asarray(FIGURES[name].value, dtype=np.float64)
