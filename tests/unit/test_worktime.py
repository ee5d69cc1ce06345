"""The calendar of a run: weekdays, holidays, paydays, due dates."""

import pickle
from datetime import date

import numpy as np
import pytest

from simcollect.errors import InputError
from simcollect.worktime import MONTHS_AFTER, Calendar, due_date_index, months_late, payment_index


@pytest.fixture(scope="module")
def leap() -> Calendar:
    """From mid-January of a leap year to the end of March."""
    return Calendar.build("US", date(2024, 1, 15), 77)


def test_columns_agree_with_the_standard_library(leap: Calendar) -> None:
    for day in range(leap.days):
        today = leap.date_of(day)
        assert leap.weekday[day] == today.weekday()
        assert leap.day_of_month[day] == today.day
        assert leap.month[day] == today.month - 1


def test_holidays_and_weekends_are_not_working_days(leap: Calendar) -> None:
    # Martin Luther King Day (15 January) and Presidents' Day (19 February).
    assert np.flatnonzero(leap.holiday).tolist() == [0, 35]
    assert leap.working.sum() == 55 - 2
    assert not leap.working[leap.weekday >= 5].any()


def test_holidays_follow_the_country() -> None:
    may = Calendar.build("GB", date(2025, 5, 1), 31)
    assert np.flatnonzero(may.holiday).tolist() == [4, 25]
    assert Calendar.build("CN", date(2025, 5, 1), 31).holiday[0]


def test_weekends_worked_to_make_up_for_a_holiday_are_working_days() -> None:
    """China, order of the State Council for 2026: 14 and 28 February are worked, 15 to 23 February are free."""
    february = Calendar.build("CN", date(2026, 2, 1), 28)
    made_up = np.flatnonzero(february.working & (february.weekday >= 5)) + 1
    assert made_up.tolist() == [14, 28]
    assert not february.working[14:23].any()
    # No order is known so far ahead: weekends are free.
    later = Calendar.build("CN", date(2036, 2, 1), 28)
    assert not later.working[later.weekday >= 5].any()


def test_holidays_of_every_year_of_the_run_are_known() -> None:
    turn = Calendar.build("US", date(2025, 12, 31), 2)
    assert turn.holiday.tolist() == [False, True]


def test_month_table_reaches_a_year_back_and_eighteen_months_on(leap: Calendar) -> None:
    assert leap.month_offset == 12
    assert len(leap.month_first) == 12 + 3 + MONTHS_AFTER
    assert leap.date_of(leap.month_first[0]) == date(2023, 1, 1)
    assert leap.date_of(leap.month_first[-1]) == date(2025, 9, 1)
    assert leap.month_first[leap.month_offset] == -14
    assert leap.month_length[leap.month_offset + 1] == 29
    assert (np.diff(leap.month_first) == leap.month_length[:-1]).all()


def test_due_date_falls_on_the_last_day_of_a_short_month(leap: Calendar) -> None:
    assert leap.date_of(due_date_index(leap, 31, 1)) == date(2024, 2, 29)
    assert leap.date_of(due_date_index(leap, 30, 13)) == date(2025, 2, 28)
    assert due_date_index(leap, [1, 15], [[0], [1]]).tolist() == [[-14, 0], [17, 31]]


def test_due_date_is_the_table_entry_plus_the_due_day(leap: Calendar) -> None:
    months = np.arange(-12, 21)
    assert (due_date_index(leap, 5, months) == leap.month_first + 4).all()


def test_months_late_counts_every_unpaid_due_date() -> None:
    calendar = Calendar.build("US", date(2025, 3, 31), 10)
    due_day, day = 31, 0
    oldest_due = due_date_index(calendar, due_day, np.array([0, -1, -2, -3, -30]))
    # Due today is not late yet; 28 February is one, 31 January two.
    assert months_late(calendar, due_day, day - oldest_due, day).tolist() == [0, 1, 2, 3, 30]
    assert months_late(calendar, due_day, 1, 1) == 1


def test_payday_is_three_days_and_may_reach_into_the_next_month() -> None:
    january = Calendar.build("US", date(2025, 1, 1), 60)
    assert np.flatnonzero(january.payday).tolist() == [24, 25, 26, 55, 56, 57]
    month_end = Calendar.build("US", date(2025, 2, 1), 31, payday=31)
    assert np.flatnonzero(month_end.payday).tolist() == [0, 1, 27, 28, 29]


def test_payment_index_has_mean_one_over_a_week_and_the_published_shape() -> None:
    week = Calendar.build("US", date(2025, 1, 6), 7)
    index = payment_index(week)
    assert index.mean() == pytest.approx(1)
    assert index == pytest.approx(np.array([17.8, 15.9, 18.1, 17.3, 17.9, 7.8, 5.2]) * 7 / 100)


def test_a_holiday_pays_like_a_sunday_and_payday_multiplies_on_top() -> None:
    calendar = Calendar.build("US", date(2025, 1, 20), 7)  # Martin Luther King Day is day 0, payday day 5
    index = payment_index(calendar, payday_factor=2.0)
    assert index[0] == pytest.approx(5.2 * 7 / 100)
    assert index[[5, 6]] == pytest.approx(np.array([7.8, 5.2]) * 2 * 7 / 100)


@pytest.mark.parametrize(("given", "hint"), [("us", "did you mean US"), ("Q1", "use a code such as US")])
def test_an_unknown_country_is_refused_with_a_remedy(given: str, hint: str) -> None:
    with pytest.raises(InputError, match=f"country: {given}: is not a country code.*{hint}"):
        Calendar.build(given, date(2025, 1, 1), 7)


def test_all_wrong_numbers_are_reported_at_once() -> None:
    with pytest.raises(InputError, match=r"2 problems found(.|\n)*days: 0(.|\n)*payday: 32"):
        Calendar.build("US", date(2025, 1, 1), 0, payday=32)


def test_a_calendar_travels_to_a_worker_process(leap: Calendar) -> None:
    assert (pickle.loads(pickle.dumps(leap)).month_first == leap.month_first).all()
