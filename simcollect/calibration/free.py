"""Which entries of the parameter table a status history is asked about, and on what scale.

Each free number moves cells of one entry of the table:

- ``factor``: the cells are multiplied by ``exp(theta)`` (hazards, intensities);
- ``odds``: the log-odds of the cells are shifted by ``theta`` (probabilities);
- ``share``: the logit of a disposition's share against `prompt` is shifted by ``theta``, rows still sum to one;
- ``scale``: the cells are multiplied by ``max(1 + theta, 0)`` (effects, which may be none at all).

``theta = 0`` is the default of the table. A normal prior with the spread ``sd`` keeps what the history says nothing
about at its default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.behaviour import Behaviour
from simcollect.behaviour.classes import BEHAVIOURS, DISPOSITIONS
from simcollect.behaviour.parameters import BANDS, DAY_BINS

Array = npt.NDArray[np.float64]

# The stretches of days late whose intensities move together, as day bins of `pay.base`.
STRETCHES: dict[str, tuple[int, int]] = {
    "to day 3": (0, DAY_BINS.index(4)),
    "4-30": (DAY_BINS.index(4), DAY_BINS.index(31)),
    "31-60": (DAY_BINS.index(31), DAY_BINS.index(61)),
    "61-90": (DAY_BINS.index(61), DAY_BINS.index(91)),
    "91+": (DAY_BINS.index(91), len(DAY_BINS)),
}


@dataclass(frozen=True)
class Free:
    """One number to estimate.

    Attributes
    ----------
    name : as shown, such as ``pay.base[strained, 61-90]``
    entry : name in the parameter table
    kind : factor, odds, share or scale
    cells : boolean mask over the entry's array (for ``share``: the cells of one disposition)
    sd : spread of the prior on the scale of theta
    """

    name: str
    entry: str
    kind: str
    cells: npt.NDArray[np.bool_]
    sd: float


def apply(behaviour: Behaviour | Mapping[str, Array], free: Sequence[Free], theta: Array) -> dict[str, Array]:
    """Return the entries of the table changed by theta.

    Parameters
    ----------
    behaviour : parameters before the change; a mapping of their arrays does as well
    free, theta : numbers and by how much they move

    Examples
    --------
    >>> free = [entry for entry in standard(1) if entry.name == "liquidity.loss"]
    >>> changed = apply(Behaviour.default(), free, np.log([2.0]))["liquidity.loss"]
    >>> bool(np.allclose(changed, 2 * Behaviour.default()["liquidity.loss"]))
    True
    """
    shifts: dict[str, tuple[str, Array]] = {}
    for entry, value in zip(free, theta, strict=True):
        if entry.entry not in shifts:
            shifts[entry.entry] = entry.kind, np.zeros(entry.cells.shape)
        shifts[entry.entry][1][entry.cells] += value
    out: dict[str, Array] = {}
    for name, (kind, shift) in shifts.items():
        before = behaviour[name]
        if kind == "scale":
            out[name] = before * np.maximum(1.0 + shift, 0.0)
            continue
        raw = before * np.exp(shift)
        if kind == "share":
            raw = raw / raw.sum(axis=-1, keepdims=True)
        elif kind == "odds":
            raw = raw / (1 - before + raw)
        out[name] = raw
    return out


def chained(free: Sequence[Free], changed: Mapping[str, Array], slopes: Mapping[str, Array]) -> Array:
    """Return the derivatives with respect to theta, given those with respect to the entries.

    Parameters
    ----------
    free : numbers of kind factor, odds or share; changed : entries at theta, from `apply`; slopes : of each of these

    Examples
    --------
    >>> free = [entry for entry in standard(1) if entry.name == "agency.exit"]
    >>> chained(free, {"agency.exit": np.array(0.02)}, {"agency.exit": np.array(5.0)}).tolist()
    [0.1]
    """
    out = np.empty(len(free))
    for i, entry in enumerate(free):
        value, slope = changed[entry.entry], slopes[entry.entry]
        if entry.kind == "share":
            slope = slope - (value * slope).sum(axis=-1, keepdims=True)
        elif entry.kind == "odds":
            slope = slope * (1.0 - value)
        out[i] = (value * slope)[entry.cells].sum()
    return out


# The table's ranges speak of lenders at large (about 95 % of them, judgement); one lender's own history may say
# something else, so the prior is this many times wider than the range.
WIDEN = 4.0

# Intensities that move together. The prompt and the misinformed are seldom late for long, so their later stretches
# share one factor; the strained and the unwilling make up the late buckets and get one for each.
PAY_GROUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "prompt": (("to day 3",), ("4-30", "31-60", "61-90", "91+")),
    "forgetful": (("to day 3",), ("4-30",), ("31-60",), ("61-90",), ("91+",)),
    "misinformed": (("to day 3",), ("4-30", "31-60", "61-90", "91+")),
    "unwilling": (("to day 3",), ("4-30",), ("31-60",), ("61-90",), ("91+",)),
    "strained": (("to day 3",), ("4-30",), ("31-60",), ("61-90",), ("91+",)),
}


def spread(entry: str) -> float:
    """Return the prior spread on the log scale of an entry whose range is a pair of factors.

    Examples
    --------
    >>> round(spread("liquidity.loss"), 2)
    1.41
    """
    from simcollect.behaviour.parameters import DEFAULTS

    parameter = DEFAULTS[entry]
    return float(np.log(parameter.high / parameter.low) / (2 * 1.96) * WIDEN)


def standard(groups: int) -> list[Free]:
    """Return the numbers that a monthly status history is asked about.

    Parameters
    ----------
    groups : 1 where all accounts are taken together (every risk band moves alike), 3 for one set of shares and losses
        for each band

    Examples
    --------
    >>> len(standard(1)), len(standard(3)) - len(standard(1))
    (29, 8)
    """
    out: list[Free] = []
    bands = [None] if groups == 1 else list(range(len(BANDS)))
    for band in bands:
        label = "" if band is None else f"{BANDS[band]}, "
        for d in range(1, len(DISPOSITIONS)):
            cells = np.zeros((len(BANDS), len(DISPOSITIONS)), np.bool_)
            cells[slice(None) if band is None else band, d] = True
            name = f"hidden.disposition[{label}{DISPOSITIONS[d]}]"
            out.append(Free(name, "hidden.disposition", "share", cells, spread("hidden.disposition")))
    for entry in ("liquidity.loss", "liquidity.regain"):
        for band in bands if entry == "liquidity.loss" else [None]:
            cells = np.zeros((2, len(BANDS)), np.bool_)
            cells[:, slice(None) if band is None else band] = True
            name = entry if band is None else f"{entry}[{BANDS[band]}]"
            out.append(Free(name, entry, "factor", cells, spread(entry)))
    for b, behaviour in enumerate(BEHAVIOURS):
        for group in PAY_GROUPS[behaviour]:
            cells = np.zeros((len(BEHAVIOURS), len(DAY_BINS)), np.bool_)
            for stretch in group:
                cells[b, slice(*STRETCHES[stretch])] = True
            label = group[0] if len(group) == 1 else f"{group[0].split('-')[0]}+"
            out.append(Free(f"pay.base[{behaviour}, {label}]", "pay.base", "factor", cells, spread("pay.base")))
    for entry in ("pay.partial", "pay.all"):
        for liq, liquidity in enumerate(("able", "strained")):
            cells = np.arange(2) == liq
            out.append(Free(f"{entry}[{liquidity}]", entry, "odds", cells, spread(entry)))
    out.append(Free("agency.exit", "agency.exit", "factor", np.array(True), spread("agency.exit")))
    return out
