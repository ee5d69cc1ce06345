"""The master that is kept between rounds, against the one that is solved from nothing each time."""

import subprocess
import sys

import numpy as np
import pytest

from simcollect.errors import InfeasibleError
from simcollect.optimisation.athand import Purchase, mix_columns
from simcollect.optimisation.columns import Column
from simcollect.optimisation.restarted import RestartedMaster

RESOURCES, WEEKS, SEGMENTS = 2, 5, 4


def some_column(rng: np.random.Generator) -> Column:
    use = rng.uniform(0, 1, (RESOURCES, WEEKS)) * (rng.random((RESOURCES, WEEKS)) < 0.5)
    return Column(float(use.sum() ** 0.5 * rng.uniform(0.5, 1.5)), use, np.zeros((WEEKS, 1), np.int8))


def nothing(worth: float) -> Column:
    return Column(worth, np.zeros((RESOURCES, WEEKS)), np.zeros((WEEKS, 1), np.int8))


def capacity_and_purchases() -> tuple[np.ndarray, list[Purchase]]:
    capacity = np.full((RESOURCES, WEEKS), 0.6)
    capacity[1, 2] = 1e12  # without limit: no row
    adds = np.zeros((RESOURCES, WEEKS))
    adds[0, :2] = 0.5
    return capacity, [Purchase("people", 0.2, adds, 1.5)]


@pytest.mark.parametrize("seed", range(4))
def test_as_columns_come_and_go_it_finds_what_a_solution_from_nothing_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    capacity, purchases = capacity_and_purchases()
    kept = RestartedMaster(capacity, purchases)
    pool = [[nothing(float(s))] for s in range(SEGMENTS)]
    for round_ in range(12):
        weights, prices, value, bought = kept.mix(pool)
        exact = mix_columns(pool, capacity, purchases)[2]
        assert value == pytest.approx(exact, rel=1e-9)
        # The mix keeps its promise, and its prices prove that no other mix of these columns is worth more.
        mixed = [pair for own, shares in zip(pool, weights, strict=True) for pair in zip(shares, own, strict=True)]
        earned = sum(w * column.value for w, column in mixed) - purchases[0].cost * bought[0]
        use = sum(w * column.use for w, column in mixed) - purchases[0].capacity * bought[0]
        assert earned == pytest.approx(value, rel=1e-9)
        assert [sum(shares) for shares in weights] == pytest.approx([1.0] * SEGMENTS)
        assert (use <= capacity + 1e-7).all()
        assert 0 <= bought[0] <= 1.5
        assert (prices > -1e-9).all()
        assert prices[1, 2] == 0
        dual = sum(max(c.value - (c.use * prices).sum() for c in own) for own in pool)
        dual += (prices[capacity < 1e11] * 0.6).sum()
        dual += 1.5 * max(0.0, float((prices * purchases[0].capacity).sum()) - purchases[0].cost)
        assert dual == pytest.approx(value, rel=1e-7)
        for own in pool:
            if round_ % 4 == 3:
                del own[1 : len(own) - 1 : 2]
            own += [some_column(rng) for _ in range(2)]


def test_limits_that_no_mix_can_keep_are_refused() -> None:
    capacity, _ = capacity_and_purchases()
    with pytest.raises(InfeasibleError):
        RestartedMaster(-capacity, []).mix([[nothing(0.0)]])


@pytest.mark.parametrize("threads", [1, 2])
def test_it_is_silent_and_works_whatever_else_has_been_solved_in_the_process(threads: int) -> None:
    code = f"""
import numpy as np
from simcollect.optimisation.allotment import allot
from simcollect.optimisation.restarted import RestartedMaster
from simcollect.optimisation.solver import quiet_highs
from simcollect.optimisation.columns import Column
other = quiet_highs()
other.setOptionValue("threads", {threads})
other.run()
allot(np.ones(1), np.ones((1, 1)), np.zeros(1, int), np.ones(1), np.ones(1))
RestartedMaster(np.ones((1, 1)), []).mix([[Column(0.0, np.zeros((1, 1)), np.zeros((1, 1), np.int8))]])
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("done\n", "")
