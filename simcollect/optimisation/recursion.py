"""One week of a segment's joint chain, going back: what an action is worth in an observed state.

A policy is a table (week, observed state) -> action. Two measures are carried forward (`forward`): accounts ``mu``
(which use resources and cost) and instalments ``nu`` (which bring money). Going back (`backward`), two values are
carried: money for each unit of instalment and cost for each account (cost, and use at the given prices). `lanes` does
for all states of an age and attention at once what is done here for one.

Shapes: T weeks, S observed states, H hidden classes, A actions, R resources, K seasons.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN, PROMPT, STRAINED
from simcollect.behaviour.law import behaviour_of
from simcollect.behaviour.states import FIRST_WEEK, LAST_WEEK, LEGAL, LEVELS, N_STATES, N_WEEKS, PLAN, open_state

Array = npt.NDArray[np.float64]
MESSAGES, LEGAL_SLOTS, N_EXTRA = 0, 1, 2  # resources after the teams


class Terms(NamedTuple):
    """What account-weeks bring, cost and use; rows as in `Kernel`.

    ``cash`` in instalments, apart from payments of everything due, whose probabilities are ``all_low`` and ``all_high``
    (see `week`); ``balance`` in shares of the balance net of fees, ``cost`` in money, ``minutes`` of the
    team ``team[a, s]``, ``messages``; ``entry_cost`` is paid when an account goes to law.
    """

    cash: Array  # (K, rows)
    all_low: Array  # (K, rows)
    all_high: Array  # (K, rows)
    cost: Array  # (K, rows)
    minutes: Array  # (K, rows)
    messages: Array  # (K, rows)
    mode_cash: Array  # (mode rows,)
    mode_balance: Array
    mode_cost: Array
    entry_cost: float
    team: npt.NDArray[np.int8]  # (A, S)
    allowed: npt.NDArray[np.bool_]  # (A, S)
    teams: int


class Series(NamedTuple):
    """What changes from week to week for one segment, each of shape (T,) where not said.

    ``closing`` and ``owed`` hang on when the oldest instalment fell due: row ``t - w + 25`` for week t and age w.
    """

    season: npt.NDArray[np.int64]  # index of the kernel's season
    loss: Array  # probability of the week
    regain: Array
    closing: Array  # probability that clearing k instalments pays the loan off, (T + weeks, max k + 1)
    owed: Array  # mean number billed of k instalments due (a loan may have had fewer left), same shape
    balance: Array  # balance in instalments
    discount: Array  # value today of money in the middle of the week


@njit(cache=True, nogil=True, inline="always")
def row_of_state(kernel: Kernel, action: int, s: int, b: int) -> int:
    """Return the row of the open kernel for an action in an observed state, by behaviour."""
    return ((action * N_WEEKS + kernel.week_of[s] - FIRST_WEEK) * LEVELS + kernel.level_of[s]) * N_BEHAVIOURS + b


@njit(cache=True, nogil=True)
def move_back(kernel: Kernel, loss: float, regain: float, v: Array, out: Array) -> None:
    """Take the expectation of values (S, 2, H) over the moves of liquidity and attention at the start of a week."""
    for s in range(N_STATES):
        drop, to = 0.0, s
        if s < PLAN and kernel.level_of[s] > 0:
            drop = kernel.decay
            to = open_state(kernel.week_of[s], kernel.level_of[s] - 1, kernel.flag_of[s], kernel.late_of[s])
        for i in range(2):
            for d in range(4):
                able = v[s, i, d] * (1.0 - drop) + v[to, i, d] * drop
                strained = v[s, i, 4 + d] * (1.0 - drop) + v[to, i, 4 + d] * drop
                out[s, i, d] = able * (1.0 - loss) + strained * loss
                out[s, i, 4 + d] = able * regain + strained * (1.0 - regain)


@njit(cache=True, nogil=True)
def week_before(kernel: Kernel, series: Series, t: int, v: Array, w: Array) -> None:
    """Fill the values right after week t, shape (S, 2, H), from those at the start of the next or at the horizon."""
    if t == series.season.size - 1:
        w[:] = v
    else:
        # Liquidity and attention move at the start of the next week.
        move_back(kernel, series.loss[t + 1], series.regain[t + 1], v, w)


@njit(cache=True, nogil=True)
def action_values(
    kernel: Kernel, terms: Terms, series: Series, prices: Array, t: int, w: Array, s: int, action: int, q: Array
) -> None:
    """Work out money and cost of one action in one observed state, for each hidden class.

    Parameters
    ----------
    prices : price of each resource, shape (R, T), discounted like the values
    w : values a week later, shape (S, 2, H): money per unit of instalment, cost per account; discounted to today
    q : filled, shape (2, H)
    """
    if s >= PLAN or kernel.legal[action]:
        mode_values(kernel, terms, series, prices, t, w, s, q)
        return
    k, discount = series.season[t], series.discount[t]
    oldest = t + LAST_WEEK - kernel.week_of[s]
    closing, owed = series.closing[oldest], series.owed[oldest]
    f, late, due = kernel.flag_of[s], kernel.late_of[s], kernel.due_of[s]
    message_price = prices[terms.teams + MESSAGES, t]
    price = prices[terms.team[action, s], t] if terms.team[action, s] >= 0 else 0.0
    # Local names: the inner loops run a hundred million times in a plan.
    ptr, prob, paid, cleared, dest = kernel.ptr, kernel.prob[k], kernel.paid, kernel.cleared, kernel.dest
    going_on = 1.0 - closing
    first = row_of_state(kernel, action, s, 0)
    for b in range(N_BEHAVIOURS):
        row = first + b
        money = discount * (
            terms.cash[k, row] + terms.all_low[k, row] * owed[due] + terms.all_high[k, row] * owed[due + 1]
        )
        cost = terms.cost[k, row] * discount + message_price * terms.messages[k, row] + price * terms.minutes[k, row]
        if b < STRAINED:
            for n in range(ptr[row], ptr[row + 1]):
                p, d = prob[n] * going_on[paid[n]], dest[n, f, late]
                to = PROMPT if cleared[n] else b
                money += p * w[d, 0, to]
                cost += p * w[d, 1, to]
            q[0, b] = money
            q[1, b] = cost
            continue
        # The strained share one row of the law: their four classes are carried together.
        q[0, STRAINED:] = money
        q[1, STRAINED:] = cost
        for n in range(ptr[row], ptr[row + 1]):
            p, d = prob[n] * going_on[paid[n]], dest[n, f, late]
            for i in range(4):
                q[0, STRAINED + i] += p * w[d, 0, STRAINED + i]
                q[1, STRAINED + i] += p * w[d, 1, STRAINED + i]


@njit(cache=True, nogil=True)
def mode_values(
    kernel: Kernel, terms: Terms, series: Series, prices: Array, t: int, w: Array, s: int, q: Array
) -> None:
    """Work out money and cost of a week on a plan, in law (or on the way there), charged off or closed."""
    discount = series.discount[t]
    for h in range(N_HIDDEN):
        row = ((s if s >= PLAN else LEGAL) - PLAN) * N_BEHAVIOURS + behaviour_of(h)
        money = (terms.mode_cash[row] + terms.mode_balance[row] * series.balance[t]) * discount
        cost = terms.mode_cost[row] * discount
        if s < PLAN:
            cost += terms.entry_cost * discount + prices[terms.teams + LEGAL_SLOTS, t]
        for n in range(kernel.mode_ptr[row], kernel.mode_ptr[row + 1]):
            p, d = kernel.mode_prob[n], kernel.mode_dest[n]
            if kernel.mode_paid[n]:
                p *= 1.0 - series.closing[t + LAST_WEEK, 1]
            money += p * w[d, 0, h]
            cost += p * w[d, 1, h]
        q[0, h] = money
        q[1, h] = cost
