"""Figure: what was forecast of the months held out, and what happened."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from simcollect.calibration import BackTest
from simcollect.calibration.figures import SHARES
from simcollect.errors import InputError
from simcollect.reporting import style

ROW = 0.19  # inches a figure takes
NAMES = {
    "roll": "Roll rates", "memory": "Becoming late again", "stage share": "Shares of statuses",
    "ever 30+": "Ever 30+ days late", "ever 90+": "Ever 90+ days late", "cash": "Cash",
}  # fmt: skip


@style.styled
def plot_back_test(found: BackTest, group: str = "roll", ax: Axes | None = None) -> Axes:
    """Draw the figures of one group: thick lines are their 95 % intervals, thin ones hold all figures jointly.

    Parameters
    ----------
    group : of the figures, as in `found.table`: ``roll``, ``ever 30+``, ``ever 90+``, ``memory``, ``stage share``

    Raises
    ------
    InputError
        The back-test has no such group.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from simcollect.calibration import History, back_test
    >>> status = np.random.default_rng(1).choice([0, 0, 0, 1], (200, 6))
    >>> row, month = np.indices(status.shape)
    >>> months = {"account_id": row.ravel(), "month": [f"2024-0{m + 1}" for m in month.ravel()]}
    >>> history = History.of(months=pd.DataFrame({**months, "status": status.ravel()}))
    >>> plot_back_test(back_test(history, 1, replications=10, iterations=5)).get_xlabel()
    'share of accounts'
    """
    rows = found.table[found.table["group"] == group]
    if rows.empty:
        known = ", ".join(found.table["group"].unique())
        raise InputError(f"the back-test has no group {group!r}; its groups are {known}")
    ax = style.axes(ax, height=1.1 + ROW * len(rows))
    y = np.arange(len(rows))
    ax.hlines(y, rows["joint_low"], rows["joint_high"], color=style.MUTED, linewidth=0.8, label="joint interval")
    ax.hlines(y, rows["low"], rows["high"], color="#9fc9e6", linewidth=5, label="95 % interval")
    ax.plot(rows["forecast"], y, "|", color=style.ACCENT, markersize=8, markeredgewidth=1.5, label="forecast")
    inside = rows["inside"].to_numpy()
    ax.plot(rows["observed"][inside], y[inside], "o", color=style.INK, markersize=4, label="happened")
    if not inside.all():
        ax.plot(
            rows["observed"][~inside], y[~inside], "D", color=style.LINES[1], markersize=5,
            label="happened, outside its interval",
        )  # fmt: skip
    ax.set_yticks(y, rows["figure"])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    style.rules(ax, "x")
    if group in SHARES:
        style.percent_axis(ax, "x")
    ax.set_xlabel("share of accounts" if group in SHARES else "value")
    ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5, frameon=False, fontsize=8, labelcolor=style.INK
    )
    months = f"{found.horizon} month{'s' if found.horizon > 1 else ''}"
    ax.set_title(
        f"{NAMES.get(group, group)}, {months} held out: {int(inside.sum())} of {len(rows)} inside", loc="left",
        color=style.INK, fontsize=10, fontweight="bold", pad=26,
    )  # fmt: skip
    return ax
