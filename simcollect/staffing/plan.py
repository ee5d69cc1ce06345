"""The staffing plan as a strategist reads it, and the one call that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from simcollect.staffing.headcount import headcount
from simcollect.staffing.hiring import hiring_plan
from simcollect.staffing.parameters import StaffingParameters


@dataclass(frozen=True, eq=False)
class StaffPlan:
    """People needed, on hand and to be hired, by team and month.

    Attributes
    ----------
    table : one row a team and period, the columns of `headcount` and `hiring_plan` side by side
    params : the assumptions behind it
    """

    table: pd.DataFrame
    params: StaffingParameters

    def __post_init__(self) -> None:
        covered = self.table["effective"] + self.table["gap"]
        if not np.all(covered >= self.table["fte_needed"] - 1e-5):
            raise AssertionError("a plan's people and gap together must reach the need")

    @property
    def period(self) -> str:
        """Name of the period column, ``month`` or ``week``.

        Examples
        --------
        >>> staff(pd.DataFrame({"week": [0], "team": "early", "minutes": [1344]})).period
        'week'
        """
        return "month" if "month" in self.table.columns else "week"

    def peak(self) -> pd.DataFrame:
        """Return, for each team, the period of greatest need with its FTE and people.

        Examples
        --------
        >>> work = pd.DataFrame({"week": [0, 1], "team": "early", "minutes": [1344, 2688]})
        >>> staff(work).peak().loc["early", ["week", "people"]].tolist()
        [1, 2]
        """
        rows = self.table.loc[self.table.groupby("team")["fte_needed"].idxmax()]
        return rows.set_index("team")[[self.period, "fte_needed", "people"]]

    def summary(self) -> pd.DataFrame:
        """Return one row a team: people needed at the peak, people at the start, hires, gap and cost.

        ``gap`` adds up the unmet FTE over the periods (FTE-months or FTE-weeks), ``out_of_reach`` the part of
        it that no hire decided in the first period could have met; ``cost`` is wages and hires in the plan's
        currency.

        Examples
        --------
        >>> work = pd.DataFrame({"week": [0, 1], "team": "early", "minutes": [1344, 2688]})
        >>> staff(work).summary().loc["early", ["people_at_peak", "hires", "out_of_reach"]].round(3).tolist()
        [2.0, 0.0, 1.009]
        """
        teams = self.table.groupby("team")
        late = self.table["gap"].where(self.table["why"] == "lead time", 0.0)
        return pd.DataFrame(
            {
                "people_at_peak": teams["people"].max(),
                "heads_at_start": teams["heads"].first(),
                "hires": teams["hires"].sum(),
                "leavers": teams["leavers"].sum(),
                "gap": teams["gap"].sum(),
                "out_of_reach": late.groupby(self.table["team"]).sum(),
                "cost": teams["cost"].sum(),
            }
        )

    def __repr__(self) -> str:
        total = self.summary().sum()
        periods = self.table[self.period].nunique()
        return (
            f"<StaffPlan {self.table['team'].nunique()} teams, {periods} {self.period}s: "
            f"{total['people_at_peak']:.0f} people at the peaks, {total['hires']:.0f} hires, "
            f"gap {total['gap']:.1f} FTE-{self.period}s ({total['out_of_reach']:.1f} out of reach), "
            f"cost {self.params.currency} {total['cost']:,.0f}>"
        )


def staff(
    workload: pd.DataFrame, start: Mapping[str, float] | None = None, params: StaffingParameters | None = None
) -> StaffPlan:
    """Plan the people for a workload: how many are needed, when to start hiring, what stays unmet and why.

    Parameters
    ----------
    workload : table with ``month`` (or ``week``), ``team`` and ``minutes`` of handling, as from a simulation
    start : people of each team today; when left out, each team is taken to be just big enough for its first
    period params : assumptions; the defaults when left out

    Raises
    ------
    InputError
        A column is missing, a figure is negative, or a team has no start; see `headcount` and `hiring_plan`.
    SolverError
        The solver stopped without proof.

    Examples
    --------
    >>> work = pd.DataFrame({"month": range(12), "team": "early", "minutes": [60_000] * 6 + [90_000] * 6})
    >>> staff(work)
    <StaffPlan 1 teams, 12 months: ... people at the peaks, ... hires, gap ... FTE-months (...), cost USD ...>
    """
    params = params if params is not None else StaffingParameters()
    need = headcount(workload, params)
    if start is None:
        start = {str(team): float(people) for team, people in need.groupby("team")["people"].first().items()}
    hires = hiring_plan(need, start, params)
    shared = [name for name in need.columns if name in hires.columns]
    return StaffPlan(pd.concat([need, hires.drop(columns=shared)], axis=1), params)
