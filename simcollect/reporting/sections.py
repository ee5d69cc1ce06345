"""The tables of a report, made from the objects given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simcollect.portfolio import Portfolio
from simcollect.reporting.answers import a_run, against, today, verdict
from simcollect.reporting.table import Column, Table, table
from simcollect.reporting.words import count, label, money, money_range, percent, sentence
from simcollect.staffing import StaffPlan
from simcollect.strategy import TEAMS, Resources

if TYPE_CHECKING:
    from simcollect.behaviour import Behaviour
    from simcollect.optimisation import Plan
    from simcollect.stress import Comparison

PARAMETERS_SHOWN = 12
UNCOMPARED = "–"
RESOURCE_WORDS = {"messages": "message", "legal slots": "slot at the law firm"}


def portfolio_table(book: Portfolio) -> Table:
    """Return accounts, principal and arrears by days past due."""
    frame = book.summary().reset_index()
    total = {"dpd": "all", **frame[["accounts", "principal", "arrears"]].sum().to_dict()}
    frame["share"] = frame["accounts"] / max(len(book), 1)
    frame = pd.concat([frame, pd.DataFrame([{**total, "share": 1.0}])], ignore_index=True)

    def amount(value: float) -> str:
        return money(value, book.currency)

    columns = [
        Column("dpd", "days past due"),
        Column("accounts", "accounts", count, True),
        Column("share", "share", percent, True),
        Column("principal", "principal", amount, True),
        Column("arrears", "arrears", amount, True),
    ]
    return table(frame, columns, f"Accounts on {book.as_of:%d %B %Y}")


def comparison_table(comparison: Comparison, plan: str | None) -> Table:
    """Return value, difference, cash, cost and losses of each strategy, and how the plan stands to each."""
    currency, first = comparison.currency, today(comparison)
    wide = comparison.measures.pivot_table(index="strategy", columns="measure", values="mean", sort=False)
    frame = comparison.table.join(wide[["cash", "cost", "written_off", "charged_off", "complaints"]])
    frame = frame.reset_index(names="strategy")
    frame["span"] = [
        UNCOMPARED if name == first else money_range(low, high, currency)
        for name, low, high in zip(frame["strategy"], frame["difference_low"], frame["difference_high"], strict=True)
    ]
    frame["difference"] = frame["difference"].where(frame["strategy"] != first, np.nan)
    frame["stand"] = [_stand(comparison, plan, name) for name in frame["strategy"]]

    def amount(value: float) -> str:
        return money(value, currency)

    def change(value: float) -> str:
        return UNCOMPARED if np.isnan(value) else money(value, currency, signed=True)

    columns = [
        Column("strategy", "strategy", label),
        Column("value", "value", amount, True),
        Column("difference", f"against {label(first)}", change, True),
        Column("span", "95 % interval", str, True),
        Column("cash", "cash", amount, True),
        Column("cost", "cost", amount, True),
        Column("written_off", "written off", amount, True),
        Column("charged_off", "charged-off accounts", count, True),
        Column("complaints", "complaints", count, True),
    ]
    if plan is not None:
        columns.append(Column("stand", "the plan is"))
    run = a_run(comparison)
    return table(frame, columns, f"{sentence(label(comparison.scenario))}: {run.days} days, mean of {run.replications} replications")




def _stand(comparison: Comparison, plan: str | None, name: str) -> str:
    if plan is None or name == plan:
        return UNCOMPARED
    _, low, high = against(comparison, plan, name)
    return verdict(low, high)


def strategy_table(plan: Plan) -> Table:
    """Return what the plan does with whom."""
    frame = plan.table()
    columns = [
        Column("product", "product", label),
        Column("risk_band", "risk band"),
        Column("stage", "stage"),
        Column("action", "action"),
        Column("share", "share of accounts", lambda share: percent(share, 0), True),
        Column("accounts_a_week", "accounts a week", count, True),
        Column("owner", "owner"),
    ]
    return table(frame, columns, f"{sentence(label(plan.scenario))}: the first quarter of the plan; rarer actions are left out")


def price_sentences(plan: Plan, resources: Resources) -> list[str]:
    """Return what one more of each resource is worth, at its dearest, beside what it costs.

    A team's hour is one of work on the list; the paid hour is dearer by shrinkage and occupancy.
    """
    said = []
    for name in plan.prices.columns:
        team = name in TEAMS
        worth = plan.prices[name] * (60 if team else 1)
        what = f"hour of a collector in the {name} team" if team else RESOURCE_WORDS.get(name, name)
        if not worth.max() > 0:
            said.append(f"One more {what} is worth nothing in any week: there is enough.")
            continue
        week = int(worth.to_numpy().argmax()) + 1
        scarce = int((worth > 0).sum())
        text = (
            f"One more {what} in week {week} is worth {money(worth.max(), plan.currency)}, the most of any week; "
            f"it is scarce in {scarce} of {plan.weeks} weeks, and worth {money(worth.mean(), plan.currency)} on average."
        )
        if team and resources.team(name).hour_cost > 0:
            cost = resources.team(name).hour_cost / ((1 - resources.shrinkage) * resources.occupancy)
            text += f" An hour on the list costs {money(cost, plan.currency)}."
        said.append(text)
    return said


def staff_table(plan: StaffPlan, scenario: str) -> Table:
    """Return the people needed by team and period, with hires and the gap."""
    need = plan.table.pivot_table(index="team", columns=plan.period, values="people", aggfunc="sum", observed=True)
    periods = [str(name) for name in need.columns]
    frame = need.set_axis(periods, axis=1).join(plan.summary()[["heads_at_start", "hires", "gap"]]).reset_index()
    order = {name: at for at, name in enumerate(TEAMS)}
    frame = frame.sort_values("team", key=lambda teams: teams.map(order), ignore_index=True)
    columns = [
        Column("team", "team"),
        *[Column(name, name, count, True) for name in periods],
        Column("heads_at_start", "on the payroll at the start", count, True),
        Column("hires", "hires to start", count, True),
        Column("gap", f"not covered, FTE-{plan.period}s", count, True),
    ]
    return table(frame, columns, f"{sentence(label(scenario))}: people needed by {plan.period}")


def parameter_table(behaviour: Behaviour) -> Table:
    """Return the judgement and unverified parameters with the widest ranges, widest first.

    Width is the highest plausible value over the lowest; a range that reaches down to zero counts as widest.
    """
    frame = behaviour.table()
    frame = frame[frame["standing"].isin(["judgement", "unverified"])].copy()
    low, high = frame["low"].to_numpy(dtype=float), frame["high"].to_numpy(dtype=float)
    frame["width"] = np.divide(high, low, out=np.full(len(frame), np.inf), where=low > 0)
    frame = frame.sort_values("width", ascending=False, kind="stable").head(PARAMETERS_SHOWN)
    scalar = frame["by"] == "-"
    frame["range"] = [
        f"{low:g} to {high:g}" if single else f"times {low:g} to {high:g}"
        for low, high, single in zip(frame["low"], frame["high"], scalar, strict=True)
    ]
    columns = [
        Column("parameter", "parameter"),
        Column("value", "value"),
        Column("unit", "unit"),
        Column("range", "plausible range"),
        Column("standing", "standing"),
        Column("source", "source"),
    ]
    return table(frame, columns, f"The {len(frame)} least certain parameters, widest range first")
