"""Figure: how much of one thing is to be had for how much of another."""

from __future__ import annotations

from typing import Literal

import pandas as pd
from matplotlib.axes import Axes

from simcollect.reporting import style
from simcollect.reporting.words import label
from simcollect.strategy import MEASURES


@style.styled
def plot_tradeoff(curve: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a trade-off curve: each point is the best plan for its amount.

    Where the curve is steep a little more buys much; where it is flat, more buys nothing. The band up to the dashed
    line is what is not proven: no strategy lies beyond it.

    Parameters
    ----------
    curve : as `simcollect.tradeoff` returns it
    ax : axes to draw on; new ones if not given

    Examples
    --------
    >>> points = {"cost": [0.0, 1e3, 2e3], "recovery": [5e6, 6e6, 6.4e6], "bound": [5e6, 6.1e6, 6.5e6]}
    >>> ax = plot_tradeoff(pd.DataFrame(points))
    >>> ax.get_title(loc="left")
    'Recovery against cost'
    """
    against, of = (str(name) for name in curve.columns[:2])
    currency = str(curve.attrs.get("currency", ""))
    ax = style.axes(ax)
    ax.plot(curve[against], curve[of], color=style.ACCENT, linewidth=2, marker="o", markersize=4)
    ax.plot(curve[against], curve["bound"], color=style.MUTED, linewidth=1, linestyle="--")
    ax.fill_between(curve[against], curve[of], curve["bound"], color=style.ACCENT, alpha=0.12, linewidth=0)
    style.rules(ax)
    _axis(ax, "x", against, currency)
    _axis(ax, "y", of, currency)
    texts = ["plan", "no strategy beats this"]
    ends = [float(curve[of].iloc[-1]), float(curve["bound"].iloc[-1])]
    style.label_ends(ax, float(curve[against].iloc[-1]), ends, texts, [style.ACCENT, style.MUTED])
    scenario = curve.attrs.get("scenario")
    where = f": {label(str(scenario))}" if scenario else ""
    style.title(ax, f"{label(of).capitalize()} against {label(against)}{where}")
    return ax


def _axis(ax: Axes, axis: Literal["x", "y"], name: str, currency: str) -> None:
    if name == "value" or MEASURES.get(name, "").startswith("money"):
        style.money_axis(ax, label(name), currency, axis=axis)
    else:
        (ax.xaxis if axis == "x" else ax.yaxis).set_label_text(label(name), color=style.MUTED)
