"""The engine agrees with a second simulator that was written from `docs/model.md`, not from the engine's code.

The reference (`tests/reference`) is plain SimPy: one process a borrower, numpy's random numbers, no compiled code.
Both simulate the same book, made to have much in arrears; each figure of the summary must then have the same mean. All
figures of all cells together are compared at the joint 99 % level (Bonferroni), by a t test with the variance pooled
over both.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.stats import t as student

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import simulate
from simcollect.strategy import TEAMS, Resources, Strategy, Team, usual_prior
from simcollect.strategy.strategy import StrategyFile
from simcollect.units import minor_per_major

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

from reference_run import FIGURES, RATES, engine, reference, with_rates
from reference_world import World

DAYS = 180
REFERENCE_RUNS, ENGINE_RUNS = 6, 32  # the engine is cheap, and steadies the variance
SCENARIOS = ("baseline", "severe")
STRATEGIES = ("do_nothing", "champion", "highest_score_first", "messages_only")
NAMES = (*FIGURES, *RATES)
LEVEL = 0.01 / ((len(SCENARIOS) * len(STRATEGIES) + 1) * len(NAMES))  # each cell, and all together

MESSAGES_ONLY = {
    "name": "messages_only",
    "rules": [
        {"when": {"weeks": [-1, -1]}, "do": "sms"},
        {"when": {"weeks": [0, 1]}, "do": "wechat"},
        {"when": {"weeks": [2, 5]}, "do": "statement"},
        {"when": {"weeks": [6, 25]}, "do": "app"},
    ],
}


@lru_cache
def book() -> Portfolio:
    """Return accounts of moderate size (so that no single one sways the cash), three in four of them overdue."""
    made = Portfolio.synthetic(20_000, seed=5)
    accounts = made.accounts
    u = np.random.default_rng(0).random(len(accounts))
    dpd = accounts["dpd"].to_numpy()
    share = np.select([dpd > 30, dpd > 0], [1.0, 0.13], 0.015)
    moderate = accounts["instalment"] < accounts["instalment"].quantile(0.8)
    return made.subset(moderate.to_numpy() & (u < share))


def resources(scenario: str) -> Resources:
    """Return ample teams for the baseline; in the downturn one person a team, most of the day busy elsewhere."""
    people, shrinkage, slots = (20, 0.3, 1000) if scenario == "baseline" else (1, 0.8, 2)
    teams = {name: Team(people=people, hour_cost=45) for name in TEAMS}
    return Resources(teams=teams, shrinkage=shrinkage, legal_slots_a_week=slots)


def strategy(name: str) -> Strategy:
    return StrategyFile(**MESSAGES_ONLY).strategy() if name == "messages_only" else Strategy.named(name)


def the_scenario(name: str) -> Scenario:
    return Scenario.baseline() if name == "baseline" else Scenario.severe()


@lru_cache
def reference_figures(name: str, scenario: str) -> npt.NDArray[np.float64]:
    behaviour = Behaviour.default()
    world = World(
        book=book(),
        strategy=strategy(name),
        scenario=the_scenario(scenario),
        resources=resources(scenario),
        behaviour=behaviour,
        prior=usual_prior(behaviour).table,
        days=DAYS,
    )
    first = 100 * (STRATEGIES.index(name) * len(SCENARIOS) + SCENARIOS.index(scenario))
    return np.array([reference(world, seed=first + run) for run in range(REFERENCE_RUNS)])


@lru_cache
def default_figures(name: str, scenario: str) -> npt.NDArray[np.float64]:
    return engine_figures(name, scenario)


def engine_figures(
    name: str, scenario: str, behaviour: Behaviour | None = None, runs: int = ENGINE_RUNS
) -> npt.NDArray[np.float64]:
    result = simulate(
        book(),
        strategy(name),
        the_scenario(scenario),
        days=DAYS,
        replications=runs,
        seed=2026 + STRATEGIES.index(name) * len(SCENARIOS) + SCENARIOS.index(scenario),
        resources=resources(scenario),
        behaviour=behaviour,
        prior=usual_prior(Behaviour.default()),
        events=True,
    )
    return engine(result, minor_per_major(book().currency))


def together(cells: list[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Add the figures of several cells up, run by run, and work out the rates of the sums."""
    sums = np.sum([cell[:, : len(FIGURES)] for cell in cells], axis=0)
    return with_rates(pd.DataFrame(sums, columns=list(FIGURES)))


def comparison(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Return both means of each figure, the t statistic of their difference, and whether it is too large."""
    free = len(a) + len(b) - 2
    pooled = (a.var(axis=0) * len(a) + b.var(axis=0) * len(b)) / free
    gap = a.mean(axis=0) - b.mean(axis=0)
    error = np.sqrt(pooled * (1 / len(a) + 1 / len(b)))
    # A figure without any variance (no calls where nobody calls) must be the same exactly.
    t = np.divide(gap, error, out=np.where(gap == 0, 0.0, np.inf), where=error > 0)
    return pd.DataFrame(
        {
            "reference": a.mean(axis=0),
            "engine": b.mean(axis=0),
            "t": t,
            "apart": np.abs(t) > student.isf(LEVEL / 2, free),
        },
        index=list(NAMES),
    )


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", STRATEGIES)
def test_engine_and_reference_agree(name: str, scenario: str) -> None:
    table = comparison(reference_figures(name, scenario), default_figures(name, scenario))
    assert not table["apart"].any(), table[table["apart"]].to_string()


def test_engine_and_reference_agree_on_all_cells_together() -> None:
    """What is too small to be seen in one cell shows when all are added up."""
    cells = [(name, scenario) for name in STRATEGIES for scenario in SCENARIOS]
    table = comparison(
        together([reference_figures(*cell) for cell in cells]), together([default_figures(*cell) for cell in cells])
    )
    assert not table["apart"].any(), table[table["apart"]].to_string()


def test_what_is_compared_does_happen() -> None:
    """Agreement on zeros would prove nothing: each figure is ten or more a run somewhere, the rare ones excepted."""
    runs = [reference_figures("champion", scenario).mean(axis=0) for scenario in SCENARIOS]
    most = np.max(runs, axis=0)
    rare = {"complaints", "end_91-120", "end_121-150", "end_151-180", "end_180+", "plan ended", "opt_outs"}
    assert {name for name, value in zip(FIGURES, most, strict=False) if value < 10} <= rare


@pytest.mark.parametrize(
    ("parameter", "factor", "runs"),
    [("call.live_answer", 1.15, 10), ("talk.keep", 0.85, 24), ("pay.base", 0.85, 10), ("pay.partial", 1.3, 10)],
)
def test_a_parameter_that_is_off_is_found(parameter: str, factor: float, runs: int) -> None:
    """The comparison has the power to fail: only the engine's parameter is changed, both keep the prior.

    Promises kept are few, so that ten runs would do only with luck.
    """
    off = Behaviour.default().replace({parameter: Behaviour.default()[parameter] * factor})
    cells = [(name, scenario) for name in ("champion", "highest_score_first") for scenario in SCENARIOS]
    table = comparison(
        together([reference_figures(*cell) for cell in cells]),
        together([engine_figures(*cell, off, runs) for cell in cells]),
    )
    assert table["apart"].any()
