"""The monthly law at one set of numbers, as the likelihood needs it: kernels, and shares at a first status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.law import Law
from simcollect.calibration.month import N_DUE
from simcollect.units import DAYS_A_MONTH

Array = npt.NDArray[np.float64]

TURNOVER = 0.084  # accounts replaced a month in a running book: 2 % a week, as in behaviour.prior

# Where the law holds the entries that can be free.
FIELDS: Final = {
    "pay.base": "base", "pay.partial": "partial", "pay.all": "all_", "agency.exit": "agency_exit",
    "liquidity.loss": "loss", "liquidity.regain": "regain",
}  # fmt: skip


class Built(NamedTuple):
    """What the likelihood needs at a theta.

    Attributes
    ----------
    kernels : (G, Z, 4, K, 2, K, 2) monthly moves; start : (G, K, 8) shares at the first status
    seen : (G, 4, K, 2) the same within each disposition, before its share
    """

    kernels: Array
    start: Array
    seen: Array


def with_entries(law: Law, changed: Mapping[str, Array]) -> Law:
    """Return the law with some entries of the table changed, without making the rest of it again.

    Examples
    --------
    >>> from simcollect.behaviour import Behaviour
    >>> law = Behaviour.default().law()
    >>> with_entries(law, {"agency.exit": np.array(0.01)}).agency_exit
    0.01
    """
    fields: dict[str, Any] = {}
    for name, value in changed.items():
        if name in FIELDS:
            per_day = value / DAYS_A_MONTH if name.startswith("liquidity.") else value
            fields[FIELDS[name]] = float(per_day) if value.ndim == 0 else per_day
    return law._replace(**fields)


def opening_shares(kernel: Array, strained: float, running: bool) -> Array:
    """Return the shares (D, K, 2) at a first status: of new accounts after a month, or of a book that is renewed.

    A running book replaces `TURNOVER` of its accounts a month by new ones.
    """
    size = N_DUE * 2
    new = np.zeros(size)
    new[:2] = 1 - strained, strained
    moves = kernel.reshape(-1, size, size)
    if not running:
        return np.asarray((new @ moves).reshape(-1, N_DUE, 2))
    system = np.eye(size) - (1 - TURNOVER) * moves.transpose(0, 2, 1)
    right = np.broadcast_to((TURNOVER * new)[:, None], (len(moves), size, 1))
    return np.asarray(np.linalg.solve(system, right).reshape(-1, N_DUE, 2))


def opening_slopes(kernel: Array, seen: Array, strained: float, running: bool, worth: Array) -> tuple[Array, float]:
    """Return the derivatives of ``Σ worth · opening_shares`` with respect to the kernel and to the strained share.

    Parameters
    ----------
    kernel : (D, K, 2, K, 2); strained, running : as in `opening_shares`; seen : what it returned, (D, K, 2)
    worth : weights of the shares, (D, K, 2)

    Examples
    --------
    >>> stay = np.eye(16).reshape(1, 8, 2, 8, 2)
    >>> worth = np.zeros((1, 8, 2))
    >>> worth[0, 0, 1] = 1.0
    >>> round(opening_slopes(stay, opening_shares(stay, 0.1, True), 0.1, True, worth)[1], 9)
    1.0
    """
    size = N_DUE * 2
    moves, weights = kernel.reshape(-1, size, size), worth.reshape(-1, size, 1)
    if running:
        back = np.linalg.solve(np.eye(size) - (1 - TURNOVER) * moves, weights)
        by_kernel = (1 - TURNOVER) * seen.reshape(-1, size, 1) * back.transpose(0, 2, 1)
        by_new = TURNOVER * back[:, :2, 0].sum(axis=0)
    else:
        by_kernel = np.zeros_like(moves)
        by_kernel[:, 0], by_kernel[:, 1] = (1 - strained) * weights[:, :, 0], strained * weights[:, :, 0]
        by_new = (moves[:, :2] @ weights).sum(axis=(0, 2))
    return by_kernel.reshape(kernel.shape), float(by_new[1] - by_new[0])
