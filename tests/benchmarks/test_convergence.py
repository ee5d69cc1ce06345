"""How large must a book be for the simulator to earn what the plan promises? The convergence curve.

Run with ``pytest tests/benchmarks/test_convergence.py -s -o addopts=""``. ``SIMCOLLECT_SIZES`` names the books, such as
``1000,10000``. Each size's row is printed and written to docs/figures/convergence.csv as soon as it is there, beside
those of earlier runs, and docs/figures/convergence.png is drawn anew from all of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

import simcollect as sc
from simcollect.stressing.compare import book_value

SIZES = [int(size) for size in os.environ.get("SIMCOLLECT_SIZES", "1000,10000,30000").split(",")]
WEEKS, SEED, OF = 26, 401, 100_000
# The standard error of a share falls with all accounts simulated; a small book also costs the overhead of each day.
SIMULATED, FEWEST, MOST = 400_000, 3, 200
FOLDER = Path(__file__).parents[2] / "docs" / "figures"


def people_for(accounts: int) -> sc.Resources:
    """Return the usual people of a book of 100,000, cut to size: head-counts are not rounded, so that sizes compare."""
    usual = sc.Resources.default(sc.Portfolio.synthetic(OF, seed=7))
    cut = accounts / OF
    teams = {name: team.model_copy(update={"people": team.people * cut}) for name, team in usual.teams.items()}
    return usual.model_copy(update={"teams": teams, "legal_slots_a_week": usual.legal_slots_a_week * cut})


def measured(accounts: int, runs: int) -> dict[str, float]:
    """Return one row: the promise, and what tables, policy and bounds come to as shares of it, in per cent."""
    book, scenario, people = sc.Portfolio.synthetic(accounts, seed=7), sc.Scenario.baseline(), people_for(accounts)
    plan = sc.optimise(book, scenario, people, weeks=WEEKS)
    worth = {}
    for way in (sc.Strategy.named("do_nothing"), plan.by_table, plan.strategy):
        run = sc.simulate(
            book, way, scenario, days=7 * WEEKS, replications=runs, seed=SEED, resources=people, jobs=2
        )  # fmt: skip
        worth[way.name] = np.asarray(run.npv(people) + [book_value(final, plan.model) for final in run.final])
    row = {"accounts": accounts, "runs": runs, "promised an account": plan.gain / accounts}
    for name, way in (("tables", "plan by table"), ("policy", "plan")):
        share = 100 * (worth[way] - worth["do_nothing"]) / plan.gain
        row |= {name: share.mean(), f"{name} error": share.std(ddof=1) / np.sqrt(runs)}
    row["same-information bound"] = 100 * (plan.same_information_bound() - plan.nothing) / plan.gain
    row["revealed bound"] = 100 * (plan.bound - plan.nothing) / plan.gain
    return row


def drawn(table: pd.DataFrame) -> None:
    """Draw the curve: shares of the promised gain by the size of the book."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    from simcollect.reporting.style import LINES, MUTED, axes

    ax = axes(None, height=3.4)
    size = table["accounts"].to_numpy()
    ax.axhline(100, color=MUTED, linewidth=0.8)
    for at, (name, label) in enumerate((("tables", "the plan's tables"), ("policy", "the plan's policy"))):
        ax.errorbar(
            size * (0.97, 1.03)[at], table[name], 1.96 * table[f"{name} error"], color=LINES[at], marker="o",
            markersize=4, capsize=3, linewidth=1.4, label=f"{label}, simulated (95 % interval)",
        )  # fmt: skip
    ax.plot(size, table["same-information bound"], color=LINES[2], linestyle="--", label="bound, same information")
    ax.plot(size, table["revealed bound"], color=LINES[3], linestyle=":", label="bound, hidden states revealed")
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(list(size)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    ax.set_xlabel("accounts in the book")
    ax.set_ylabel("gain over leaving all alone,\n% of what the plan promises")
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    ax.figure.savefig(FOLDER / "convergence.png", dpi=110, bbox_inches="tight")


def test_simulated_value_approaches_the_promise_as_the_book_grows() -> None:
    path = FOLDER / "convergence.csv"
    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    for accounts in SIZES:
        row = measured(accounts, int(np.clip(SIMULATED // accounts, FEWEST, MOST)))
        print("\n" + ", ".join(f"{name} {value:,.1f}" for name, value in row.items()))
        others = table[table["accounts"] != accounts] if len(table) else table
        table = pd.concat([others, pd.DataFrame([row])], ignore_index=True).sort_values("accounts", ignore_index=True)
        table.round(2).to_csv(path, index=False)
        drawn(table)
        for name in ("tables", "policy"):
            assert row[name] - 3 * row[f"{name} error"] < row["same-information bound"]
        if accounts >= 10_000:
            assert abs(row["tables"] - 100) < 3 * row["tables error"] + 3
