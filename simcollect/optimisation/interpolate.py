"""Writing a belief as a mix of given beliefs: the step that bounds a convex function from above.

A value V that is convex in the belief lies below any mix of its values: if m = sum_j w[j] g[j] with w >= 0 then
V(m) <= sum_j w[j] V(g[j]) (V extended to measures: V(c m) = c V(m)). The corners of the simplex, one for each hidden
class, make this always possible; the best mix is that of a small linear programme,

    max  sum_j w[j] d[j]   s.t.  sum_j w[j] g[j] + r = m,   w, r >= 0,

where r is left to the corners and d[j] = sum_h g[j, h] V(corner h) - V(g[j]) is what a point saves against them. Any
feasible w gives a valid bound, so that stopping early is safe. The starting basis is r = m.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.classes import N_HIDDEN

Array = npt.NDArray[np.float64]
MOST_PIVOTS = 50  # judgement: most programmes take fewer than ten; stopping early is safe
MOST_PARTS = 2 * N_HIDDEN  # points and corners that can take part in a mix


@njit(cache=True, nogil=True)
def best_mix(
    points: Array,
    saving: Array,
    m: Array,
    table: Array,
    name: npt.NDArray[np.int64],
    index: npt.NDArray[np.int32],
    weight: Array,
) -> int:
    """Find the mix of points and corners that reproduces a measure and saves most; return how many take part.

    Parameters
    ----------
    points : shape (n, H), the first H being the corners
    saving : what each point saves against the corners, shape (n,); zero for the corners
    m : the measure, shape (H,)
    table, name : workspace of shapes (H + 1, n) and (n,)
    index, weight : filled with which points take part and their mass, room for `MOST_PARTS`

    Examples
    --------
    The even belief between two classes, with one point that saves:

    >>> points, m = np.eye(9, 8), np.zeros(8)
    >>> points[8, :2], m[:2] = [0.75, 0.25], 0.5
    >>> index, weight = np.zeros(16, np.int32), np.zeros(16)
    >>> n = best_mix(points, np.eye(9)[8], m, np.zeros((9, 9)), np.zeros(9, np.int64), index, weight)
    >>> index[:n].tolist(), weight[:n].round(6).tolist()
    ([8, 1], [0.666667, 0.333333])
    """
    columns = 0
    for j in range(N_HIDDEN, points.shape[0]):
        fits = saving[j] > 0.0
        for h in range(N_HIDDEN):
            if m[h] <= 0.0 and points[j, h] > 0.0:
                fits = False
        if fits:
            for h in range(N_HIDDEN):
                table[h, columns] = points[j, h]
            table[N_HIDDEN, columns] = saving[j]
            name[columns] = j
            columns += 1
    mass, base = m.copy(), np.arange(N_HIDDEN)
    for _ in range(MOST_PIVOTS):
        entering, best = -1, 0.0
        for j in range(columns):
            if table[N_HIDDEN, j] > best:
                best = table[N_HIDDEN, j]
                entering = j
        if entering < 0:
            break
        leaving, ratio = -1, np.inf
        for h in range(N_HIDDEN):
            if table[h, entering] > 1e-9 and mass[h] < ratio * table[h, entering]:
                ratio = mass[h] / table[h, entering]
                leaving = h
        if leaving < 0:
            break
        _pivot(table, columns, mass, leaving, entering)
        base[leaving], name[entering] = name[entering], base[leaving]
    return _settle(points, m, base, mass, index, weight)


@njit(cache=True, nogil=True)
def _pivot(table: Array, columns: int, mass: Array, r: int, c: int) -> None:
    """Exchange the variable of row r with that of column c."""
    inverse = 1.0 / table[r, c]
    table[r, c] = 1.0
    for j in range(columns):
        table[r, j] *= inverse
    mass[r] *= inverse
    for h in range(N_HIDDEN + 1):
        factor = table[h, c]
        if h == r or factor == 0.0:
            continue
        table[h, c] = 0.0
        for j in range(columns):
            table[h, j] -= factor * table[r, j]
        if h < N_HIDDEN:
            mass[h] = max(mass[h] - factor * mass[r], 0.0)


@njit(cache=True, nogil=True)
def _settle(
    points: Array, m: Array, base: npt.NDArray[np.int64], mass: Array, index: npt.NDArray[np.int32], weight: Array
) -> int:
    """Give the corners exactly what the points leave over, so that no rounding on the way can spoil the bound."""
    rest, made, count = np.empty(N_HIDDEN), np.zeros(N_HIDDEN), 0
    for r in range(N_HIDDEN):
        if base[r] >= N_HIDDEN and mass[r] > 0.0:
            index[count], weight[count] = base[r], mass[r]
            count += 1
            for h in range(N_HIDDEN):
                made[h] += mass[r] * points[base[r], h]
    scale, total = 1.0, 0.0
    for h in range(N_HIDDEN):
        total += m[h]
        if made[h] > m[h]:
            scale = min(scale, m[h] / made[h])
    for n in range(count):
        weight[n] *= scale
    for h in range(N_HIDDEN):
        rest[h] = m[h] - scale * made[h]
        if rest[h] > 1e-13 * total:
            index[count], weight[count] = h, rest[h]
            count += 1
    return count
