"""Simulated status histories: from known parameters, or going on from where a real history stands.

An account is drawn at its opening (or from what its history says of it so far) and moved month by month by the same
kernels that are fitted. Months without a loan stay as they were: when customers borrow is not the borrower's law of
paying. But who is late in the play still owes: such an account goes on until it has paid up.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.calibration.filter import ENDED, IDLE
from simcollect.calibration.month import N_DUE

Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]


@njit(cache=True)
def _draw(weights: Array, u: float) -> int:
    target = u * weights.sum()
    total = 0.0
    for i in range(weights.size):
        total += weights[i]
        if target < total:
            return i
    return weights.size - 1


@njit(cache=True)
def replay(
    status: Bytes,
    group: Bytes,
    known: npt.NDArray[np.int64],
    measure: Array,
    kernels: Array,
    kernel: Bytes,
    status_of: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> Bytes:
    """Return the histories with everything after column `known` drawn anew.

    Parameters
    ----------
    status : (N, T); where it is `ENDED` it stays so, and where it is `IDLE`, unless the account drawn is late
    group : (N,)
    known : (N,) last column that is kept
    measure : (N, N_DUE * 8) weights of (k, h) at that column, need not sum to one
    kernels : (G, Z, 4, N_DUE, 2, N_DUE, 2); kernel : (N, T) which leads from t to t + 1
    status_of : (N_DUE,) status of each number of instalments due
    """
    out = status.copy()
    for i in range(status.shape[0]):
        state = _draw(measure[i], rng.random())
        k, h = state // 8, state % 8
        liq, d = h // 4, h % 4
        for t in range(known[i], status.shape[1] - 1):
            if status[i, t + 1] == ENDED:
                break
            idle = status[i, t + 1] == IDLE
            row = kernels[group[i], kernel[i, t], d, 0 if idle and k <= 1 else k, liq]
            to = _draw(row.ravel(), rng.random())
            k, liq = to // 2, to % 2
            if not idle or k > 1:
                out[i, t + 1] = status_of[k]
    return out


def status_of(low: npt.NDArray[np.int64], high: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the status of each number of instalments due.

    Examples
    --------
    >>> status_of(np.array([0, 2, 3]), np.array([2, 3, 8])).tolist()
    [0, 0, 1, 2, 2, 2, 2, 2]
    """
    out = np.zeros(N_DUE, np.int64)
    for y in range(low.size):
        out[low[y] : high[y]] = y
    return out


def new_histories(
    accounts: int, months: int, start: Array, kernels: Array, group: Bytes, low: npt.NDArray[np.int64],
    high: npt.NDArray[np.int64], seed: int,
) -> Bytes:  # fmt: skip
    """Return histories drawn from the opening shares and the kernels, shape (accounts, months).

    Examples
    --------
    >>> from simcollect.calibration.statuses import example_model
    >>> model = example_model(months=6)
    >>> kernels, start, _ = model.build(np.zeros(len(model.free)))
    >>> drawn = new_histories(100, 6, start, kernels, np.zeros(100, np.int8), model.panel.low, model.panel.high, seed=1)
    >>> drawn.shape, int(drawn.min()) >= 0
    ((100, 6), True)
    """
    rng = np.random.default_rng(seed)
    mask = np.zeros((accounts, months), np.int8)
    measure = start[group].reshape(accounts, -1)
    of = status_of(low, high)
    # The first status is that of the state drawn, so draw states first and hand them on as certain.
    states = np.array([_draw(row, u) for row, u in zip(measure, rng.random(accounts), strict=True)])
    sure = np.zeros_like(measure)
    sure[np.arange(accounts), states] = 1.0
    out = replay(mask, group, np.zeros(accounts, np.int64), sure, kernels, mask, of, rng)
    out[:, 0] = of[states // 8]
    return np.asarray(out)
