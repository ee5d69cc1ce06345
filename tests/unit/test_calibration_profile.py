"""Intervals by profile likelihood, on posteriors whose ends are known on paper."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from simcollect.calibration.likelihood import Fit
from simcollect.calibration.profile import Z95, profile

WIDE = np.array([100.0, 100.0])  # prior spreads that say nothing


def fit_of(objective: object, hessian: np.ndarray, robust: float = 1.0) -> Fit:
    """A fit at zero, with a negative log-posterior given as a function that returns value and gradient."""
    model = SimpleNamespace(objective=objective, sd=WIDE)
    covariance = np.linalg.inv(hessian) * robust**2
    information = hessian - np.diag(1 / WIDE**2)
    return cast(Fit, SimpleNamespace(model=model, theta=np.zeros(2), covariance=covariance, information=information))


def test_a_parabola_has_the_ends_of_its_standard_error_and_they_widen_with_the_robust_one() -> None:
    hessian = np.array([[4.0, 1.5], [1.5, 1.0]])

    def parabola(x: np.ndarray) -> tuple[float, np.ndarray]:
        return 0.5 * float(x @ hessian @ x), hessian @ x

    error = np.sqrt(np.linalg.inv(hessian)[0, 0])
    assert profile(fit_of(parabola, hessian), 0) == pytest.approx((Z95 * error, Z95 * error))
    assert profile(fit_of(parabola, hessian, robust=1.5), 0) == pytest.approx((1.5 * Z95 * error,) * 2)


def test_a_curved_ridge_is_followed_and_its_flat_tails_are_seen() -> None:
    """The second number follows the square of the first; along the ridge 2 log(1 + x²/2) is lost: 1.92 at x = 1.795."""

    def ridge(x: np.ndarray) -> tuple[float, np.ndarray]:
        off = (x[1] - x[0] ** 2) / 0.2
        value = 2 * np.log1p(x[0] ** 2 / 2) + 0.5 * off**2
        return float(value), np.array([2 * x[0] / (1 + x[0] ** 2 / 2) - 2 * x[0] * off / 0.2, off / 0.2])

    low, high = profile(fit_of(ridge, np.diag([2.0, 25.0])), 0)
    assert Z95 / np.sqrt(2) < 1.4  # what the curvature at the estimate would say
    assert low == pytest.approx(1.795, rel=0.03)
    assert high == pytest.approx(1.795, rel=0.03)


def test_a_side_that_falls_away_faster_is_shorter() -> None:
    """A Poisson mean on the log scale, 4 events seen: the ends are those of its likelihood, not symmetric."""

    def poisson(x: np.ndarray) -> tuple[float, np.ndarray]:
        mean = 4 * np.exp(x[0])
        return float(mean - 4 * x[0] - 4 + 0.5 * x[1] ** 2), np.array([mean - 4, x[1]])

    low, high = profile(fit_of(poisson, np.diag([4.0, 1.0])), 0)
    assert 4 * np.exp(-low) == pytest.approx(1.24, abs=0.15)
    assert 4 * np.exp(high) == pytest.approx(9.28, abs=0.5)
