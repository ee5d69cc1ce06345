"""How much faster the engine is than a plain SimPy simulator of the same model (`tests/reference`)."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

import pytest

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario
from simcollect.portfolio import Portfolio
from simcollect.simulation import SimulationResult, simulate
from simcollect.strategy import Resources, Strategy, usual_prior

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

from reference_run import reference
from reference_world import World

ACCOUNTS, DAYS = 20_000, 180


def test_engine_against_one_process_a_borrower(benchmark, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    """Both simulate the champion on the same book, the prior worked out beforehand; the engine is compiled."""
    book, strategy, scenario = Portfolio.synthetic(ACCOUNTS, seed=1), Strategy.champion(), Scenario.baseline()
    resources, behaviour = Resources.default(book), Behaviour.default()
    prior = usual_prior(behaviour)

    def engine() -> SimulationResult:
        return simulate(
            book, strategy, scenario, days=DAYS, seed=1, resources=resources, behaviour=behaviour, prior=prior
        )

    benchmark.pedantic(engine, rounds=3, warmup_rounds=1)
    engine_seconds = benchmark.stats.stats.min

    world = World(book, strategy, scenario, resources, behaviour, prior.table, DAYS)
    begin = perf_counter()
    reference(world, seed=1)
    reference_seconds = perf_counter() - begin

    ratio = reference_seconds / engine_seconds
    benchmark.extra_info["times_faster"] = round(ratio, 1)
    with capsys.disabled():
        print(
            f"\n{ACCOUNTS:,} accounts, {DAYS} days: ref. {reference_seconds:.1f} s, engine {engine_seconds:.2f} s, "
            f"{ratio:.0f} times faster"
        )
    assert ratio > 10
