"""US card delinquency against unemployment: the published coefficients behind the default link.

Source of the figures: evidence 13, computed from the Federal Reserve's DRCCLACBS (delinquency rate on credit
card loans, all commercial banks, seasonally adjusted) and the Bureau of Labor Statistics' UNRATE. The sample
begins in 1991 Q2.
"""

import os
from pathlib import Path

import pandas as pd
import pytest

from simcollect.economy import Link, Scenario, fit_link
from simcollect.economy.link import SAMPLE_CHANGE

pytestmark = pytest.mark.real


def data_folder() -> Path:
    folder = os.environ.get("SIMCOLLECT_DATA")
    if not folder:
        pytest.fail("SIMCOLLECT_DATA must name the folder of the real data")
    return Path(folder)


def series(file: str) -> pd.Series:
    table = pd.read_csv(data_folder() / file, parse_dates=[0], index_col=0).iloc[:, 0]
    return table.set_axis(pd.PeriodIndex(table.index, freq="M"))


@pytest.fixture(scope="module")
def delinquency() -> pd.Series:
    return series("us_DRCCLACBS_to_2019.csv").loc["1991-04":"2019-12"]


@pytest.fixture(scope="module")
def unemployment() -> pd.Series:
    return series("us_UNRATE_to_2019.csv")


@pytest.fixture(scope="module")
def to_2006(delinquency: pd.Series, unemployment: pd.Series) -> Link:
    return fit_link(delinquency.loc[:"2006-12"], unemployment)


def test_link_of_1991_to_2019(delinquency: pd.Series, unemployment: pd.Series) -> None:
    link = fit_link(delinquency, unemployment)
    assert link.quarters == 115
    assert link.intercept == pytest.approx(-3.2435, abs=5e-5)
    assert link.level == pytest.approx(0.0038, abs=5e-5)
    assert link.change == pytest.approx(0.2207, abs=5e-5)
    assert link.r2 == pytest.approx(0.45, abs=5e-3)


def test_link_of_1991_to_2006(to_2006: Link) -> None:
    assert to_2006.intercept == pytest.approx(-2.9482, abs=5e-5)
    assert to_2006.level == pytest.approx(-0.0227, abs=5e-5)
    assert to_2006.change == pytest.approx(0.1505, abs=5e-5)
    assert to_2006.r2 == pytest.approx(0.50, abs=5e-3)


def test_fit_to_2006_foretells_the_crisis(
    to_2006: Link, delinquency: pd.Series, unemployment: pd.Series
) -> None:
    predicted = to_2006.predict(unemployment).loc["2007Q1":"2012Q4"]
    happened = delinquency.set_axis(delinquency.index.asfreq("Q")).loc["2007Q1":"2012Q4"]
    error = ((predicted - happened) ** 2).mean() ** 0.5
    assert error == pytest.approx(0.49, abs=5e-3)
    last_value = ((delinquency["2006-10"] - happened) ** 2).mean() ** 0.5
    assert last_value == pytest.approx(1.34, abs=5e-3)
    assert predicted.max() == pytest.approx(7.16, abs=5e-3)
    assert happened.max() == pytest.approx(6.77)
    assert str(predicted.idxmax()) == str(happened.idxmax()) == "2009Q2"


def test_severely_adverse_path_peaks_at_11_1_per_cent_out_of_sample(
    delinquency: pd.Series, unemployment: pd.Series
) -> None:
    link = fit_link(delinquency, unemployment)
    path = Scenario.severe().unemployment
    quarters = pd.period_range("2024Q1", periods=17, freq="Q")
    predicted = link.predict(pd.Series([*path.history, *path.quarterly], index=quarters))
    assert predicted.max() == pytest.approx(11.1, abs=5e-2)
    assert str(predicted.idxmax()) == "2025Q4"
    assert path.change(36).max() > link.most_change


def test_packaged_sample_range_is_the_sample_s(delinquency: pd.Series, unemployment: pd.Series) -> None:
    link = fit_link(delinquency, unemployment)
    assert (link.least_change, link.most_change) == pytest.approx(SAMPLE_CHANGE, abs=5e-3)


@pytest.mark.parametrize(
    ("scenario", "file"),
    [
        (Scenario.baseline, "fed_stress_2025_baseline.csv"),
        (Scenario.severe, "fed_stress_2025_severely_adverse.csv"),
    ],
)
def test_packaged_paths_are_the_federal_reserve_s(scenario: type, file: str) -> None:
    path = scenario().unemployment
    given = pd.read_csv(data_folder() / file)["Unemployment rate"]
    before = pd.read_csv(data_folder() / "fed_stress_2025_historic.csv")["Unemployment rate"]
    assert list(path.quarterly) == given.tolist()
    assert list(path.history) == before.tail(4).tolist()
