"""What a scenario does to the hazards, by product, group and day."""

import warnings
from datetime import date

import numpy as np
import pandas as pd
import pytest

from simcollect.economy import Scenario, UnmatchedGroupWarning, group_factors, hazard_paths
from simcollect.errors import InputError
from simcollect.worktime import Calendar

CALENDAR = Calendar.build("US", date(2025, 1, 1), 365)


def scenario(**keys: object) -> Scenario:
    return Scenario.model_validate({"name": "x", "unemployment": {"change_12m": [0.0]}} | keys)


def test_steady_unemployment_leaves_every_hazard_alone() -> None:
    level = {"monthly": [7.0], "history": [7.0] * 12}
    paths = hazard_paths(scenario(unemployment=level), CALENDAR)
    for multiplier in (paths.loss, paths.regain, paths.pay):
        assert multiplier.shape == (2, 365)
        assert multiplier.dtype == np.float64
        assert (multiplier == 1).all()


def test_steady_share_strained_moves_by_the_stated_log_odds() -> None:
    links = {"loss_per_pp_change": 0.3, "share_through_regain": 0.75}
    paths = hazard_paths(scenario(unemployment={"change_12m": [2.0]}, links=links), CALENDAR)
    loss, regain = 0.02, 0.25  # any default hazards
    before, after = loss / (loss + regain), loss * paths.loss / (loss * paths.loss + regain * paths.regain)
    shift = np.log(after / (1 - after)) - np.log(before / (1 - before))
    assert shift == pytest.approx(np.full((2, 365), 0.6))
    assert np.log(paths.loss) == pytest.approx(np.full((2, 365), 0.15))  # a quarter of it by more loss


def test_hazards_change_only_with_the_calendar_month() -> None:
    paths = hazard_paths(scenario(unemployment={"change_12m": list(range(12))}), CALENDAR)
    steps = np.flatnonzero(np.diff(paths.loss[0])) + 1
    assert steps.tolist() == np.flatnonzero(CALENDAR.day_of_month == 1)[1:].tolist()


def test_season_touches_micro_businesses_only_and_has_mean_one_over_the_year() -> None:
    seasonal = [3.0] + [1.0] * 11
    for start in (date(2025, 1, 1), date(2025, 7, 15)):
        calendar = Calendar.build("US", start, 365)
        pay = hazard_paths(scenario(seasonal=seasonal), calendar).pay
        assert (pay[0] == 1).all()
        assert pay[1].mean() == pytest.approx(1)
        january = [calendar.date_of(day).month == 1 for day in range(365)]
        assert pay[1][january] == pytest.approx(3 * pay[1][~np.array(january)].max())


def test_payment_windows_multiply_where_they_overlap() -> None:
    windows = [{"factor": 0.5, "from_month": 1}, {"factor": 0.8, "from_month": 1, "to_month": 1}]
    pay = hazard_paths(scenario(payment_factor=windows), CALENDAR).pay[0]
    assert pay[[0, 30, 31, 58, 59, 364]] == pytest.approx([1, 1, 0.4, 0.4, 0.5, 0.5])


def test_groups_multiply_within_their_windows_for_accounts_that_match_every_key() -> None:
    groups = [
        {"where": {"region": "north"}, "loss_factor": 2.0, "to_month": 0},
        {"where": {"sector": "retail", "product": "micro_sme"}, "loss_factor": 3.0},
    ]
    book = pd.DataFrame(
        {
            "region": ["north", "north", "south", None],
            "sector": ["retail", "retail", "retail", None],
            "product": ["micro_sme", "consumer", "micro_sme", "consumer"],
        }
    )
    factors = group_factors(scenario(groups=groups), book, CALENDAR)
    by_account = factors.loss[factors.klass]
    assert by_account[:, 0].tolist() == [6, 2, 3, 1]
    assert by_account[:, 31].tolist() == [3, 1, 3, 1]


def test_group_factors_do_not_depend_on_the_other_accounts() -> None:
    groups = [{"where": {"region": "north"}, "loss_factor": 2.0}]
    book = pd.DataFrame({"region": pd.Categorical(["south", "north", "south", "north"])})
    whole = group_factors(scenario(groups=groups), book, CALENDAR)
    part = group_factors(scenario(groups=groups), book.iloc[[1]], CALENDAR)
    assert (part.loss[part.klass] == whole.loss[whole.klass][[1]]).all()


def test_numeric_codes_match_the_text_of_the_scenario() -> None:
    groups = [{"where": {"region": "7"}, "loss_factor": 2.0}]
    factors = group_factors(scenario(groups=groups), pd.DataFrame({"region": [7, 8]}), CALENDAR)
    assert factors.loss[factors.klass][:, 0].tolist() == [2, 1]


def test_no_groups_means_one_class_of_ones_even_for_an_empty_book() -> None:
    for book in (pd.DataFrame({"region": ["a", "b"]}), pd.DataFrame({"region": []})):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            factors = group_factors(scenario(), book, CALENDAR)
        assert factors.klass.tolist() == [0] * len(book)
        assert (factors.loss == np.ones((1, 365))).all()


def test_a_group_without_accounts_is_said_and_harmless() -> None:
    groups = [{"where": {"region": "nroth"}, "loss_factor": 2.0}]
    with pytest.warns(UnmatchedGroupWarning, match="no account has region = nroth"):
        factors = group_factors(scenario(groups=groups), pd.DataFrame({"region": ["north"]}), CALENDAR)
    assert (factors.loss[factors.klass] == 1).all()


def test_a_group_by_a_column_that_the_book_has_not_is_refused() -> None:
    groups = [{"where": {"sector": "retail"}, "loss_factor": 2.0}]
    with pytest.raises(InputError, match=r"column groups\.0\.where: sector: .* did you mean sectors"):
        group_factors(scenario(groups=groups), pd.DataFrame({"sectors": ["retail"]}), CALENDAR)
