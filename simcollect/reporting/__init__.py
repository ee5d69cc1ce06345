"""Figures, and the report for those who decide; the only room that draws."""

from simcollect.reporting.actions import plot_actions
from simcollect.reporting.backtest import plot_back_test
from simcollect.reporting.cash import plot_cash
from simcollect.reporting.comparison import plot_comparison
from simcollect.reporting.headcount import plot_headcount
from simcollect.reporting.prices import plot_prices
from simcollect.reporting.reliability import plot_reliability
from simcollect.reporting.report import report
from simcollect.reporting.rolls import plot_roll_rates
from simcollect.reporting.stages import plot_balance
from simcollect.reporting.tradeoff import plot_tradeoff
from simcollect.reporting.unemployment import plot_unemployment
from simcollect.reporting.uplift import plot_uplift, uplift
from simcollect.reporting.vintages import plot_vintages
from simcollect.reporting.workload import plot_workload

__all__ = [
    "plot_actions",
    "plot_back_test",
    "plot_balance",
    "plot_cash",
    "plot_comparison",
    "plot_headcount",
    "plot_prices",
    "plot_reliability",
    "plot_roll_rates",
    "plot_tradeoff",
    "plot_unemployment",
    "plot_uplift",
    "plot_vintages",
    "plot_workload",
    "report",
    "uplift",
]
