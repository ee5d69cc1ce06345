"""Figure: where the difference between two strategies comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from simcollect.errors import InputError, nearest
from simcollect.reporting import style
from simcollect.reporting.cash import SOURCES
from simcollect.reporting.words import label, money

if TYPE_CHECKING:
    from simcollect.stress import Comparison


def uplift(comparison: Comparison, strategy: str) -> pd.DataFrame:
    """Return what makes up a strategy's difference in value to the first one, in the order of the figure.

    Parts are the cash of each source, less the costs, and the rest: what the accounts left at the end of the run are
    worth more or less, and discounting. The parts add up to the difference in value.

    Returns
    -------
    DataFrame with ``part``, ``difference``, ``low``, ``high`` (95 % paired interval; NaN for the rest)

    Raises
    ------
    InputError
        The strategy is not among those compared, or is the one that the others are compared with.
    """
    names = list(comparison.table.index)
    if strategy not in names[1:]:
        raise InputError(f"{strategy} is not compared with {names[0]}; {nearest(strategy, names[1:])}")
    rows = comparison.measures[comparison.measures["strategy"] == strategy].set_index("measure")
    parts = [(text, f"cash_{name}", 1.0) for name, text in SOURCES.items()]
    table = pd.DataFrame(
        [_part(text, rows.loc[measure], sign) for text, measure, sign in parts if measure in rows.index]
        + [_part("costs", rows.loc["cost"], -1.0)]
    )
    value = float(comparison.table.loc[strategy, "difference"])
    rest = {"part": "book at the end, discounting", "difference": value - table["difference"].sum(), "low": np.nan, "high": np.nan}
    return pd.concat([table, pd.DataFrame([rest])], ignore_index=True)


def _part(text: str, row: pd.Series, sign: float) -> dict[str, object]:
    ends = sorted((sign * float(row["difference_low"]), sign * float(row["difference_high"])))
    return {"part": text, "difference": sign * float(row["difference"]), "low": ends[0], "high": ends[1]}


@style.styled
def plot_uplift(comparison: Comparison, strategy: str, ax: Axes | None = None) -> Axes:
    """Draw what makes up a strategy's difference in value to the first one; see `uplift`."""
    table = uplift(comparison, strategy)
    currency = comparison.currency
    total = float(comparison.table.loc[strategy, "difference"])
    ax = style.axes(ax, height=3.0)
    start = 0.0
    for y, row in enumerate(table.itertuples()):
        step = float(row.difference)
        colour = style.ACCENT if step >= 0 else style.CATEGORIES[5]
        ax.barh(y, step, left=start, height=0.62, color=colour)
        ax.plot([start + step] * 2, [y - 0.31, y + 1.31], color=style.MUTED, linewidth=0.8)
        ax.text(1.01, y, money(step, currency, signed=True), transform=ax.get_yaxis_transform(), va="center", fontsize=8.5, color=style.INK)
        start += step
    ax.barh(len(table), total, height=0.62, color=style.INK)
    ax.text(
        1.01, len(table), money(total, currency, signed=True), transform=ax.get_yaxis_transform(), va="center",
        fontsize=8.5, fontweight="bold", color=style.INK,
    )  # fmt: skip
    ax.set_yticks(range(len(table) + 1), [*table["part"], "difference in value"])
    ax.invert_yaxis()
    ax.axvline(0, color=style.INK, linewidth=1)
    ax.margins(x=0.05)
    style.rules(ax, axis="x")
    style.money_axis(ax, "difference, added up", currency, axis="x")
    style.title(ax, f"Where the difference comes from: {label(strategy)} against {label(comparison.table.index[0])}")
    return ax
