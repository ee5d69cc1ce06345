"""How sure it is that the plan is the right decision, in sentences, where draws of the parameters were given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simcollect.reporting.words import label, money, money_range, percent

if TYPE_CHECKING:
    from simcollect.optimisation import Plan
    from simcollect.stressing import Comparison, Decision


def certainty(comparisons: Mapping[str, Comparison], plans: Mapping[str, Plan]) -> list[str]:
    """Return a sentence for each scenario and choice; empty without draws."""
    said = []
    for scenario, comparison in comparisons.items():
        if comparison.decision is not None:
            ahead = plans[scenario].strategy.name if scenario in plans else ""
            said += _choice(scenario, comparison.decision, ahead)
    for scenario, plan in plans.items():
        if plan.drawn is None:
            continue
        regret = plan.drawn.table["regret"].mean()
        right, low, high = plan.drawn.right
        said.append(
            f"In {label(scenario)}, by the plan's own forecast, it is within 5 % of the best plan for a borrower whose "
            f"parameters are known exactly with probability {percent(right, 0)} ({_span(low, high)}); knowing them "
            f"would be worth {money(regret, plan.currency)}."
        )
    return said


def _choice(scenario: str, decision: Decision, ahead: str) -> list[str]:
    """Say it of the strategy that is ahead: the plan, or else the one that is best most often."""
    draws = decision.by_draw.index.get_level_values("draw").nunique()
    name = ahead if ahead in decision.table.index else str(decision.best["best"].idxmax())
    said = []
    if name in decision.table.index:
        row = decision.table.loc[[name]].iloc[0]
        better, other = (row["better"], name if row["better"] == decision.first else decision.first)
        said.append(
            f"In {label(scenario)}, over {draws} draws of what the history leaves open, {label(better)} rather than "
            f"{label(other)} is the right decision with probability {percent(row['right'], 0)} "
            f"({_span(row['right_low'], row['right_high'])}); {label(name)} changes value by "
            f"{money(row['difference'], decision.currency, signed=True)} on average "
            f"({money_range(row['low'], row['high'], decision.currency)})."
        )
    best = decision.best.loc[[name]].iloc[0]
    said.append(
        f"Of all {len(decision.best)} compared, {label(name)} is the best with probability {percent(best['best'], 0)} "
        f"({_span(best['low'], best['high'])})."
    )
    return said


def _span(low: float, high: float) -> str:
    return f"95 % interval {percent(low, 0)} to {percent(high, 0)}"
