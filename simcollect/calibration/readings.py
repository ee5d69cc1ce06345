"""Who is late may be read in several ways: starts for the search of the best one.

Accounts that stay late may be able but unwilling for good, or strained for a while; those late again and again may be
the forgetful or the misinformed. What a status history shows of a group of borrowers hardly says which of the groups of
the model it is, so the posterior has a hill for each reading, of which some are hardly lower than others (the label
switching of mixtures: Stephens, J. R. Stat. Soc. B 62(4), 2000). A search that starts on one does not find another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.classes import BEHAVIOURS, STRAINED
from simcollect.calibration.free import Free, apply
from simcollect.calibration.tops import probabilities

if TYPE_CHECKING:
    from simcollect.calibration.likelihood import Fit, Model

Array = npt.NDArray[np.float64]

# The late are unwilling rather than strained, in prior spreads: judgement, so that the Taiwan panel's higher hill is
# found, and those of histories drawn from known parameters; where all starts lead to one hill nothing is lost but time.
_UNWILLING = (
    ("hidden.disposition", "unwilling]", 3.0), ("pay.base", "[unwilling, 31-60]", 2.0), ("liquidity.loss", "", -1.0),
)  # fmt: skip
# Changes of roles, as orders of the dispositions and the strained: all that leave out the prompt, and each of the other
# dispositions with the prompt, who are most accounts.
ROLES = (
    *[(0, *rest) for rest in permutations(range(1, 5)) if rest != (1, 2, 3, 4)],
    (1, 0, 2, 3, 4), (2, 1, 0, 3, 4), (3, 1, 2, 0, 4),
)  # fmt: skip
# Pairs of the dispositions but the prompt; and orders in which the first of a pair plays the part of the second, who
# thereby count as two groups.
_PAIRS = tuple(permutations(range(1, 4), 2))
_DIVIDED = tuple(tuple(other if d == one else d for d in range(5)) for one, other in _PAIRS)
_ASKED = "hidden.disposition", "liquidity.loss", "liquidity.regain", "pay.base"
LEAST = 1e-9  # share or intensity that stands for none at all, which has no logarithm
WORTH_TELLING = 0.05  # probability of a reading: judgement
OTHER = 1.25  # times as large, or as small, that a group's share must be: judgement
STRAINED_SHARES = 1e-4, 0.5  # within which the strained's share is kept where they take another's part: judgement


def starts(free: Sequence[Free]) -> list[Array]:
    """Return where searches begin: at the defaults, and where the late are mostly unwilling.

    Examples
    --------
    >>> from simcollect.calibration.free import standard
    >>> [int((start != 0).sum()) for start in starts(standard(1))]
    [0, 3]
    """
    return [np.zeros(len(free)), _unwilling(free)]


def other_readings(model: Model, theta: Array) -> list[Array]:
    """Return where a hill's neighbours are looked for.

    With groups in other roles, one group for two or two for one, with fewer or more strained.

    Parameters
    ----------
    theta : the hill

    Examples
    --------
    >>> from simcollect.calibration.statuses import example_model
    >>> model = example_model(4)
    >>> len(other_readings(model, np.zeros(len(model.free))))
    40
    """
    shift = _unwilling(model.free)
    swapped = [in_roles(model, theta, order) for order in ROLES]
    divided = [in_roles(model, theta, order) for order in _DIVIDED]
    return [*swapped, *divided, *[joined(model, theta, *pair) for pair in _PAIRS], theta + shift, theta - shift]


def readings(fit: Fit) -> pd.DataFrame:
    """Return the readings of a history that are probable enough to tell, that of the estimate first.

    Columns: probability, and of each behaviour the share of accounts (in the long run, mean over the risk bands by
    accounts). Shares that hardly differ from the estimate's say that the reading differs in how a group pays.

    Examples
    --------
    >>> from simcollect.calibration.likelihood import fit
    >>> from simcollect.calibration.recovery import draw
    >>> from simcollect.calibration.statuses import example_model
    >>> model = draw(example_model(4), np.zeros(29), 300, 4, seed=1)
    >>> readings(fit(model, most=20)).columns.tolist()
    ['probability', 'prompt', 'forgetful', 'misinformed', 'unwilling', 'strained']
    """
    model = fit.model
    weights = model.firsts.sum(axis=1)
    rows = []
    for i, (top, probability) in enumerate(zip(fit.tops, probabilities(fit.tops), strict=True)):
        if i == 0 or probability >= WORTH_TELLING:
            behaviour = model.behaviour(top.theta)
            now = {name: behaviour[name] for name in _ASKED}
            shares = [_shares(now, model.product, band) for band in model.bands]
            rows.append((probability, *np.average(shares, axis=0, weights=weights)))
    found = pd.DataFrame(rows, columns=["probability", *BEHAVIOURS])
    return pd.concat([found[:1], found[1:].sort_values("probability", ascending=False)], ignore_index=True)


def in_words(found: pd.DataFrame) -> str:
    """Return what to know of `readings` in which a group is larger or smaller than in the estimate, else nothing.

    Examples
    --------
    >>> rows = [(0.7, 0.5, 0.2, 0.1, 0.15, 0.05), (0.3, 0.5, 0.2, 0.1, 0.05, 0.15)]
    >>> print(in_words(pd.DataFrame(rows, columns=["probability", *BEHAVIOURS])).replace("; ", ";\\n"))
    The history may be read in another way than the estimate (probability 70%);
    in another (30%) 5.0% of accounts are unwilling, not 15.0%. Draws hold all of them.
    """
    told = []
    shares = found[list(BEHAVIOURS)].to_numpy(np.float64) + LEAST
    mine, *others = found["probability"].to_numpy(np.float64)
    for probability, share in zip(others, shares[1:], strict=True):
        off = np.abs(np.log(share / shares[0]))
        who = int(off.argmax())
        if off[who] >= np.log(OTHER):
            told.append(
                f"in another ({probability:.0%}) {share[who]:.1%} of accounts are {BEHAVIOURS[who]}, "
                f"not {shares[0, who]:.1%}"
            )
    if not told:
        return ""
    start = f"The history may be read in another way than the estimate (probability {mine:.0%})"
    return f"{'; '.join([start, *told])}. Draws hold all of them."


def in_roles(model: Model, theta: Array, order: Sequence[int]) -> Array:
    """Return the numbers with which each group of borrowers has the share and the payments of another.

    Where two groups' intensities are tied together differently, a factor takes the mean of the logs. The strained's
    share is that in the long run, ``loss / (loss + regain)``; only the loss is changed for it.

    Parameters
    ----------
    theta : the numbers
    order : for each of the dispositions, and the strained, whose part it plays; whose part several play is divided
        among them

    Examples
    --------
    >>> from simcollect.calibration.statuses import example_model
    >>> model = example_model(4)
    >>> theta = in_roles(model, np.zeros(len(model.free)), [0, 1, 3, 2, 4])
    >>> shares = model.base["hidden.disposition"][model.bands[0]]
    >>> found = model.behaviour(theta)["hidden.disposition"][model.bands[0]]
    >>> bool(np.allclose(found, shares[[0, 1, 3, 2]]))
    True
    """
    base, bands, product = model.base, model.bands, model.product
    now = {name: base[name] for name in _ASKED} | apply(base, model.free, theta)
    default_shares, default_pay, pay = base["hidden.disposition"], base["pay.base"], now["pay.base"]
    players = np.bincount(order, minlength=5)[list(order)]
    out = theta.copy()
    for i, entry in enumerate(model.free):
        if entry.entry == "hidden.disposition":
            band = next(band for band in bands if entry.cells[band].any())
            d = int(np.flatnonzero(entry.cells[band])[0])
            share = _shares(now, product, band)[list(order)] / players
            out[i] = _factor(share, default_shares[band], d)
        elif entry.entry == "liquidity.loss":
            band = next(band for band in bands if entry.cells[product, band])
            share = _shares(now, product, band)
            before, after = np.clip(share[[STRAINED, order[STRAINED]]], *STRAINED_SHARES)
            out[i] += np.log(after / (1 - after)) - np.log(before / (1 - before))
        elif entry.entry == "pay.base":
            row = int(np.flatnonzero(entry.cells.any(axis=1))[0])
            cells = entry.cells[row]
            out[i] = (_log(pay[order[row], cells]) - _log(default_pay[row, cells])).mean()
    return out


def joined(model: Model, theta: Array, one: int, other: int) -> Array:
    """Return the numbers with which a group counts to another, and has the default's share and payments itself.

    Examples
    --------
    >>> from simcollect.calibration.statuses import example_model
    >>> model = example_model(4)
    >>> before, after = (
    ...     model.behaviour(theta)["hidden.disposition"][model.bands[0]]
    ...     for theta in (np.zeros(len(model.free)), joined(model, np.zeros(len(model.free)), 2, 3))
    ... )
    >>> bool(np.isclose(after[3] / after[0], (before[3] + before[2]) / before[0]))
    True
    """
    default_shares = model.base["hidden.disposition"]
    shares = apply(model.base, model.free, theta).get("hidden.disposition", default_shares)
    out = theta.copy()
    for i, entry in enumerate(model.free):
        if entry.entry == "hidden.disposition":
            band = next(band for band in model.bands if entry.cells[band].any())
            d = int(np.flatnonzero(entry.cells[band])[0])
            share, default = shares[band].copy(), default_shares[band]
            share[other] += share[one]
            share[one] = share[0] * default[one] / default[0]
            out[i] = _factor(share, default, d)
        elif entry.entry == "pay.base" and entry.cells[one].any():
            out[i] = 0.0
    return out


def _factor(share: Array, default: Array, d: int) -> float:
    """Return the free number of a disposition's share."""
    return float(_log(share[d]) - _log(share[0]) - _log(default[d]) + _log(default[0]))


def _log(x: npt.ArrayLike) -> Array:
    return np.asarray(np.log(np.maximum(x, LEAST)))


def _shares(now: Mapping[str, Array], product: int, band: int) -> Array:
    """Return the shares of the dispositions while able, and of the strained."""
    loss, regain = now["liquidity.loss"][product, band], now["liquidity.regain"][product, band]
    strained = loss / (loss + regain)
    return np.append(now["hidden.disposition"][band] * (1 - strained), strained)


def _unwilling(free: Sequence[Free]) -> Array:
    """Return by how much the numbers differ from the defaults where the late are mostly unwilling."""
    return np.array(
        [sum(x for entry, part, x in _UNWILLING if n.entry == entry and part in n.name) * n.sd for n in free],
        np.float64,
    )
