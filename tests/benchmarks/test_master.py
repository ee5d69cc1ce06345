"""How fast the master closes where nothing is hidden, alone and against the whole problem written out.

Run with ``make bench``; prints the rows of docs/performance.md.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from averaged import AveragedGroup, layout_of

from simcollect.behaviour.states import N_STATES
from simcollect.economy import Scenario
from simcollect.optimisation.master import solve_master
from simcollect.optimisation.model import Model, build_model
from simcollect.portfolio import Portfolio
from simcollect.strategy import Catalogue, Resources

sys.path.append(str(Path(__file__).parents[1] / "verification"))
from test_plan_proof import KnownArm, whole_lp

EIGHT = ("wait", "sms", "app", "call", "extension", "plan", "visit", "legal")


@pytest.fixture(scope="module")
def model() -> Model:
    book = Portfolio.synthetic(20_000, seed=1)
    every = Catalogue.default()
    eight = Catalogue(tuple(every[name] for name in EIGHT))
    return build_model(book, Scenario.baseline(), Resources.default(book), catalogue=eight)


def segments(model: Model) -> list[AveragedGroup]:
    """Return 24 segments: the book's 18, the six largest of them in two halves, of smaller and larger instalments."""
    largest = sorted(model.segments, key=lambda segment: -segment.accounts.sum())[:6]
    layout, groups = layout_of(model), []
    for segment in model.segments:
        if segment in largest:
            groups += [AveragedGroup(model, layout, segment, 0.5, 0.6), AveragedGroup(model, layout, segment, 0.5, 1.4)]
        else:
            groups.append(AveragedGroup(model, layout, segment))
    return groups


def test_going_forward_and_going_back_give_the_same_value(model: Model) -> None:
    prices = np.full_like(model.capacity, 0.1)
    for group in segments(model)[::6]:
        policy, worth = group.solve(prices)
        column = group.evaluate(policy)
        assert column.value - float((column.use * prices).sum()) == pytest.approx(worth, rel=1e-10)
        assert worth > group.nothing().value


def test_a_year_with_hidden_classes_averaged_out_closes_to_a_proven_ten_thousandth(model: Model) -> None:
    groups = segments(model)
    nothing = sum(group.nothing().value for group in groups)
    groups[0].solve(np.zeros_like(model.capacity))  # compiles
    course: list[str] = []
    start, busy = time.perf_counter(), time.process_time()

    def progress(round_: int, gap: float) -> None:
        if round_ % 8 == 7:
            course.append(f"{round_}: {gap:.2%}, {time.perf_counter() - start:.1f} s")

    mix = solve_master(groups, model.capacity, tolerance=1e-4, max_rounds=100, progress=progress)
    took, busy = time.perf_counter() - start, time.process_time() - busy
    gap = (mix.ceiling - mix.value) / (mix.value - nothing)
    pairs = len(groups) * model.weeks * int(model.terms.allowed.sum())
    print(
        f"\n{len(groups)} segments, {N_STATES} states, {pairs / 1e6:.1f} million state-action-weeks, 260 limits: "
        f"gap {gap:.1e} of the gain after {mix.rounds} rounds, {took:.1f} s, {busy:.1f} s of processor time "
        f"({'; '.join(course)})"
    )
    assert gap <= 1.01e-4


def test_a_small_problem_is_solved_much_faster_than_the_whole_of_it_and_to_the_same_value() -> None:
    rng = np.random.default_rng(1)
    weeks, resources = 20, 2
    arms = [KnownArm(rng, weeks, resources, states=30, actions=4) for _ in range(8)]
    capacity = np.full((resources, weeks), 200.0)
    start = time.process_time()
    mix = solve_master(arms, capacity, tolerance=1e-6, max_rounds=400)
    decomposed = time.process_time() - start
    start = time.process_time()
    exact = whole_lp(arms, capacity)
    whole = time.process_time() - start
    print(
        f"\n8 segments x 30 states x 4 actions x 20 weeks x 2 resources: {decomposed:.2f} s, {mix.rounds} rounds; the "
        f"whole LP with PuLP and HiGHS {whole:.1f} s ({whole / decomposed:.0f} times), values differ by "
        f"{abs(mix.value / exact - 1):.1e}"
    )
    assert mix.value == pytest.approx(exact, rel=1e-6)
    assert mix.prices.any()
