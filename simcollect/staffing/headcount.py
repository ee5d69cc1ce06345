"""From minutes of work to people, for each team and month.

FTE = handling minutes / (60 · paid hours · (1 − shrinkage) · occupancy),   people = FTE rounded up
"""

from __future__ import annotations

import pandas as pd

from simcollect.staffing.parameters import StaffingParameters
from simcollect.staffing.periods import calendar_of, wide
from simcollect.staffing.requirement import round_up


def headcount(workload: pd.DataFrame, params: StaffingParameters | None = None) -> pd.DataFrame:
    """Return the people that a workload needs.

    Parameters
    ----------
    workload : table with the columns ``month`` (or ``week``), ``team`` and ``minutes`` (handling time,
        wrap-up included); rows of the same team and month add up, a team without a row in a month has no work
        in it
    params : assumptions; the defaults when left out

    Returns
    -------
    DataFrame with ``month`` (or ``week``), ``team``, ``workload_hours``, ``occupancy``, ``shrinkage``,
    ``fte_needed`` (full-time people on the payroll, fractions allowed) and ``people`` (rounded up)

    Raises
    ------
    InputError
        A column is missing, a figure is negative or not a number, or periods have a gap.

    Examples
    --------
    A week of 40 paid hours, of which 70 % are at work and 80 % of these on cases, is 1,344 minutes of
    handling:

    >>> work = pd.DataFrame({"week": [0, 1], "team": "early", "minutes": [13_440, 14_000]})
    >>> headcount(work)[["fte_needed", "people"]].round(4).to_numpy().tolist()
    [[10.0, 10.0], [10.4167, 11.0]]
    """
    params = params if params is not None else StaffingParameters()
    calendar = calendar_of("workload", workload, ["team", "minutes"])
    minutes = wide("workload", workload, calendar, "minutes")
    table = minutes.reset_index().melt(id_vars=calendar.column, var_name="team", value_name="minutes")
    productive = 60 * calendar.paid_hours(params) * (1 - params.shrinkage) * params.occupancy
    fte = table["minutes"] / productive
    return pd.DataFrame(
        {
            calendar.column: table[calendar.column],
            "team": table["team"],
            "workload_hours": table["minutes"] / 60,
            "occupancy": params.occupancy,
            "shrinkage": params.shrinkage,
            "fte_needed": fte,
            "people": [round_up(amount) for amount in fte],
        }
    )
