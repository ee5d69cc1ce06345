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
