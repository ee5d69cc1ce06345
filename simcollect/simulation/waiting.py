"""Who waits on which day of the month for somebody else: a policy, a slot, a message, a collector.

A bit for each account and day. Read from the first word to the last they give a day's list in the order of accounts
without sorting, and an account takes five bytes. A word of bits belongs to one thread at a time: books are divided
among threads at multiples of `WORD` accounts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.simulation.compiled import loop

WORD = 64  # accounts whose bits lie in one word
_ONE = np.uint64(1)
# The place of a single bit: a de Bruijn sequence shows each six bits once (Leiserson, Prokop & Randall 1998).
_SEQUENCE = 0x03F79D71B4CB0A89
_PLACE = np.empty(WORD, np.int32)
_PLACE[[(_SEQUENCE << bit & 2**64 - 1) >> 58 for bit in range(WORD)]] = np.arange(WORD)
_SHOWS = np.uint64(_SEQUENCE)


class Queue(NamedTuple):
    """The lists.

    Attributes
    ----------
    bits : uint64 (31, words), who waits on each day of the month
    reasons : int8 (accounts,), what each waits for, see `simcollect.simulation.review`
    room : int32 (accounts,), for writing down a day's list; what is never written to takes no memory
    """

    bits: npt.NDArray[np.uint64]
    reasons: npt.NDArray[np.int8]
    room: npt.NDArray[np.int32]


def make_queue(n: int) -> Queue:
    """Return empty lists.

    Examples
    --------
    >>> queue = make_queue(100)
    >>> join(queue, 4, 70, 3)
    >>> join(queue, 4, 2, 3)
    >>> waiting = take_waiting(queue, 4)
    >>> waiting.tolist(), who_waits_for(queue, waiting, 3).tolist(), who_waits_for(queue, waiting, 2).tolist()
    ([2, 70], [2, 70], [])
    >>> take_waiting(queue, 4).tolist()
    []
    """
    bits = np.zeros((31, -(-n // WORD)), np.uint64)
    return Queue(bits=bits, reasons=np.zeros(n, np.int8), room=np.empty(n, np.int32))


@njit(cache=True, inline="always")
def join(queue: Queue, column: int, account: int, reason: int) -> None:
    """Let an account wait on a day of the month, counted from 0."""
    queue.bits[column, account >> 6] |= _ONE << np.uint64(account & 63)
    queue.reasons[account] = reason


def take_waiting(queue: Queue, column: int) -> npt.NDArray[np.int32]:
    """Return who waits on a day, in the order of accounts, and empty its list."""
    return queue.room[: _take(queue.bits[column], queue.room)].copy()


@loop
def _take(bits: npt.NDArray[np.uint64], out: npt.NDArray[np.int32]) -> int:
    place = 0
    for n in range(bits.size):
        word = bits[n]
        bits[n] = 0
        while word:
            rest = word & (word - _ONE)
            out[place] = n * WORD + _PLACE[((word ^ rest) * _SHOWS) >> np.uint64(58)]
            place += 1
            word = rest
    return place


def who_waits_for(queue: Queue, waiting: npt.NDArray[np.int32], reason: int) -> npt.NDArray[np.int32]:
    """Return those on a day's list who wait for one thing."""
    out = np.empty(waiting.size, np.int32)
    return out[: _select(queue.reasons, waiting, reason, out)]


@loop
def _select(
    reasons: npt.NDArray[np.int8], waiting: npt.NDArray[np.int32], reason: int, out: npt.NDArray[np.int32]
) -> int:
    count = 0
    for n in range(waiting.size):
        # Written first and counted if it is wanted: no branch to foresee.
        out[count] = waiting[n]
        count += int(reasons[waiting[n]] == reason)
    return count
