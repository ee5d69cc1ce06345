"""Figure: how much of each year's lending has fallen behind, by its age."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from simcollect.errors import InputError
from simcollect.reporting import style
from simcollect.reporting.words import label
from simcollect.simulation import SimulationResult

WORDS = {
    "ever_30": "ever 30 days late or more",
    "ever_90": "ever 90 days late or more",
    "charged_off": "charged off",
}
MOST_YEARS = len(style.LINES)  # the years lent in longest ago are put together


@style.styled
def plot_vintages(run: SimulationResult, measure: str = "ever_30", ax: Axes | None = None) -> Axes:
    """Draw the share of each year's accounts that has gone bad since the tape, over their months on book.

    A line begins where the accounts lent in a year stand on average at the first month end, and runs over the months
    of the run; replications are pooled. Lines one above the other at the same age tell which lending is worse.

    Parameters
    ----------
    measure : ``ever_30``, ``ever_90`` or ``charged_off``

    Raises
    ------
    InputError
        The measure is not one of these, no account has a date of origination, or the run has no two month ends.

    Examples
    --------
    >>> from simcollect.economy import Scenario
    >>> from simcollect.portfolio import Portfolio
    >>> from simcollect.simulation import simulate
    >>> from simcollect.strategy import Strategy
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> ax = plot_vintages(simulate(book, Strategy.champion(), Scenario.baseline(), days=70, seed=1))
    >>> ax.get_xlabel()
    'months on book'
    """
    if measure not in WORDS:
        raise InputError(f"no vintage curve of {measure!r}; known: {', '.join(WORDS)}")
    table = run.vintages.dropna(subset="months_on_book")
    if table.empty or table["date"].nunique() < 2:
        raise InputError("vintage curves need dates of origination and a run over at least two month ends")
    curves = _by_year(table, measure)
    ax = style.axes(ax, height=3.2)
    colours = style.LINES[: len(curves)]
    for (_, curve), colour in zip(curves.items(), colours, strict=True):
        ax.plot(curve["months_on_book"], curve["share"], color=colour, linewidth=2)
    ax.set_ylim(0, max(1.1 * max(curve["share"].max() for curve in curves.values()), 0.01))
    ax.set_xlim(0, None)
    style.percent_axis(ax)
    style.rules(ax)
    ax.set_xlabel("months on book")
    ax.set_ylabel(f"{WORDS[measure]}, accounts")
    for (name, curve), colour in zip(curves.items(), colours, strict=True):
        end = curve.iloc[-1]
        ax.annotate(
            name, (end["months_on_book"], end["share"]), xytext=(3, 3), textcoords="offset points",
            fontsize=8.5, color=colour, annotation_clip=False,
        )  # fmt: skip
    style.title(ax, f"Lending by year of origination: {label(run.name)}")
    return ax


def _by_year(table: pd.DataFrame, measure: str) -> dict[str, pd.DataFrame]:
    """Return for each year of origination its mean months on book and the share gone bad, by date."""
    year = table["vintage"].str[:4].astype(int)
    oldest = max(year.max() - MOST_YEARS + 1, year.min())
    year = year.clip(lower=oldest)
    weighted = pd.DataFrame(
        {
            "year": year,
            "date": table["date"],
            "accounts": table["accounts"],
            "months_on_book": table["months_on_book"] * table["accounts"],
            "share": table[measure] * table["accounts"],
        }
    )
    sums = weighted.groupby(["year", "date"]).sum()
    means = sums[["months_on_book", "share"]].div(sums["accounts"], axis=0)
    earlier = int(table["vintage"].str[:4].astype(int).min()) < oldest
    return {f"{at} and before" if earlier and at == oldest else str(at): means.loc[at] for at in np.unique(year)}
