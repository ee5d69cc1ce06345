"""Who waits on which day of the month for somebody else: a policy, a slot, a message, a collector.

A linked list for each chunk of accounts and day, so that chunks carried ahead on several threads do not meet, and an
account takes five bytes whatever the number of days.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.simulation.compiled import loop


class Queue(NamedTuple):
    """The lists.

    Attributes
    ----------
    first : int32 (chunks, 31), the account that heads each list, if there is one
    size : int32 (chunks, 31), accounts in each list
    after : int32 (accounts,), who comes after each
    reasons : int8 (accounts,), what each waits for, see `simcollect.simulation.review`
    """

    first: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    after: npt.NDArray[np.int32]
    reasons: npt.NDArray[np.int8]


def make_queue(chunks: int, n: int) -> Queue:
    """Return empty lists.

    Examples
    --------
    >>> queue = make_queue(2, 10)
    >>> join(queue, 1, 4, 7, 3)
    >>> join(queue, 0, 4, 2, 3)
    >>> take_waiting(queue, 4).tolist(), take_waiting(queue, 4).tolist()
    ([2, 7], [])
    """
    return Queue(
        first=np.zeros((chunks, 31), np.int32),
        size=np.zeros((chunks, 31), np.int32),
        after=np.empty(n, np.int32),
        reasons=np.zeros(n, np.int8),
    )


@njit(cache=True, inline="always")
def join(queue: Queue, chunk: int, column: int, account: int, reason: int) -> None:
    """Let an account wait on a day of the month, counted from 0."""
    queue.after[account] = queue.first[chunk, column]
    queue.first[chunk, column] = account
    queue.size[chunk, column] += 1
    queue.reasons[account] = reason


def take_waiting(queue: Queue, column: int) -> npt.NDArray[np.int32]:
    """Return who waits on a day, in the order of accounts, and empty its lists."""
    out = np.empty(queue.size[:, column].sum(), np.int32)
    _take(queue, column, out)
    out.sort()
    return out


@loop
def _take(queue: Queue, column: int, out: npt.NDArray[np.int32]) -> None:
    place = 0
    for chunk in range(queue.first.shape[0]):
        i = queue.first[chunk, column]
        for _ in range(queue.size[chunk, column]):
            out[place] = i
            i = queue.after[i]
            place += 1
        queue.size[chunk, column] = 0
