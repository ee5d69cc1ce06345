"""The step that finds the next prices, against a general solver and against its own conditions."""

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize

from simcollect.optimisation.proximal import SMALLEST, Step, proximal_step

ROWS, COLUMNS, SEGMENTS = 4, 24, 3


def problem(seed: int) -> tuple[np.ndarray, ...]:
    """Return 24 columns of three segments and one purchase, in rows of about one."""
    rng = np.random.default_rng(seed)
    use = rng.uniform(0, 1, (ROWS, COLUMNS))
    use[:, :SEGMENTS] = 0.0
    worth = use.sum(axis=0) ** 0.5 * rng.uniform(0.2, 0.4, COLUMNS)
    owner = np.concatenate([np.arange(COLUMNS) % SEGMENTS, [-1]])
    bought = np.concatenate([[[-0.5]], np.zeros((ROWS - 1, 1))])
    return np.append(worth, -0.05), np.hstack([use, bought]), np.ones(ROWS), owner, rng.uniform(0.0, 0.2, ROWS)


def aim(y: np.ndarray, seed: int, weight: float) -> float:
    """Write out what the step minimises."""
    worth, use, room, owner, centre = problem(seed)
    at = worth - use.T @ y
    model = room @ y + sum(at[owner == s].max() for s in range(SEGMENTS)) + 2.0 * max(at[-1], 0.0)
    curve = weight / np.maximum(centre, SMALLEST * centre.mean())
    return float(model + 0.5 * (curve * (y - centre) ** 2).sum())


def step(seed: int, weight: float) -> Step:
    worth, use, room, owner, centre = problem(seed)
    most = np.append(np.full(COLUMNS, np.inf), 2.0)
    return proximal_step(worth, use, room, owner, most, centre, weight, 1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("weight", [0.02, 1.0])
def test_the_step_is_the_least_that_a_general_solver_finds(seed: int, weight: float) -> None:
    """The same problem with one unknown more for each segment and for the purchase, by sequential quadratic steps."""
    worth, use, room, owner, centre = problem(seed)
    curve = weight / np.maximum(centre, SMALLEST * centre.mean())
    belongs = (owner[None] == np.array([0, 1, 2, -1])[:, None]).T * 1.0
    above = LinearConstraint(np.hstack([use.T, belongs]), worth, np.inf)
    cost = np.concatenate([room, np.ones(SEGMENTS), [2.0]])

    def objective(u: np.ndarray) -> float:
        return float(cost @ u + 0.5 * (curve * (u[:ROWS] - centre) ** 2).sum())

    start = np.concatenate([centre, np.full(SEGMENTS + 1, 1.0)])
    free = [(0, None)] * ROWS + [(None, None)] * SEGMENTS + [(0, None)]
    found = minimize(objective, start, bounds=free, constraints=above, method="SLSQP", options={"ftol": 1e-12})
    assert found.success
    mine = step(seed, weight)
    assert (mine.prices >= 0).all()
    assert aim(mine.prices, seed, weight) == pytest.approx(found.fun, abs=1e-6)


def test_what_is_promised_is_what_the_columns_are_worth_at_the_prices() -> None:
    mine, (_, _, _, _, centre) = step(1, 0.3), problem(1)
    curve = 0.3 / np.maximum(centre, SMALLEST * centre.mean())
    assert mine.model == pytest.approx(aim(mine.prices, 1, 0.3) - 0.5 * (curve * (mine.prices - centre) ** 2).sum())


def test_a_greater_weight_holds_prices_closer() -> None:
    centre = problem(2)[-1]
    moved = [float(np.abs(step(2, weight).prices - centre).sum()) for weight in (0.02, 0.5, 50.0)]
    assert moved[0] > moved[1] > moved[2]
    assert moved[2] < 0.05
