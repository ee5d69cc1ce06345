"""Prices at which a bound is low: never higher than where the search began, near the least for a small problem."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import linprog

from simcollect.optimisation.bound_prices import lower_prices

Array = npt.NDArray[np.float64]
WEEKS = 12
WORTH = np.random.default_rng(3).gamma(2.0, size=60)
USE = np.random.default_rng(4).gamma(2.0, size=(2, 60))
CAPACITY = 0.3 * USE.sum(axis=1)


def bound(prices: Array) -> float:
    """Customers each take what pays in each week; the bound adds the rent of what there is."""
    net = WORTH[:, None] - np.einsum("rk,rt->kt", USE, prices)
    return float(np.maximum(net, 0.0).sum() + (prices * CAPACITY[:, None]).sum())


def test_from_prices_off_in_level_and_restless_it_comes_near_the_least() -> None:
    found = linprog(-WORTH, A_ub=USE, b_ub=CAPACITY, bounds=(0, 1))
    least = -WEEKS * found.fun
    best = np.repeat(-found.ineqlin.marginals[:, None], WEEKS, axis=1)
    assert bound(best) == pytest.approx(least)
    rng = np.random.default_rng(5)
    start = best * np.array([[2.0], [0.6]]) * rng.lognormal(sigma=0.5, size=best.shape)
    better = lower_prices(start, bound, 1e-6)
    assert (better >= 0).all()
    assert bound(start) > 1.08 * least
    assert least <= bound(better) < 1.03 * least


def test_it_never_leaves_prices_for_worse_ones_and_asks_nothing_of_what_is_free() -> None:
    """Week by week the best prices swing here, so that means would be worse; the second resource has no price."""
    swing = np.where(np.arange(WEEKS) % 2, 1.0, 3.0)

    def swinging(prices: Array) -> float:
        return float(np.abs(prices[0] - swing).sum() + 100.0 * prices[1].sum())

    best = np.stack([swing, np.zeros(WEEKS)])
    assert np.array_equal(lower_prices(best, swinging, 1e-6), best)
