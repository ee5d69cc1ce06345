"""The calendar of a run: weekdays, public holidays, paydays, due dates.

Symbols: day index ``d`` = 0 … days − 1 counts from ``start`` (negative before it); month index ``m`` = 0 is
the calendar month of ``start``. A due day ``D`` in a month of ``L`` days falls on day ``min(D, L)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simcollect.errors import InputError, Problem, nearest

# Reach of the month tables beyond the run: judgement. `due_date_index` and `months_late` have no such limit.
MONTHS_BEFORE = 12
MONTHS_AFTER = 18

PAYDAY = 25  # judgement: day of the month on which wages arrive
PAYDAY_LENGTH = 3  # payday and the next two days: evidence 9 (memory, unverified)

# Payments by weekday, Monday to Sunday, per cent: App micro-loans, Nigeria 2016-17, computed (evidence 13).
WEEKDAY_SHARE = (17.8, 15.9, 18.1, 17.3, 17.9, 7.8, 5.2)


@dataclass(frozen=True, eq=False)
class Calendar:
    """The days of a run as columns, ready for compiled kernels.

    Attributes
    ----------
    country : ISO 3166 code of the country whose public holidays count
    start : the date of day index 0
    days : number of days
    weekday : int64[day], 0 = Monday … 6 = Sunday
    holiday : bool[day], public holiday
    working : bool[day], Monday to Friday and no holiday, in every country; also the weekend days that are worked to
        make up for a holiday (China above all), in years whose order the calendar library knows
    payday : bool[day], payday or one of the two days after it
    day_of_month : int64[day], 1 … 31
    month : int64[day], months since the month of ``start``
    month_first : int64[month + month_offset], day index of the first of the month, negative before ``start``;
        reaches from 12 months before the first month to 18 months after the last
    month_length : int64[month + month_offset], days in the month
    month_offset : position of month 0 in ``month_first`` and ``month_length``

    Examples
    --------
    >>> calendar = Calendar.build("US", date(2025, 1, 1), 31)
    >>> calendar.working[:6]
    array([False,  True,  True, False, False,  True])
    >>> int(calendar.month_first[1 + calendar.month_offset])  # 1 February is day 31
    31
    """

    country: str
    start: date
    days: int
    weekday: NDArray[np.int64]
    holiday: NDArray[np.bool_]
    working: NDArray[np.bool_]
    payday: NDArray[np.bool_]
    day_of_month: NDArray[np.int64]
    month: NDArray[np.int64]
    month_first: NDArray[np.int64]
    month_length: NDArray[np.int64]
    month_offset: int

    @classmethod
    def build(cls, country: str, start: date, days: int, payday: int = PAYDAY) -> Calendar:
        """Lay out ``days`` days from ``start``.

        Parameters
        ----------
        country : ISO 3166 code, such as ``US`` or ``CN``
        start : date of day index 0
        days : number of days, at least 1
        payday : day of the month on which wages arrive; the last day of a month that is too short

        Raises
        ------
        InputError
            The country is not known, or a number is out of range.
        """
        _check(days, payday)
        holiday, made_up = _holidays(country, start, days)
        dates = np.datetime64(start) + np.arange(days)
        month = _month_of(start, np.arange(days))
        weekday = (start.weekday() + np.arange(days)) % 7
        months = np.arange(-MONTHS_BEFORE, int(month[-1]) + MONTHS_AFTER + 1)
        first, length = _months(start, months)
        return cls(
            country=country,
            start=start,
            days=days,
            weekday=weekday,
            holiday=holiday,
            working=((weekday < 5) & ~holiday) | made_up,
            payday=_paydays(start, month, payday),
            day_of_month=(dates - dates.astype("datetime64[M]")).astype(np.int64) + 1,
            month=month,
            month_first=first,
            month_length=length,
            month_offset=MONTHS_BEFORE,
        )

    def __repr__(self) -> str:
        return f"Calendar({self.country}, {self.start}, {self.days} days, {int(self.working.sum())} working)"

    def date_of(self, day: int) -> date:
        """Return the date of a day index.

        Examples
        --------
        >>> Calendar.build("US", date(2025, 1, 1), 31).date_of(30)
        datetime.date(2025, 1, 31)
        """
        return self.start + timedelta(days=int(day))


def due_date_index(calendar: Calendar, due_day: ArrayLike, month: ArrayLike) -> Any:
    """Return the day index of the due date in a month; the last day where the month is too short.

    Parameters
    ----------
    calendar : the run's calendar
    due_day : day of the month, 1 … 31; scalar or array
    month : month index, any integer; scalar or array, broadcast with ``due_day``

    Examples
    --------
    >>> calendar = Calendar.build("US", date(2025, 1, 1), 90)
    >>> due_date_index(calendar, 31, [-1, 0, 1])  # 31 December, 31 January, 28 February
    array([-1, 30, 58])
    """
    return _due(calendar.start, due_day, month)


def months_late(calendar: Calendar, due_day: ArrayLike, dpd: ArrayLike, day: ArrayLike = 0) -> Any:
    """Return how many due dates have passed unpaid, given the days past due of the oldest.

    A due date counts from the day after it, as days past due do: an account due today is not late.

    Parameters
    ----------
    calendar : the run's calendar
    due_day : day of the month, 1 … 31
    dpd : days past due on ``day``; 0 is not late
    day : day index

    Examples
    --------
    >>> calendar = Calendar.build("US", date(2025, 3, 1), 30)
    >>> months_late(calendar, 15, [0, 14, 45, 76])  # 0, one (15 Feb), two (15 Jan), three (15 Dec)
    array([0, 1, 2, 3])
    """
    today = np.asarray(day)
    oldest = today - np.asarray(dpd)
    # The last month whose due date lies before today, and the first whose due date is not before the oldest.
    last = _month_of(calendar.start, today)
    last = last - (_due(calendar.start, due_day, last) >= today)
    first = _month_of(calendar.start, oldest)
    first = first + (_due(calendar.start, due_day, first) < oldest)
    return np.maximum(last - first + 1, 0)


def payment_index(
    calendar: Calendar, weekday_share: Sequence[float] = WEEKDAY_SHARE, payday_factor: float = 1.0
) -> NDArray[np.float64]:
    """Return the calendar's multiplier on payment intensity for each day.

    Weekday factors have mean 1 over a week; a public holiday counts as a Sunday. The payday factor multiplies
    on top and is not averaged out, so a factor above 1 raises the month's payments.

    Parameters
    ----------
    calendar : the run's calendar
    weekday_share : payments by weekday, Monday to Sunday, in any unit; default: evidence 13, computed
    payday_factor : multiplier on payday and the two days after; 1 = off, because the published 1.8 (range
        1.2–3.0) is unverified (evidence 9)

    Returns
    -------
    float64[day]

    Examples
    --------
    >>> payment_index(Calendar.build("US", date(2025, 1, 6), 7)).round(3)
    array([1.246, 1.113, 1.267, 1.211, 1.253, 0.546, 0.364])
    """
    share = np.asarray(weekday_share, dtype=np.float64)
    factor = share / share.mean()
    index = factor[np.where(calendar.holiday, 6, calendar.weekday)]
    return np.where(calendar.payday, index * payday_factor, index)


def _check(days: int, payday: int) -> None:
    problems = []
    if days < 1:
        rule = "must be at least 1"
        problems.append(Problem("calendar", None, "days", str(days), rule, "give the run a length"))
    if not 1 <= payday <= 31:
        rule = "must be a day of the month, 1 to 31"
        problems.append(Problem("calendar", None, "payday", str(payday), rule, "correct it"))
    if problems:
        raise InputError(problems)


def _holidays(country: str, start: date, days: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which days are public holidays, and which days of a weekend are worked to make up for one."""
    import holidays

    end = start + timedelta(days=days - 1)
    try:
        if not country.isupper():  # the library takes names of its classes too
            raise NotImplementedError
        table = holidays.country_holidays(country, years=range(start.year, end.year + 1))
    except NotImplementedError:
        rule = "is not a country code (ISO 3166) with known holidays"
        known = holidays.list_supported_countries(include_aliases=True)  # slow: it reads every country
        hint = nearest(country.upper(), known)
        # The list of all codes would bury the message.
        remedy = hint if hint.startswith("did you mean") else "use a code such as US, GB or CN"
        raise InputError([Problem("calendar", None, "country", country, rule, remedy)]) from None
    dates = [start + timedelta(days=d) for d in range(days)]
    holiday = np.array([d in table for d in dates], dtype=np.bool_)
    made_up = np.array([d in table.weekend_workdays for d in dates], dtype=np.bool_)
    return holiday, made_up


def _month_of(start: date, day: NDArray[Any]) -> Any:
    """Return the month index of day indices."""
    dates = np.datetime64(start, "D") + day
    return (dates.astype("datetime64[M]") - np.datetime64(start, "M")).astype(np.int64)


def _months(start: date, month: ArrayLike) -> tuple[Any, Any]:
    """Return day index of the first of each month, and the month's length."""
    this = np.datetime64(start, "M") + np.asarray(month)
    first = this.astype("datetime64[D]") - np.datetime64(start, "D")
    following = (this + 1).astype("datetime64[D]") - np.datetime64(start, "D")
    return first.astype(np.int64), (following - first).astype(np.int64)


def _due(start: date, due_day: ArrayLike, month: ArrayLike) -> Any:
    first, length = _months(start, month)
    return first + np.minimum(due_day, length) - 1


def _paydays(start: date, month: NDArray[np.int64], payday: int) -> NDArray[np.bool_]:
    day = np.arange(len(month))
    # A payday at the end of a month reaches into the next, hence the previous month's too.
    since = np.stack([day - _due(start, payday, month), day - _due(start, payday, month - 1)])
    return np.asarray(((since >= 0) & (since < PAYDAY_LENGTH)).any(axis=0), dtype=np.bool_)
