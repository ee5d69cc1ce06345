"""Where to look for prices next: the lowest that the columns at hand allow, not too far from the best so far.

The columns at hand say, for any prices y, at least so much a mix would be worth at them:

    model(y) = room y + sum_s max_k (worth[k] - use[k] y) + what purchases would earn at y.

Its lowest point alone swings from round to round, for between its columns the model knows no curvature. Where demand
falls by about one per cent as a price rises by one per cent, the true function curves by 1 / y in units in which y is
the rent of a row; so the step asks for the least of

    model(y) + 1/2 sum_r weight / centre[r] (y[r] - centre[r])^2,      y >= 0,

a proximal bundle method with that metric (Kiwiel 1990, "Proximity control in bundle methods for convex
nondifferentiable minimization"). It is a quadratic programme with as many unknowns as there are prices: an interior
point method with Mehrotra's corrector (1992) takes some ten steps, each a dense factorisation. It need not be solved
exactly: any prices give a bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from threadpoolctl import threadpool_limits

Array = npt.NDArray[np.float64]
MOST_STEPS = 60
SMALLEST = 0.01  # of the mean rent of a row: prices below move as if they had that much; judgement


@dataclass(frozen=True)
class Step:
    """Prices to try next, and the value that the columns at hand would have at them: no more than is true."""

    prices: Array
    model: float


def proximal_step(
    worth: Array,
    use: Array,
    room: Array,
    owner: npt.NDArray[np.int64],
    most: Array,
    centre: Array,
    weight: float,
    precision: float,
) -> Step:
    """Minimise the model of the columns at hand near the best prices so far.

    Parameters
    ----------
    worth : gain of each column, then minus the cost of each purchase; gains of about one
    use : use of each row by each of them, shape (R, K)
    room : what there is of each row, shape (R,)
    owner : segment of each column, purchases -1
    most : most units of each purchase, infinity for columns, shape (K,)
    centre : the best prices so far, shape (R,)
    weight : how much is made of the distance to them
    precision : gain that may be missed; after `MOST_STEPS` the prices are those reached by then

    Examples
    --------
    One unit to give away and two columns, one worth 1 that takes two units: at a price of 1/2 both are worth the same.

    >>> step = proximal_step(np.array([0.0, 1.0]), np.array([[0.0, 2.0]]), np.array([1.0]), np.array([0, 0]),
    ...                      np.array([np.inf, np.inf]), np.array([0.3]), 1e-3, 1e-9)
    >>> round(float(step.prices[0]), 4), round(step.model, 4)
    (0.5, 0.5)
    """
    # Matrices are small, and segments are priced on threads of their own: more threads here would wait for each other,
    # and tripled the time of a proof on two cores.
    with threadpool_limits(1, "blas"):
        point = _Interior(worth, use, room, owner, most, centre, weight)
        for _ in range(MOST_STEPS):
            if point.close(precision):
                break
            try:
                point.advance()
            except (np.linalg.LinAlgError, ValueError):  # singular, or no longer finite: the point is as it was before
                break
    return Step(point.y, point.model())


class _Interior:
    """A point inside: weights x, unused room s and t of purchases, prices y, segment values, slacks z and v."""

    def __init__(
        self,
        worth: Array,
        use: Array,
        room: Array,
        owner: npt.NDArray[np.int64],
        most: Array,
        centre: Array,
        weight: float,
    ) -> None:
        self.worth, self.use, self.room, self.centre = worth, use, room, centre
        own = owner >= 0
        self.capped = np.isfinite(most)
        self.most = np.where(self.capped, most, 0.0)
        self.belongs = np.zeros((int(owner.max()) + 1, worth.size))
        self.belongs[owner[own], np.flatnonzero(own)] = 1.0
        self.curve = weight / np.maximum(centre, SMALLEST * max(float(centre.mean()), 1e-4 / room.size))
        self.y = np.maximum(centre, 1e-3 * max(float(centre.max()), 1e-6))
        even = self.belongs.T @ (1.0 / self.belongs.sum(axis=1))
        self.x = np.where(own, even, np.where(self.capped, self.most / 2, 1.0))
        self.s = np.maximum(room + self.curve * (self.y - centre) - use @ self.x, 0.05)
        self.t = np.where(self.capped, np.maximum(self.most - self.x, 1e-3), 1.0)
        self.values = self._best()
        reduced = use.T @ self.y + self.values @ self.belongs - worth
        self.z = np.maximum(reduced, 1e-3)
        self.v = np.where(self.capped, np.maximum(self.z - reduced, 1e-3), 0.0)
        self.pairs = worth.size + room.size + int(self.capped.sum())

    def _best(self) -> Array:
        """Return what the best column of each segment is worth at the prices."""
        at = self.worth - self.use.T @ self.y
        return np.where(self.belongs > 0, at, -np.inf).max(axis=1)

    def model(self) -> float:
        """Return the value that the columns at hand have at the prices."""
        bought = (self.most * np.maximum(self.worth - self.use.T @ self.y, 0.0))[self.capped].sum()
        return float(self.room @ self.y + self._best().sum() + bought)

    def _distance(self) -> tuple[Array, Array, Array, Array]:
        rows = self.room + self.curve * (self.y - self.centre) - self.use @ self.x - self.s
        shares = 1.0 - self.belongs @ self.x
        caps = np.where(self.capped, self.most - self.x - self.t, 0.0)
        costs = self.worth - self.use.T @ self.y - self.values @ self.belongs + self.z - self.v
        return rows, shares, caps, costs

    def _gap(self) -> float:
        return float(self.x @ self.z + self.s @ self.y + (self.t * self.v)[self.capped].sum())

    def close(self, precision: float) -> bool:
        """Say whether the point is feasible and optimal but for the precision."""
        rows, shares, _, costs = self._distance()
        apart = max(np.abs(rows).max(), np.abs(shares).max())
        return bool(self._gap() < precision and apart < 1e-4 and np.abs(costs).max() < precision)

    def advance(self) -> None:
        """Take one predictor-corrector step."""
        rows, shares, caps, costs = self._distance()
        x, s, t, y, z, v = self.x, self.s, self.t, self.y, self.z, self.v
        d = 1 / (z / x + np.where(self.capped, v / t, 0.0))
        scaled = self.use * d
        inner, across = self.belongs @ d, scaled @ self.belongs.T
        matrix = scaled @ self.use.T
        matrix[np.diag_indices(y.size)] += s / y + self.curve
        factor = cho_factor(matrix - (across / inner) @ across.T)

        def towards(xz: Array, sy: Array, tv: Array) -> tuple[Array, ...]:
            g = xz / x + costs - np.where(self.capped, (tv - v * caps) / t, 0.0)
            first, second = scaled @ g + sy / y - rows, self.belongs @ (d * g) - shares
            dy = cho_solve(factor, first - across @ (second / inner))
            values = (second - across.T @ dy) / inner
            dx = d * (g - self.use.T @ dy - values @ self.belongs)
            dt = np.where(self.capped, caps - dx, 0.0)
            dv = np.where(self.capped, (tv - v * dt) / t, 0.0)
            return dx, (sy - s * dy) / y, dt, dy, (xz - z * dx) / x, dv, values

        def length(move: tuple[Array, ...]) -> float:
            longest = 1.0
            for at, change in zip((x, s, t, y, z, v), move, strict=False):
                down = change < 0
                if down.any():
                    longest = min(longest, float((-at[down] / change[down]).min()))
            return longest

        mean = self._gap() / self.pairs
        guess = towards(-x * z, -s * y, -t * v)
        a = length(guess)
        there = [at + a * change for at, change in zip((x, s, t, y, z, v), guess, strict=False)]
        left = there[0] @ there[4] + there[1] @ there[3] + (there[2] * there[5])[self.capped].sum()
        aim = mean * (left / self.pairs / mean) ** 3
        move = towards(
            aim - x * z - guess[0] * guess[4], aim - s * y - guess[1] * guess[3], aim - t * v - guess[2] * guess[5]
        )
        if not all(np.isfinite(change).all() for change in move):
            raise ValueError("the step is not finite")
        a = 0.99 * length(move)
        self.x, self.s, self.t = x + a * move[0], s + a * move[1], t + a * move[2]
        self.y, self.z, self.v = y + a * move[3], z + a * move[4], v + a * move[5]
        self.values = self.values + a * move[6]
