"""Run the reference simulator, and put its outcome and the engine's into the same summary figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import simpy
from reference_borrower import Borrower
from reference_lender import Lender
from reference_world import CHARGED_OFF, CLOSED, IN_LAW, ON_PLAN, World, uniforms

from simcollect.strategy import TEAMS

CASH = ("cash_contract", "cash_promise", "cash_plan", "cash_legal", "cash_agency")
COUNTS = ("promises", "kept", "broken", "offers_accepted", "suits", "filed", "charged_off", "cures", "complaints",
          "opt_outs", "inbound")  # fmt: skip
EVENTS = (
    "message read", "cleared", "hardship", "refusal", "part payment", "plan payment", "plan missed", "plan ended",
)  # fmt: skip
LATE = ("1-30", "31-60", "61-90", "91-120", "121-150", "151-180", "180+")
STAGES = ("current", *LATE, "on_plan", "in_legal", "charged_off", "closed")
FIGURES = (
    "cash",
    *CASH,
    "messages",
    "attempts",
    "talks",
    *(f"{what}_{team}" for what in ("attempts", "talks", "minutes") for team in TEAMS),
    *COUNTS,
    "written_off",
    *EVENTS,
    *(f"end_{stage}" for stage in STAGES),
)
# Shares tell more than counts: how many are tried varies from run to run, of these how many succeed much less.
RATES = {
    "talks per attempt": ("talks", "attempts"),
    "promises per talk": ("promises", "talks"),
    "broken per promise kept": ("broken", "kept"),
    "hardship per talk": ("hardship", "talks"),
    "refusal per talk": ("refusal", "talks"),
    "accepted per talk of the desk": ("offers_accepted", "talks_desk"),
    "missed per plan payment": ("plan missed", "plan payment"),
    "read per message": ("message read", "messages"),
    "calls in per message read": ("inbound", "message read"),
}
_MONEY = ("cash", *CASH, "written_off")
TOTALS = {
    "cash": CASH,
    "attempts": [f"attempts_{team}" for team in TEAMS],
    "talks": [f"talks_{team}" for team in TEAMS],
}
_MODES = {ON_PLAN: "on_plan", IN_LAW: "in_legal", CHARGED_OFF: "charged_off", CLOSED: "closed"}


def reference(world: World, seed: int) -> npt.NDArray[np.float64]:
    """Simulate once and return the `FIGURES` and `RATES`; money in minor units."""
    rng = np.random.default_rng(seed)
    env = simpy.Environment()
    lender, draw = Lender(world, rng), uniforms(rng)
    borrowers = [Borrower(row, world, lender, draw) for row in world.book.accounts.itertuples()]
    for borrower in borrowers:
        env.process(borrower.live(env))
    env.process(lender.law_firm(env))
    for team in TEAMS:
        env.process(lender.team(env, team))
    env.run(until=world.days)
    for borrower in borrowers:
        lender.tally[f"end_{_stage(borrower, world.days - 1)}"] += 1
    for total, parts in TOTALS.items():
        lender.tally[total] = sum(lender.tally[part] for part in parts)
    return with_rates(pd.DataFrame([lender.tally], columns=list(FIGURES)).fillna(0.0))[0]


def _stage(borrower: Borrower, day: int) -> str:
    if borrower.mode in _MODES:
        return _MODES[borrower.mode]
    x = borrower.x(day)
    return "current" if x <= 0 else LATE[min((x - 1) // 30, 6)]


def engine(result: Any, minor: int) -> npt.NDArray[np.float64]:
    """Return the `FIGURES` and `RATES` of each replication of a `SimulationResult` with events, one row each.

    Parameters
    ----------
    result : what `simcollect.simulate` returned
    minor : minor units in a major unit of its currency
    """
    sums = result.daily.groupby("replication").sum(numeric_only=True)
    last = result.by_stage[result.by_stage["date"] == result.by_stage["date"].max()]
    ends = last.pivot_table(index="replication", columns="bucket", values="accounts", aggfunc="sum")
    table: dict[str, pd.Series] = {
        name: sums[name] * (minor if name in _MONEY else 1) for name in FIGURES if name in sums
    }
    table |= {total: sum(table[part] for part in parts) for total, parts in TOTALS.items()}
    events = result.events.groupby(["replication", "what"]).size().unstack(fill_value=0)  # noqa: PD010
    table |= {name: events.get(name, pd.Series(0, sums.index)) for name in EVENTS}
    table |= {f"end_{stage}": ends[stage] for stage in STAGES}
    return with_rates(pd.DataFrame(table)[list(FIGURES)])


def with_rates(figures: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the figures and the rates of each run; a rate of nothing is zero."""
    rates = {name: (figures[part] / figures[whole]).fillna(0.0) for name, (part, whole) in RATES.items()}
    return figures.assign(**rates).to_numpy(dtype=float)
