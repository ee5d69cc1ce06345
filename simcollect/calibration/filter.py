"""The filter: likelihood and expected moves of status histories whose class and exact arrears are hidden.

Symbols: ``k`` instalments due (0 .. K-1), ``h = 4 l + d`` hidden class, ``y`` status observed, ``n`` a distinct
history, shared by ``w`` accounts, ``t`` month, ``g`` group (risk band), ``z`` which of the kernels holds in a month.

A status says which numbers of instalments due are possible, ``low[y] <= k < high[y]``. Three codes say something else:
`UNSEEN`, nothing is known of the month; `IDLE`, no loan, so nothing can be late (whoever was, has paid up); `ENDED`,
the history is over.

Histories come in an order in which those that begin alike stand together (`Sequences.distinct` sorts them), so what
they have in common is worked out once: they are the leaves of a tree, gone through depth first.

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
PIECES = 32  # into which histories are cut for threads to share; each begins its tree anew


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


def _laid_out(kernels: Array) -> Array:
    """Return the kernels of `month_kernel` as (G, Z, k, k', l', l, d): what a step reads lies together."""
    return np.ascontiguousarray(kernels.transpose(0, 1, 3, 5, 6, 4, 2))


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
def _move(
    alpha: Array, t: int, start: Array, kernels: Array, g: int, z: int, y: int, y_next: int, low: Whole, high: Whole
) -> float:
    """Carry the measure (k, h) of t - 1 through a month, given the status it then has, and return how probable that is.

    Only what the status allows is filled. Whole arrays and indices: views would take longer than the sums.
    """
    a, b = _bounds(y, low, high)
    c, e = _bounds(y_next, low, high)
    total = 0.0
    for to in range(c, e):
        for d in range(4):
            able, strained = 0.0, 0.0
            for k in range(a, b):
                origin = _origin(k, y_next)
                was_able, was_strained = alpha[t - 1, k, d], alpha[t - 1, k, 4 + d]
                able += was_able * kernels[g, z, origin, to, 0, 0, d]
                able += was_strained * kernels[g, z, origin, to, 0, 1, d]
                strained += was_able * kernels[g, z, origin, to, 1, 0, d]
                strained += was_strained * kernels[g, z, origin, to, 1, 1, d]
            alpha[t, to, d], alpha[t, to, 4 + d] = able, strained
            total += able + strained
    if total <= FLOOR:
        _open(y_next, start[g], low, high, alpha[t])
    else:
        for to in range(c, e):
            for h in range(8):
                alpha[t, to, h] /= total
    return total


@njit(cache=True, inline="always")
def _origin(k: int, y_next: int) -> int:
    """Return as what the account begins: without a loan as a new one, which at its next status has run for a month."""
    return 0 if y_next == IDLE and k <= 1 else k


@njit(cache=True)
def _shared(panel: Panel, i: int) -> int:
    """Return how many statuses history i has in common with the one before, from the first on."""
    if i == 0 or panel.group[i] != panel.group[i - 1]:
        return 0
    length = panel.status.shape[1]
    for t in range(length):
        if panel.status[i, t] != panel.status[i - 1, t]:
            return t
        if t + 1 < length and panel.kernel[i, t] != panel.kernel[i - 1, t]:
            return t + 1
    return length


@njit(cache=True)
def _grow(
    panel: Panel, i: int, known: int, start: Array, kernels: Array, alpha: Array, scale: Array, total: Array
) -> int:
    """Carry history i on from its first `known` statuses and return how many it has.

    Filled are `alpha[t]`, the measure given the statuses up to t, where the last allows any; `scale[t]`, the
    probability of status t given those before; `total[t]`, the log-likelihood up to t.
    """
    g = panel.group[i]
    status = panel.status[i]
    if known == 0:
        _open(status[0], start[g], panel.low, panel.high, alpha[0])
        total[0] = 0.0
    for t in range(max(known, 1), status.size):
        if status[t] == ENDED:
            return t
        z = panel.kernel[i, t - 1]
        p = _move(alpha, t, start, kernels, g, z, status[t - 1], status[t], panel.low, panel.high)
        scale[t] = p
        total[t] = total[t - 1] + np.log(max(p, FLOOR))
    return int(status.size)


def log_likelihoods(panel: Panel, start: Array, kernels: Array) -> tuple[Array, Array]:
    """Return log P(statuses after the first | first), and of the last status alone given those before, each (N,).

    Parameters
    ----------
    start : (G, N_DUE, 8) shares among accounts at their first status
    kernels : (G, Z, 4, N_DUE, 2, N_DUE, 2) from `month_kernel`
    """
    log_p, last = _log_all(panel, start, _laid_out(kernels))
    return log_p, last


@njit(cache=True, parallel=True)
def _log_all(panel: Panel, start: Array, kernels: Array) -> tuple[Array, Array]:
    n, length = panel.status.shape
    log_p, last = np.zeros(n), np.zeros(n)
    for part in prange(min(n, PIECES)):
        alpha, scale, total = np.zeros((length, N_DUE, 8)), np.zeros(length), np.zeros(length)
        first = part * n // min(n, PIECES)
        for i in range(first, (part + 1) * n // min(n, PIECES)):
            known = _shared(panel, i) if i > first else 0
            end = _grow(panel, i, known, start, kernels, alpha, scale, total) - 1
            log_p[i] = total[end]
            last[i] = np.log(max(scale[end], FLOOR)) if end > 0 else 0.0
    return log_p, last


def last_measures(panel: Panel, start: Array, kernels: Array) -> Array:
    """Return P(k, h at the last month | statuses so far) of each history, shape (N, N_DUE, 8)."""
    return np.asarray(_last_all(panel, start, _laid_out(kernels)))


@njit(cache=True, parallel=True)
def _last_all(panel: Panel, start: Array, kernels: Array) -> Array:
    n, length = panel.status.shape
    out = np.zeros((n, N_DUE, 8))
    for part in prange(min(n, PIECES)):
        alpha, scale, total = np.zeros((length, N_DUE, 8)), np.zeros(length), np.zeros(length)
        first = part * n // min(n, PIECES)
        for i in range(first, (part + 1) * n // min(n, PIECES)):
            known = _shared(panel, i) if i > first else 0
            t = _grow(panel, i, known, start, kernels, alpha, scale, total) - 1
            a, b = _bounds(panel.status[i, t], panel.low, panel.high)
            out[i, a:b] = alpha[t, a:b]
    return out


@njit(cache=True)
def _close(
    panel: Panel, i: int, length: int, known: int, kernels: Array, alpha: Array, scale: Array, beta: Array,
    weight: Array, counts: Array, opens: Array,
) -> None:  # fmt: skip
    """Add the moves of history i after its first `known` statuses, which the next history has as well.

    Counted is what stands before each move times what it is worth after; times the move's probability it is the moves.

    `beta[t]` is the sum, over all histories that go on from here, of accounts times what a unit of mass at t is worth
    to their likelihood; `weight[t]` the sum of accounts. Both are handed on to t - 1.
    """
    g = panel.group[i]
    status = panel.status[i]
    for t in range(length - 1, max(known, 1) - 1, -1):
        weight[t - 1] += weight[t]
        if scale[t] <= FLOOR:
            beta[t - 1] += weight[t]
            continue
        z = panel.kernel[i, t - 1]
        a, b = _bounds(status[t - 1], panel.low, panel.high)
        c, e = _bounds(status[t], panel.low, panel.high)
        for to in range(c, e):
            for h in range(8):
                beta[t, to, h] /= scale[t]
        for k in range(a, b):
            origin = _origin(k, status[t])
            for d in range(4):
                was_able, was_strained = alpha[t - 1, k, d], alpha[t - 1, k, 4 + d]
                of_able, of_strained = 0.0, 0.0
                for to in range(c, e):
                    able, strained = beta[t, to, d], beta[t, to, 4 + d]
                    of_able += able * kernels[g, z, origin, to, 0, 0, d]
                    of_able += strained * kernels[g, z, origin, to, 1, 0, d]
                    of_strained += able * kernels[g, z, origin, to, 0, 1, d]
                    of_strained += strained * kernels[g, z, origin, to, 1, 1, d]
                    counts[g, z, origin, to, 0, 0, d] += was_able * able
                    counts[g, z, origin, to, 0, 1, d] += was_strained * able
                    counts[g, z, origin, to, 1, 0, d] += was_able * strained
                    counts[g, z, origin, to, 1, 1, d] += was_strained * strained
                beta[t - 1, k, d] += of_able
                beta[t - 1, k, 4 + d] += of_strained
    if known == 0:
        opens[g] += alpha[0] * beta[0]


def expected(panel: Panel, start: Array, kernels: Array, parts: int) -> tuple[float, Array, Array]:
    """Return the weighted log-likelihood, expected moves (as `kernels`) and opening counts (as `start`).

    Parameters
    ----------
    parts : pieces in which the histories are summed, each by one thread
    """
    kernels = _laid_out(kernels)
    counts, opens = np.zeros((parts, *kernels.shape)), np.zeros((parts, *start.shape))
    totals = np.zeros(parts)
    _expect_all(panel, start, kernels, counts, opens, totals)
    moves = (counts.sum(axis=0) * kernels).transpose(0, 1, 6, 2, 5, 3, 4)
    return float(totals.sum()), np.ascontiguousarray(moves), opens.sum(axis=0)


@njit(cache=True, parallel=True)
def _expect_all(panel: Panel, start: Array, kernels: Array, counts: Array, opens: Array, totals: Array) -> None:
    n, size = panel.status.shape
    parts = totals.size
    for part in prange(parts):
        alpha, beta = np.zeros((size, N_DUE, 8)), np.zeros((size, N_DUE, 8))
        scale, total, weight = np.zeros(size), np.zeros(size), np.zeros(size)
        first, length = part * n // parts, 0
        for i in range(first, (part + 1) * n // parts):
            known = 0
            if i > first:
                known = _shared(panel, i)
                _close(panel, i - 1, length, known, kernels, alpha, scale, beta, weight, counts[part], opens[part])
            beta[known:] = 0.0
            weight[known:] = 0.0
            length = _grow(panel, i, known, start, kernels, alpha, scale, total)
            beta[length - 1] += panel.weight[i]
            weight[length - 1] += panel.weight[i]
            totals[part] += panel.weight[i] * total[length - 1]
        if length > 0:
            last = (part + 1) * n // parts - 1
            _close(panel, last, length, 0, kernels, alpha, scale, beta, weight, counts[part], opens[part])


def standing_by_part(panel: Panel, start: Array, kernels: Array, part: Whole) -> tuple[Array, Array]:
    """Return moves between statuses, and where those stood who made them, by part of the time.

    Who was late and then has no loan has paid up; moves to and from months not seen are left out.

    Parameters
    ----------
    panel : with `kernel` numbering calendar months
    kernels : (G, 1, ...) one kernel for all months
    part : (months,) part to which a month's moves count, 0 .. P - 1

    Returns
    -------
    Moves (P, Y, Y), and accounts (P, G, Y, N_DUE, 2, 4) by status at the month's start and what is hidden
    """
    moved, standing = _stand_all(panel, start, _laid_out(kernels), part)
    return moved, standing


@njit(cache=True)
def _stand_all(panel: Panel, start: Array, kernels: Array, part: Whole) -> tuple[Array, Array]:
    parts, statuses = part.max() + 1, panel.low.size
    moved = np.zeros((parts, statuses, statuses))
    standing = np.zeros((parts, kernels.shape[0], statuses, N_DUE, 2, 4))
    alpha = np.zeros((panel.status.shape[1], N_DUE, 8))
    for i in range(panel.status.shape[0]):
        g, status, w = panel.group[i], panel.status[i], panel.weight[i]
        _open(status[0], start[g], panel.low, panel.high, alpha[0])
        for t in range(status.size - 1):
            y, y_next = status[t], status[t + 1]
            if y_next == ENDED:
                break
            if y >= 0 and (y_next >= 0 or (y_next == IDLE and y > 0)):
                where = part[panel.kernel[i, t]]
                moved[where, y, max(y_next, 0)] += w
                a, b = _bounds(y, panel.low, panel.high)
                for k in range(a, b):
                    for h in range(8):
                        standing[where, g, y, k, h // 4, h % 4] += w * alpha[t, k, h]
            _move(alpha, t + 1, start, kernels, g, 0, y, y_next, panel.low, panel.high)
    return moved, standing
