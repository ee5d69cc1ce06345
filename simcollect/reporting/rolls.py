"""Figure: where accounts go within a month, from each stage."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from simcollect.errors import InputError
from simcollect.portfolio import BUCKETS
from simcollect.reporting import style
from simcollect.reporting.words import label, percent
from simcollect.simulation import SimulationResult

FROM = (*BUCKETS, "on_plan", "in_legal")
TO = (*FROM, "charged_off", "closed")


@style.styled
def plot_roll_rates(run: SimulationResult, ax: Axes | None = None) -> Axes:
    """Draw the share of accounts that go from one stage to another between two month ends.

    Each row adds up to 100 %; months and replications are pooled, so that each account weighs the same. A row
    says in brackets how many accounts a month it rests on; a share under half a per cent is left blank.

    Raises
    ------
    InputError
        The run has no two month ends.

    Examples
    --------
    >>> from simcollect.economy import Scenario
    >>> from simcollect.portfolio import Portfolio
    >>> from simcollect.simulation import simulate
    >>> from simcollect.strategy import Strategy
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> ax = plot_roll_rates(simulate(book, Strategy.champion(), Scenario.baseline(), days=70, seed=1))
    >>> ax.get_ylabel()
    'at one month end (accounts)'
    """
    rolls = run.roll_rates
    if rolls.empty:
        raise InputError("roll rates need a run over at least two month ends; simulate more days")
    sums = rolls.groupby(["from_bucket", "to_bucket"], observed=True)["accounts"].sum().unstack(fill_value=0)
    table = sums.reindex(index=[name for name in FROM if name in sums.index], columns=list(TO), fill_value=0)
    total = table.sum(axis=1)
    share = table.div(total, axis=0).to_numpy()
    months = rolls.groupby("replication")["month"].nunique().sum()
    ax = style.axes(ax, height=3.9)
    edges = np.arange(len(TO) + 1) - 0.5
    ax.pcolormesh(
        edges, edges[: len(table) + 1], share, cmap=style.SEQUENTIAL, vmin=0, vmax=1,
        edgecolor=style.PAPER, linewidth=0.8,
    )  # fmt: skip
    ax.invert_yaxis()
    for row, column in np.argwhere(share >= 0.005):
        value = share[row, column]
        ax.text(
            column, row, percent(value, 0), ha="center", va="center", fontsize=8,
            color=style.PAPER if value > 0.55 else style.INK,
        )  # fmt: skip
    ax.set_xticks(range(len(TO)), [_two_lines(name) for name in TO])
    ax.set_yticks(range(len(table)), [f"{label(name)} ({n / months:,.0f})" for name, n in total.items()])
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.spines["bottom"].set_visible(False)
    ax.set_xlabel("a month later (days past due, or stage)")
    ax.set_ylabel("at one month end (accounts)")
    style.title(ax, f"Where accounts are a month later: {label(run.name)}")
    return ax


def _two_lines(name: str) -> str:
    words = label(name)
    return words.replace(" ", "\n") if " " in words else words.replace("-", "-\n") if len(words) > 6 else words
