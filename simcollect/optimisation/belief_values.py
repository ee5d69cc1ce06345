"""The backward pass over (observed state, belief point): an upper bound on what the lender's information is worth.

In each week the best action at a belief point is worth its own week plus, for each outcome, the value of the belief it
leaves, bounded by a mix of the next week's points (`interpolate`). Mixes hang on the season and on the moves of
liquidity only: they are made again when these change, with what the points then save as their aim, and kept
otherwise. All lanes of a group and all instalments of the bound are carried together.

Shapes: P points of all groups (the first eight of each group are the corners), L lanes, U instalments.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN
from simcollect.behaviour.law import MONTH, behaviour_of
from simcollect.behaviour.states import EARLY_WEEKS, FIRST_WEEK, FLAGS, LAST_WEEK, LEVELS, N_WEEKS, PLAN
from simcollect.optimisation.belief_ends import first_day, last_week, linear_values, mean_of
from simcollect.optimisation.belief_mixes import Grid, Mixes, cell_starts, mix_again
from simcollect.optimisation.outcomes import N_GROUPS, N_LANES, OPEN_GROUPS, Outcomes
from simcollect.optimisation.recursion import MESSAGES, Series, Terms, action_values, move_back

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def belief_values(
    outcomes: Outcomes,
    kernel: Kernel,
    terms: Terms,
    series: Series,
    prices: Array,
    units: Array,
    shares: Array,
    end: Array,
    grid: Grid,
    mixes: Mixes,
    start: Array,
) -> float:
    """Return an upper bound on day 0 of the best value on the lender's information.

    Parameters
    ----------
    prices : price of each resource, shape (R, T), discounted like the values
    units, shares : instalments of the bound, in money, shape (U,), and how much each counts when mixes are chosen
    end : values at the horizon, shape (S, 2, H): money per unit of instalment, cost per account
    grid : belief points at reviews
    mixes : room for the mixes; ``first`` is given, the rest is filled
    start : accounts on day 0 by instalment, observed state and hidden class, shape (U, S, H)
    """
    weeks, n_units = series.season.size, units.size
    width = N_LANES * n_units
    value = np.zeros((grid.points.shape[0], width))
    later, linear = end.copy(), np.zeros_like(end)
    last_week(kernel, terms, series, prices, units, end, outcomes, grid, value, linear)
    reach = np.empty((cell_starts(outcomes, grid)[-1], n_units, N_LANES))
    for t in range(weeks - 2, -1, -1):
        loss, regain = series.loss[t + 1], series.regain[t + 1]
        if t == weeks - 2 or _changed(series, t):
            mix_again(outcomes, grid, value, shares, series.season[t], loss, regain, mixes)
        _reach(outcomes, grid, value, n_units, reach)
        move_back(kernel, loss, regain, linear, later)
        _week(outcomes, kernel, terms, series, prices, units, grid, mixes, reach, later, t, value)
        linear_values(outcomes, kernel, terms, series, prices, units, grid, later, t, linear, value)
    return first_day(outcomes, kernel, series, grid, value, units, start)


@njit(cache=True, nogil=True, inline="always")
def _changed(series: Series, t: int) -> bool:
    """Tell whether mixes of the week after do not hold for week t."""
    return (
        series.season[t] != series.season[t + 1]
        or series.loss[t + 1] != series.loss[t + 2]
        or series.regain[t + 1] != series.regain[t + 2]
    )


@njit(cache=True, nogil=True)
def _reach(outcomes: Outcomes, grid: Grid, value: Array, n_units: int, reach: Array) -> None:
    """Lay the values of each destination out by the lanes of the origin."""
    n = 0
    for c in range(outcomes.cell_group.size):
        group = outcomes.cell_group[c]
        for i in range(grid.ptr[group], grid.ptr[group + 1]):
            for lane in range(N_LANES):
                to = outcomes.cell_lane[c, lane]
                for u in range(n_units):
                    reach[n, u, lane] = value[i, u * N_LANES + to]
            n += 1


@njit(cache=True, nogil=True)
def _week(
    outcomes: Outcomes,
    kernel: Kernel,
    terms: Terms,
    series: Series,
    prices: Array,
    units: Array,
    grid: Grid,
    mixes: Mixes,
    reach: Array,
    later: Array,
    t: int,
    value: Array,
) -> None:
    """Take the best action at each belief point of the open states, and let the week pass on plans and settlements."""
    starts, n_units = cell_starts(outcomes, grid), units.size
    width = N_LANES * n_units
    value[:] = -np.inf
    most = 0
    for group in range(N_GROUPS):
        most = max(most, grid.ptr[group + 1] - grid.ptr[group])
    q, legal = np.empty((most, width)), np.empty((2, N_HIDDEN))
    for group in range(N_GROUPS):
        begin, size, week = grid.ptr[group], grid.ptr[group + 1] - grid.ptr[group], outcomes.week_of[group]
        late_only = group < OPEN_GROUPS and week >= EARLY_WEEKS
        closing = series.closing[t + LAST_WEEK - week]
        for row in range(outcomes.group_ptr[group], outcomes.group_ptr[group + 1]):
            action = outcomes.row_action[row]
            _rewards(outcomes, terms, series, prices, units, grid, group, action, t, q)
            for o in range(outcomes.row_ptr[row], outcomes.row_ptr[row + 1]):
                going_on = 1.0 - closing[outcomes.paid[o]]
                _add(mixes, mixes.first[o], size, going_on, reach, starts[outcomes.cell[o]], late_only, q)
            for lane in range(N_LANES):
                s = outcomes.group_state[group, lane]
                if s < 0 or (s < PLAN and not terms.allowed[action, s]):
                    continue
                for i in range(size):
                    for u in range(n_units):
                        k = u * N_LANES + lane
                        value[begin + i, k] = max(value[begin + i, k], q[i, k])
        for action in range(terms.allowed.shape[0]):
            if group >= OPEN_GROUPS or not kernel.legal[action]:
                continue
            for lane in range(N_LANES):
                s = outcomes.group_state[group, lane]
                if s < 0 or not terms.allowed[action, s]:
                    continue
                action_values(kernel, terms, series, prices, t, later, s, action, legal)
                for i in range(begin, begin + size):
                    money, cost = mean_of(grid.points[i], legal)
                    for u in range(n_units):
                        k = u * N_LANES + lane
                        value[i, k] = max(value[i, k], units[u] * money - cost)


@njit(cache=True, nogil=True, fastmath={"contract"})
def _add(
    mixes: Mixes, first: int, size: int, going_on: float, reach: Array, base: int, late_only: bool, q: Array
) -> None:
    """Add what an outcome leaves to each point and instalment, all lanes at once.

    Local sums at fixed positions stay in registers: this loop is where the bound's time goes.
    """
    ptr, index, weight = mixes.ptr, mixes.part, mixes.weight
    for i in range(size):
        begin, end = ptr[first + i], ptr[first + i + 1]
        for u in range(q.shape[1] // N_LANES):
            sums = q[i, u * N_LANES : (u + 1) * N_LANES]
            a4, a5, a6, a7 = sums[4], sums[5], sums[6], sums[7]
            if late_only:
                for n in range(begin, end):
                    share, there = going_on * weight[n], reach[base + index[n], u]
                    a4 += share * there[4]
                    a5 += share * there[5]
                    a6 += share * there[6]
                    a7 += share * there[7]
            else:
                a0, a1, a2, a3 = sums[0], sums[1], sums[2], sums[3]
                for n in range(begin, end):
                    share, there = going_on * weight[n], reach[base + index[n], u]
                    a0 += share * there[0]
                    a1 += share * there[1]
                    a2 += share * there[2]
                    a3 += share * there[3]
                    a4 += share * there[4]
                    a5 += share * there[5]
                    a6 += share * there[6]
                    a7 += share * there[7]
                sums[0], sums[1], sums[2], sums[3] = a0, a1, a2, a3
            sums[4], sums[5], sums[6], sums[7] = a4, a5, a6, a7


@njit(cache=True, nogil=True)
def _rewards(
    outcomes: Outcomes,
    terms: Terms,
    series: Series,
    prices: Array,
    units: Array,
    grid: Grid,
    group: int,
    action: int,
    t: int,
    q: Array,
) -> None:
    """Fill what the week itself brings less cost and priced use, for each point, lane and instalment."""
    discount, week, k = series.discount[t], outcomes.week_of[group], series.season[t]
    r = np.empty((2, N_HIDDEN))
    for h in range(N_HIDDEN):
        b = behaviour_of(h)
        if group >= OPEN_GROUPS:
            row = (group - OPEN_GROUPS) * N_BEHAVIOURS + b
            r[0, h] = discount * (terms.mode_cash[row] + terms.mode_balance[row] * series.balance[t])
            r[1, h] = discount * terms.mode_cost[row]
            continue
        a = (group + FIRST_WEEK) % LEVELS if week >= 0 else 0
        row = ((action * N_WEEKS + week - FIRST_WEEK) * LEVELS + a) * N_BEHAVIOURS + b
        owed, due = series.owed[t + LAST_WEEK - week], max(0, int(7 * week / MONTH)) + 1
        r[0, h] = discount * (
            terms.cash[k, row] + terms.all_low[k, row] * owed[due] + terms.all_high[k, row] * owed[due + 1]
        )
        r[1, h] = discount * terms.cost[k, row] + prices[terms.teams + MESSAGES, t] * terms.messages[k, row]
        team = terms.team[action, outcomes.group_state[group, N_LANES - FLAGS]]
        if team >= 0:
            r[1, h] += prices[team, t] * terms.minutes[k, row]
    for i in range(grid.ptr[group + 1] - grid.ptr[group]):
        money, cost = mean_of(grid.points[grid.ptr[group] + i], r)
        for lane in range(N_LANES):
            for u in range(units.size):
                q[i, u * N_LANES + lane] = units[u] * money - cost
