"""Forward and backward passes of one segment's joint chain: what a policy is worth, and how to better it.

A policy is a table (week, observed state) -> action. Two measures are carried forward: accounts ``mu`` (which use
resources and cost) and instalments ``nu`` (which bring money). Going back, two values are carried: money for each
unit of instalment ``vm`` and cost for each account ``vc`` (cost, and use at the given prices). In week t and observed
state s the best action maximises

    sum_h  nu[t, s, h] * qm[s, h, a]  -  mu[t, s, h] * qc[s, h, a],

the average over hidden classes *as the forward pass weighs them*. The weights of week t depend only on actions before
t, the values only on actions from t on: so a sweep backward in time never makes a policy worse.

Shapes: T weeks, S observed states, H hidden classes, A actions, R resources, K seasons.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel, move_hidden
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN, PROMPT, STRAINED
from simcollect.behaviour.law import MONTH, behaviour_of
from simcollect.behaviour.states import (
    CLOSED,
    EARLY_WEEKS,
    FIRST_WEEK,
    FLAGS,
    LAST_WEEK,
    LEGAL,
    LEVELS,
    N_STATES,
    N_WEEKS,
    PLAN,
    open_state,
)

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


@njit(cache=True, nogil=True)
def forward(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    mu0: Array,
    nu0: Array,
    policy: npt.NDArray[np.int8],
    mu: Array,
    nu: Array,
    flows: Array,
    use: Array,
) -> None:
    """Carry both measures through all weeks under a policy.

    Parameters
    ----------
    mu0, nu0 : accounts and instalments at the start, shape (S, H)
    policy : actions, shape (T, S)
    mu, nu : filled with the measures each week acts on, shape (T + 1, S, H); the last is the end of the horizon
    flows : filled with money by instalments, money from balances, cost; shape (T, 3), not discounted
    use : filled with the use of each resource, shape (R, T)
    """
    weeks = policy.shape[0]
    after_mu, after_nu = mu0.copy(), nu0.copy()
    after = np.empty((N_STATES, N_HIDDEN, 2))  # both measures side by side: they travel together
    prob, dest, paid, cleared = kernel.prob, kernel.dest, kernel.paid, kernel.cleared
    use[:] = 0.0
    flows[:] = 0.0
    for t in range(weeks):
        move_hidden(after_mu, series.loss[t], series.regain[t], kernel, mu[t])
        move_hidden(after_nu, series.loss[t], series.regain[t], kernel, nu[t])
        after[:] = 0.0
        k = series.season[t]
        for s in range(N_STATES):
            action = policy[t, s] if s < PLAN else 0
            if s >= PLAN or kernel.legal[action]:
                _mode_week(kernel, terms, series, t, s, mu[t, s], nu[t, s], after, flows, use)
                continue
            team = terms.team[action, s]
            oldest = t + LAST_WEEK - kernel.week_of[s]
            going_on, owed = 1.0 - series.closing[oldest], series.owed[oldest]
            f, late, due = kernel.flag_of[s], kernel.late_of[s], kernel.due_of[s]
            first = _row(kernel, action, s, 0)
            for b in range(N_BEHAVIOURS):
                m, v = mu[t, s, b], nu[t, s, b]
                if b == STRAINED:
                    m, v = m + mu[t, s, 5] + mu[t, s, 6] + mu[t, s, 7], v + nu[t, s, 5] + nu[t, s, 6] + nu[t, s, 7]
                if m == 0.0:
                    continue
                row = first + b
                flows[t, 0] += v * (
                    terms.cash[k, row] + terms.all_low[k, row] * owed[due] + terms.all_high[k, row] * owed[due + 1]
                )
                flows[t, 2] += m * terms.cost[k, row]
                use[terms.teams + MESSAGES, t] += m * terms.messages[k, row]
                if team >= 0:
                    use[team, t] += m * terms.minutes[k, row]
                stays = 0.0
                if b < STRAINED:
                    for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
                        p = prob[k, n] * going_on[paid[n]]
                        there = after[dest[n, f, late], 0 if cleared[n] else b]
                        there[0] += p * m
                        there[1] += p * v
                        stays += p
                    # What does not stay has paid off its loan.
                    after[CLOSED, b, 0] += m * (1.0 - stays)
                    after[CLOSED, b, 1] += v * (1.0 - stays)
                    continue
                # The strained share one row of the law: their four classes are carried together.
                m0, m1, m2, m3 = mu[t, s, 4], mu[t, s, 5], mu[t, s, 6], mu[t, s, 7]
                v0, v1, v2, v3 = nu[t, s, 4], nu[t, s, 5], nu[t, s, 6], nu[t, s, 7]
                for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
                    p = prob[k, n] * going_on[paid[n]]
                    there = after[dest[n, f, late]]
                    there[4, 0] += p * m0
                    there[4, 1] += p * v0
                    there[5, 0] += p * m1
                    there[5, 1] += p * v1
                    there[6, 0] += p * m2
                    there[6, 1] += p * v2
                    there[7, 0] += p * m3
                    there[7, 1] += p * v3
                    stays += p
                after[CLOSED, STRAINED, 0] += m * (1.0 - stays)
                after[CLOSED, STRAINED, 1] += v * (1.0 - stays)
        after_mu[:], after_nu[:] = after[..., 0], after[..., 1]
    mu[weeks] = after_mu
    nu[weeks] = after_nu


@njit(cache=True, nogil=True)
def _mode_week(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    t: int,
    s: int,
    mu: Array,
    nu: Array,
    after: Array,
    flows: Array,
    use: Array,
) -> None:
    """Carry accounts on a plan, in law (or on the way there), charged off or closed through week t."""
    closing = series.closing[t + LAST_WEEK - (kernel.week_of[s] if s < PLAN else 0), 1]
    for h in range(N_HIDDEN):
        m, v = mu[h], nu[h]
        if m == 0.0:
            continue
        row = ((s if s >= PLAN else LEGAL) - PLAN) * N_BEHAVIOURS + behaviour_of(h)
        if s < PLAN:
            flows[t, 2] += m * terms.entry_cost
            use[terms.teams + LEGAL_SLOTS, t] += m
        flows[t, 0] += v * terms.mode_cash[row]
        flows[t, 1] += v * terms.mode_balance[row] * series.balance[t]
        flows[t, 2] += m * terms.mode_cost[row]
        for n in range(kernel.mode_ptr[row], kernel.mode_ptr[row + 1]):
            p, d = kernel.mode_prob[n], kernel.mode_dest[n]
            if kernel.mode_paid[n]:
                after[CLOSED, h, 0] += m * p * closing
                after[CLOSED, h, 1] += v * p * closing
                p *= 1.0 - closing
            after[d, h, 0] += m * p
            after[d, h, 1] += v * p


@njit(cache=True, nogil=True, inline="always")
def _row(kernel: Kernel, action: int, s: int, b: int) -> int:
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
        _mode_values(kernel, terms, series, prices, t, w, s, q)
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
    first = _row(kernel, action, s, 0)
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
def _mode_values(
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


@njit(cache=True, nogil=True)
def _spread(kernel: Kernel, w: Array, x: Array) -> None:
    """Lay values (S, 2, H) out by cell for all origins at once, shape (C, H * 2, 8).

    The middle runs over hidden class and late before, the last over flag and money or cost.
    """
    for c in range(kernel.cell_state.shape[0]):
        for h in range(N_HIDDEN):
            for late in range(2):
                row = x[c, 2 * h + late]
                for f in range(FLAGS):
                    d = kernel.cell_state[c, late, f]
                    row[2 * f] = w[d, 0, h]
                    row[2 * f + 1] = w[d, 1, h]


@njit(cache=True, nogil=True)
def _going_on(kernel: Kernel, series: Series, t: int, p: Array) -> None:
    """Fill the probability of each entry with the loan not paid off on the way, shape (N,)."""
    k = series.season[t]
    per_week = LEVELS * N_BEHAVIOURS
    for block in range((kernel.ptr.size - 1) // per_week):
        going_on = 1.0 - series.closing[t + LAST_WEEK - (block % N_WEEKS + FIRST_WEEK)]
        for n in range(kernel.ptr[block * per_week], kernel.ptr[(block + 1) * per_week]):
            p[n] = kernel.prob[k, n] * going_on[kernel.paid[n]]


@njit(cache=True, nogil=True, fastmath={"contract"})
def _open_values(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    prices: Array,
    t: int,
    w: int,
    a: int,
    action: int,
    team: int,
    p: Array,
    x: Array,
    q: Array,
) -> None:
    """Work out money and cost of one action for all flags and late-befores of (w, a), shape (H, 16); see `_spread`."""
    k, discount = series.season[t], series.discount[t]
    owed, due = series.owed[t + LAST_WEEK - w], max(0, int(7 * w / MONTH)) + 1
    message_price = prices[terms.teams + MESSAGES, t]
    price = prices[team, t] if team >= 0 else 0.0
    first = ((action * N_WEEKS + w - FIRST_WEEK) * LEVELS + a) * N_BEHAVIOURS
    for h in range(N_HIDDEN):
        row = first + behaviour_of(h)
        money = discount * (
            terms.cash[k, row] + terms.all_low[k, row] * owed[due] + terms.all_high[k, row] * owed[due + 1]
        )
        cost = terms.cost[k, row] * discount + message_price * terms.messages[k, row] + price * terms.minutes[k, row]
        begin, end = kernel.ptr[row], kernel.ptr[row + 1]
        for late in range(0 if w < EARLY_WEEKS else 1, 2):
            # Eight local sums and fixed positions stay in registers: this loop is where a plan's time goes.
            a0, a1, a2, a3 = money, cost, money, cost
            a4, a5, a6, a7 = money, cost, money, cost
            for n in range(begin, end):
                to = PROMPT if kernel.cleared[n] else h
                prob, v = p[n], x[kernel.cell[n], 2 * to + late]
                a0 += prob * v[0]
                a1 += prob * v[1]
                a2 += prob * v[2]
                a3 += prob * v[3]
                a4 += prob * v[4]
                a5 += prob * v[5]
                a6 += prob * v[6]
                a7 += prob * v[7]
            sums = q[h, 8 * late : 8 * late + 8]
            sums[0], sums[1], sums[2], sums[3] = a0, a1, a2, a3
            sums[4], sums[5], sums[6], sums[7] = a4, a5, a6, a7


@njit(cache=True, nogil=True)
def sweep(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    prices: Array,
    mu: Array,
    nu: Array,
    faith: Array,
    unit: float,
    end: Array,
    policy: npt.NDArray[np.int8],
    keep: Array,
) -> Array:
    """Go back through the weeks under a policy, bettering it on the way; return the values on day 0.

    Parameters
    ----------
    mu, nu : the forward measures of this policy, shape (T + 1, S, H)
    faith, unit : hidden shares (S, H) and instalment used for states that the measures do not reach
    end : values at the horizon, shape (S, 2, H), discounted to today
    policy : shape (T, S), changed in place
    keep : filled with the values a week later that each week's actions were weighed with, shape (T, S, 2, H); an
        empty array keeps nothing

    Returns
    -------
    shape (S, 2, H): money per unit of instalment, cost per account
    """
    weeks = policy.shape[0]
    v, w, n = end.copy(), np.empty_like(end), np.empty_like(end)
    x, p = np.empty((kernel.cell_state.shape[0], N_HIDDEN * 2, 8)), np.empty(kernel.dest.shape[0])
    q, q_legal = np.empty((N_HIDDEN, 16)), np.empty((2, N_HIDDEN))
    best = np.empty(8)
    for t in range(weeks - 1, -1, -1):
        # The values after the week's seven days: liquidity moves at the start of the next week.
        if t == weeks - 1:
            w[:] = v
        else:
            move_back(kernel, series.loss[t + 1], series.regain[t + 1], v, w)
        if keep.size:
            keep[t] = w
        _spread(kernel, w, x)
        _going_on(kernel, series, t, p)
        for age in range(FIRST_WEEK, LAST_WEEK + 1):
            for a in range(LEVELS if age >= 0 else 1):
                best[:] = -np.inf
                for action in range(terms.allowed.shape[0]):
                    first = open_state(age, a, 0, 1)
                    if not terms.allowed[action, first]:
                        continue
                    if kernel.legal[action]:
                        _mode_values(kernel, terms, series, prices, t, w, first, q_legal)
                        for h in range(N_HIDDEN):
                            for j in range(8):
                                q[h, 2 * j] = q_legal[0, h]
                                q[h, 2 * j + 1] = q_legal[1, h]
                    else:
                        team = terms.team[action, first]
                        _open_values(kernel, terms, series, prices, t, age, a, action, team, p, x, q)
                    for lane in range(8):
                        late, f = lane // FLAGS, lane % FLAGS
                        if (age >= EARLY_WEEKS and late == 0) or (age < 0 and f > 0):
                            continue
                        s = open_state(age, a, f, late)
                        if not terms.allowed[action, s]:
                            continue
                        reached, seen, expected = 0.0, 0.0, 0.0
                        for h in range(N_HIDDEN):
                            m, c = q[h, 2 * lane], q[h, 2 * lane + 1]
                            reached += mu[t, s, h]
                            seen += nu[t, s, h] * m - mu[t, s, h] * c
                            expected += faith[s, h] * (unit * m - c)
                        value = seen if reached > 1e-9 else expected
                        # A tie goes to the lesser action: no effort without a gain.
                        if best[lane] == -np.inf or value > best[lane] + 1e-12 * abs(best[lane]):
                            best[lane] = value
                            policy[t, s] = action
                            for h in range(N_HIDDEN):
                                n[s, 0, h] = q[h, 2 * lane]
                                n[s, 1, h] = q[h, 2 * lane + 1]
        for s in range(PLAN, N_STATES):
            _mode_values(kernel, terms, series, prices, t, w, s, n[s])
        v[:] = n
    move_back(kernel, series.loss[0], series.regain[0], v, w)
    return w


@njit(cache=True, nogil=True)
def left_alone(kernel: Kernel, terms: Terms, series: Series, end: Array) -> Array:
    """Return the values on day 0 of leaving every account alone, shape (S, 2, H)."""
    weeks = series.season.size
    v, w, n = end.copy(), np.empty_like(end), np.empty_like(end)
    prices = np.zeros((terms.teams + N_EXTRA, weeks))
    for t in range(weeks - 1, -1, -1):
        if t == weeks - 1:
            w[:] = v
        else:
            move_back(kernel, series.loss[t + 1], series.regain[t + 1], v, w)
        for s in range(N_STATES):
            action_values(kernel, terms, series, prices, t, w, s, 0, n[s])
        v[:] = n
    move_back(kernel, series.loss[0], series.regain[0], v, w)
    return w


@njit(cache=True, nogil=True)
def revealed(kernel: Kernel, terms: Terms, series: Series, prices: Array, unit: float, end: Array) -> Array:
    """Return the best value on day 0 for each (state, hidden class) if hidden classes were seen, shape (S, H).

    Parameters
    ----------
    unit : the account's instalment, in money
    end : values at the horizon, shape (S, 2, H): per unit of instalment, and cost per account
    """
    weeks = series.season.size
    v, w, n = end.copy(), np.empty_like(end), np.empty_like(end)
    x, p = np.empty((kernel.cell_state.shape[0], N_HIDDEN * 2, 8)), np.empty(kernel.dest.shape[0])
    q, q_legal = np.empty((N_HIDDEN, 16)), np.empty((2, N_HIDDEN))
    for t in range(weeks - 1, -1, -1):
        if t == weeks - 1:
            w[:] = v
        else:
            move_back(kernel, series.loss[t + 1], series.regain[t + 1], v, w)
        _spread(kernel, w, x)
        _going_on(kernel, series, t, p)
        for age in range(FIRST_WEEK, LAST_WEEK + 1):
            for a in range(LEVELS if age >= 0 else 1):
                for action in range(terms.allowed.shape[0]):
                    first = open_state(age, a, 0, 1)
                    if not terms.allowed[action, first]:
                        continue
                    if kernel.legal[action]:
                        _mode_values(kernel, terms, series, prices, t, w, first, q_legal)
                        for h in range(N_HIDDEN):
                            for j in range(8):
                                q[h, 2 * j] = q_legal[0, h]
                                q[h, 2 * j + 1] = q_legal[1, h]
                    else:
                        team = terms.team[action, first]
                        _open_values(kernel, terms, series, prices, t, age, a, action, team, p, x, q)
                    for lane in range(8):
                        late, f = lane // FLAGS, lane % FLAGS
                        if (age >= EARLY_WEEKS and late == 0) or (age < 0 and f > 0):
                            continue
                        s = open_state(age, a, f, late)
                        if not terms.allowed[action, s]:
                            continue
                        for h in range(N_HIDDEN):
                            m, c = q[h, 2 * lane], q[h, 2 * lane + 1]
                            if action == 0 or unit * m - c > unit * n[s, 0, h] - n[s, 1, h]:
                                n[s, 0, h] = m
                                n[s, 1, h] = c
        for s in range(PLAN, N_STATES):
            _mode_values(kernel, terms, series, prices, t, w, s, n[s])
        v[:] = n
    move_back(kernel, series.loss[0], series.regain[0], v, w)
    return unit * w[:, 0] - w[:, 1]


@njit(cache=True, nogil=True)
def action_gains(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    prices: Array,
    keep: Array,
    mu: Array,
    nu: Array,
    faith: Array,
    unit: float,
    out: Array,
) -> None:
    """Fill what each action gains over waiting, per unit of instalment and net of prices, shape (A, T, S).

    Parameters
    ----------
    prices : price of each resource, shape (R, T); zeros for the gain before prices
    keep : values a week later, as `sweep` keeps them, shape (T, S, 2, H)
    mu, nu, faith, unit : hidden classes are weighed as in `sweep`
    """
    actions, weeks = terms.allowed.shape[0], keep.shape[0]
    x, p = np.empty((kernel.cell_state.shape[0], N_HIDDEN * 2, 8)), np.empty(kernel.dest.shape[0])
    q, q_legal, wait = np.empty((N_HIDDEN, 16)), np.empty((2, N_HIDDEN)), np.empty((N_HIDDEN, 16))
    out[:] = 0.0
    for t in range(weeks):
        _spread(kernel, keep[t], x)
        _going_on(kernel, series, t, p)
        for age in range(FIRST_WEEK, LAST_WEEK + 1):
            for a in range(LEVELS if age >= 0 else 1):
                first = open_state(age, a, 0, 1)
                _open_values(kernel, terms, series, prices, t, age, a, 0, -1, p, x, wait)
                for action in range(1, actions):
                    if not terms.allowed[action, first]:
                        continue
                    if kernel.legal[action]:
                        _mode_values(kernel, terms, series, prices, t, keep[t], first, q_legal)
                        for h in range(N_HIDDEN):
                            for j in range(8):
                                q[h, 2 * j] = q_legal[0, h]
                                q[h, 2 * j + 1] = q_legal[1, h]
                    else:
                        team = terms.team[action, first]
                        _open_values(kernel, terms, series, prices, t, age, a, action, team, p, x, q)
                    for lane in range(8):
                        late, f = lane // FLAGS, lane % FLAGS
                        if (age >= EARLY_WEEKS and late == 0) or (age < 0 and f > 0):
                            continue
                        s = open_state(age, a, f, late)
                        reached, gain, instalments = 0.0, 0.0, 0.0
                        for h in range(N_HIDDEN):
                            reached += mu[t, s, h]
                        for h in range(N_HIDDEN):
                            accounts = mu[t, s, h] if reached > 1e-9 else faith[s, h]
                            amount = nu[t, s, h] if reached > 1e-9 else faith[s, h] * unit
                            gain += amount * (q[h, 2 * lane] - wait[h, 2 * lane])
                            gain -= accounts * (q[h, 2 * lane + 1] - wait[h, 2 * lane + 1])
                            instalments += amount
                        out[action, t, s] = gain / max(instalments, 1e-12)
