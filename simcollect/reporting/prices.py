"""Figure: what one more hour of each team would be worth, week by week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes

from simcollect.reporting import style
from simcollect.reporting.words import label, money
from simcollect.strategy import TEAMS

if TYPE_CHECKING:
    from simcollect.optimisation import Plan


@style.styled
def plot_prices(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw the worth of one more productive hour of each team in each week of the plan.

    Compare it with what an hour costs: where the price is higher, more people pay; where it is zero, the
    team has time left. Teams whose hours are never worth anything more are left out.
    """
    hours = 60 * plan.prices[list(TEAMS)]
    shown = [team for team in TEAMS if hours[team].max() > 0]
    ax = style.axes(ax)
    for team in shown:
        mean = money(hours[team].mean(), plan.currency)
        ax.step(
            hours.index + 1, hours[team], where="mid", color=style.TEAM_COLOURS[team], linewidth=2,
            label=f"{team}: {mean} on average",
        )  # fmt: skip
    ax.set_xlim(0.5, len(hours) + 0.5)
    ax.set_ylim(0, max(float(hours.to_numpy().max()) * 1.08, 1.0))
    style.rules(ax)
    ax.set_xlabel("week of the plan")
    style.money_axis(ax, "worth of one more hour", plan.currency)
    if shown:
        style.key(ax)
    style.title(ax, f"What one more collector hour is worth: {label(plan.scenario)}")
    return ax
