"""How long a plan takes, how near it comes to its bound, and whether the simulator earns what it promises.

Run with ``make bench``; prints the rows of docs/performance.md.
"""

import time

import numpy as np
import pytest

import simcollect as sc
from simcollect.behaviour.states import N_STATES
from simcollect.stressing.compare import book_value


@pytest.fixture(scope="module")
def ready() -> None:
    """Compile before anything is timed."""
    book = sc.Portfolio.synthetic(500, seed=1)
    plan = sc.optimise(book, sc.Scenario.baseline(), sc.Resources.default(book), weeks=2, max_rounds=13)
    sc.simulate(book, plan.strategy, sc.Scenario.baseline(), days=14, seed=1)


@pytest.mark.parametrize("scenario", ["baseline", "severe"])
def test_time_and_gap_of_a_year_of_planning(ready: None, scenario: str) -> None:
    book = sc.Portfolio.synthetic(100_000, seed=1)
    economy = getattr(sc.Scenario, scenario)()
    start = time.perf_counter()
    plan = sc.optimise(book, economy, sc.Resources.default(book))
    took = time.perf_counter() - start
    print(
        f"\n18 segments, {N_STATES} states, 52 weeks, {scenario}: {took:.1f} s, {plan.mix.rounds} rounds, "
        f"gap {plan.gap:.2%}"
    )
    assert plan.value <= plan.bound


def test_the_simulated_policy_approaches_the_promised_gain_as_the_book_grows(ready: None) -> None:
    print("\naccounts  promised gain  simulated gain (95 %)  ratio")
    for n, replications in ((1_000, 32), (10_000, 16), (100_000, 4)):
        book = sc.Portfolio.synthetic(100_000, seed=1).resample(n, seed=2)
        people = sc.Resources.default(book)
        plan = sc.optimise(book, sc.Scenario.baseline(), people)
        runs = [
            sc.simulate(
                book,
                strategy,
                sc.Scenario.baseline(),
                days=364,
                replications=replications,
                seed=3,
                resources=people,
                jobs=2,
            )
            for strategy in (plan.strategy, sc.Strategy.named("do_nothing"))
        ]
        values = [run.npv(people) + [book_value(f, plan.model) for f in run.final] for run in runs]
        gain = np.asarray(values[0]) - np.asarray(values[1])
        half = 1.96 * gain.std(ddof=1) / np.sqrt(replications)
        print(f"{n:>8,}  {plan.gain:>13,.0f}  {gain.mean():>13,.0f} ± {half:,.0f}  {gain.mean() / plan.gain:.3f}")
        assert gain.mean() - half < 1.1 * plan.gain
