"""Backward passes of one segment's joint chain: how to better a policy, and what could be had at all.

In week t and observed state s the best action maximises

    sum_h  nu[t, s, h] * qm[s, h, a]  -  mu[t, s, h] * qc[s, h, a],

the average over hidden classes *as the forward pass weighs them*. The weights of week t depend only on actions before
t, the values only on actions from t on: so a sweep backward in time never makes a policy worse.

Shapes: as in `recursion`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.states import FIRST_WEEK, LAST_WEEK, LEVELS, N_STATES, PLAN, open_state
from simcollect.optimisation.lanes import LANES, in_all_lanes, lane_state, lay_out, open_values, room
from simcollect.optimisation.recursion import (
    N_EXTRA,
    Series,
    Terms,
    action_values,
    mode_values,
    move_back,
    week_before,
)

Array = npt.NDArray[np.float64]


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
    x, p, q, legal = room(kernel)
    best = np.empty(LANES)
    for t in range(weeks - 1, -1, -1):
        week_before(kernel, series, t, v, w)
        if keep.size:
            keep[t] = w
        lay_out(kernel, series, t, w, x, p)
        for age in range(FIRST_WEEK, LAST_WEEK + 1):
            for a in range(LEVELS if age >= 0 else 1):
                first = open_state(age, a, 0, 1)
                best[:] = -np.inf
                for action in range(terms.allowed.shape[0]):
                    if not terms.allowed[action, first]:
                        continue
                    if kernel.legal[action]:
                        mode_values(kernel, terms, series, prices, t, w, first, legal)
                        in_all_lanes(legal, q)
                    else:
                        team = terms.team[action, first]
                        open_values(kernel, terms, series, prices, t, age, a, action, team, p, x, q)
                    for lane in range(LANES):
                        s = lane_state(age, a, lane)
                        if s < 0 or not terms.allowed[action, s]:
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
            mode_values(kernel, terms, series, prices, t, w, s, n[s])
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
        week_before(kernel, series, t, v, w)
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
    x, p, q, legal = room(kernel)
    for t in range(weeks - 1, -1, -1):
        week_before(kernel, series, t, v, w)
        lay_out(kernel, series, t, w, x, p)
        for age in range(FIRST_WEEK, LAST_WEEK + 1):
            for a in range(LEVELS if age >= 0 else 1):
                first = open_state(age, a, 0, 1)
                for action in range(terms.allowed.shape[0]):
                    if not terms.allowed[action, first]:
                        continue
                    if kernel.legal[action]:
                        mode_values(kernel, terms, series, prices, t, w, first, legal)
                        in_all_lanes(legal, q)
                    else:
                        team = terms.team[action, first]
                        open_values(kernel, terms, series, prices, t, age, a, action, team, p, x, q)
                    for lane in range(LANES):
                        s = lane_state(age, a, lane)
                        if s < 0 or not terms.allowed[action, s]:
                            continue
                        for h in range(N_HIDDEN):
                            m, c = q[h, 2 * lane], q[h, 2 * lane + 1]
                            if action == 0 or unit * m - c > unit * n[s, 0, h] - n[s, 1, h]:
                                n[s, 0, h] = m
                                n[s, 1, h] = c
        for s in range(PLAN, N_STATES):
            mode_values(kernel, terms, series, prices, t, w, s, n[s])
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
    x, p, q, legal = room(kernel)
    wait = np.empty_like(q)
    out[:] = 0.0
    for t in range(weeks):
        lay_out(kernel, series, t, keep[t], x, p)
        for age in range(FIRST_WEEK, LAST_WEEK + 1):
            for a in range(LEVELS if age >= 0 else 1):
                first = open_state(age, a, 0, 1)
                open_values(kernel, terms, series, prices, t, age, a, 0, -1, p, x, wait)
                for action in range(1, actions):
                    if not terms.allowed[action, first]:
                        continue
                    if kernel.legal[action]:
                        mode_values(kernel, terms, series, prices, t, keep[t], first, legal)
                        in_all_lanes(legal, q)
                    else:
                        team = terms.team[action, first]
                        open_values(kernel, terms, series, prices, t, age, a, action, team, p, x, q)
                    for lane in range(LANES):
                        s = lane_state(age, a, lane)
                        if s < 0:
                            continue
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
