"""The atoms that a playbook's rules are made of: a segment in an observed state in a phase of the plan.

At the plan's own prices an action in use gains hardly more than the next best, so a table made from them would not know
that capacity wants filling; at the same part of all prices lists for law and desk come out many times too long, of
accounts that then wait while other teams idle. So each resource is charged at the part of its price at which somewhat
more is asked for than there is.

A plan opens with a backlog and closes with its horizon: what is worth a scarce minute in the first weeks is not what is
worth one later, and a list that is the same in all weeks is too long first and too short afterwards. So the parts are
found for each phase of the plan by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.states import FIRST_WEEK, FLAG_NAMES, LEVEL_NAMES, PLAN, describe
from simcollect.portfolio.segments import SIZES

if TYPE_CHECKING:
    from simcollect.optimisation.plan import Plan

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ASKED_FOR = 1.3  # how much more is asked for than there is, as in `pressure`
LOWEST, HIGHEST = 0.02, 2.0  # part of a price that may be charged: judgement
TURNS = 60  # of the search for the parts; demand settles within thirty
PHASES, SHORTEST = 4, 4  # most phases, fewest weeks of one: judgement, a list is to last for a month
PRODUCTS, BANDS = ("consumer", "micro_sme"), ("A", "B", "C")


@dataclass(frozen=True, eq=False)
class Atoms:
    """One entry a phase, segment and open state, in this order.

    Attributes
    ----------
    spans : weeks of each phase
    features : what a strategist sees of each atom, small integer codes
    allowed : whether each action may be taken there, shape (atoms, A)
    accounts, instalments : there in an average week of the phase, as the plan has them, shape (atoms,)
    gains : of each action over waiting in all weeks of the phase, net of what is charged, money, shape (atoms, A)
    by_minute : gain of each action before prices for each minute of work and unit of instalment, shape (atoms, A)
    """

    spans: tuple[slice, ...]
    features: pd.DataFrame
    allowed: Mask
    accounts: Array
    instalments: Array
    gains: Array
    by_minute: Array


def phases(weeks: int) -> tuple[slice, ...]:
    """Return the weeks of each phase of a plan: up to `PHASES` of the same length, none of under `SHORTEST` weeks.

    Examples
    --------
    >>> [(span.start, span.stop) for span in phases(26)], len(phases(6))
    ([(0, 6), (6, 13), (13, 19), (19, 26)], 1)
    """
    count = min(max(weeks // SHORTEST, 1), PHASES)
    return tuple(slice(first, end) for first, end in pairwise(weeks * n // count for n in range(count + 1)))


def atoms_of(plan: Plan) -> Atoms:
    """Return the atoms of a plan.

    Examples
    --------
    >>> import simcollect as sc
    >>> book = sc.Portfolio.synthetic(300, seed=1)
    >>> plan = sc.optimise(book, sc.Scenario.baseline(), sc.Resources.default(book), weeks=8, max_rounds=14)
    >>> atoms = atoms_of(plan)
    >>> len(atoms.spans), sorted(atoms.features["phase"].unique())
    (2, [np.int64(0), np.int64(1)])
    """
    spans, seen = phases(plan.weeks), plan.seen()
    allowed = np.tile(plan.model.catalogue.allowed()[:, :PLAN].T, (len(spans) * len(plan.model.segments), 1))
    gross, net = (
        _in_phases([gain * nu for gain, (_, nu) in zip(plan.gains(share), seen, strict=True)], spans)
        for share in (0.0, 1.0)
    )
    lengths = np.repeat([span.stop - span.start for span in spans], len(gross) // len(spans))
    accounts, instalments = (_in_phases([both[which][None] for both in seen], spans)[:, 0] for which in (0, 1))
    weight = np.maximum(instalments, 1e-12)[:, None]
    by_minute = _in_phases([g * nu for g, (_, nu) in zip(plan.gains_a_minute(), seen, strict=True)], spans) / weight
    return Atoms(
        spans=spans,
        features=_features(plan, len(spans)),
        allowed=allowed,
        accounts=accounts / lengths,
        instalments=instalments / lengths,
        gains=_charged(plan, spans, gross, gross - net, allowed, accounts / lengths),
        by_minute=by_minute,
    )


def _in_phases(weekly: list[Array], spans: tuple[slice, ...]) -> Array:
    """Return the sums over the weeks of each phase of what segments have by (A, T, S), shape (atoms, A)."""
    return np.concatenate([part[:, span, :PLAN].sum(axis=1).T for span in spans for part in weekly])


def _charged(
    plan: Plan, spans: tuple[slice, ...], gross: Array, cost: Array, allowed: Mask, accounts: Array
) -> Array:
    """Return gains net of the part of each resource's price at which `ASKED_FOR` times what there is is asked for.

    A part is `HIGHEST` at the most, and what the plan has no price for in a phase is not charged there: its list can be
    longer.

    Parameters
    ----------
    gross, cost : gain of each action before prices, and its use at full prices, shape (atoms, A)
    accounts : in each atom in an average week, as the plan has them
    """
    out = np.empty_like(gross)
    each = len(gross) // len(spans)
    taken, amount = plan.uses()
    resource = np.tile(taken[:, :PLAN].T, (len(plan.model.segments), 1))
    use = np.tile(amount[:, :PLAN].T, (len(plan.model.segments), 1))
    rows = np.arange(each)
    for n, span in enumerate(spans):
        own = slice(n * each, (n + 1) * each)
        capacity = plan.model.capacity[:, span].mean(axis=1)
        part = np.full(len(capacity), 0.5)
        for turn in range(TURNS):
            best = np.where(allowed[own], gross[own] - part[resource] * cost[own], 0.0).argmax(axis=1)
            asked = np.bincount(
                resource[rows, best], np.where(best > 0, accounts[own] * use[rows, best], 0.0), minlength=capacity.size
            )
            ratio = np.clip(asked / np.maximum(ASKED_FOR * capacity, 1e-9), 0.25, 4.0)
            part = np.clip(part * ratio ** (0.5 / (1 + turn / 10)), LOWEST, HIGHEST)
        out[own] = gross[own] - part[resource] * cost[own]
    return out


def _features(plan: Plan, count: int) -> pd.DataFrame:
    """Return what a strategist sees of each atom: one row a phase, segment and open state, small integer codes."""
    states = describe().iloc[:PLAN]
    common = pd.DataFrame(
        {
            "week": states["week"].astype(int) - FIRST_WEEK,
            "flag": states["flag"].map(FLAG_NAMES.index).astype(int),
            "level": states["level"].map(LEVEL_NAMES.index).astype(int),
            "late_before": states["late_before"].astype(int),
        }
    )
    parts = [
        common.assign(
            product=PRODUCTS.index(str(row["product"])),
            risk_band=BANDS.index(str(row["risk_band"])),
            size=SIZES.index(str(row["size"])),
            phase=phase,
        )
        for phase in range(count)
        for _, row in plan.model.segmentation.table.iterrows()
    ]
    return pd.concat(parts, ignore_index=True)
