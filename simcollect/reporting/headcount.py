"""Figure: the people that the work needs, by month and team, and those on the payroll."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from simcollect.reporting import style
from simcollect.staffing import StaffPlan
from simcollect.strategy import TEAMS


@style.styled
def plot_headcount(plan: StaffPlan, ax: Axes | None = None) -> Axes:
    """Draw people needed by period and team (stacked bars) and people on the payroll (slim bars).

    Examples
    --------
    >>> import pandas as pd
    >>> from simcollect.staffing import staff
    >>> work = pd.DataFrame({"month": [0, 1, 2], "team": "early", "minutes": [30_000, 42_000, 36_000]})
    >>> plot_headcount(staff(work)).get_ylabel()
    'people'
    """
    need = plan.table.pivot_table(index=plan.period, columns="team", values="people", aggfunc="sum", observed=True)
    heads = plan.table.groupby(plan.period)["heads"].sum()
    teams = [team for team in (*TEAMS, *need.columns.difference(list(TEAMS))) if team in need and need[team].max() > 0]
    ax = style.axes(ax, height=3.2)
    base = np.zeros(len(need))
    place = np.arange(len(need))
    tall = max(float(need[teams].sum(axis=1).max()), float(heads.max()), 1.0) * 1.12
    for at, team in enumerate(teams):
        people = need[team].to_numpy(dtype=float)
        colour = style.TEAM_COLOURS.get(team, style.LINES[at % len(style.LINES)])
        ax.bar(
            place,
            people,
            bottom=base,
            color=colour,
            width=0.68,
            edgecolor=style.PAPER,
            linewidth=0.8,
            label=team,
        )
        if len(need) <= 14:
            for x in np.flatnonzero(people >= 0.055 * tall).tolist():
                ax.text(
                    x,
                    base[x] + people[x] / 2,
                    f"{people[x]:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color=style.PAPER,
                )
        base += people
    ax.bar(place + 0.42, heads.to_numpy(), width=0.11, color=style.INK, label="on the payroll")
    ax.set_ylim(0, tall)
    style.month_axis(ax, need.index.tolist())
    style.rules(ax)
    ax.set_xlabel(plan.period)
    style.count_axis(ax, "people")
    style.key(ax)
    style.title(ax, f"People needed by {plan.period} and team")
    return ax
