"""How card delinquency follows unemployment, estimated by least squares.

``logit(y_q) = a + b·u_q + c·(u_q − u_{q−4})``

with ``y`` the delinquency rate and ``u`` unemployment, quarterly means in per cent. US credit cards 1991–2019
give b ≈ 0 and c = 0.22: what moves delinquency is the change of unemployment, not its level (evidence 7, 13).
The residuals are autocorrelated, so the fit is an anchor and carries no standard errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simcollect.errors import InputError, Problem

# Smallest and largest four-quarter change of US unemployment within 1991 Q2 – 2019 Q4, percentage points
# (computed from UNRATE; checked in tests/verification). A larger change is an extrapolation of the link.
SAMPLE_CHANGE = (-1.33, 3.97)

LEAST_QUARTERS = 12  # judgement: four observations for each of three coefficients


@dataclass(frozen=True)
class Link:
    """A fitted link from unemployment to delinquency.

    Attributes
    ----------
    intercept : log-odds of delinquency at zero unemployment and no change
    level : log-odds for each percentage point of unemployment
    change : log-odds for each percentage point of rise over four quarters
    r2 : share of the variance of the log-odds explained
    quarters : number of quarters fitted
    least_change, most_change : range of the four-quarter change in the sample, percentage points

    Examples
    --------
    >>> link = Link(-3.2435, 0.0038, 0.2207, 0.45, 115, -1.33, 3.97)
    >>> quarters = pd.period_range("2008Q1", periods=5, freq="Q")
    >>> unemployment = pd.Series([5.0, 5.0, 5.0, 5.0, 9.0], index=quarters)
    >>> round(float(link.predict(unemployment)["2009Q1"]), 2)
    8.9
    """

    intercept: float
    level: float
    change: float
    r2: float
    quarters: int
    least_change: float
    most_change: float

    def predict(self, unemployment: pd.Series) -> pd.Series:
        """Return delinquency in per cent by quarter, from the fifth quarter of ``unemployment`` on.

        Parameters
        ----------
        unemployment : per cent, indexed by date or period, monthly or quarterly
        """
        regressors = _regressors(unemployment)
        log_odds = self.intercept + self.level * regressors["u"] + self.change * regressors["change"]
        return pd.Series(100 / (1 + np.exp(-log_odds)), name="delinquency")


def fit_link(delinquency: pd.Series, unemployment: pd.Series) -> Link:
    """Estimate how delinquency follows unemployment, on the quarters that both series cover.

    Parameters
    ----------
    delinquency : per cent, strictly between 0 and 100, indexed by date or period
    unemployment : per cent, likewise, monthly or quarterly; must start four quarters earlier

    Raises
    ------
    InputError
        A rate is out of range, fewer than 12 quarters are covered, or unemployment does not vary.

    Examples
    --------
    >>> quarters = pd.period_range("2000Q1", periods=24, freq="Q")
    >>> unemployment = pd.Series(5 + np.sin(np.arange(24) / 3), index=quarters)
    >>> known = Link(-3.2, 0.0, 0.2, 1.0, 20, -1.0, 1.0).predict(unemployment)
    >>> round(fit_link(known, unemployment).change, 6)
    0.2
    """
    rate = _quarterly(delinquency)
    outside = rate[(rate <= 0) | (rate >= 100)]
    if len(outside):
        first = str(outside.index[0])
        rule = "delinquency must lie strictly between 0 and 100 per cent"
        raise InputError([Problem("delinquency", None, first, str(outside.iloc[0]), rule, "correct it")])
    sample = _regressors(unemployment).assign(rate=rate).dropna()
    if len(sample) < LEAST_QUARTERS:
        rule = f"at least {LEAST_QUARTERS} quarters need delinquency, and unemployment then and a year before"
        given = f"{len(sample)} quarters"
        raise InputError([Problem("delinquency", None, None, given, rule, "give more history")])
    X = np.column_stack([np.ones(len(sample)), sample["u"], sample["change"]])
    share = sample["rate"].to_numpy() / 100
    y = np.log(share / (1 - share))
    coefficients, _, rank, _ = np.linalg.lstsq(X, y, rcond=None)
    if rank < X.shape[1]:
        rule = "unemployment and its change must vary independently"
        raise InputError([Problem("unemployment", None, None, None, rule, "give a longer history")])
    return Link(
        intercept=float(coefficients[0]),
        level=float(coefficients[1]),
        change=float(coefficients[2]),
        r2=_r_squared(y, X @ coefficients),
        quarters=len(sample),
        least_change=float(sample["change"].min()),
        most_change=float(sample["change"].max()),
    )


def _quarterly(series: pd.Series) -> pd.Series:
    """Return the mean of each quarter, indexed by quarter without gaps."""
    quarters = pd.PeriodIndex(series.index, freq="Q")
    mean = series.astype(float).groupby(quarters).mean()
    return mean.reindex(pd.period_range(quarters.min(), quarters.max(), freq="Q"))


def _regressors(unemployment: pd.Series) -> pd.DataFrame:
    u = _quarterly(unemployment)
    return pd.DataFrame({"u": u, "change": u - u.shift(4)}).dropna()


def _r_squared(y: NDArray[np.float64], fitted: NDArray[np.float64]) -> float:
    return float(1 - ((y - fitted) ** 2).sum() / ((y - y.mean()) ** 2).sum())
