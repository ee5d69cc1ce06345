"""Chains on the status alone: what a forecast has to beat.

A chain of order r predicts the next status from the last r by their relative frequencies.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcollect.calibration.filter import IDLE

Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]

UNHEARD = 0.5  # count added to each next status, so that what was never seen is unlikely and not impossible (Jeffreys)


def rolls(status: Bytes, statuses: int) -> Array:
    """Return counts of moves from one status to the next, shape (statuses, statuses); unknown months are passed over.

    Who was late and then has no loan has paid up: that counts as a move to status 0.

    Examples
    --------
    >>> rolls(np.array([[0, 0, 1], [0, 1, -3]], np.int8), 2).tolist()
    [[1.0, 2.0], [0.0, 0.0]]
    """
    now, nxt = status[:, :-1].ravel(), status[:, 1:].ravel()
    nxt = np.where((nxt == IDLE) & (now > 0), 0, nxt)
    both = (now >= 0) & (nxt >= 0)
    out = np.zeros((statuses, statuses))
    np.add.at(out, (now[both], nxt[both]), 1.0)
    return out


def matrix(counts: Array) -> Array:
    """Return the shares of each row; a row never seen stays where it is."""
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1.0), np.eye(len(counts)))


def chain_log_loss(train: Bytes, test: Bytes, order: int, statuses: int) -> float:
    """Return the mean log-loss of a chain of some order for the last status of each test history.

    Parameters
    ----------
    train, test : histories without gaps; (N, T) with T > order

    Examples
    --------
    >>> alternating = np.array([[0, 1, 0, 1]] * 50, np.int8)
    >>> chain_log_loss(alternating, alternating, 1, 2) < 0.02
    True
    """
    place = statuses ** np.arange(order - 1, -1, -1)
    counts = np.full((statuses**order, statuses), 0.0)
    for t in range(order, train.shape[1]):
        np.add.at(counts, (train[:, t - order : t] @ place, train[:, t]), 1.0)
    counts += UNHEARD * (counts.sum(axis=1, keepdims=True) == 0) + 1e-3
    p = counts / counts.sum(axis=1, keepdims=True)
    last = test.shape[1] - 1
    return float(-np.log(p[test[:, last - order : last] @ place, test[:, last]]).mean())
