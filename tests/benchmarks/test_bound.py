"""How long a year's plan and its bound on the same information take together, and how much memory.

The largest case that the package is meant for on one desk: 24 segments, every observed state, 8 actions, 52 weeks,
hidden classes and all. Run with ``make bench``; prints a row of docs/performance.md.
"""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from test_master import EIGHT

from simcollect.behaviour.states import N_STATES
from simcollect.economy import Scenario
from simcollect.optimisation.model import Segment, build_model
from simcollect.optimisation.plan import Plan
from simcollect.optimisation.problem import Problem
from simcollect.portfolio import Portfolio
from simcollect.strategy import Catalogue, Goal, Resources

WEEKS = 52


def peak_memory() -> float:
    """Return the most memory that this process has held, in GB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1e6


def in_two(segment: Segment) -> list[Segment]:
    """Split a segment into two halves of smaller and of larger instalments."""
    return [
        replace(
            segment,
            accounts=0.5 * segment.accounts,
            instalments=0.5 * unit * segment.instalments,
            units=unit * segment.units,
            unit_weights=0.5 * segment.unit_weights,
        )
        for unit in (0.6, 1.4)
    ]


def year(weeks: int) -> Problem:
    """Return the book of 20,000 as 24 segments: its 18, the six largest of them in two."""
    book = Portfolio.synthetic(20_000, seed=1)
    every = Catalogue.default()
    eight = Catalogue(tuple(every[name] for name in EIGHT))
    model = build_model(book, Scenario.baseline(), Resources.default(book), weeks=weeks, catalogue=eight)
    largest = sorted(model.segments, key=lambda segment: -segment.accounts.sum())[:6]
    parts = [in_two(s) if any(s is one for one in largest) else [s] for s in model.segments]
    return Problem(replace(model, segments=tuple(part for two in parts for part in two)))


def planned(problem: Problem) -> Plan:
    solved = problem.solve(Goal(), tolerance=0.02, max_rounds=40)
    return Plan.of(problem, solved, Goal(), "baseline")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux")
def test_a_year_is_planned_and_bounded_in_minutes_and_in_memory_that_a_laptop_has() -> None:
    planned(year(2)).same_information_bound()  # compiles
    problem = year(WEEKS)
    clock, busy = [time.perf_counter()], [time.process_time()]
    plan = planned(problem)
    clock.append(time.perf_counter())
    busy.append(time.process_time())
    bound = plan.same_information_bound()
    clock.append(time.perf_counter())
    busy.append(time.process_time())
    gap = (bound - plan.value) / (bound - plan.nothing)
    print(
        f"\n{len(problem.model.segments)} segments, {N_STATES} states, {len(EIGHT)} actions, {WEEKS} weeks, hidden "
        f"classes and all: plan {clock[1] - clock[0]:.0f} s on the clock, {busy[1] - busy[0]:.0f} s of processor "
        f"time, {plan.mix.rounds} rounds, gap {plan.gap:.1%} of the gain; bound on the same information "
        f"{clock[2] - clock[1]:.0f} s, {busy[2] - busy[1]:.0f} s of processor time, gap {gap:.1%}; "
        f"memory at the peak {peak_memory():.2f} GB"
    )
    assert len(problem.model.segments) == 24
    assert plan.value < bound < plan.bound
    assert peak_memory() < 4.0
