"""Intervals by profile likelihood, on posteriors whose ends are known on paper."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy.stats import gamma, norm
from scipy.stats import t as student

from simcollect.calibration.likelihood import Z95, Fit, Model
from simcollect.calibration.profile import profile
from simcollect.calibration.statuses import example_model

WIDE = np.array([100.0, 100.0])  # prior spreads that say nothing


def fit_of(objective: object, hessian: np.ndarray, robust: float = 1.0, hills: tuple[np.ndarray, ...] = ()) -> Fit:
    """A fit at zero, with a negative log-posterior given as a function that returns value and gradient."""
    model = SimpleNamespace(objective=objective, sd=WIDE, free=(SimpleNamespace(kind="factor"),) * 2)
    covariance = np.linalg.inv(hessian) * robust**2
    information = hessian - np.diag(1 / WIDE**2)
    return Fit(cast(Model, model), np.zeros(2), covariance, information, 0.0, True, 1, hills)


def test_a_parabola_has_the_ends_of_its_standard_error_and_they_widen_with_the_robust_one() -> None:
    hessian = np.array([[4.0, 1.5], [1.5, 1.0]])

    def parabola(x: np.ndarray) -> tuple[float, np.ndarray]:
        return 0.5 * float(x @ hessian @ x), hessian @ x

    error = np.sqrt(np.linalg.inv(hessian)[0, 0])
    assert profile(fit_of(parabola, hessian), 0) == pytest.approx((Z95 * error, Z95 * error))
    assert profile(fit_of(parabola, hessian, robust=1.5), 0) == pytest.approx((1.5 * Z95 * error,) * 2)


def test_a_curved_ridge_is_followed_and_its_flat_tails_are_seen() -> None:
    """The second number follows the square of the first; along the ridge 2 log(1 + x²/2) is lost: 1.92 at x = 1.795.

    What lies beyond is Student's t with three degrees of freedom, times the root of 2/3: a fortieth is left at 2.60.
    One step of Laplace's method from the profile's end gets two thirds of the way.
    """

    def ridge(x: np.ndarray) -> tuple[float, np.ndarray]:
        off = (x[1] - x[0] ** 2) / 0.2
        value = 2 * np.log1p(x[0] ** 2 / 2) + 0.5 * off**2
        return float(value), np.array([2 * x[0] / (1 + x[0] ** 2 / 2) - 2 * x[0] * off / 0.2, off / 0.2])

    low, high = profile(fit_of(ridge, np.diag([2.0, 25.0])), 0)
    assert Z95 / np.sqrt(2) < 1.4  # what the curvature at the estimate would say
    exact = student.ppf(0.975, 3) * np.sqrt(2 / 3)
    assert low == pytest.approx(high)
    assert 1.795 + 0.6 * (exact - 1.795) < low < exact


def test_a_side_that_falls_away_faster_is_shorter() -> None:
    """A Poisson mean, 4 events seen: the likelihood ends at 1.24 and 9.28, the posterior at 1.09 and 8.77.


    (A gamma distribution's quantiles, if all log means were alike before.) The farther is taken on either side.
    """

    def poisson(x: np.ndarray) -> tuple[float, np.ndarray]:
        mean = 4 * np.exp(x[0])
        return float(mean - 4 * x[0] - 4 + 0.5 * x[1] ** 2), np.array([mean - 4, x[1]])

    low, high = profile(fit_of(poisson, np.diag([4.0, 1.0])), 0)
    assert 4 * np.exp(-low) == pytest.approx(gamma.ppf(0.025, 4), rel=0.02)
    assert 4 * np.exp(high) == pytest.approx(9.28, rel=0.02)
    alone = profile(fit_of(poisson, np.diag([4.0, 1.0])), 0, widest=0.5)  # too wide to be looked at closer
    assert 4 * np.exp(-alone[0]) == pytest.approx(1.24, rel=0.03)


def two_hills(lower: float, wider: float) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Two normal hills at 0 and 8, the second lower, and so much wider in the other number."""

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        heights = np.array([-0.5 * x @ x, -lower - 0.5 * (x[0] - 8) ** 2 - 0.5 * (x[1] / wider) ** 2])
        share = np.exp(heights - heights.max())
        value = -heights.max() - np.log(share.sum()) + np.log1p(np.exp(-lower - 32))
        share = share / share.sum()
        return float(value), np.array([share @ [x[0], x[0] - 8], share @ [x[1], x[1] / wider**2]])

    return objective


@pytest.mark.parametrize(
    ("lower", "wider"),
    [(0.5, 1.0), (2.0, 1.0), (3.0, 20.0), (3.0, 2.0)],
    ids=["as high", "lower", "lower but as much of it", "lower, some of it"],
)
def test_an_interval_reaches_over_another_hill_that_the_data_cannot_tell_from_the_best(
    lower: float, wider: float
) -> None:
    """It ends where a fortieth of the probability is left beyond; the other hill's is its height times its width."""
    objective = two_hills(lower, wider)
    alone = profile(fit_of(objective, np.eye(2)), 0)
    both = profile(fit_of(objective, np.eye(2), hills=(np.array([8.0, 0.0]),)), 0)
    assert alone == pytest.approx((1.96, 1.96), rel=0.1)
    assert both[0] == pytest.approx(1.96, rel=0.03)
    share = min(np.exp(-lower) * wider, 1.0)
    assert both[1] == pytest.approx(8 + norm.isf(0.025 / share), rel=0.01)


def test_a_hill_with_too_little_of_the_probability_is_left_out() -> None:
    objective = two_hills(4.0, 1.0)
    found = profile(fit_of(objective, np.eye(2), hills=(np.array([8.0, 0.0]),)), 0)
    assert found == pytest.approx((1.96, 1.96), rel=0.1)


def test_a_share_is_held_where_it_is_reported() -> None:
    """1,000 accounts of four kinds, counted: the interval of a kind is that of its own count."""
    model = example_model()
    free = [entry for entry in model.free if entry.kind == "share"]
    shares = model.base["hidden.disposition"][model.bands[0]]
    counts = 1000 * shares

    def counted(x: np.ndarray) -> tuple[float, np.ndarray]:
        raw = shares * np.exp(np.append(0.0, x))
        p = raw / raw.sum()
        return float(-counts @ np.log(p)), (1000 * p - counts)[1:]

    p = shares[1:]
    hessian = 1000 * (np.diag(p) - np.outer(p, p))
    wide = np.full(3, 100.0)
    made = SimpleNamespace(objective=counted, sd=wide, free=free, bands=model.bands, base=model.base)
    information = hessian - np.diag(1 / wide**2)
    fit = Fit(cast(Model, made), np.zeros(3), np.linalg.inv(hessian), information, 0.0, True, 1)
    for i in range(3):
        low, high = profile(fit, i)
        for step in (-low, high):
            moved = 1 / (1 + (1 - p[i]) / p[i] * np.exp(-step))
            lost = -1000 * (p[i] * np.log(moved / p[i]) + (1 - p[i]) * np.log((1 - moved) / (1 - p[i])))
            assert lost == pytest.approx(1.92, rel=0.1)
