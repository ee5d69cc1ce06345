"""What to believe of an account before watching it: hidden classes given the observed state.

A book that has been lived with for years is in the chain's long run: so the share of each hidden class among the
accounts seen in a state is read off a long forward pass under the lender's usual treatment (Bayes' rule with the
model's own law). States that the long run hardly visits take the shares of their age, and at last of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.behaviour import Behaviour
from simcollect.behaviour.chain import Chain, build_chain, move_hidden, step
from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.law import MAX_DUE
from simcollect.behaviour.parameters import BANDS, PRODUCTS
from simcollect.behaviour.states import AGENCY, CLOSED, N_STATES, open_state
from simcollect.behaviour.week import N_STATS, Act

Array = npt.NDArray[np.float64]
YEARS = 3  # the long run: judgement; the shares move by less than a thousandth after two


@dataclass(frozen=True)
class Prior:
    """Probability of each hidden class given the observed state.

    Attributes
    ----------
    table : shape (products, bands, S, H), rows sum to one
    occupancy : shape (products, bands, S), share of accounts seen in each state in the long run
    """

    table: Array
    occupancy: Array


def new_accounts(behaviour: Behaviour, product: int, band: int) -> Array:
    """Return the hidden classes of new accounts, shape (H,): dispositions, liquidity in its long run.

    Examples
    --------
    >>> round(float(new_accounts(Behaviour.default(), 0, 1).sum()), 9)
    1.0
    """
    disposition = behaviour["hidden.disposition"][band]
    loss, regain = behaviour["liquidity.loss"][product, band], behaviour["liquidity.regain"][product, band]
    strained = loss / (loss + regain)
    return np.concatenate([disposition * (1 - strained), disposition * strained])


def weekly(hazard_per_day: float) -> float:
    """Return the probability within a week of an event with a daily hazard.

    Examples
    --------
    >>> round(weekly(0.01), 4)
    0.0676
    """
    return float(-np.expm1(-7.0 * hazard_per_day))


def house_prior(behaviour: Behaviour, chain: Chain | None = None, actions: npt.NDArray[np.int8] | None = None) -> Prior:
    """Return the prior of a book that has been treated as its lender usually does.

    Parameters
    ----------
    behaviour : the parameters
    chain : the weekly kernels; its season 0 is used. Made with no action but waiting if not given
    actions : the usual treatment, action of each observed state, shape (S,); waiting if not given

    Examples
    --------
    >>> prior = house_prior(Behaviour.default())
    >>> late = prior.table[0, 1, open_state(8, 0, 0, 1)]
    >>> bool(late[4:].sum() > prior.table[0, 1, open_state(-4, 0, 0, 0)][4:].sum())  # the long overdue are strained
    True
    """
    chain = chain if chain is not None else build_chain(behaviour, [Act(-1, 0, 0, 0, 0, -1)], [1.0])
    actions = actions if actions is not None else np.zeros(N_STATES, np.int8)
    law = behaviour.law()
    table = np.zeros((len(PRODUCTS), len(BANDS), N_STATES, N_HIDDEN))
    occupancy = np.zeros(table.shape[:3])
    for p in range(len(PRODUCTS)):
        for r in range(len(BANDS)):
            new = new_accounts(behaviour, p, r)
            seen = _long_run(chain, actions, new, weekly(law.loss[p, r]), weekly(law.regain[p, r]))
            occupancy[p, r] = seen.sum(axis=1) / seen.sum()
            table[p, r] = _conditional(seen, new)
    return Prior(table, occupancy)


def _long_run(chain: Chain, actions: npt.NDArray[np.int8], new: Array, loss: float, regain: float) -> Array:
    """Return the time-averaged measure (S, H) of a book whose losses are replaced by new accounts."""
    mass = np.zeros((N_STATES, N_HIDDEN))
    mass[open_state(-4, 0, 0, 0)] = new
    moved, after, seen = np.empty_like(mass), np.empty_like(mass), np.zeros_like(mass)
    totals = np.zeros((len(chain.acts), N_STATS + 2))
    for week in range(YEARS * 52):
        move_hidden(mass, loss, regain, chain.kernel, moved)
        if week >= 52:
            seen += moved
        step(moved, actions, 0, np.zeros(MAX_DUE + 1), chain.kernel, after, totals)
        # Closed accounts are replaced; so are, at a loan's usual pace, accounts of any state (turnover 2 % a week).
        mass = after * 0.98
        mass[open_state(-4, 0, 0, 0)] += new * (after.sum() - mass.sum() + mass[CLOSED].sum())
        mass[CLOSED] = 0.0
    return seen


def _conditional(seen: Array, new: Array) -> Array:
    """Return P(hidden | state), thin states smoothed towards the shares of their age."""
    from simcollect.behaviour.states import describe

    states = describe()
    key = states["block"] + states["week"].fillna(99).astype(str)
    by_age = np.zeros_like(seen)
    for _, rows in states.groupby(key).groups.items():
        index = np.asarray(rows)
        total = seen[index].sum(axis=0)
        by_age[index] = total / total.sum() if total.sum() > 0 else new
    # A state worth one account in a million of the long run counts half its own shares, half its age's.
    weight = 1e-6 * seen.sum()
    table = seen + weight * by_age
    table[CLOSED] = by_age[CLOSED]
    table[AGENCY] = seen[AGENCY] + weight * by_age[AGENCY]
    return np.asarray(table / table.sum(axis=1, keepdims=True))
