"""The answers at the head of a report, in sentences; every figure in them comes from the objects given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from simcollect.reporting.actions import by_stage
from simcollect.reporting.certainty import certainty
from simcollect.reporting.table import period
from simcollect.reporting.words import count, label, listing, money, money_range, percent, sentence
from simcollect.simulation import SimulationResult
from simcollect.simulation.summary import interval
from simcollect.staffing import StaffPlan

if TYPE_CHECKING:
    from simcollect.optimisation import Plan
    from simcollect.stressing import Comparison


PLAYBOOK = "playbook"  # the strategy that runs a plan's few rows


@dataclass(frozen=True)
class Answer:
    """A question of the board, its answer in one sentence, and what to know about it."""

    question: str
    answer: str
    details: tuple[str, ...] = ()


def measure(comparison: Comparison, strategy: str, name: str) -> pd.Series:
    """Return a strategy's figure with its interval and its difference to the first strategy.

    Raises
    ------
    IndexError
        The comparison has no such measure.
    """
    table = comparison.measures
    return table[(table["strategy"] == strategy) & (table["measure"] == name)].iloc[0]


def a_run(comparison: Comparison) -> SimulationResult:
    """Return one of the runs, for what is the same in all: currency, seed, days, resources."""
    run: SimulationResult = next(iter(comparison.runs.values()))
    return run


def today(comparison: Comparison) -> str:
    """Return the strategy that the others are compared with."""
    return next(iter(comparison.runs))


def verdict(low: float, high: float) -> str:
    """Say in a word what the interval of a difference allows to say.

    Examples
    --------
    >>> verdict(10, 20), verdict(-5, 3), verdict(float("nan"), float("nan"))
    ('better', 'not told apart', 'not told apart')
    """
    return "better" if low > 0 else "worse" if high < 0 else "not told apart"


def against(comparison: Comparison, strategy: str, other: str) -> tuple[float, float, float]:
    """Return the difference in value of a strategy to another: mean and its paired 95 % interval."""
    value = comparison.by_replication["value"]
    table = interval((value.loc[strategy] - value.loc[other]).to_frame("value"))
    mean, low, high = table.to_numpy(dtype=float)[0]
    return float(mean), float(low), float(high)


def not_beaten(comparison: Comparison, plan: str) -> list[str]:
    """Return a sentence for each strategy that the plan is not shown to beat, by paired intervals."""
    found = []
    for name in comparison.runs:
        if name in (plan, PLAYBOOK):
            continue
        mean, low, high = against(comparison, plan, name)
        what = verdict(low, high)
        amounts = f"{money(mean, comparison.currency, signed=True)}, {money_range(low, high, comparison.currency)}"
        if what == "worse":
            found.append(f"The plan does worse than {label(name)} ({amounts}).")
        elif what == "not told apart":
            found.append(f"The plan is not shown to beat {label(name)}: the interval includes zero ({amounts}).")
    return found


def answers(
    comparisons: Mapping[str, Comparison], plans: Mapping[str, Plan], staff: Mapping[str, StaffPlan]
) -> list[Answer]:
    """Return the answers in the order in which a board asks."""
    first, *others = comparisons
    out = [_holds(first, comparisons[first])]
    if others:
        out.append(_fails(first, others, comparisons))
    if plans:
        out += [_what_to_do(next(iter(plans.items()))), _worth(comparisons, plans)]
    if staff:
        out.append(_people(staff))
    sure = certainty(comparisons, plans)
    if sure:
        out.append(Answer("How probable is it that this is the right decision?", sure[0], tuple(sure[1:])))
    return [*out, _how_sure(comparisons)]


def _holds(scenario: str, comparison: Comparison) -> Answer:
    name, run = today(comparison), a_run(comparison)
    cash, cost = measure(comparison, name, "cash"), measure(comparison, name, "cost")
    lost = measure(comparison, name, "written_off")
    return Answer(
        f"What happens if the economy holds ({label(scenario)})?",
        f"Worked as today ({label(name)}), the book brings in {money(cash['mean'], run.currency)} "
        f"in {run.days} days and {money(lost['mean'], run.currency)} is written off.",
        (
            f"95 % intervals: cash {_span(cash, run.currency)}; written off {_span(lost, run.currency)}.",
            f"Collection costs {money(cost['mean'], run.currency)}, wages included.",
        ),
    )


def _fails(first: str, others: list[str], comparisons: Mapping[str, Comparison]) -> Answer:
    base, parts = comparisons[first], []
    for scenario in others:
        comparison = comparisons[scenario]
        name, currency = today(comparison), a_run(comparison).currency
        cash = measure(comparison, name, "cash")["mean"]
        before = measure(base, today(base), "cash")["mean"]
        lost = measure(comparison, name, "written_off")["mean"]
        lost_before = measure(base, today(base), "written_off")["mean"]
        parts.append(
            f"In {label(scenario)}, today's way brings in {money(cash, currency)}, "
            f"{_change(cash, before)} in {label(first)}, and write-offs go from "
            f"{money(lost_before, currency)} to {money(lost, currency)}."
        )
    return Answer("What happens if it does not?", parts[0], tuple(parts[1:]))


def _what_to_do(item: tuple[str, Plan]) -> Answer:
    scenario, plan = item
    shares, _ = by_stage(plan.table())
    steps = tuple(
        f"{sentence(stage)}: {action} ({percent(share, 0)} of accounts)."
        for stage, action, share in zip(shares.index, shares.idxmax(axis=1), shares.max(axis=1), strict=True)
    )
    return Answer(
        "What should be done with whom?",
        f"In {label(scenario)}, the plan's most frequent action at each stage is:",
        steps,
    )


def _worth(comparisons: Mapping[str, Comparison], plans: Mapping[str, Plan]) -> Answer:
    said = []
    for scenario, comparison in comparisons.items():
        plan = plans.get(scenario)
        name = plan.strategy.name if plan is not None else ""
        if plan is None or name not in list(comparison.runs)[1:]:
            continue
        mean, low, high = against(comparison, name, today(comparison))
        said.append(
            f"In {label(scenario)}, the plan is worth {money(abs(mean), comparison.currency)} "
            f"{'less' if mean < 0 else 'more'} than {label(today(comparison))} over "
            f"{a_run(comparison).days} days "
            f"(95 % interval {money_range(low, high, comparison.currency)})."
        )
        said += _kept(comparison, name)
        apart = ", its playbook apart" if PLAYBOOK in comparison.runs else ""
        said += not_beaten(comparison, name) or [
            f"In {label(scenario)} the plan beats every other strategy compared{apart}."
        ]
    for scenario, plan in plans.items():
        said.append(
            f"Bound, {label(scenario)}: by its own forecast, wages apart, the plan earns "
            f"{money(plan.gain, plan.currency)} more than leaving every account alone; no strategy can earn "
            f"more than {money(plan.bound - plan.nothing, plan.currency)}. "
            f"At most {percent(plan.gap)} of what is possible is left."
        )
    return Answer("What is the plan worth?", said[0], tuple(said[1:]))


def _kept(comparison: Comparison, plan: str) -> list[str]:
    """Say what the plan's few rows keep of its gain over today's way."""
    if PLAYBOOK not in comparison.runs:
        return []
    gain, few = against(comparison, plan, today(comparison))[0], against(comparison, PLAYBOOK, today(comparison))
    share = f", {percent(few[0] / gain, 0)} of it" if gain > 0 else ""
    return [
        f"Its playbook, the plan in a page of rules, keeps {money(few[0], comparison.currency, signed=True)}{share} "
        f"({money_range(few[1], few[2], comparison.currency)})."
    ]


def _people(staff: Mapping[str, StaffPlan]) -> Answer:
    said = []
    for scenario, plan in staff.items():
        peak, total = plan.peak(), plan.summary()
        teams = [
            f"{count(row['people'])} {team} ({period(row[plan.period])})"
            for team, row in peak.iterrows()
            if row["people"] > 0
        ]
        hires, gap = total["hires"].sum(), total["gap"].sum()
        said.append(
            f"In {label(scenario)}, the teams at their peaks: {listing(teams)}; "
            f"{count(hires)} hire{'' if hires == 1 else 's'} to start over the plan, "
            f"{count(gap)} FTE-{plan.period}s not covered."
        )
    return Answer("How many people does it take?", said[0], tuple(said[1:]))


def _how_sure(comparisons: Mapping[str, Comparison]) -> Answer:
    runs = [a_run(comparison) for comparison in comparisons.values()]
    table = runs[0].setting.behaviour.table()
    guessed = int(table["standing"].isin(["judgement", "unverified"]).sum())
    beyond = [
        f"{sentence(label(name))}: {line}."
        for name, comparison in comparisons.items()
        for line in a_run(comparison).setting.scenario.describe().splitlines()
        if line.startswith("extrapolation")
    ]
    least = min(run.replications for run in runs)
    return Answer(
        "How sure are we?",
        f"The intervals cover the luck of the draw over {least} replications, not whether the assumptions "
        f"hold: {guessed} of the {len(table)} parameters of borrowers' behaviour are judgement or "
        "unverified.",
        (
            *beyond,
            "Calibrate on your own history, and test the plan on part of the book, before you rely on it.",
        ),
    )


def _span(row: pd.Series, currency: str) -> str:
    if not pd.notna(row["low"]):
        return "not known from one replication"
    low = max(float(row["low"]), 0.0)  # neither cash nor a write-off is ever below nothing
    return f"{money(low, currency)} to {money(row['high'], currency)}"


def _change(after: float, before: float) -> str:
    share = after / before - 1 if before else float("nan")
    return f"{percent(abs(share))} {'less' if share < 0 else 'more'} than"
