"""Does the simulator earn what the plan promises, more than every usual way, and what its prices say?

Run with ``pytest tests/benchmarks/test_plan_in_the_simulator.py -s -o addopts=""``; prints the rows of
docs/performance.md. ``SIMCOLLECT_ACCOUNTS`` and ``SIMCOLLECT_RUNS`` make it smaller.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

import simcollect as sc
from simcollect.portfolio import read_taiwan
from simcollect.stressing.compare import book_value

ACCOUNTS = int(os.environ.get("SIMCOLLECT_ACCOUNTS", "100000"))
RUNS = int(os.environ.get("SIMCOLLECT_RUNS", "4"))
WEEKS, SEED = 26, 301
LISTS = (
    "champion", "oldest_first", "largest_balance_first", "highest_score_first", "highest_expected_first",
    "contact_everyone",
)  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """A book with a plan for a scenario, and what each strategy is worth in the simulator, by replication."""

    plan: sc.Plan
    worth: dict[str, npt.NDArray[np.float64]]

    def gain(self, name: str, over: str = "do_nothing") -> tuple[float, float]:
        """Return the paired difference of two strategies and its standard error, in millions."""
        apart = (self.worth[name] - self.worth[over]) / 1e6
        return float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(apart.size))


def worth_of(
    book: sc.Portfolio, strategy: sc.Strategy, plan: sc.Plan, scenario: sc.Scenario, people: sc.Resources, runs: int
) -> npt.NDArray[np.float64]:
    """Return discounted cash less all costs, with what the book is worth at the end, by replication."""
    run = sc.simulate(
        book, strategy, scenario, days=7 * WEEKS, replications=runs, seed=SEED, resources=people, jobs=2
    )  # fmt: skip
    return np.asarray(run.npv(people) + [book_value(final, plan.model) for final in run.final])


def made_up() -> sc.Portfolio:
    return sc.Portfolio.synthetic(ACCOUNTS, seed=7)


def taiwan() -> sc.Portfolio:
    book, _ = read_taiwan(os.environ["SIMCOLLECT_DATA"])
    return book.resample(ACCOUNTS, seed=7)


@pytest.mark.parametrize("economy", ["baseline", "severe"])
@pytest.mark.parametrize("make", [made_up, taiwan])
def test_the_policy_earns_its_promise_and_beats_every_usual_way(make, economy: str) -> None:  # type: ignore[no-untyped-def]
    book, scenario = make(), getattr(sc.Scenario, economy)()
    people = sc.Resources.default(book)
    plan = sc.optimise(book, scenario, people, weeks=WEEKS)
    ways = [plan.strategy, plan.playbook().strategy, sc.Strategy.named("do_nothing"), *map(sc.Strategy.named, LISTS)]
    ways.append(sc.one_day_lp(book, people))
    bench = Bench(plan, {way.name: worth_of(book, way, plan, scenario, people, RUNS) for way in ways})
    gain, error = bench.gain("plan")
    promised, bound = plan.gain / 1e6, (plan.bound - plan.nothing) / 1e6
    same = (plan.same_information_bound(points=24) - plan.nothing) / 1e6
    print(
        f"\n{make.__name__}, {len(book):,} accounts, {WEEKS} weeks, {economy}, {RUNS} runs, {book.currency} million: "
        f"simulated gain {gain:.2f} ({error:.2f}) of {promised:.2f} promised ({gain / promised:.1%}); bound on the "
        f"same information {same:.2f} ({gain / same:.1%}), revealed {bound:.2f} ({gain / bound:.1%})"
    )
    for name in bench.worth:
        if name in ("plan", "do_nothing"):
            continue
        ahead, apart = bench.gain("plan", name)
        own, _ = bench.gain(name)
        print(f"  {name}: gain {own:.2f} ({own / gain:.1%} of the plan's); the plan is {ahead:.2f} ({apart:.2f}) ahead")
    assert gain - 2 * error < 1.02 * same
    assert all(bench.gain("plan", name)[0] > 0 for name in (*LISTS, "one_day_lp"))


def test_one_more_collector_is_worth_what_the_prices_say() -> None:
    """A quarter of the usual people; one more in the team with most of them, and a new plan for all.

    The price holds at the margin, so the team must be of several, and it is the mean of the prices before and after.
    Wages are left out on both sides.
    """
    book, scenario, runs = made_up(), sc.Scenario.baseline(), 2 * RUNS
    usual = sc.Resources.default(book)
    quarter = {
        name: team.model_copy(update={"people": team.people / 4, "hour_cost": 0.0})
        for name, team in usual.teams.items()
    }
    few = usual.model_copy(update={"teams": quarter})
    first = sc.optimise(book, scenario, few, weeks=WEEKS, tolerance=0.005)
    most = max(quarter, key=lambda name: quarter[name].people)
    one_more = quarter[most].model_copy(update={"people": quarter[most].people + 1})
    more = few.model_copy(update={"teams": quarter | {most: one_more}})
    second = sc.optimise(book, scenario, more, weeks=WEEKS, tolerance=0.005)
    minutes = second.model.capacity - first.model.capacity
    price = np.mean([float((plan.mix.prices * minutes).sum()) for plan in (first, second)])
    before, after = (
        worth_of(book, plan.strategy, plan, scenario, people, runs) for plan, people in ((first, few), (second, more))
    )
    gain = after - before
    error = gain.std(ddof=1) / np.sqrt(runs)
    print(
        f"\n{len(book):,} accounts, {quarter[most].people:g} people in the {most} team and one more, {WEEKS} weeks: "
        f"by the prices {price:,.0f}, by the plans {second.value - first.value:,.0f}, in the simulator "
        f"{gain.mean():,.0f} (standard error {error:,.0f}, {runs} runs) {book.currency}"
    )
    assert abs(gain.mean() - price) < 3 * error
