"""The curvature of a posterior at a point, and its inverse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

DIFFERENCE = 1e-3  # prior spreads


def curvature(gradient: Callable[[Array], Array], x: Array, sd: Array, at: Array | None = None) -> Array:
    """Return the curvature by differences of the gradient, towards the prior's centre: inside the allowed range.

    Parameters
    ----------
    gradient : of the negative log-posterior; x : where
    sd : spreads of the prior, the unit of the differences
    at : the gradient at x, if known

    Examples
    --------
    >>> curvature(lambda x: np.array([2 * x[0] + x[1], x[0] + 4 * x[1]]), np.ones(2), np.ones(2)).round(6).tolist()
    [[2.0, 1.0], [1.0, 4.0]]
    """
    here = gradient(x) if at is None else at
    steps = DIFFERENCE * np.diag(np.where(x > 0, -sd, sd))
    slopes = np.array([(gradient(x + step) - here) / step.sum() for step in steps])
    return np.asarray(0.5 * (slopes + slopes.T))


def principal(curvature: Array, sd: Array) -> tuple[Array, Array]:
    """Return a curvature's eigenvalues and vectors, the values at least what the widest prior alone gives.

    A smaller one is an artefact of the differences.

    Examples
    --------
    >>> principal(np.diag([1e-9, 2.0]), np.array([1.0, 2.0]))[0].tolist()
    [0.25, 2.0]
    """
    values, vectors = np.linalg.eigh(curvature)
    return np.maximum(values, float((1 / sd**2).min())), vectors


def inverse(curvature: Array, sd: Array) -> Array:
    """Return the inverse of a curvature, see `principal`.

    Examples
    --------
    >>> inverse(np.diag([4.0, 2.0]), np.ones(2)).tolist()
    [[0.25, 0.0], [0.0, 0.5]]
    """
    values, vectors = principal(curvature, sd)
    return np.asarray((vectors / values) @ vectors.T)
