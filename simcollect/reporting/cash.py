"""Figure: cash by week and where it came from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from simcollect.errors import InputError, nearest
from simcollect.reporting import style
from simcollect.reporting.words import label, listing
from simcollect.simulation import SimulationResult

SOURCES = {
    "contract": "paid by contract",
    "promise": "promises kept",
    "plan": "restructured",
    "legal": "law firm",
    "agency": "agency or debt sale",
}


@style.styled
def plot_cash(run: SimulationResult, ax: Axes | None = None, *, sources: Sequence[str] = tuple(SOURCES)) -> Axes:
    """Draw the cash of each week, stacked by source; mean over replications.

    A week that the run did not finish is left out: it would look like a fall.

    Parameters
    ----------
    run : the simulation
    ax : where to draw; a new figure if not given
    sources : of contract, promise, plan, legal, agency; payments by contract dwarf the
        others, so leave them out to see these

    Raises
    ------
    InputError
        A source is not known.

    Examples
    --------
    >>> from simcollect.economy import Scenario
    >>> from simcollect.portfolio import Portfolio
    >>> from simcollect.simulation import simulate
    >>> from simcollect.strategy import Strategy
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> ax = plot_cash(simulate(book, Strategy.champion(), Scenario.baseline(), days=28, seed=1))
    >>> ax.get_xlabel()
    'week beginning'
    """
    for name in sources:
        if name not in SOURCES:
            raise InputError(f"no source of cash is called {name}; {nearest(name, SOURCES)}")
    table = by_week(run)
    table["cash_agency"] += table["cash_sale"]
    ax = style.axes(ax)
    base = np.zeros(len(table))
    colours = dict(zip(SOURCES, style.CATEGORIES, strict=False))
    for name in sources:
        values = table[f"cash_{name}"].to_numpy()
        ax.bar(
            table.index, values, bottom=base, width=np.timedelta64(6, "D"), align="edge", color=colours[name],
            label=SOURCES[name],
        )  # fmt: skip
        base += values
    ax.set_ylim(0, max(base.max() * 1.05, 1.0))
    style.rules(ax)
    style.date_axis(ax)
    ax.set_xlabel("week beginning")
    style.money_axis(ax, "cash", run.currency, per=" a week")
    style.key(ax)
    style.title(ax, f"Cash by week{_of_all(sources)}: {label(run.name)}")
    return ax


def _of_all(sources: Sequence[str]) -> str:
    """Say which part of all cash is drawn, by what is left out where that is shorter."""
    missing = [name for name in SOURCES if name not in sources]
    if len(missing) < len(sources):
        return f", all but {listing([SOURCES[name] for name in missing])}" if missing else ""
    return f", only {listing([SOURCES[name] for name in sources])}"


def by_week(run: SimulationResult) -> pd.DataFrame:
    """Return the daily flows added up by whole weeks, mean over replications, by the week's first day."""
    daily = run.daily
    day = (daily["date"] - pd.Timestamp(run.start)).dt.days
    week = day // 7
    whole = week < max(run.days // 7, 1)
    sums = daily[whole].drop(columns=["replication", "date"]).groupby(week[whole]).sum() / run.replications
    sums.index = pd.Timestamp(run.start) + pd.to_timedelta(7 * sums.index.to_numpy(), unit="D")
    return sums
