"""Figure: how much of each team's time the work takes."""

from __future__ import annotations

from matplotlib.axes import Axes

from simcollect.errors import InputError
from simcollect.reporting import style
from simcollect.reporting.words import label, percent
from simcollect.simulation import SimulationResult
from simcollect.strategy import TEAMS


@style.styled
def plot_workload(run: SimulationResult, ax: Axes | None = None) -> Axes:
    """Draw the productive time each team used, as a share of what it has, by month; mean over replications.

    A team at 100 % is full: its list is longer than its day, and another hour of it is worth something. Teams
    without people are left out.

    Raises
    ------
    InputError
        No team has people.

    Examples
    --------
    >>> from simcollect.economy import Scenario
    >>> from simcollect.portfolio import Portfolio
    >>> from simcollect.simulation import simulate
    >>> from simcollect.strategy import Strategy
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> ax = plot_workload(simulate(book, Strategy.champion(), Scenario.baseline(), days=70, seed=1))
    >>> ax.get_ylabel()
    'share of productive time used'
    """
    table = run.workload()
    table = table[table["capacity"] > 0]
    if table.empty:
        raise InputError("no team has people in this run, so there is no time to show; give resources with people")
    ax = style.axes(ax)
    ends, texts, colours = [], [], []
    months = table["month"].drop_duplicates().sort_values().tolist()
    for team in TEAMS:
        rows = table[table["team"] == team].set_index("month").reindex(months)
        if rows["capacity"].isna().all():
            continue
        used = rows["minutes"] / rows["capacity"]
        ax.plot(range(len(months)), used, color=style.TEAM_COLOURS[team], linewidth=2, marker="o", markersize=3.5)
        ends.append(float(used.iloc[-1]))
        overall = rows["minutes"].sum() / rows["capacity"].sum()
        texts.append(f"{team}: {percent(overall, 0)} of {rows['capacity'].mean() / 60:,.0f} h a month")
        colours.append(style.TEAM_COLOURS[team])
    ax.axhline(1, color=style.INK, linewidth=1, linestyle=(0, (4, 3)))
    ax.set_xlim(-0.3, len(months) - 1 + 0.15)
    ax.set_ylim(0, 1.05 * max(1.03, float((table["minutes"] / table["capacity"]).max())))
    style.month_axis(ax, months)
    style.percent_axis(ax)
    style.rules(ax)
    ax.set_xlabel("month")
    ax.set_ylabel("share of productive time used")
    style.label_ends(ax, len(months) - 1, ends, texts, colours)
    style.title(ax, f"Collectors' time used: {label(run.name)}")
    return ax
