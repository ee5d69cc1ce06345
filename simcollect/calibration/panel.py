"""From a cleaned history to the distinct status sequences that the filter reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.parameters import BANDS
from simcollect.calibration.filter import ENDED, IDLE, UNSEEN, Panel
from simcollect.calibration.history import History
from simcollect.calibration.mapping import HistoryMapping
from simcollect.calibration.month import MOST_DUE, N_DUE
from simcollect.calibration.reading import CLOSED
from simcollect.calibration.reading import IDLE as NO_LOAN
from simcollect.errors import InputError

Bytes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Sequences:
    """Status sequences, one a spell.

    Attributes
    ----------
    status : (N, T) codes of `filter`, left-aligned
    group : (N,) index into `bands`
    account : (N,) account_id; first : (N,) month of the first status
    bands : index of the risk band of each group
    low, high : instalments due that each status allows
    """

    status: Bytes
    group: Bytes
    account: npt.NDArray[np.object_]
    first: npt.NDArray[np.int64]
    bands: tuple[int, ...]
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]

    @property
    def account_months(self) -> int:
        """Statuses that follow another."""
        return int((self.status[:, 1:] != ENDED).sum())

    def upto(self, columns: int) -> Sequences:
        """Return the sequences without the months after the first `columns`."""
        status = np.ascontiguousarray(self.status[:, :columns])
        return Sequences(status, self.group, self.account, self.first, self.bands, self.low, self.high)

    def until(self, month: int) -> Sequences:
        """Return the sequences up to and with a calendar month (months since year 0)."""
        when = self.first[:, None] + np.arange(self.status.shape[1])[None, :]
        keep = self.first <= month
        status = np.where(when <= month, self.status, ENDED).astype(np.int8)[keep]
        length = max(2, int((status != ENDED).sum(axis=1).max()))
        return Sequences(
            np.ascontiguousarray(status[:, :length]), self.group[keep], self.account[keep], self.first[keep],
            self.bands, self.low, self.high,
        )  # fmt: skip

    def distinct(self, calendar: bool = False) -> tuple[Panel, npt.NDArray[np.int64]]:
        """Return the distinct sequences with their counts, and the index of each sequence among them.

        Parameters
        ----------
        calendar : whether `kernel` numbers calendar months (histories that began apart are then distinct); else it is 0
        """
        columns = [self.group[:, None], self.status]
        zero = int(self.first.min()) if self.first.size else 0
        if calendar:
            columns.insert(0, (self.first - zero).astype(np.int8)[:, None])
        rows = np.ascontiguousarray(np.concatenate(columns, axis=1).astype(np.int8))
        packed = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
        _, index, inverse, count = np.unique(packed, return_index=True, return_inverse=True, return_counts=True)
        rows = rows[index]
        shift = rows[:, 0] if calendar else np.zeros(len(rows), np.int8)
        length = self.status.shape[1]
        kernel = shift[:, None] + (np.arange(length, dtype=np.int8)[None, :] if calendar else np.int8(0))
        kernel = np.broadcast_to(kernel, (len(rows), length))
        status = np.ascontiguousarray(rows[:, -length:])
        panel = Panel(
            status, count.astype(np.float64), np.ascontiguousarray(rows[:, -length - 1]),
            np.ascontiguousarray(kernel.astype(np.int8)), self.low, self.high,
        )  # fmt: skip
        return panel, inverse.ravel()


def sequences(history: History, bands: pd.Series | None = None, most: int | None = None) -> Sequences:
    """Return the status sequences of a history.

    Parameters
    ----------
    history : with months
    bands : risk band (A, B, C) by account_id, from the tape; None takes all accounts together
    most : worst status to tell apart; worse ones count as this one. None takes what the data has, up to five

    Raises
    ------
    InputError
        The history has no months, or no month follows another.
    """
    if history.months is None:
        raise InputError("the history has no monthly statuses; give the table months")
    months = history.months
    spell = months["spell"].to_numpy()
    starts = np.flatnonzero(np.diff(spell, prepend=-1))
    place = np.arange(len(months)) - starts[np.cumsum(np.diff(spell, prepend=-1) != 0) - 1]
    row = np.cumsum(np.diff(spell, prepend=-1) != 0) - 1
    length = int(place.max()) + 1
    if length < 2:
        raise InputError("no month follows another in the history; give at least two months an account")
    raw = months["status"].to_numpy()
    allowed = MOST_DUE - 1 if history.mapping.status_counts == "months_late" else MOST_DUE
    worst = min(most if most is not None else allowed, allowed, max(int(raw.max()), 1))
    code = np.where(raw >= 0, np.minimum(raw, worst), UNSEEN)
    code = np.where((raw == CLOSED) | (raw == NO_LOAN), IDLE, code).astype(np.int8)
    status = np.full((starts.size, length), ENDED, np.int8)
    status[row, place] = code
    account = months["account_id"].to_numpy()[starts]
    group = np.zeros(starts.size, np.int8)
    kept: tuple[int, ...] = (1,)
    if bands is not None:
        known = pd.Series(account).map(bands).fillna(BANDS[1]).astype(str)
        group = pd.Categorical(known, categories=list(BANDS)).codes.astype(np.int8)
        kept = (0, 1, 2)
    # A spell of one month tells nothing, nor does one that opens with months not seen.
    useful = (status[:, 1] != ENDED) & (status[:, 0] != UNSEEN)
    low, high = _allowed(worst, history.mapping)
    first = months["month"].to_numpy()[starts].astype(np.int64)
    return Sequences(status[useful], group[useful], account[useful], first[useful], kept, low, high)


def _allowed(worst: int, mapping: HistoryMapping) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return which instalments due each status 0 .. worst allows.

    Where statuses are whole months since the oldest unpaid due date, status 0 has none due or one (due for less than
    a month), and status s has s + 1; where they count instalments, status s has s.
    """
    status = np.arange(worst + 1)
    if mapping.status_counts == "months_late":
        low, high = np.where(status == 0, 0, status + 1), status + 2
    else:
        low, high = status, status + 1
    high = high.copy()
    high[-1] = N_DUE
    return low.astype(np.int64), high.astype(np.int64)
