"""Who is behind an observed state: the behaviours among those overdue, spoken to or sued, in a book's long run.

A lender counts outcomes of customers whose class it does not see; the table has one probability a class. The mix of
classes by age is read off the package's own prior under the usual treatment (`strategy.usual_prior`), risk bands with
equal weight (judgement: a log of calls does not know them).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simcollect.behaviour import Behaviour
from simcollect.behaviour.law import age_group
from simcollect.behaviour.parameters import AGE_GROUPS, LEGAL_STAGES
from simcollect.behaviour.states import AGENCY, FLAGS, LAST_WEEK, LEGAL, LEVELS, PLAN, SETTLE, open_state
from simcollect.strategy import usual_prior

Array = npt.NDArray[np.float64]


def overdue_mix(behaviour: Behaviour, product: int, reached: bool) -> Array:
    """Return the share of each behaviour among overdue accounts by age group, shape (ages, behaviours).

    Parameters
    ----------
    reached : weighted by how easily each is reached by phone (`call.reach`), as those are who talk

    Examples
    --------
    >>> mix = overdue_mix(Behaviour.default(), 0, reached=True)
    >>> mix.shape, bool(mix[3, 3:].sum() > mix[0, 3:].sum())   # the long overdue are unwilling or strained
    ((4, 5), True)
    """
    prior = usual_prior(behaviour)
    mass = (prior.occupancy[product][:, :, None] * prior.table[product]).sum(axis=0)
    out = np.zeros((len(AGE_GROUPS), 8))
    for week in range(LAST_WEEK + 1):
        group = age_group(7 * week + 3)  # the middle of the week
        states = {open_state(week, a, f, late) for a in range(LEVELS) for f in range(FLAGS) for late in (0, 1)}
        out[group] += mass[list(states)].sum(axis=0)
    mix = _behaviours(out)
    return mix if not reached else _shares(mix * behaviour["call.reach"])


def legal_mix(behaviour: Behaviour, product: int) -> Array:
    """Return the share of each behaviour among accounts in law by stage, shape (stages, behaviours)."""
    table = usual_prior(behaviour).table[product, :, LEGAL : LEGAL + len(LEGAL_STAGES)]
    return _behaviours(table.mean(axis=0))


def plan_mix(behaviour: Behaviour, product: int) -> Array:
    """Return the share of each behaviour among accounts on a plan that runs from month to month, shape (behaviours,).

    Examples
    --------
    >>> round(float(plan_mix(Behaviour.default(), 0).sum()), 9)
    1.0
    """
    prior = usual_prior(behaviour)
    mass = (prior.occupancy[product][:, PLAN:SETTLE, None] * prior.table[product, :, PLAN:SETTLE]).sum(axis=(0, 1))
    return np.asarray(_behaviours(mass[None])[0])


def agency_mix(behaviour: Behaviour, product: int) -> Array:
    """Return the share of each behaviour among charged-off accounts with the agency, shape (behaviours,)."""
    return np.asarray(_behaviours(usual_prior(behaviour).table[product, :, AGENCY].mean(axis=0)[None])[0])


def _behaviours(hidden: Array) -> Array:
    return _shares(np.concatenate([hidden[:, :4], hidden[:, 4:].sum(axis=1, keepdims=True)], axis=1))


def _shares(x: Array) -> Array:
    return np.asarray(x / x.sum(axis=1, keepdims=True))
