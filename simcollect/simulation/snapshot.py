"""Pictures of the whole book: balances by age, and the measure over observed states and hidden classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.opening import CHARGED_OFF, IN_LEGAL, MODES, OPEN
from simcollect.behaviour.states import N_STATES
from simcollect.portfolio.buckets import BUCKETS
from simcollect.simulation.columns import Accounts, state_at
from simcollect.simulation.compiled import loop
from simcollect.simulation.money import due_date
from simcollect.simulation.rules import Record
from simcollect.simulation.vintages import COUNTED, count_vintage

ROWS = (*BUCKETS, *MODES[1:])
N_HIDDEN = 8


def picture(
    acc: Accounts,
    t: int,
    month: int,
    rules_: Record,
    vintage: npt.NDArray[np.int64],
    vintages: int,
    codes: npt.NDArray[np.int8],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count the book at the end of day t by stage, by vintage, and by stage at the last picture and now.

    Stages have shape (rows, 3): accounts, principal, arrears, in minor units. Rows are the buckets of days past due of
    open accounts, then the other modes. Of charged-off accounts the principal written off is shown. Arrears count due
    dates before day t, as days past due do. Vintages have shape (vintages, 6), see `simcollect.simulation.vintages`.
    Moves have shape (rows, rows), from and to.

    Parameters
    ----------
    month : month of day t
    vintage, vintages : code of each account, number of codes
    codes : row of each account at the last picture; overwritten with those of this one
    """
    moves = np.zeros((len(ROWS), len(ROWS)), np.int64)
    stages, by_vintage = np.zeros((len(ROWS), 3), np.int64), np.zeros((vintages, len(COUNTED)), np.int64)
    _picture(acc, t, month, rules_, vintage, codes, stages, by_vintage, moves)
    return stages, by_vintage, moves


@loop
def _picture(
    acc: Accounts,
    t: int,
    month: int,
    rules_: Record,
    vintage: npt.NDArray[np.int64],
    codes: npt.NDArray[np.int8],
    stages: npt.NDArray[np.int64],
    by_vintage: npt.NDArray[np.int64],
    moves: npt.NDArray[np.int64],
) -> None:
    rules = rules_[0]
    for i in range(acc.size):
        r = acc[i]
        row = count_stage(r, t, month, rules, stages)
        moves[codes[i], row] += 1
        codes[i] = row
        count_vintage(r, t, vintage[i], by_vintage)


@njit(cache=True, inline="always")
def count_stage(r: Any, t: int, month: int, rules: Any, out: npt.NDArray[np.int64]) -> int:
    """Count an account with its stage; return the row."""
    dpd = t - r.due
    row = min((max(dpd, 0) + 29) // 30, 7) if r.mode == OPEN else 7 + r.mode
    out[row, 0] += 1
    out[row, 1] += r.written_off if r.mode == CHARGED_OFF else r.principal
    if dpd > 0 and r.mode in (OPEN, IN_LEGAL):
        missed = month - r.month + (1 if t > due_date(rules, month, r.due_day) else 0)
        missed = min(missed, r.left) if r.left > 0 else missed
        out[row, 2] += max(missed * r.instalment - r.credit, 0)
    return row


@njit(cache=True, nogil=True)
def measure(acc: Accounts, t: int, segments: int) -> npt.NDArray[np.float64]:
    """Return instalments (minor units) by segment, observed state and hidden class on the morning of day t.

    Shape (G, S, H). An account between two reviews is split between the two weeks, so that its mean age is
    kept.
    """
    out = np.zeros((segments, N_STATES, N_HIDDEN))
    for i in range(acc.size):
        r = acc[i]
        x = t - r.due
        h = 4 * r.strained + r.disposition
        later = (x % 7) / 7.0
        out[r.segment, state_at(r, x // 7), h] += r.instalment * (1.0 - later)
        if later > 0.0:
            out[r.segment, state_at(r, x // 7 + 1), h] += r.instalment * later
    return out
