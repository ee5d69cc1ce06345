"""Figure: the balance that is not current, by stage."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from simcollect.portfolio import BUCKETS
from simcollect.reporting import style
from simcollect.reporting.words import label
from simcollect.simulation import SimulationResult

# Bottom to top: the oldest first, so that the total's upper edge shows the newest arrears.
STAGES = {
    **{bucket: (f"{bucket} days", colour) for bucket, colour in zip(BUCKETS[1:], style.AGES, strict=True)},
    "on_plan": ("on a plan", "#009e73"),
    "in_legal": ("at law", "#cc79a7"),
    "charged_off": ("charged off", "#5b6773"),
}


@style.styled
def plot_balance(run: SimulationResult, ax: Axes | None = None) -> Axes:
    """Draw the principal that is overdue, on a plan, at law or charged off; mean over replications.

    What is current is left out, since it dwarfs the rest; charged-off principal is what was written off so
    far. The book is seen at the start, at each month end and at the end.

    Examples
    --------
    >>> from simcollect.economy import Scenario
    >>> from simcollect.portfolio import Portfolio
    >>> from simcollect.simulation import simulate
    >>> from simcollect.strategy import Strategy
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> ax = plot_balance(simulate(book, Strategy.champion(), Scenario.baseline(), days=70, seed=1))
    >>> ax.get_ylabel()
    'principal, CNY thousand'
    """
    table = run.by_stage.pivot_table(index="date", columns="bucket", values="principal", aggfunc="mean", observed=True)
    present = [name for name in STAGES if table.get(name) is not None and table[name].max() > 0]
    ax = style.axes(ax)
    values = table[present].to_numpy().T if present else np.zeros((1, len(table)))
    ax.stackplot(
        table.index, values, colors=[STAGES[name][1] for name in present] or [style.HAIRLINE],
        labels=[STAGES[name][0] for name in present] or ["nothing overdue"],
        edgecolor=style.PAPER, linewidth=0.4,
    )  # fmt: skip
    ax.set_ylim(0, max(values.sum(axis=0).max() * 1.05, 1.0))
    ax.set_xlim(table.index.min(), table.index.max())
    style.rules(ax)
    style.date_axis(ax)
    ax.set_xlabel("end of month")
    style.money_axis(ax, "principal", run.currency)
    style.key(ax)
    style.title(ax, f"Balance that is not current: {label(run.name)}")
    return ax
