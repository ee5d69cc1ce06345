"""Descents that end as soon as enough is known."""

import numpy as np
import pytest

from simcollect.calibration.descent import descend

WIDE = np.full(2, 9.0)


def valley(x: np.ndarray) -> tuple[float, np.ndarray]:
    """A curved valley (Rosenbrock's), lowest at (1, 1)."""
    off = x[1] - x[0] ** 2
    return float((1 - x[0]) ** 2 + 100 * off**2), np.array([-2 * (1 - x[0]) - 400 * x[0] * off, 200 * off])


def test_a_curved_valley_is_followed_to_its_lowest_point() -> None:
    end = descend(valley, np.array([-1.2, 1.0]), np.eye(2) / 100, WIDE, lambda value, gain: gain < 1e-10, 100)
    assert end.x == pytest.approx([1, 1], abs=1e-4)
    curvature = np.array([[802.0, -400.0], [-400.0, 200.0]])
    assert end.inverse == pytest.approx(np.linalg.inv(curvature), rel=0.4)  # what the steps have taught


def test_a_bowl_of_known_curvature_takes_one_step_and_the_gain_is_foretold() -> None:
    curvature = np.array([[4.0, 1.5], [1.5, 1.0]])
    seen: list[np.ndarray] = []

    def bowl(x: np.ndarray) -> tuple[float, np.ndarray]:
        seen.append(x)
        return 0.5 * float(x @ curvature @ x), curvature @ x

    start, inverse = np.array([1.0, 2.0]), np.linalg.inv(curvature)
    first = descend(bowl, start, inverse, WIDE, lambda value, gain: True, 100)
    assert len(seen) == 1
    assert first.value - first.gain == pytest.approx(0, abs=1e-12)
    end = descend(bowl, start, inverse, WIDE, lambda value, gain: gain < 1e-9, 100)
    assert len(seen) == 3
    assert end.value == pytest.approx(0, abs=1e-12)


def test_no_more_looks_than_allowed_and_none_beyond_the_edge() -> None:
    seen: list[np.ndarray] = []

    def slope(x: np.ndarray) -> tuple[float, np.ndarray]:
        seen.append(x)
        return float(-x[0] + 0.5 * x[1] ** 2), np.array([-1.0, x[1]])

    end = descend(slope, np.array([0.0, 5.0]), np.eye(2), WIDE, lambda value, gain: gain < 1e-9, 100)
    assert end.x == pytest.approx([9, 0], abs=1e-4)
    assert max(float(np.abs(x).max()) for x in seen) <= 9
    seen.clear()
    descend(valley, np.array([-1.2, 1.0]), np.eye(2), WIDE, lambda value, gain: False, 7)
    descend(slope, np.array([0.0, 5.0]), np.eye(2) / 50, WIDE, lambda value, gain: False, 7)
    assert len(seen) == 7


def test_a_point_without_a_value_is_stepped_back_from() -> None:
    def cliff(x: np.ndarray) -> tuple[float, np.ndarray]:
        if x[0] > 1:
            return np.inf, np.zeros(2)
        return float((x[0] - 0.9) ** 2 + x[1] ** 2), 2 * np.array([x[0] - 0.9, x[1]])

    end = descend(cliff, np.array([0.0, 1.0]), 5 * np.eye(2), WIDE, lambda value, gain: gain < 1e-9, 100)
    assert end.x == pytest.approx([0.9, 0], abs=1e-3)
