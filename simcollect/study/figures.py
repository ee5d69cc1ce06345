"""The figures of a run as PNG files, drawn by `simcollect.reporting`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from simcollect.study.compute import Results
from simcollect.study.inputs import PLAN, Inputs, slug

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 150  # sharp in print at the width of a page: judgement


def figures(inputs: Inputs, results: Results) -> dict[str, Callable[[], Axes]]:
    """Return what draws each figure of a study, by its place under ``figures/``.

    The balance, cash, time used and roll rates are those of the plan; without a plan, of the first strategy.
    """
    from simcollect.reporting.actions import plot_actions
    from simcollect.reporting.cash import plot_cash
    from simcollect.reporting.comparison import plot_comparison
    from simcollect.reporting.headcount import plot_headcount
    from simcollect.reporting.prices import plot_prices
    from simcollect.reporting.rolls import plot_roll_rates
    from simcollect.reporting.stages import plot_balance
    from simcollect.reporting.tradeoff import plot_tradeoff
    from simcollect.reporting.unemployment import plot_unemployment
    from simcollect.reporting.uplift import plot_uplift
    from simcollect.reporting.workload import plot_workload

    out: dict[str, Callable[[], Axes]] = {"unemployment": _later(plot_unemployment, inputs.scenarios)}
    if len(inputs.strategies) + bool(results.plans) > 1:
        out["comparison"] = _later(plot_comparison, results.comparisons)
    for name, comparison in results.comparisons.items():
        run = comparison.runs.get(PLAN) or next(iter(comparison.runs.values()))
        drawn = {
            "balance": _later(plot_balance, run),
            "cash": _later(plot_cash, run),
            "headcount": _later(plot_headcount, results.staff[name]),
        }
        if run.workload()["capacity"].any():
            drawn["workload"] = _later(plot_workload, run)
        if not run.roll_rates.empty:
            drawn["roll_rates"] = _later(plot_roll_rates, run)
        if name in results.plans:
            plan = results.plans[name]
            drawn["actions"] = _later(plot_actions, plan)
            drawn["prices"] = _later(plot_prices, plan)
            drawn["uplift"] = _later(plot_uplift, comparison, PLAN)
        if name in results.trade_offs:
            drawn["trade_off"] = _later(plot_tradeoff, results.trade_offs[name])
        out |= {f"{slug(name)}/{figure}": draw for figure, draw in drawn.items()}
    return out


def write_figure(draw: Callable[[], Axes], file: Path) -> None:
    """Draw a figure and write it as PNG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    figure = cast("Figure", draw().figure)
    figure.savefig(file, dpi=DOTS_PER_INCH, metadata={"Software": None})


def _later(plot: Callable[..., Axes], *of: Any) -> Callable[[], Axes]:
    return lambda: plot(*of)
