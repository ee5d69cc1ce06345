"""Figure: does a score mean what it says?"""

from __future__ import annotations

from matplotlib.axes import Axes

from simcollect.calibration.score import OUTCOMES, Score
from simcollect.reporting import style


@style.styled
def plot_reliability(score: Score, ax: Axes | None = None) -> Axes:
    """Draw what a score predicted and what happened, by tenths of the cases, none of which it had seen.

    On the line the score means what it says; bars are 95 % intervals.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from simcollect.calibration.score import score_of
    >>> x = np.random.default_rng(1).uniform(size=600)
    >>> frame = pd.DataFrame({"account_id": np.arange(600), "x": x})
    >>> score = score_of(frame, np.random.default_rng(2).uniform(size=600) < x)
    >>> plot_reliability(score).get_xlabel()
    'predicted probability'
    """
    ax = style.axes(ax)
    table = score.reliability
    ax.plot([0, 1], [0, 1], color=style.INK, linewidth=1, linestyle=(0, (4, 3)))
    ax.errorbar(
        table["predicted"], table["happened"], yerr=1.96 * table["standard_error"], fmt="o", markersize=4, linewidth=1
    )
    top = 1.05 * float(max(table["predicted"].max(), (table["happened"] + 2 * table["standard_error"]).max()))
    ax.set_xlim(0, top)
    ax.set_ylim(0, top)
    style.rules(ax)
    ax.set_xlabel("predicted probability")
    ax.set_ylabel("share that did")
    style.title(ax, f"Out of sample: {OUTCOMES[score.outcome]}")
    return ax
