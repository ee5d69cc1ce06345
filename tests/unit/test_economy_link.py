"""The least-squares link from unemployment to delinquency, on made-up series with a known answer."""

import numpy as np
import pandas as pd
import pytest

from simcollect.economy import Link, fit_link
from simcollect.errors import InputError

KNOWN = Link(-3.0, -0.02, 0.15, 1.0, 0, 0.0, 0.0)


def unemployment(quarters: int = 40) -> pd.Series:
    index = pd.period_range("1990Q1", periods=quarters, freq="Q")
    return pd.Series(6 + np.sin(np.arange(quarters) / 4) + 0.02 * np.arange(quarters), index=index)


def test_a_known_link_is_recovered_from_the_delinquency_that_it_makes() -> None:
    fitted = fit_link(KNOWN.predict(unemployment()), unemployment())
    assert (fitted.intercept, fitted.level, fitted.change) == pytest.approx((-3.0, -0.02, 0.15))
    assert fitted.r2 == pytest.approx(1)
    assert fitted.quarters == 36


def test_the_sample_range_of_the_change_is_kept() -> None:
    fitted = fit_link(KNOWN.predict(unemployment()), unemployment())
    change = unemployment().diff(4).dropna()
    assert (fitted.least_change, fitted.most_change) == pytest.approx((change.min(), change.max()))


def test_monthly_figures_by_date_are_averaged_to_quarters() -> None:
    monthly = unemployment().repeat(3)
    monthly.index = pd.date_range("1990-01-01", periods=len(monthly), freq="MS")
    monthly += np.tile([-0.3, 0.0, 0.3], len(monthly) // 3)
    assert KNOWN.predict(monthly).to_numpy() == pytest.approx(KNOWN.predict(unemployment()).to_numpy())


def test_a_missing_quarter_is_not_bridged() -> None:
    gap = unemployment().drop(pd.Period("1995Q1", freq="Q"))
    predicted = KNOWN.predict(gap)
    assert pd.Period("1995Q1", freq="Q") not in predicted.index
    assert pd.Period("1996Q1", freq="Q") not in predicted.index
    assert predicted["1995Q2"] == pytest.approx(KNOWN.predict(unemployment())["1995Q2"])


def test_noise_lowers_the_share_explained() -> None:
    rate = KNOWN.predict(unemployment())
    noisy = rate * np.exp(np.random.default_rng(1).normal(0, 0.2, len(rate)))
    assert 0 < fit_link(noisy, unemployment()).r2 < 0.9


def test_too_few_quarters_impossible_rates_and_still_unemployment_are_refused() -> None:
    rate = KNOWN.predict(unemployment())
    with pytest.raises(InputError, match="11 quarters: at least 12 quarters"):
        fit_link(rate.iloc[:11], unemployment())
    with pytest.raises(InputError, match=r"column 1991Q2: 0\.0: delinquency must lie strictly between"):
        fit_link(rate.where(rate.index != pd.Period("1991Q2", freq="Q"), 0.0), unemployment())
    with pytest.raises(InputError, match="must vary independently"):
        fit_link(rate, unemployment() * 0 + 5)
