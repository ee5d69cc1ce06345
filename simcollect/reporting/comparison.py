"""Figure: what each strategy is worth against the first, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from simcollect.reporting import style
from simcollect.reporting.words import label, money, sentence

if TYPE_CHECKING:
    from simcollect.stressing import Comparison

_ROW, _GAP = 1.0, 0.5  # height of a strategy's row, and what is free above a scenario's name


@style.styled
def plot_comparison(comparisons: Mapping[str, Comparison], ax: Axes | None = None) -> Axes:
    """Draw the difference in value of each strategy to the first one, with its 95 % interval.

    A filled dot's interval leaves out zero; a hollow dot's does not: the runs do not tell the two
    strategies apart.

    Parameters
    ----------
    comparisons : scenario name to comparison, all of one book
    ax : where to draw; a new figure if not given
    """
    first = next(iter(comparisons.values()))
    currency, today = first.currency, label(next(iter(first.runs)))
    rows = sum(len(comparison.runs) for comparison in comparisons.values())
    ax = style.axes(ax, height=1.2 + 0.26 * (rows + _GAP * len(comparisons)))
    y, ticks, names = 0.0, [], []
    for scenario, comparison in comparisons.items():
        ax.text(
            -0.01, y, sentence(label(scenario)), transform=ax.get_yaxis_transform(), ha="right", va="center",
            fontsize=9, fontweight="bold", color=style.INK,
        )  # fmt: skip
        for name, row in comparison.table.iloc[1:].iterrows():
            y += _ROW
            ticks.append(y)
            names.append(label(name))
            _whisker(ax, y, row, currency)
        y += _ROW + _GAP
    ax.set_yticks(ticks, names)
    ax.set_ylim(y - _GAP, -0.7)
    ax.axvline(0, color=style.INK, linewidth=1)
    style.rules(ax, axis="x")
    style.money_axis(ax, f"value against {today}", currency, axis="x")
    style.title(ax, f"What each strategy is worth against {today}, with 95 % intervals")
    return ax


def _whisker(ax: Axes, y: float, row: pd.Series, currency: str) -> None:
    low, mid, high = (float(row[name]) for name in ("difference_low", "difference", "difference_high"))
    told = low > 0 or high < 0
    colour = style.MUTED if not told else style.ACCENT if mid > 0 else style.CATEGORIES[5]
    if np.isfinite(low) and np.isfinite(high):
        ax.plot([low, high], [y, y], color=colour, linewidth=2, solid_capstyle="butt")
    ax.plot(mid, y, "o", markersize=6.5, color=colour, markerfacecolor=colour if told else style.PAPER)
    text = money(mid, currency, signed=True)
    ax.text(1.01, y, text, transform=ax.get_yaxis_transform(), va="center", fontsize=8.5, color=style.INK)
