"""The months ahead of one, of all accounts that have any: what is known of them, what happened, and how to play on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simcollect.calibration.filter import ENDED, IDLE, UNSEEN, Panel, last_measures
from simcollect.calibration.panel import Sequences
from simcollect.calibration.replay import replay, status_of

Array = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Future:
    """Accounts that have months ahead.

    Attributes
    ----------
    month : last one known (months since year 0); horizon : months ahead
    kept : (accounts of the sequences,) which of them these are
    status : (N, T) what happened
    playable : (N, T) the same, and where an account that closed stands without a loan to the end
    group, first : (N,) as in `Sequences`
    begins : (N,) last column known; of an account that opens ahead, its first
    low, high : as in `Sequences`
    panel, inverse : distinct histories up to the month, and which is whose
    """

    month: int
    horizon: int
    kept: npt.NDArray[np.bool_]
    status: Bytes
    playable: Bytes
    group: Bytes
    first: Whole
    begins: Whole
    low: Whole
    high: Whole
    panel: Panel
    inverse: Whole

    @classmethod
    def of(cls, data: Sequences, month: int, horizon: int) -> Future:
        """Take the months after one from sequences that have them."""
        known = np.minimum(month - data.first, data.status.shape[1] - 1)
        kept = known + 1 < (data.status != ENDED).sum(axis=1)
        group, first, begins = data.group[kept], data.first[kept], np.maximum(known[kept], 0)
        length = max(data.status.shape[1], month + horizon - int(first.min()) + 1)
        status = widened(data.status[kept], length, ENDED)
        # Histories up to the month, as the filter wants them; new accounts are known by their first status only.
        past = status.copy()
        past[np.arange(length)[None, :] > begins[:, None]] = ENDED
        cut = Sequences(past, group, np.empty(len(past), object), first, data.bands, data.low, data.high)
        playable = held_open(status, first, month + horizon)
        return cls(month, horizon, kept, status, playable, group, first, begins, data.low, data.high, *cut.distinct())

    @property
    def months(self) -> Whole:
        """Months ahead of the one known, by account and column, shape (N, T); below one what is known."""
        return np.asarray(self.first[:, None] + np.arange(self.status.shape[1])[None, :] - self.month)

    def measures(self, start: Array, kernels: Array) -> Array:
        """Return what to believe of each account in the last month known, shape (N, N_DUE * 8)."""
        return np.asarray(last_measures(self.panel, start, kernels)[self.inverse].reshape(len(self.status), -1))

    def play(self, measures: Array, kernels: Array, rng: np.random.Generator) -> Bytes:
        """Return statuses (N, T) with the months ahead drawn anew.

        Parameters
        ----------
        measures : from `measures`
        kernels : (G, 1 + horizon, ...), the first of a usual month, then those of the months ahead
        """
        kernel = np.clip(self.months + 1, 0, self.horizon).astype(np.int8)
        of = status_of(self.low, self.high)
        played = replay(self.playable, self.group, self.begins, measures, kernels, kernel, of, rng)
        # A month that was not seen is played, and not looked at: the same mask serves real and played histories.
        played[self.status == UNSEEN] = UNSEEN
        return np.asarray(played)


def widened(x: npt.NDArray[Any], length: int, fill: float) -> npt.NDArray[Any]:
    """Return rows filled up to a length."""
    return np.pad(x, ((0, 0), (0, length - x.shape[1])), constant_values=fill)


def held_open(status: Bytes, first: Whole, final: int) -> Bytes:
    """Return the histories to be played: after an account's end it stands without a loan to the final month.

    Who in fact paid off, but is late in the play, then still owes; to take him out at the real end would lose more of
    the late the longer the play. An account that leaves the data with a loan is not followed in the play either.
    """
    length = (status != ENDED).sum(axis=1)
    closed = status[np.arange(len(status)), length - 1] == IDLE
    column = np.arange(status.shape[1])[None, :]
    after = closed[:, None] & (column >= length[:, None]) & (first[:, None] + column <= final)
    return np.where(after, np.int8(IDLE), status).astype(np.int8)
