"""The forward filter: the likelihood of status histories whose borrower's class and exact arrears are hidden.

Symbols: ``k`` instalments due (0 .. K-1), ``h`` hidden class (8), ``y`` status observed (0 .. Y-1), ``n`` a distinct
history with weight ``w`` (accounts that share it), ``t`` month, ``g`` group (risk band).

A status says which numbers of instalments due are possible, ``low[y] <= k < high[y]``. Two codes say more:
`UNSEEN`, nothing known of the month, and `IDLE`, no loan: nothing is due, classes move on.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from simcollect.calibration.month import N_DUE

Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]

UNSEEN, IDLE, ENDED = -1, -2, -3


@njit(cache=True, inline="always")
def _bounds(y: int, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]) -> tuple[int, int]:
    if y == UNSEEN:
        return 0, N_DUE
    if y == IDLE:
        return 0, 1
    return low[y], high[y]


@njit(cache=True)
def _move(
    now: Array, kernel: Array, y: int, y_next: int, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64], out: Array
) -> None:
    """Carry a measure (k, h) through a month and keep what the next status allows."""
    a, b = _bounds(y, low, high)
    c, e = _bounds(y_next, low, high)
    out[:] = 0.0
    for k in range(a, b):
        for l in range(2):
            for d in range(4):
                m = now[k, 4 * l + d]
                if m == 0.0:
                    continue
                if y_next == IDLE:
                    # No loan: nothing can be due, so only liquidity moves.
                    for s in range(2):
                        total = 0.0
                        for to in range(N_DUE):
                            total += kernel[d, k, l, to, s]
                        out[0, 4 * s + d] += m * total
                    continue
                for to in range(c, e):
                    out[to, 4 + d] += m * kernel[d, k, l, to, 1]
                    out[to, d] += m * kernel[d, k, l, to, 0]


@njit(cache=True, parallel=True)
def log_likelihoods(
    status: Bytes, group: Bytes, start: Array, kernels: Array, month: npt.NDArray[np.int64],
    low: npt.NDArray[np.int64], high: npt.NDArray[np.int64],
) -> Array:
    """Return log P(statuses after the first | first) of each history, shape (N,).

    Parameters
    ----------
    status : (N, T) codes; a history ends at `ENDED`
    group : (N,)
    start : (groups, N_DUE, 8) shares at the first status, made conditional on it here
    kernels : (groups, Z, 4, N_DUE, 2, N_DUE, 2)
    month : (T,) which of the Z kernels leads from column t to t + 1
    low, high : (Y,) instalments due that a status allows
    """
    n, length = status.shape
    out = np.zeros(n)
    for i in prange(n):
        now = np.zeros((N_DUE, 8))
        after = np.zeros((N_DUE, 8))
        g = group[i]
        a, b = _bounds(status[i, 0], low, high)
        total = 0.0
        for k in range(a, b):
            for h in range(8):
                now[k, h] = start[g, k, h]
                total += now[k, h]
        for k in range(a, b):
            for h in range(8):
                now[k, h] /= total
        for t in range(length - 1):
            if status[i, t + 1] == ENDED:
                break
            _move(now, kernels[g, month[t]], status[i, t], status[i, t + 1], low, high, after)
            total = after.sum()
            out[i] += np.log(max(total, 1e-300))
            for k in range(N_DUE):
                for h in range(8):
                    now[k, h] = after[k, h] / max(total, 1e-300)
    return out
