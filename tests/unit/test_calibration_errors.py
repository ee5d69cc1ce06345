"""Standard errors: robust where a history surely says that the model's own are too small, and only there."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from simcollect.calibration.errors import covariance
from simcollect.calibration.likelihood import Model


def counts(y: np.ndarray) -> tuple[Model, np.ndarray]:
    """Counts taken for Poisson, their log mean free; a second number is known by its prior alone."""
    sd = np.array([10.0, 0.5])
    values, weight = np.unique(y, return_counts=True)

    def each(x: np.ndarray) -> np.ndarray:
        return np.asarray(values * x[0] - np.exp(x[0]))

    def scores(x: np.ndarray) -> np.ndarray:
        return np.stack([values - np.exp(x[0]), np.zeros(values.size)], axis=1)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = weight @ each(x), weight @ scores(x)
        return float(-value + 0.5 * ((x / sd) ** 2).sum()), -slope + x / sd**2

    panel = SimpleNamespace(weight=weight.astype(np.float64))
    made = SimpleNamespace(each=each, scores=scores, objective=objective, sd=sd, panel=panel)
    return cast(Model, made), np.array([np.log(y.mean()), 0.0])


def test_where_the_model_is_right_its_own_errors_are_kept_though_the_robust_ones_differ_by_chance() -> None:
    kept, larger = 0, 0
    for seed in range(40):
        y = np.random.default_rng(seed).poisson(3.0, 300)
        found, information = covariance(*counts(y))
        assert information[0, 0] == pytest.approx(y.sum(), rel=1e-3)
        kept += found[0, 0] == pytest.approx(1 / y.sum(), rel=1e-3)
        larger += y.var() > y.mean()
        assert found[1, 1] == pytest.approx(0.25)
    assert larger > 10
    assert kept >= 38


def test_counts_that_scatter_more_than_the_model_says_have_the_error_of_their_scatter() -> None:
    rng = np.random.default_rng(1)
    y = rng.poisson(3.0 * rng.gamma(2.0, 0.5, 3000))
    found, _ = covariance(*counts(y))
    assert found[0, 0] > 1.5 / y.sum()
    assert found[0, 0] == pytest.approx(y.var() / y.size / y.mean() ** 2, rel=0.01)
