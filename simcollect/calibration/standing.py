"""Where accounts stood in each month or year, and what a fitted model expects of them a month on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simcollect.calibration.filter import ENDED, standing_by_part
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.panel import Sequences
from simcollect.calibration.replay import status_of

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


class Standing(NamedTuple):
    """Accounts at the start of a month in which it is known how they moved, by part of the time.

    Attributes
    ----------
    moved : (P, Y, Y) moves from one status to the next
    at : (P, G, Y, N_DUE, 2, 4) accounts by status and what is hidden, given their history up to then
    of : (N_DUE,) status of each number of instalments due
    """

    moved: Array
    at: Array
    of: Whole

    def expected(self, kernel: Array) -> Array:
        """Return the moves expected under a kernel (G, 4, N_DUE, 2, N_DUE, 2), as `moved`."""
        return np.stack([expected_moves(part, kernel, self.of) for part in self.at])


def months_of(data: Sequences) -> int:
    """Return how many months lie between the first and the last status."""
    return int((data.first + (data.status != ENDED).sum(axis=1)).max() - data.first.min()) - 1


def standing(fit: Fit, data: Sequences, part: Whole) -> Standing:
    """Return where accounts stood, by part of the time.

    Parameters
    ----------
    fit : of these sequences; part : (months,) to which part each month counts, 0, 1, ...
    """
    panel, _ = data.distinct(calendar=True)
    kernels, start, _ = fit.model.build(fit.theta)
    moved, at = standing_by_part(panel, start, kernels, part)
    return Standing(moved, at, status_of(data.low, data.high))


def expected_moves(at: Array, kernel: Array, of: Whole) -> Array:
    """Return moves (Y, Y) expected of accounts (G, Y, N_DUE, 2, 4) under a kernel (G, 4, N_DUE, 2, N_DUE, 2)."""
    due = np.einsum("gakld,gdklKL->aK", at, kernel)
    out = np.zeros((at.shape[1], at.shape[1]))
    for k, status in enumerate(of):
        out[:, status] += due[:, k]
    return out
