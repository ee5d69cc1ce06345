"""Figure: the path of unemployment in each scenario."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes

from simcollect.economy import Scenario
from simcollect.reporting import style
from simcollect.reporting.words import label

MONTHS = 24  # shown, from the month in which the run begins: a year of run and what follows


@style.styled
def plot_unemployment(scenarios: Iterable[Scenario], ax: Axes | None = None) -> Axes:
    """Draw unemployment by month: its level, or its change over a year where a scenario gives no level.

    Examples
    --------
    >>> plot_unemployment([Scenario.baseline(), Scenario.severe()]).get_ylabel()
    'unemployment, per cent'
    """
    given = list(scenarios)
    levels = [scenario.unemployment.level(MONTHS) for scenario in given]
    paths = [path for path in levels if path is not None]
    by_level = len(paths) == len(given)
    if not by_level:
        paths = [scenario.unemployment.change(MONTHS) for scenario in given]
    ax = style.axes(ax, height=2.6)
    month = np.arange(MONTHS)
    colours = [style.LINES[at % len(style.LINES)] for at in range(len(given))]
    for path, colour in zip(paths, colours, strict=True):
        ax.plot(month, path, color=colour, linewidth=2)
    top, low = max(path.max() for path in paths), min(path.min() for path in paths)
    ax.set_ylim(0 if by_level else min(low * 1.1, -0.5), max(top * 1.1, 1.0))
    ax.set_xlim(0, MONTHS - 1)
    if not by_level:
        ax.axhline(0, color=style.MUTED, linewidth=1)
    style.rules(ax)
    ax.set_xticks(range(0, MONTHS, 3))
    ax.set_xlabel("month of the run")
    ax.set_ylabel("unemployment, per cent" if by_level else "change over 12 months, points")
    style.label_ends(ax, MONTHS - 1, [path[-1] for path in paths], [label(s.name) for s in given], colours)
    style.title(ax, "Unemployment in the scenarios")
    return ax
