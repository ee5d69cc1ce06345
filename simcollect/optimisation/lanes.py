"""One week, going back, of all states of one age and attention at once: where a plan's time goes.

They obey the same law whatever their flag and whether they were late before, and go to the same kinds of destination.
So they are eight *lanes*, ``4 * late + flag``, and an entry of the law is read once for all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN, PROMPT
from simcollect.behaviour.law import MONTH, behaviour_of
from simcollect.behaviour.states import EARLY_WEEKS, FIRST_WEEK, FLAGS, LAST_WEEK, LEVELS, N_WEEKS, open_state
from simcollect.optimisation.recursion import MESSAGES, Series, Terms

Array = npt.NDArray[np.float64]
LANES = 2 * FLAGS


@njit(cache=True, nogil=True, inline="always")
def lane_state(age: int, a: int, lane: int) -> int:
    """Return the observed state of a lane, -1 where there is none.

    Examples
    --------
    Beyond five weeks all have been late, and before the due date there is no flag:

    >>> lane_state(10, 0, 3), lane_state(-1, 0, 1), lane_state(10, 0, 4) == open_state(10, 0, 0, 1)
    (-1, -1, True)
    """
    late, flag = lane // FLAGS, lane % FLAGS
    if (age >= EARLY_WEEKS and late == 0) or (age < 0 and flag > 0):
        return -1
    return open_state(age, a, flag, late)


@njit(cache=True, nogil=True)
def room(kernel: Kernel) -> tuple[Array, Array, Array, Array]:
    """Return room for x and p of `lay_out`, q of `open_values`, and the values of a step to law, shape (2, H)."""
    x, p = np.empty((kernel.cell_state.shape[0], N_HIDDEN * 2, 8)), np.empty(kernel.dest.shape[0])
    return x, p, np.empty((N_HIDDEN, 16)), np.empty((2, N_HIDDEN))


@njit(cache=True, nogil=True)
def lay_out(kernel: Kernel, series: Series, t: int, w: Array, x: Array, p: Array) -> None:
    """Prepare week t for all of its actions.

    Parameters
    ----------
    w : values a week later, shape (S, 2, H)
    x : filled with them by cell, shape (C, H * 2, 8): the middle runs over hidden class and late before, the last over
        flag and money or cost
    p : filled with the probability of each entry with the loan not paid off on the way, shape (N,)
    """
    _spread(kernel, w, x)
    _going_on(kernel, series, t, p)


@njit(cache=True, nogil=True)
def in_all_lanes(legal: Array, q: Array) -> None:
    """Lay the values of a step to law, shape (2, H), out as `open_values` does: they are the same in all lanes."""
    for h in range(N_HIDDEN):
        for lane in range(LANES):
            q[h, 2 * lane] = legal[0, h]
            q[h, 2 * lane + 1] = legal[1, h]


@njit(cache=True, nogil=True)
def _spread(kernel: Kernel, w: Array, x: Array) -> None:
    """Lay values (S, 2, H) out by cell for all origins at once, see `lay_out`."""
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
def open_values(
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
    """Work out money and cost of one action in all lanes of age w and attention a, for each hidden class.

    Parameters
    ----------
    prices : as for `action_values`; x, p : as `lay_out` filled them
    q : filled, shape (H, 16): of lane l money in column 2 l, cost in the next
    """
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
