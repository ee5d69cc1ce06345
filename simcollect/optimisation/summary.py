"""A plan's figures in one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from simcollect.strategy import OBJECTIVES, TEAMS

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan


def summary(plan: Plan, same_information: Sequence[float] = ()) -> pd.DataFrame:
    """Return a plan's figures with their units, one row each.

    Parameters
    ----------
    same_information : bounds on what a strategy can earn that sees what the lender sees, where worked out
    """
    use = plan.forecast[[f"minutes_{team}" for team in TEAMS]].sum().to_numpy()
    there = [float(plan.capacity[[f"{team} given", f"{team} bought"]].to_numpy().sum()) for team in TEAMS]
    what, sign = plan.goal.objective, OBJECTIVES[plan.goal.objective]
    least = sign < 0
    rows = {
        what: (sign * plan.value, plan.currency),
        f"{what} of leaving all alone": (sign * plan.nothing, plan.currency),
        ("saving" if least else "gain"): (plan.gain, plan.currency),
        f"bound on the {'saving' if least else 'gain'}": (plan.bound - plan.nothing, plan.currency),
        "gap": (plan.gap, f"share of the {'saving' if least else 'bound on the gain'}"),
        **_on_same_information(plan, same_information),
        "expected cash": (float(plan.forecast["cash"].sum()), f"{plan.currency}, not discounted"),
        "rounds of pricing": (float(plan.mix.rounds), "count"),
        **{
            f"use of the {team} team": (float(u / c) if c > 0 else 0.0, "share of minutes given and bought")
            for team, u, c in zip(TEAMS, use, there, strict=True)
        },
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["figure", "unit"])


def _on_same_information(plan: Plan, bounds: Sequence[float]) -> dict[str, tuple[float, str]]:
    if not bounds:
        return {}
    most = min(bounds) - plan.nothing
    return {
        "bound on the gain, same information": (most, plan.currency),
        "gap, same information": ((most - plan.gain) / max(most, 1e-12), "share of that bound on the gain"),
    }
