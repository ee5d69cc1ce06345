"""Intervals by profile likelihood: how far a number can move if all others may follow.

Where the late may be able but unwilling or strained, the likelihood is a curved ridge: along it several numbers move
together and hardly anything is lost, yet at the estimate it looks narrow. Standard errors then promise too much. The
ends of an interval are where the best posterior with the number held there lies ``1.92 = 3.84 / 2`` below the highest
(Venzon & Moolgavkar, Applied Statistics 37(1), 1988).

A first look costs one gradient an end: on the line on which the others follow as the curvature at the estimate says,
the posterior has fallen by d, and a Newton step of the others would win ``g' R g / 2`` of it back. Only where the rest
is not what a parabola would lose are the others searched for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcollect.calibration.likelihood import EDGE, Fit

Array = npt.NDArray[np.float64]

Z95 = 1.959964
DROP = Z95**2 / 2
LIKE_A_PARABOLA = (0.75, 1.5)  # of `DROP`, within which the first look is taken for the answer: judgement
STEPS = 8  # of a search for the others
WIDEST = 3.0  # how far beyond the standard error's own end the second look goes at most


def profile(fit: Fit, i: int) -> tuple[float, float]:
    """Return how far below and above its estimate number `i` may lie (95 %), on its own scale.

    Widened where the robust standard error is larger than that of the curvature.
    """
    curvature = fit.information + np.diag(1 / fit.model.sd**2)
    values, vectors = np.linalg.eigh(curvature)
    inverse = (vectors / np.maximum(values, float((1 / fit.model.sd**2).min()))) @ vectors.T
    error = float(np.sqrt(inverse[i, i]))
    robust = max(float(np.sqrt(fit.covariance[i, i])) / error, 1.0)
    best = fit.model.objective(fit.theta)[0]
    low, high = (robust * _reach(fit, inverse, i, sign, error, best) for sign in (-1.0, 1.0))
    return low, high


def _reach(fit: Fit, inverse: Array, i: int, sign: float, error: float, best: float) -> float:
    """Return how far the number may move to one side."""
    others = np.delete(np.arange(fit.theta.size), i)
    follow = inverse[others, i] / inverse[i, i]
    rest = inverse[np.ix_(others, others)] - np.outer(inverse[others, i], follow)
    room = EDGE * float(fit.model.sd[i]) - sign * float(fit.theta[i])
    first = min(Z95 * error, room)
    if first <= 1e-3 * error:  # the estimate stands at the edge of the allowed range
        return max(first, 0.0)
    start = fit.theta.copy()
    start[i] += sign * first
    limit = EDGE * fit.model.sd
    start[others] = np.clip(start[others] + sign * first * follow, -limit[others], limit[others])
    value, gradient = fit.model.objective(start)
    won = 0.5 * float(gradient[others] @ rest @ gradient[others])
    lost = value - best - won
    if LIKE_A_PARABOLA[0] * DROP <= lost <= LIKE_A_PARABOLA[1] * DROP:
        return float(first * np.sqrt(DROP / lost))
    lost, at = _search(fit, rest, i, start, best)
    second = min(first * float(np.clip(np.sqrt(DROP / max(lost, 1e-9)), 1 / WIDEST, WIDEST)), room)
    start = np.clip(fit.theta + (at - fit.theta) * second / first, -limit, limit)
    start[i] = fit.theta[i] + sign * second
    after, _ = _search(fit, rest, i, start, best)
    # The root of what is lost is a line where the profile is a parabola, and nearly one elsewhere.
    here, there = np.sqrt(max(lost, 1e-9)), np.sqrt(max(after, 1e-9))
    slope = (there - here) / (second - first) if second != first else here / first
    reach = second + (np.sqrt(DROP) - there) / slope if slope > 0 else room
    if not np.isfinite(reach):  # the likelihood has no value out there
        return room
    return float(np.clip(reach, 0.0, min(room, 2 * max(first, second))))


def _search(fit: Fit, rest: Array, i: int, start: Array, best: float) -> tuple[float, Array]:
    """Return what the posterior loses with number `i` held where `start` has it, and where the others are then."""
    from scipy.optimize import minimize

    others = np.delete(np.arange(start.size), i)
    values, vectors = np.linalg.eigh(rest)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    limit = EDGE * fit.model.sd

    def at(z: Array) -> Array:
        x = start.copy()
        x[others] += root @ z
        return np.asarray(np.clip(x, -limit, limit))

    def lost(z: Array) -> tuple[float, Array]:
        value, gradient = fit.model.objective(at(z))
        return value - best, root.T @ gradient[others]

    options = {"maxiter": STEPS, "ftol": 1e-12, "gtol": 0.05}
    found = minimize(lost, np.zeros(others.size), jac=True, method="L-BFGS-B", options=options)
    return float(found.fun), at(np.asarray(found.x))
