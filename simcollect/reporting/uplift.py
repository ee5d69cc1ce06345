"""Figure: where the difference between two strategies comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes

from simcollect.errors import InputError, nearest
from simcollect.reporting import style
from simcollect.reporting.words import label, money, sentence
from simcollect.simulation.summary import interval

if TYPE_CHECKING:
    from simcollect.stressing import Comparison

# Calls turn payments by contract into promises kept: apart, the two would show a gain and a loss where there
# is one payment.
_CASH = {
    "contract and promises": ("cash_contract", "cash_promise"),
    "restructured accounts": ("cash_plan",),
    "law firm": ("cash_legal",),
    "agency or sale": ("cash_agency", "cash_sale"),
}
REST = "book at the end, discounting"


def uplift(comparison: Comparison, strategy: str) -> pd.DataFrame:
    """Return what makes up a strategy's difference in value to the first one, in the order of the figure.

    Parts are the cash of each source, the costs (more cost counts against), and the rest: what the accounts
    left at the end of the run are worth more or less, and discounting. The parts add up to the difference.

    Returns
    -------
    DataFrame indexed by part, with mean, low and high: the paired 95 % interval over replications

    Raises
    ------
    InputError
        The strategy is not among those compared, or is the one that the others are compared with.
    """
    first, *others = comparison.runs
    if strategy not in others:
        raise InputError(f"{strategy} is not compared with {first}; {nearest(strategy, others)}")
    difference = comparison.by_replication.loc[strategy] - comparison.by_replication.loc[first]
    parts = pd.DataFrame({part: sum(difference[name] for name in names) for part, names in _CASH.items()})
    parts["costs"] = -difference["cost"]
    parts[REST] = difference["value"] - sum(parts[name] for name in parts)
    return interval(parts).rename_axis("part")


@style.styled
def plot_uplift(comparison: Comparison, strategy: str, ax: Axes | None = None) -> Axes:
    """Draw what makes up a strategy's difference in value to the first one; see `uplift`."""
    parts = uplift(comparison, strategy)
    total = float(parts["mean"].sum())
    spread = comparison.table.loc[strategy, ["difference_low", "difference_high"]].to_numpy(dtype=float)
    ax = style.axes(ax, height=2.8)
    start = 0.0
    for y, (mean, low, high) in enumerate(parts[["mean", "low", "high"]].to_numpy(dtype=float).tolist()):
        ax.barh(y, mean, left=start, height=0.62, color=style.ACCENT if mean >= 0 else style.CATEGORIES[5])
        ax.plot([start + low, start + high], [y, y], color=style.INK, linewidth=1.2)
        _amount(ax, y, mean, comparison.currency)
        start += mean
        ax.plot([start, start], [y - 0.31, y + 1.31], color=style.MUTED, linewidth=0.8)
    ax.barh(len(parts), total, height=0.62, color=style.MUTED)
    ax.plot(spread, [len(parts)] * 2, color=style.INK, linewidth=1.2)
    _amount(ax, len(parts), total, comparison.currency, weight="bold")
    ax.set_yticks(range(len(parts) + 1), [*parts.index, "difference in value"])
    ax.invert_yaxis()
    ax.axvline(0, color=style.INK, linewidth=1)
    ax.margins(x=0.05)
    style.rules(ax, axis="x")
    style.money_axis(ax, "difference, added up", comparison.currency, axis="x")
    today = label(next(iter(comparison.runs)))
    style.title(
        ax,
        f"{sentence(label(strategy))} against {today} in {label(comparison.scenario)}: the parts",
    )
    return ax


def _amount(ax: Axes, y: int, amount: float, currency: str, weight: str = "normal") -> None:
    text = money(amount, currency, signed=True)
    ax.text(
        1.01,
        y,
        text,
        transform=ax.get_yaxis_transform(),
        va="center",
        fontsize=8.5,
        fontweight=weight,
        color=style.INK,
    )
