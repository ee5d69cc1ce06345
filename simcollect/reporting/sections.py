"""The tables of a report, made from the objects given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simcollect.portfolio import Portfolio
from simcollect.reporting.answers import a_run, against, today, verdict
from simcollect.reporting.table import Column, Table, period, table
from simcollect.reporting.words import UNKNOWN, count, label, money, percent, scale_of, scaled, sentence
from simcollect.staffing import StaffPlan
from simcollect.strategy import TEAMS, Resources

if TYPE_CHECKING:
    from simcollect.behaviour import Behaviour
    from simcollect.optimisation import Plan
    from simcollect.stressing import Comparison

PARAMETERS_SHOWN = 12
PRODUCT_WORDS = {"micro_sme": "micro-SME"}
RESOURCE_WORDS = {"messages": "message", "legal slots": "slot at the law firm"}


def portfolio_table(book: Portfolio) -> Table:
    """Return accounts, principal and arrears by days past due."""
    frame = book.summary().reset_index()
    total = frame[["accounts", "principal", "arrears"]].sum().to_dict()
    frame = pd.concat([frame, pd.DataFrame([{"dpd": "all", **total}])], ignore_index=True)
    frame["share"] = frame["accounts"] / len(book)
    columns = [
        Column("dpd", "days past due"),
        Column("accounts", "accounts", count, True),
        Column("share", "share", percent, True),
        _amounts(frame, "principal", "principal", book.currency),
        _amounts(frame, "arrears", "arrears", book.currency),
    ]
    return table(frame, columns, f"Accounts on {book.as_of:%d %B %Y}")


def _amounts(frame: pd.DataFrame, name: str, heading: str, currency: str, *, signed: bool = False) -> Column:
    """Return a column of amounts whose heading names the currency and scale."""
    scale, word = scale_of(frame[name])
    return Column(name, f"{heading}, {currency}{word}", lambda amount: scaled(amount, scale, signed=signed), True)


def comparison_table(comparison: Comparison, plan: str | None) -> Table:
    """Return value, difference, cash, cost and losses of each strategy, and how the plan stands to each."""
    currency, first = comparison.currency, today(comparison)
    means = comparison.by_replication.groupby("strategy", sort=False).mean()
    frame = means[["value", "cash", "cost", "written_off", "charged_off", "complaints"]].reset_index()
    gaps = [against(comparison, name, first) if name != first else (np.nan,) * 3 for name in frame["strategy"]]
    frame[["difference", "low", "high"]] = pd.DataFrame(gaps, index=frame.index)
    scale, _ = scale_of(frame["difference"])
    frame["span"] = [
        f"{scaled(low, scale, signed=True)} to {scaled(high, scale, signed=True)}" if np.isfinite(low) else UNKNOWN
        for low, high in zip(frame["low"], frame["high"], strict=True)
    ]
    frame["stand"] = [_stand(comparison, plan, name) for name in frame["strategy"]]
    columns = [
        Column("strategy", "strategy", label),
        _amounts(frame, "value", "value", currency),
        _amounts(frame, "difference", f"against {label(first)}", currency, signed=True),
        Column("span", "95 % interval", str, True),
        _amounts(frame, "cash", "cash", currency),
        _amounts(frame, "cost", "cost", currency),
        _amounts(frame, "written_off", "written off", currency),
        Column("charged_off", "accounts charged off", count, True),
        Column("complaints", "complaints", count, True),
    ]
    if plan is not None:
        columns.append(Column("stand", "the plan against it"))
    run = a_run(comparison)
    return table(
        frame,
        columns,
        f"{sentence(label(comparison.scenario))}: {run.days} days, mean of {run.replications} replications",
    )


def _stand(comparison: Comparison, plan: str | None, name: str) -> str:
    if plan is None or name == plan:
        return UNKNOWN
    _, low, high = against(comparison, plan, name)
    return verdict(low, high)


def strategy_table(plan: Plan) -> Table:
    """Return what the plan does with whom: a row a product and stage, a column a risk band."""
    given = plan.table()
    given["done"] = given["action"] + " " + given["share"].map(lambda share: percent(share, 0))
    bands = sorted(given["risk_band"].unique())
    by = ["product", "stage"]
    cells = given.pivot_table(index=by, columns="risk_band", values="done", aggfunc=", ".join, sort=False)
    owners = given[given["owner"] != "nobody"].groupby([*by, "owner"], sort=False)["accounts_a_week"].sum()
    order = owners.sort_values(ascending=False, kind="stable").reset_index().groupby(by)["owner"].agg(", ".join)
    places = given[by].drop_duplicates()
    frame = places.merge(cells, left_on=by, right_index=True).merge(
        order.rename("owner"), left_on=by, right_index=True, how="left"
    )
    frame = frame.fillna(UNKNOWN)
    columns = [
        Column("product", "product", lambda name: PRODUCT_WORDS.get(name, label(name))),
        Column("stage", "stage"),
        *[Column(band, f"risk band {band}") for band in bands],
        Column("owner", "who does it"),
    ]
    return table(
        frame,
        columns,
        f"{sentence(label(plan.scenario))}: shares of accounts in the first quarter; rarer actions left out",
    )


def playbook_table(plan: Plan) -> Table:
    """Return the plan in few rows: for whom, what, by whom, for how many, and what it brings."""
    frame = plan.playbook().table.copy()
    frame["product"] = frame["product"].map(lambda name: PRODUCT_WORDS.get(name, label(name)))
    frame["whom"] = [
        _given({"": row["product"], "band": row["risk_band"], "instalment": row["size"]})
        for row in frame.to_dict("records")
    ]
    frame["order"] = list(map(_order, frame["priority"], frame["priority_last"]))
    frame["known"] = [
        _given({"": row["flag"], "attention": row["attention"], "late before:": row["late_before"]})
        for row in frame.to_dict("records")
    ]
    columns = [
        Column("dpd", "days past due"),
        Column("weeks", "weeks of the plan"),
        Column("whom", "for whom"),
        Column("known", "what is known"),
        Column("action", "do"),
        Column("often", "how often"),
        Column("order", "priority, first to last day", number=True),
        Column("owner", "who does it"),
        Column("deadline_days", "within days", lambda x: "" if pd.isna(x) else f"{x:.0f}", True),
        Column("accounts_a_week", "accounts a week", count, True),
        _amounts(frame, "gain", "gain", plan.currency),
    ]
    return table(
        frame,
        columns,
        f"{sentence(label(plan.scenario))}: the plan's playbook; the first row that fits decides, whoever fits none is "
        "left alone; work lists go by priority times instalment",
    )


def _order(first: float, last: float) -> str:
    """Return a row's priority from its first day past due to its last, nothing where there is no work list.

    Examples
    --------
    >>> _order(1.94, 4.0), _order(2.0, 2.0), _order(float("nan"), float("nan"))
    ('1.9-4.0', '2.0', '')
    """
    if pd.isna(first):
        return ""
    said = f"{first:.1f}", f"{last:.1f}"
    return said[0] if said[0] == said[1] else "-".join(said)


def _given(conditions: dict[str, str]) -> str:
    """Return the conditions of a rule that matter, in words; "all" if none does.

    Examples
    --------
    >>> _given({"": "consumer", "band": "A, B", "instalment": "any"}), _given({"": "any"})
    ('consumer; band A, B', 'all')
    """
    return "; ".join(f"{name} {said}".strip() for name, said in conditions.items() if said != "any") or "all"


def price_sentences(plan: Plan, resources: Resources) -> list[str]:
    """Return what one more of each resource is worth, on average and at its dearest, and what it costs.

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
        week, scarce = int(worth.to_numpy().argmax()) + 1, int((worth > 0).sum())
        text = f"One more {what} is worth {money(worth.mean(), plan.currency)} in an average week"
        if team and resources.team(name).hour_cost > 0:
            cost = resources.team(name).hour_cost / ((1 - resources.shrinkage) * resources.occupancy)
            text += f", and costs {money(cost, plan.currency)}"
        said.append(
            f"{text}. It is scarce in {scarce} of {plan.weeks} weeks; in week {week}, the dearest, "
            f"it is worth {money(worth.max(), plan.currency)}."
        )
    return said


def staff_table(plan: StaffPlan, scenario: str) -> Table:
    """Return the people needed by team and period, with hires and the gap."""
    need = plan.table.pivot_table(index="team", columns=plan.period, values="people", aggfunc="sum", observed=True)
    periods = [period(name) for name in need.columns]
    frame = need.set_axis(periods, axis=1).join(plan.summary()[["heads_at_start", "hires", "gap"]]).reset_index()
    order = {name: at for at, name in enumerate(TEAMS)}
    frame = frame.sort_values("team", key=lambda teams: teams.map(order), ignore_index=True)
    columns = [
        Column("team", "team"),
        *[Column(name, name, count, True) for name in periods],
        Column("heads_at_start", "at the start", count, True),
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
