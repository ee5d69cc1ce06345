"""What a plan strives for and within which limits, and the points of a trade-off curve, as tables of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from simcollect.reporting.table import Column, Table, table
from simcollect.reporting.words import UNKNOWN, count, label, money, sentence
from simcollect.strategy import MEASURES, OBJECTIVES, PER_ACCOUNT

if TYPE_CHECKING:
    from simcollect.optimisation import Plan


def goal_sentence(plan: Plan) -> str:
    """Return what a plan strives for, and what it comes to."""
    what = plan.goal.objective
    way = "Most" if OBJECTIVES[what] > 0 else "Least"
    name = "net present value" if what == "value" else label(what)
    return (
        f"{sentence(label(plan.scenario))}: {way.lower()} {name}, "
        f"{money(OBJECTIVES[what] * plan.value, plan.currency)} as planned."
    )


def limits_table(plan: Plan, scenario: str) -> Table:
    """Return the limits of a plan: asked, reached, and what one unit more of each would be worth to the objective."""
    frame = plan.limits.copy()
    for column in ("asked", "reached"):
        frame[column] = [
            _amount(name, amount, plan.currency) for name, amount in zip(frame["limit"], frame[column], strict=True)
        ]
    frame["price"] = [money(price, plan.currency) if price else UNKNOWN for price in frame["price"]]
    columns = [
        Column("limit", "limit", label),
        Column("kind", "kind"),
        Column("asked", "asked", number=True),
        Column("reached", "as planned", number=True),
        Column("price", "worth of one unit more", number=True),
    ]
    return table(frame, columns, f"{sentence(label(scenario))}: limits; one that is not reached has no price")


def trade_off_table(curve: pd.DataFrame, scenario: str) -> Table:
    """Return the points of a curve as `simcollect.tradeoff` gives it."""
    against, of = (str(name) for name in curve.columns[:2])
    currency = str(curve.attrs.get("currency", ""))
    frame = curve.copy()
    frame["price"] = [f"{price:,.4g}" for price in curve["price"]]
    columns = [
        Column(against, label(against), lambda amount: _amount(against, amount, currency), True),
        Column(of, label(of), lambda amount: _amount(of, amount, currency), True),
        Column("bound", "bound", lambda amount: _amount(of, amount, currency), True),
        Column("price", f"{label(of)} for one more unit", number=True),
    ]
    return table(frame, columns, f"{sentence(label(scenario))}: {label(of)} against {label(against)}")


def _amount(name: str, amount: float, currency: str) -> str:
    """Write an amount of a measure: money with its currency, counts as they are.

    Examples
    --------
    >>> _amount("cost", 52_345, "CNY"), _amount("contacts_per_account", 5.25, "CNY")
    ('CNY 52,300', '5.25')
    """
    if name == "value" or MEASURES.get(name, "").startswith("money"):
        return money(amount, currency)
    return f"{amount:,.3g}" if name.endswith(PER_ACCOUNT) else count(amount)
