"""Who is late may be read in several ways: starts for the search of the best one.

Accounts that stay late may be able but unwilling for good, or strained for a while; those late again and again may be
the forgetful or the misinformed. What a status history shows of a group of borrowers hardly says which of the groups of
the model it is, so the posterior has a hill for each reading, of which some are hardly lower than others (the label
switching of mixtures: Stephens, J. R. Stat. Soc. B 62(4), 2000). A search that starts on one does not find another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np
import numpy.typing as npt

from simcollect.behaviour import Behaviour
from simcollect.behaviour.classes import DISPOSITIONS
from simcollect.calibration.free import Free, apply

Array = npt.NDArray[np.float64]

# The late are unwilling rather than strained, in prior spreads: judgement, so that the Taiwan panel's higher hill is
# found, and those of histories drawn from known parameters; where all starts lead to one hill nothing is lost but time.
_UNWILLING = (
    ("hidden.disposition", "unwilling]", 3.0), ("pay.base", "[unwilling, 31-60]", 2.0), ("liquidity.loss", "", -1.0),
)  # fmt: skip
TRIED = 4  # changes of roles from which a search is made, those that begin highest: judgement


def starts(free: Sequence[Free]) -> list[Array]:
    """Return where searches begin: at the defaults, and where the late are mostly unwilling.

    Examples
    --------
    >>> from simcollect.calibration.free import standard
    >>> [int((start != 0).sum()) for start in starts(standard(1))]
    [0, 3]
    """
    return [np.zeros(len(free)), _unwilling(free)]


def other_readings(
    free: Sequence[Free], base: Behaviour, bands: Sequence[int], theta: Array, lost: Callable[[Array], float]
) -> list[Array]:
    """Return where a hill's neighbours are looked for: with dispositions in other roles, with fewer or more strained.

    Parameters
    ----------
    free, base, bands : of the model, see `simcollect.calibration.likelihood.Model`
    theta : the hill
    lost : negative log-posterior; only the best `TRIED` of the changes of roles are returned

    Examples
    --------
    >>> from simcollect.calibration.free import standard
    >>> free = standard(1)
    >>> len(other_readings(free, Behaviour.default(), [1], np.zeros(len(free)), lambda x: float(x @ x)))
    6
    """
    orders = [order for order in permutations(range(len(DISPOSITIONS))) if any(np.diff(order) != 1)]
    changed = [in_roles(free, base, bands, theta, order) for order in orders]
    shift = _unwilling(free)
    return [*sorted(changed, key=lost)[:TRIED], theta + shift, theta - shift]


def in_roles(
    free: Sequence[Free], base: Behaviour, bands: Sequence[int], theta: Array, order: Sequence[int]
) -> Array:
    """Return the numbers with which each disposition has the share and the payments of another.

    Where two dispositions' intensities are grouped differently, a group takes the mean of the logs.

    Parameters
    ----------
    order : for each disposition, whose part it plays

    Examples
    --------
    >>> from simcollect.calibration.free import standard
    >>> free, base = standard(1), Behaviour.default()
    >>> theta = in_roles(free, base, [1], np.zeros(len(free)), [0, 1, 3, 2])
    >>> shares = base["hidden.disposition"][1]
    >>> bool(np.allclose(apply(base, free, theta)["hidden.disposition"][1], shares[[0, 1, 3, 2]]))
    True
    """
    now = apply(base, free, theta)
    out = theta.copy()
    for i, entry in enumerate(free):
        if entry.entry == "hidden.disposition":
            band = next(band for band in bands if entry.cells[band].any())
            d = int(np.flatnonzero(entry.cells[band])[0])
            share, default = now[entry.entry][band], base[entry.entry][band]
            out[i] = np.log(share[order[d]] / share[order[0]]) - np.log(default[d] / default[0])
        elif entry.entry == "pay.base":
            row = int(np.flatnonzero(entry.cells.any(axis=1))[0])
            if row < len(order):
                cells = entry.cells[row]
                out[i] = np.log(now[entry.entry][order[row], cells] / base[entry.entry][row, cells]).mean()
    return out


def _unwilling(free: Sequence[Free]) -> Array:
    """Return by how much the numbers differ from the defaults where the late are mostly unwilling."""
    return np.array(
        [sum(x for entry, part, x in _UNWILLING if n.entry == entry and part in n.name) * n.sd for n in free],
        np.float64,
    )
