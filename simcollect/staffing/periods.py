"""Months or weeks: the two calendars in which work is counted, and what a period of each holds."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from simcollect.errors import InputError, Problem
from simcollect.staffing.parameters import StaffingParameters
from simcollect.units import DAYS_A_MONTH


@dataclass(frozen=True)
class Calendar:
    """The period of a table.

    Attributes
    ----------
    column : name of the column, "month" or "week"
    months : length of a period in months
    """

    column: str
    months: float

    def paid_hours(self, params: StaffingParameters) -> float:
        """Return the paid hours of one full-time person in a period.

        Examples
        --------
        >>> Calendar("week", 7 / DAYS_A_MONTH).paid_hours(StaffingParameters())
        40.0
        """
        return params.paid_hours_per_month * self.months

    def lead(self, params: StaffingParameters) -> int:
        """Return the periods from decision to first day at work, rounded up so that no plan is too hopeful.

        Examples
        --------
        >>> Calendar("month", 1.0).lead(StaffingParameters())
        3
        """
        return math.ceil(round(params.lead_time_weeks * 7 / (DAYS_A_MONTH * self.months), 9))

    def leaving(self, params: StaffingParameters) -> float:
        """Return the share of people who leave in a period.

        Examples
        --------
        >>> Calendar("month", 1.0).leaving(StaffingParameters())
        0.0375
        """
        return params.attrition_per_year * self.months / 12

    def productivity(self, params: StaffingParameters, age: int) -> float:
        """Return what a person achieves in the period `age` periods after the first at work, full = 1.

        Examples
        --------
        >>> [Calendar("month", 1.0).productivity(StaffingParameters(), age) for age in (0, 4, 9)]
        [0.4, 0.8, 1.0]
        """
        month = math.floor(round(age * self.months, 9))
        return params.ramp[month] if month < len(params.ramp) else 1.0


def calendar_of(where: str, table: pd.DataFrame, others: Collection[str]) -> Calendar:
    """Return the calendar of a table, having checked that the columns needed are there.

    Examples
    --------
    >>> calendar_of("workload", pd.DataFrame(columns=["week", "team", "minutes"]), ["team", "minutes"]).column
    'week'
    """
    lacking = [name for name in others if name not in table.columns]
    periods = [name for name in ("month", "week") if name in table.columns]
    problems = [Problem(where, 1, name, None, "column is required", "add it") for name in lacking]
    if len(periods) != 1:
        rule = "one column of the two, month or week, is required"
        problems.append(Problem(where, 1, "month", ", ".join(periods) or "neither", rule, "name the period"))
    if problems:
        raise InputError(problems)
    return Calendar(periods[0], 1.0 if periods == ["month"] else 7 / DAYS_A_MONTH)


def wide(where: str, table: pd.DataFrame, calendar: Calendar, value: str) -> pd.DataFrame:
    """Return periods × teams of a column, checked; rows of one team and period add up, absent ones are zero.

    Whole-number and `pandas.Period` labels must follow one another without a gap; other labels are taken in
    sorted order as they stand.

    Examples
    --------
    >>> table = pd.DataFrame({"month": [0, 1, 1], "team": ["late", "early", "late"], "minutes": [5, 7, 1]})
    >>> wide("workload", table, Calendar("month", 1.0), "minutes").to_numpy().tolist()
    [[0.0, 5.0], [7.0, 1.0]]
    """
    numbers = pd.to_numeric(table[value], errors="coerce").to_numpy(dtype=float)
    problems = [
        Problem(
            where,
            row + 2,
            value,
            str(table[value].iloc[row]),
            "must be a number, 0 or more",
            "correct the row",
        )
        for row, number in enumerate(numbers)
        if not 0 <= number < math.inf
    ]
    for name in (calendar.column, "team"):
        empty = table[name].isna().to_numpy().nonzero()[0]
        problems += [
            Problem(where, int(row) + 2, name, "empty", "is required", "fill it in") for row in empty
        ]
    if problems:
        raise InputError(problems)
    result = table.assign(**{value: numbers}).astype({"team": str}).pivot_table(
        index=calendar.column, columns="team", values=value, aggfunc="sum", fill_value=0.0, observed=True
    )
    labels = list(result.index)
    for before, after in pairwise(labels):
        consecutive = not isinstance(before, int | pd.Period) or after == before + 1
        if not consecutive:
            rule = f"must follow {before} without a gap"
            remedy = f"add rows for the {calendar.column}s between, with 0 where there is no work"
            raise InputError([Problem(where, None, calendar.column, str(after), rule, remedy)])
    return result
