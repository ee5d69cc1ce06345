"""The filter: likelihood and expected moves of status histories whose class and exact arrears are hidden.

Symbols: ``k`` instalments due (0 .. K-1), ``h = 4 l + d`` hidden class, ``y`` status observed, ``n`` a distinct
history, shared by ``w`` accounts, ``t`` month, ``g`` group (risk band), ``z`` which of the kernels holds in a month.

A status says which numbers of instalments due are possible, ``low[y] <= k < high[y]``. Three codes say something else:
`UNSEEN`, nothing is known of the month; `IDLE`, no loan, so nothing can be late (whoever was, has paid up); `ENDED`,
the history is over.

The likelihood is conditional on the first status. `FLOOR` is the probability given to a status that the model holds
impossible, so that one wrong record cannot decide an estimate; such records are counted by `clean`.

Reference: Baum, Petrie, Soules & Weiss, Annals of Mathematical Statistics 41(1), 1970 (forward and backward passes);
the gradient from expected counts is Fisher's identity (Louis, JRSS B 44(2), 1982).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from simcollect.calibration.month import N_DUE

Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]
Whole = npt.NDArray[np.int64]

UNSEEN, IDLE, ENDED = -1, -2, -3
FLOOR = 1e-6  # judgement: one record in a million may say anything


class Panel(NamedTuple):
    """Distinct status histories.

    Attributes
    ----------
    status : (N, T) codes, left-aligned, `ENDED` after the last
    weight : (N,) accounts that share the history
    group : (N,) index of the risk band among `groups`
    kernel : (N, T) which kernel leads from month t to t + 1
    low, high : (Y,) instalments due that a status allows, ``low <= k < high``
    """

    status: Bytes
    weight: Array
    group: Bytes
    kernel: Bytes
    low: Whole
    high: Whole


@njit(cache=True, inline="always")
def _bounds(y: int, low: Whole, high: Whole) -> tuple[int, int]:
    if y == UNSEEN:
        return 0, N_DUE
    if y == IDLE:
        return 0, 2
    return low[y], high[y]


@njit(cache=True)
def _open(first: int, start: Array, low: Whole, high: Whole, now: Array) -> None:
    """Fill the measure at the first status from the shares of the group."""
    a, b = _bounds(first, low, high)
    now[:] = 0.0
    total = 0.0
    for k in range(a, b):
        for h in range(8):
            now[k, h] = start[k, h]
            total += start[k, h]
    if total <= 0.0:
        for h in range(8):
            now[a, h] = 1.0 / 8.0
    else:
        now /= total


@njit(cache=True)
def _move(now: Array, kernel: Array, y: int, y_next: int, low: Whole, high: Whole, out: Array) -> float:
    """Carry a measure (k, h) through a month, keep what the next status allows, and return how much that is."""
    a, b = _bounds(y, low, high)
    c, e = _bounds(y_next, low, high)
    out[:] = 0.0
    total = 0.0
    for k in range(a, b):
        # Without a loan the account is as a new one: at its next status, that loan has run for a month.
        origin = 0 if y_next == IDLE and k <= 1 else k
        for liq in range(2):
            for d in range(4):
                m = now[k, 4 * liq + d]
                if m == 0.0:
                    continue
                for s in range(2):
                    for to in range(c, e):
                        p = m * kernel[d, origin, liq, to, s]
                        out[to, 4 * s + d] += p
                        total += p
    return total


@njit(cache=True)
def _forward(panel: Panel, i: int, start: Array, kernels: Array, now: Array, after: Array) -> tuple[float, float]:
    """Return log P(all statuses | first) and log P(last status | those before), and leave the last measure in `now`."""
    g = panel.group[i]
    status = panel.status[i]
    _open(status[0], start[g], panel.low, panel.high, now)
    total, last = 0.0, 0.0
    for t in range(status.size - 1):
        if status[t + 1] == ENDED:
            break
        p = _move(now, kernels[g, panel.kernel[i, t]], status[t], status[t + 1], panel.low, panel.high, after)
        last = np.log(max(p, FLOOR))
        total += last
        if p <= FLOOR:
            _open(status[t + 1], start[g], panel.low, panel.high, now)
        else:
            for k in range(N_DUE):
                for h in range(8):
                    now[k, h] = after[k, h] / p
    return total, last


@njit(cache=True, parallel=True)
def log_likelihoods(panel: Panel, start: Array, kernels: Array) -> tuple[Array, Array]:
    """Return log P(statuses after the first | first), and of the last status alone given those before, each (N,).

    Parameters
    ----------
    start : (G, N_DUE, 8) shares among accounts at their first status
    kernels : (G, Z, 4, N_DUE, 2, N_DUE, 2) from `month_kernel`
    """
    n = panel.status.shape[0]
    total, last = np.zeros(n), np.zeros(n)
    for i in prange(n):
        now, after = np.zeros((N_DUE, 8)), np.zeros((N_DUE, 8))
        total[i], last[i] = _forward(panel, i, start, kernels, now, after)
    return total, last


@njit(cache=True, parallel=True)
def last_measures(panel: Panel, start: Array, kernels: Array) -> Array:
    """Return P(k, h at the last month | statuses so far) of each history, shape (N, N_DUE, 8)."""
    n = panel.status.shape[0]
    out = np.zeros((n, N_DUE, 8))
    for i in prange(n):
        after = np.zeros((N_DUE, 8))
        _forward(panel, i, start, kernels, out[i], after)
    return out


@njit(cache=True)
def _expect(
    panel: Panel,
    i: int,
    start: Array,
    kernels: Array,
    alpha: Array,
    scale: Array,
    beta: Array,
    before: Array,
    moves: Array,
    opens: Array,
) -> float:
    """Add the expected moves of one history to `moves` and its posterior at the first status to `opens`."""
    g = panel.group[i]
    status = panel.status[i]
    w = panel.weight[i]
    length = status.size
    _open(status[0], start[g], panel.low, panel.high, alpha[0])
    total = 0.0
    for t in range(status.size - 1):
        if status[t + 1] == ENDED:
            length = t + 1
            break
        z = panel.kernel[i, t]
        p = _move(alpha[t], kernels[g, z], status[t], status[t + 1], panel.low, panel.high, alpha[t + 1])
        total += np.log(max(p, FLOOR))
        scale[t + 1] = p
        if p <= FLOOR:
            _open(status[t + 1], start[g], panel.low, panel.high, alpha[t + 1])
        else:
            alpha[t + 1] /= p
    beta[:] = 1.0
    for t in range(length - 2, -1, -1):
        if scale[t + 1] <= FLOOR:
            beta[:] = 1.0
            continue
        z = panel.kernel[i, t]
        a, b = _bounds(status[t], panel.low, panel.high)
        c, e = _bounds(status[t + 1], panel.low, panel.high)
        before[:] = 0.0
        for k in range(a, b):
            origin = 0 if status[t + 1] == IDLE and k <= 1 else k
            for liq in range(2):
                for d in range(4):
                    m = alpha[t, k, 4 * liq + d]
                    if m == 0.0:
                        continue
                    sum_ = 0.0
                    for s in range(2):
                        for to in range(c, e):
                            p = kernels[g, z, d, origin, liq, to, s] * beta[to, 4 * s + d] / scale[t + 1]
                            sum_ += p
                            moves[g, z, d, origin, liq, to, s] += w * m * p
                    before[k, 4 * liq + d] = sum_
        beta[:] = before
    for k in range(N_DUE):
        for h in range(8):
            opens[g, k, h] += w * alpha[0, k, h] * beta[k, h]
    return total


def expected(panel: Panel, start: Array, kernels: Array, parts: int) -> tuple[float, Array, Array]:
    """Return the weighted log-likelihood, expected moves (as `kernels`) and opening counts (as `start`).

    Parameters
    ----------
    parts : pieces in which the histories are summed, each by one thread
    """
    moves, opens = np.zeros((parts, *kernels.shape)), np.zeros((parts, *start.shape))
    totals = np.zeros(parts)
    _expect_all(panel, start, kernels, moves, opens, totals)
    return float(totals.sum()), moves.sum(axis=0), opens.sum(axis=0)


@njit(cache=True, parallel=True)
def _expect_all(panel: Panel, start: Array, kernels: Array, moves: Array, opens: Array, totals: Array) -> None:
    n, length = panel.status.shape
    parts = totals.size
    for part in prange(parts):
        alpha = np.zeros((length, N_DUE, 8))
        scale = np.zeros(length)
        beta, before = np.zeros((N_DUE, 8)), np.zeros((N_DUE, 8))
        for i in range(part, n, parts):
            totals[part] += panel.weight[i] * _expect(
                panel, i, start, kernels, alpha, scale, beta, before, moves[part], opens[part]
            )


@njit(cache=True)
def moves_by_month(panel: Panel, start: Array, kernels: Array, eased: Array, months: int) -> Array:
    """Return by calendar month, of new lateness and of cures, how many there were and were expected.

    Shape (months, 2, 3 + Z): what happened, what was expected, how many could have, and what would be expected with
    each of the Z eased kernels.

    Parameters
    ----------
    panel : with `kernel` numbering calendar months
    kernels, eased : (G, 1, ...) one kernel for all months, and (G, Z, ...) some with other payment intensities
    """
    out = np.zeros((months, 2, 3 + eased.shape[1]))
    now, after = np.zeros((N_DUE, 8)), np.zeros((N_DUE, 8))
    for i in range(panel.status.shape[0]):
        g, status, w = panel.group[i], panel.status[i], panel.weight[i]
        _open(status[0], start[g], panel.low, panel.high, now)
        for t in range(status.size - 1):
            y, y_next = status[t], status[t + 1]
            if y_next == ENDED:
                break
            month = panel.kernel[i, t]
            if y >= 0 and (y_next >= 0 or (y_next == IDLE and y > 0)):
                kind = 0 if y == 0 else 1
                out[month, kind, 0] += w * ((y_next > 0) == (kind == 0))
                out[month, kind, 2] += w
                for z in range(-1, eased.shape[1]):
                    kernel = kernels[g, 0] if z < 0 else eased[g, z]
                    fine = _move(now, kernel, y, 0, panel.low, panel.high, after)
                    out[month, kind, 1 if z < 0 else 3 + z] += w * (fine if kind == 1 else 1.0 - fine)
            p = _move(now, kernels[g, 0], y, y_next, panel.low, panel.high, after)
            if p <= FLOOR:
                _open(y_next, start[g], panel.low, panel.high, now)
            else:
                now[:] = after / p
    return out
