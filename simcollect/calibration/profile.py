"""Intervals by profile likelihood: how far a number can move if all others may follow.

Where the late may be able but unwilling or strained, the likelihood is a curved ridge, or has several hills of nearly
one height: along it several numbers move together and hardly anything is lost, yet at the estimate it looks narrow.
Standard errors then promise too much. The ends of an interval are the outermost points at which the best posterior with
the number held there lies ``1.92 = 3.84 / 2`` below the highest (Venzon & Moolgavkar, Applied Statistics 37(1), 1988);
the others are looked for from the estimate and from every other hill on which a search of the fit ended.

A share of a disposition is not a free number: it depends on the factors of all of them. Its log-odds take the place of
its own factor (`Scale`), so that what is held is the share that is reported.

A first look costs one gradient an end: on the line on which the others follow as the curvature at the estimate says,
the posterior has fallen by d, and a Newton step of the others would win ``g' R g / 2`` of it back. Only where the rest
is not what a parabola would lose are the others searched for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcollect.calibration.likelihood import DROP, EDGE, Z95, Fit

Array = npt.NDArray[np.float64]

LIKE_A_PARABOLA = (0.85, 1.2)  # of `DROP`, within which the first look is taken for the answer: judgement
CLOSE = 0.1  # of `DROP`, to which an end is looked for: 2.5 % of its distance
LOOKS = 6  # at most for an end
STEPS = 30  # of a search for the others


class Scale:
    """The free numbers with one of them, if it is that of a share, replaced by the log-odds of the share.

    Attributes
    ----------
    i : which; weights : (P,) shares of the other dispositions over that of the prompt, at the default; else zero
    """

    def __init__(self, fit: Fit, i: int) -> None:
        self.i = i
        self.weights = np.zeros(fit.theta.size)
        entry = fit.model.free[i]
        if entry.kind != "share":
            return
        band = next(band for band in fit.model.bands if entry.cells[band].any())
        shares = fit.model.base[entry.entry][band]
        for j, other in enumerate(fit.model.free):
            if j != i and other.entry == entry.entry and other.cells[band].any():
                self.weights[j] = shares[other.cells[band]].sum() / shares[0]

    def to(self, theta: Array) -> Array:
        """Return the numbers on this scale (log-odds but for a constant)."""
        x = theta.copy()
        x[self.i] -= np.log1p(float(self.weights @ np.exp(theta)))
        return x

    def back(self, x: Array) -> Array:
        """Return theta."""
        theta = x.copy()
        theta[self.i] += np.log1p(float(self.weights @ np.exp(x)))
        return theta

    def bend(self, theta: Array) -> Array:
        """Return by how much number i falls on this scale as each of the others rises."""
        raw = self.weights * np.exp(theta)
        return np.asarray(raw / (1 + raw.sum()))


def profile(fit: Fit, i: int) -> tuple[float, float]:
    """Return how far below and above its estimate number `i` may lie (95 %), a share on the scale of log-odds.

    Widened where the robust standard error is larger than that of the curvature.
    """
    curvature = fit.information + np.diag(1 / fit.model.sd**2)
    values, vectors = np.linalg.eigh(curvature)
    inverse = (vectors / np.maximum(values, float((1 / fit.model.sd**2).min()))) @ vectors.T
    scale = Scale(fit, i)
    turn = np.eye(fit.theta.size)
    turn[i] -= scale.bend(fit.theta)
    inverse, covariance = turn @ inverse @ turn.T, turn @ fit.covariance @ turn.T
    robust = max(float(np.sqrt(covariance[i, i] / inverse[i, i])), 1.0)
    low, high = (robust * _Side(fit, scale, inverse, sign).reach() for sign in (-1.0, 1.0))
    return low, high


class _Side:
    """One side of one number: what is lost with the number held there."""

    def __init__(self, fit: Fit, scale: Scale, inverse: Array, sign: float) -> None:
        i = scale.i
        self.fit, self.scale, self.sign, self.i = fit, scale, sign, i
        self.x, self.best = scale.to(fit.theta), fit.model.objective(fit.theta)[0]
        self.error = float(np.sqrt(inverse[i, i]))
        self.limit = EDGE * fit.model.sd
        self.others = np.delete(np.arange(fit.theta.size), i)
        self.follow = inverse[self.others, i] / inverse[i, i]
        self.rest = inverse[np.ix_(self.others, self.others)] - np.outer(inverse[self.others, i], self.follow)
        values, vectors = np.linalg.eigh(self.rest)
        self.root = vectors * np.sqrt(np.maximum(values, 0.0))
        self.hills = [scale.to(hill) for hill in fit.hills]
        nought = scale.to(np.zeros_like(fit.theta))[i]
        self.room = float(self.limit[i] - sign * (self.x[i] - nought))

    def reach(self) -> float:
        """Return how far the number may move."""
        step = min(Z95 * self.error, self.room)
        if step <= 1e-3 * self.error:  # the estimate stands at the edge of the allowed range
            return max(step, 0.0)
        inside, root, at = 0.0, 0.0, self.x
        for hill in self.hills:
            away = self.sign * float(hill[self.i] - self.x[self.i])
            if away > inside:
                lost = self.fit.model.objective(self.scale.back(hill))[0] - self.best
                inside, root, at = away, float(np.sqrt(max(lost, 0.0))), hill
        if not self.hills:
            lost = self._first_look(step)
            if LIKE_A_PARABOLA[0] * DROP <= lost <= LIKE_A_PARABOLA[1] * DROP:
                return float(step * np.sqrt(DROP / lost))
        return self._walk(inside, root, at, max(step, inside + 0.5 * step))

    def _walk(self, inside: float, root: float, at: Array, step: float) -> float:
        """Return where what is lost passes `DROP`, from a point inside and a first step."""
        target = float(np.sqrt(DROP))  # the root of what is lost is a line where the profile is a parabola
        outside, above = np.inf, np.inf
        for _ in range(LOOKS):
            step = min(step, self.room)
            lost, there = self._search(step, at)
            if abs(lost - DROP) <= CLOSE * DROP and step > inside:
                slope = (np.sqrt(lost) - root) / (step - inside)
                return float(min(step + (target - np.sqrt(lost)) / slope if slope > 0 else step, self.room))
            if lost > DROP:
                outside, above = step, float(np.sqrt(min(lost, 1e6)))
            else:
                if step >= self.room:
                    return self.room
                inside, root, at = step, float(np.sqrt(max(lost, 0.0))), there
            if np.isinf(outside):
                step = inside * float(np.clip(target / max(root, 1e-3), 1.1, 2.0))
            else:
                share = (target - root) / (above - root)
                step = inside + (outside - inside) * float(np.clip(share, 0.1, 0.9))
        return step

    def _moved(self, x: Array, step: float) -> Array:
        """Return `x` with the number held at a step from the estimate, the others following."""
        out = x.copy()
        change = self.x[self.i] + self.sign * step - out[self.i]
        out[self.i] += change
        out[self.others] = np.clip(
            out[self.others] + change * self.follow, -self.limit[self.others], self.limit[self.others]
        )
        return out

    def _lost(self, x: Array) -> tuple[float, Array]:
        """Return what the posterior has lost, and its gradient by the others."""
        theta = self.scale.back(x)
        value, gradient = self.fit.model.objective(np.clip(theta, -self.limit, self.limit))
        gradient = gradient + gradient[self.i] * self.scale.bend(theta)
        return value - self.best, gradient[self.others]

    def _first_look(self, step: float) -> float:
        lost, gradient = self._lost(self._moved(self.x, step))
        return lost - 0.5 * float(gradient @ self.rest @ gradient)

    def _search(self, step: float, at: Array) -> tuple[float, Array]:
        """Return the least that is lost with the number held at a step, and where the others are then."""
        tops = [self.x, *self.hills] if self.hills else []
        ends = [self._descend(self._moved(start, step)) for start in [at, *tops]]
        return min(ends, key=lambda end: end[0])

    def _descend(self, start: Array) -> tuple[float, Array]:
        """Return the least that is lost with the number held where it is, and where; a search from one start."""
        from scipy.optimize import minimize

        limit = self.limit[self.others]

        def moved(z: Array) -> Array:
            x = start.copy()
            x[self.others] = np.clip(x[self.others] + self.root @ z, -limit, limit)
            return x

        def lost(z: Array) -> tuple[float, Array]:
            value, gradient = self._lost(moved(z))
            return value, self.root.T @ gradient

        options = {"maxiter": STEPS, "ftol": 1e-3, "gtol": 0.05}
        found = minimize(lost, np.zeros(self.others.size), jac=True, method="L-BFGS-B", options=options)
        return (float(found.fun) if np.isfinite(found.fun) else np.inf), moved(np.asarray(found.x))
