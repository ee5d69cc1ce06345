"""Random numbers as a function of (seed, replication, account, day, purpose), never of the order of calls.

Two strategies under one seed therefore share each borrower's luck, threads and processes cannot change a result,
and removing one account leaves all others as they were. The generator is a keyed hash: two rounds of the
splitmix64 finaliser (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt
from numba import njit


class Purpose(IntEnum):
    """What a draw decides; each purpose has its own stream."""

    HIDDEN = 1
    LIQUIDITY = 2
    DECAY = 3
    READ = 4
    CLEAR = 5
    ANSWER = 6
    OUTCOME = 7
    DURATION = 8
    PAY = 9
    AMOUNT = 10
    PART = 11
    KEEP = 12
    PLAN = 13
    LEGAL = 14
    LEGAL_PAY = 15
    AGENCY = 16
    COLUMN = 17
    COMPLAINT = 18
    INBOUND = 19
    CLOCK = 20
    ACCEPT = 21
    HOUR = 22
    OPT_OUT = 23


@njit(cache=True, inline="always")
def mix(z: np.uint64) -> np.uint64:
    """Scramble 64 bits (the splitmix64 finaliser)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True, inline="always")
def uniform(key: np.uint64, day: int, purpose: int) -> float:
    """Return the uniform number in [0, 1) of an account's key, a day and a purpose.

    Examples
    --------
    >>> key = account_keys(["A1"], seed=1, replication=0)[0]
    >>> bool(uniform(key, 3, Purpose.PAY) == uniform(key, 3, Purpose.PAY))
    True
    """
    z = mix(
        key + np.uint64(day + 1) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(purpose) * np.uint64(0xD1B54A32D192ED03)
    )
    return float(mix(z) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def _keys(names: npt.NDArray[np.uint64], seed: int, replication: int) -> npt.NDArray[np.uint64]:
    out = np.empty(names.size, np.uint64)
    base = mix(mix(np.uint64(seed) + np.uint64(0x632BE59BD9B4E019)) + np.uint64(replication))
    for i in range(names.size):
        out[i] = mix(names[i] ^ base)
    return out


def account_names(account_ids: object) -> npt.NDArray[np.uint64]:
    """Return a stable 64-bit name for each account id (the same on every machine and in every order).

    Examples
    --------
    >>> len(set(account_names(["A1", "A2"]).tolist()))
    2
    """
    import pandas as pd

    ids = np.asarray(account_ids, dtype=object)
    return pd.util.hash_array(ids, categorize=False).astype(np.uint64)


def account_keys(account_ids: object, *, seed: int, replication: int = 0) -> npt.NDArray[np.uint64]:
    """Return one key an account, from which all its random numbers follow.

    Parameters
    ----------
    account_ids : the ids of the accounts, shape (n,)
    seed : the user's seed
    replication : which repetition of the whole simulation

    Examples
    --------
    >>> a = account_keys(["A1", "A2"], seed=7)
    >>> b = account_keys(["A2"], seed=7)
    >>> bool(a[1] == b[0])
    True
    """
    return _keys(account_names(account_ids), int(seed), int(replication))
