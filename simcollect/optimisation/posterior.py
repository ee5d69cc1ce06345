"""What to believe of one account's hidden class after what the lender has seen of it: Bayes' rule with the chain's law.

A belief is eight probabilities, one a hidden class. Between two reviews the lender sees one thing: the observed state
moves from s to s'. So

    belief'(h')  ~  sum over h of  belief(h) * P(s', h' | s, action, h),

with P the chain's own week: the lender acts, seven days pass, then liquidity and attention move. A belief belongs to
the moment at which the lender acts, so it is the normalised row of the forward measure `mu[t, s]` of `recursion`.

Nothing hidden enters: kernels, actions and observed states only.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import MISINFORMED, N_BEHAVIOURS, N_HIDDEN, PROMPT
from simcollect.behaviour.law import behaviour_of
from simcollect.behaviour.states import CLOSED, FIRST_WEEK, LEGAL, LEVELS, N_WEEKS, PLAN, open_state

Array = npt.NDArray[np.float64]


@njit(cache=True, nogil=True)
def update(
    kernel: Kernel,
    season: int,
    closing: Array,
    belief: Array,
    state: int,
    action: int,
    next_state: int,
    loss: float,
    regain: float,
    out: Array,
) -> float:
    """Fill `out` with the belief after a week that led from one observed state to another.

    Parameters
    ----------
    kernel : the weekly chain
    season : the week's season, an index into the kernel's
    closing : probability that clearing k instalments pays the loan off this week, as for `chain.step`
    belief : before the week, shape (H,), of the account as the lender acts on it
    state, action, next_state : what was seen, done, and seen at the next review
    loss, regain : probabilities that liquidity moves at the start of the next week
    out : filled, shape (H,), sums to one; must not be `belief` itself

    Returns
    -------
    probability of `next_state` under the belief. Where the chain holds it to be impossible, only liquidity moves

    Examples
    --------
    >>> from simcollect.behaviour.behaviour import Behaviour
    >>> from simcollect.behaviour.chain import build_chain
    >>> from simcollect.behaviour.week import Act
    >>> kernel = build_chain(Behaviour.default(), [Act(-1, 0, 0, 0, 0, -1)], [1.0]).kernel
    >>> before, after = np.full(8, 1 / 8), np.empty(8)
    >>> late, later = open_state(2, 0, 0, 0), open_state(3, 0, 0, 0)
    >>> seen = update(kernel, 0, np.zeros(8), before, late, 0, later, 0.0, 0.0, after)
    >>> bool(after[4:].sum() > before[4:].sum())  # another week without payment: short of money, more likely
    True
    """
    out[:] = 0.0
    kept = 1.0
    if next_state < PLAN and kernel.level_of[next_state] > 0:
        kept = 1.0 - kernel.decay
    arrive(kernel, season, closing, belief, state, action, next_state, kept, out)
    if next_state < PLAN and kernel.week_of[next_state] >= 0 and kernel.level_of[next_state] < LEVELS - 1:
        above = open_state(
            kernel.week_of[next_state],
            kernel.level_of[next_state] + 1,
            kernel.flag_of[next_state],
            kernel.late_of[next_state],
        )
        arrive(kernel, season, closing, belief, state, action, above, kernel.decay, out)
    seen = normalise(out, belief)
    move(out, loss, regain)
    return seen


@njit(cache=True, nogil=True)
def arrive(
    kernel: Kernel,
    season: int,
    closing: Array,
    belief: Array,
    state: int,
    action: int,
    end: int,
    weight: float,
    out: Array,
) -> None:
    """Add `weight` times the joint probability of ending the week in `end` with each hidden class, shape (H,)."""
    legal = state >= PLAN or kernel.legal[action]
    f, late = kernel.flag_of[state], kernel.late_of[state]
    for h in range(N_HIDDEN):
        mass = belief[h] * weight
        if mass == 0.0:
            continue
        if legal:
            row = ((state if state >= PLAN else LEGAL) - PLAN) * N_BEHAVIOURS + behaviour_of(h)
            for n in range(kernel.mode_ptr[row], kernel.mode_ptr[row + 1]):
                p = mass * kernel.mode_prob[n]
                if kernel.mode_paid[n]:
                    if end == CLOSED:
                        out[h] += p * closing[1]
                    p *= 1.0 - closing[1]
                if kernel.mode_dest[n] == end:
                    out[h] += p
            continue
        row = (
            (action * N_WEEKS + kernel.week_of[state] - FIRST_WEEK) * LEVELS + kernel.level_of[state]
        ) * N_BEHAVIOURS + behaviour_of(h)
        for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
            to = PROMPT if (kernel.cleared[n] and h == MISINFORMED) else h
            p, paid = mass * kernel.prob[season, n], kernel.paid[n]
            if paid > 0:
                if end == CLOSED:
                    out[to] += p * closing[paid]
                p *= 1.0 - closing[paid]
            if kernel.dest[n, f, late] == end:
                out[to] += p


@njit(cache=True, nogil=True, inline="always")
def move(belief: Array, loss: float, regain: float) -> None:
    """Let liquidity move, in place."""
    for d in range(4):
        able, strained = belief[d], belief[4 + d]
        belief[d] = able * (1.0 - loss) + strained * regain
        belief[4 + d] = able * loss + strained * (1.0 - regain)


@njit(cache=True, nogil=True)
def normalise(joint: Array, fallback: Array) -> float:
    """Divide by the sum, in place, and return it; what the law holds to be impossible leaves the belief as it was."""
    total = joint.sum()
    if total > 1e-12:
        joint /= total
    else:
        joint[:] = fallback
    return float(total)
