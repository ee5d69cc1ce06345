"""Table: who answers for each stage, and whether the first contact came by the deadline."""

from __future__ import annotations

from simcollect.reporting.table import Column, Table, table
from simcollect.reporting.words import MINUS, count, label, percent, sentence
from simcollect.simulation import SimulationResult


def deadlines_table(run: SimulationResult) -> Table:
    """Return each stage of a strategy with its owner, its deadline, and how it was kept.

    The strategy must name owners.

    Examples
    --------
    >>> from simcollect.economy import Scenario
    >>> from simcollect.portfolio import Portfolio
    >>> from simcollect.simulation import simulate
    >>> from simcollect.strategy import Strategy
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> shown = deadlines_table(simulate(book, Strategy.champion(), Scenario.baseline(), days=30, seed=1))
    >>> shown.rows[0][:3]
    ('before due (−7 to 0)', 'reminder system', '4')
    """
    frame = run.adherence.copy()
    first, last = frame["from_dpd"].astype(str), frame["to_dpd"].astype(str)
    frame["place"] = frame["stage"] + " (" + first.str.replace("-", MINUS) + " to " + last + ")"
    frame["wait"] = [
        f"{count(half)} / {count(most)}" for half, most in zip(frame["median_days"], frame["p90_days"], strict=True)
    ]
    columns = [
        Column("place", "stage (days past due)"),
        Column("owner", "who answers for it"),
        Column("deadline_days", "deadline, days", str, True),
        Column("accounts", "accounts that came in", count, True),
        Column("share_in_time", "contacted in time", percent, True),
        Column("breaches", "deadline missed, accounts", count, True),
        Column("wait", "days until: half / nine in ten", str, True),
        Column("never", "left without", percent, True),
        Column("reached", "reached", percent, True),
    ]
    caption = f"{sentence(label(run.name))}: {run.days} days, mean of {run.replications} replications"
    return table(frame, columns, caption)
