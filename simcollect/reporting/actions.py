"""Figure: what the plan does with the accounts of each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from simcollect.reporting import style
from simcollect.reporting.words import label, percent

if TYPE_CHECKING:
    from simcollect.optimisation import Plan

# Leaving alone is grey, messages are light, offers golden, people dark; actions of the user's own take colours left.
_COLOURS = {
    "leave alone": "#eceff2", "SMS reminder": "#bfe0f5", "app push": "#9fd0ef", "WeChat message": "#7fbfe8",
    "clear statement of the contract": "#56a5d8", "SMS invitation to a standing order": "#cfe9dd",
    "e-mail reminder": "#a6d8c3", "letter": "#7fc4a8", "automated call": "#58ae8d", "call by a collector": "#0072b2",
    "call with an offer of a payment holiday": "#f6d48f", "call with an offer of a lower rate": "#f0b74f",
    "call with an offer of a longer term": "#e69f00", "call with an offer of an instalment plan": "#c77f00",
    "call with an offer to settle at a discount": "#8a5200", "field visit": "#00795a",
    "hand to the law firm": "#7d4b8c",
}  # fmt: skip
OTHER = "other"
WIDE = 37  # letters of a label of which three do not stand side by side


@style.styled
def plot_actions(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw what is done with the accounts of each stage, in shares, over the plan's first quarter.

    What the plan's table leaves out, actions with few of a row's accounts, is shown as "other".
    """
    shares, accounts = by_stage(plan.table())
    ax = style.axes(ax, height=1.5 + 0.42 * len(shares))
    left = np.zeros(len(shares))
    place = np.arange(len(shares))
    for at, action in enumerate(shares.columns):
        width = shares[action].to_numpy()
        colour = _COLOURS.get(action, "#b4bec8" if action == OTHER else style.CATEGORIES[at % 6])
        ax.barh(
            place,
            width,
            left=left,
            height=0.7,
            color=colour,
            edgecolor=style.PAPER,
            linewidth=0.8,
            label=action,
        )
        for y in np.flatnonzero(width >= 0.06).tolist():
            middle, text = left[y] + width[y] / 2, percent(width[y], 0)
            ax.text(middle, y, text, ha="center", va="center", fontsize=8, color=_ink(colour))
        left += width
    ax.set_yticks(place, [f"{stage}\n({count:,.0f} accounts a week)" for stage, count in accounts.items()])
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    style.percent_axis(ax, axis="x")
    ax.set_xlabel("share of the stage's accounts in a week")
    wide = max(len(name) for name in shares.columns) > WIDE
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.42, -0.22 - 0.1 / len(shares)), ncols=2 if wide else 3,
        frameon=False, fontsize=8.5, labelcolor=style.INK, handlelength=0.9, handleheight=0.9,
    )  # fmt: skip
    style.title(ax, f"What the plan does at each stage: {label(plan.scenario)}")
    return ax


def by_stage(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return shares by stage (rows) and action (columns), adding up to one, and accounts a week by stage."""
    stages = table["stage"].drop_duplicates().tolist()
    groups = table[["product", "risk_band", "stage"]].assign(accounts=table["accounts_a_week"] / table["share"])
    accounts = (
        groups.drop_duplicates(["product", "risk_band", "stage"]).groupby("stage")["accounts"].sum().reindex(stages)
    )
    sums = table.pivot_table(index="stage", columns="action", values="accounts_a_week", aggfunc="sum", fill_value=0.0)
    shares = sums.reindex(stages).div(accounts, axis=0)
    order = [name for name in _COLOURS if name in shares] + [name for name in shares if name not in _COLOURS]
    shares = shares[order]
    other = 1 - shares.sum(axis=1)
    return (shares.assign(**{OTHER: other}) if other.max() > 0.005 else shares), accounts


def _ink(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return style.INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else style.PAPER
