"""A book's segments with the hidden classes averaged out: a plain decision process, solved exactly by one sweep.

The law is the product's own. An account in an observed state pays, answers and moves on as the mean of the hidden
classes that usually stand behind that state (`faith`), whatever has happened before. So the lender sees all there is,
the best policy at given prices is found by one pass backward in time, and the master's gap is a proven one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS
from simcollect.behaviour.law import MONTH, behaviour_of
from simcollect.behaviour.states import (
    EARLY_WEEKS,
    FIRST_WEEK,
    FLAGS,
    LAST_WEEK,
    LEGAL,
    LEVELS,
    N_STATES,
    PLAN,
    open_state,
)
from simcollect.optimisation.columns import Column
from simcollect.optimisation.model import RESOURCES, Model, Segment
from simcollect.optimisation.recursion import LEGAL_SLOTS, MESSAGES, Series, Terms, _going_on, _row

Array = npt.NDArray[np.float64]
BEHAVIOUR_OF_CLASS = np.array([behaviour_of(h) for h in range(8)])


@dataclass
class AveragedGroup:
    """A segment of `model` whose accounts all have the same instalment, hidden classes averaged out.

    Parameters
    ----------
    size : share of the segment's accounts that are in it
    unit : their instalment as a multiple of the segment's mean
    """

    model: Model
    segment: Segment
    size: float = 1.0
    unit: float = 1.0
    name: str = field(init=False)

    def __post_init__(self) -> None:
        segment = self.segment
        self.name = segment.name
        self.instalment = self.unit * segment.mean_instalment
        self.start = self.size * segment.accounts.sum(axis=1)
        self.share = np.zeros((N_STATES, N_BEHAVIOURS))
        np.add.at(self.share.T, BEHAVIOUR_OF_CLASS, segment.faith.T)
        self.end = (segment.faith * (self.instalment * segment.end[:, 0] - segment.end[:, 1])).sum(axis=1)

    def evaluate(self, policy: npt.NDArray[np.int8]) -> Column:
        """Return what a policy earns and uses."""
        use = np.zeros((len(RESOURCES), self.model.weeks))
        value = _forward(
            self.model.chain.kernel, self.model.terms, self.segment.series, self.share, self.instalment,
            self.start, self.end, policy, use,
        )  # fmt: skip
        return Column(value, use, policy)

    def nothing(self) -> Column:
        """Return the column of leaving every account alone."""
        return self.evaluate(np.zeros((self.model.weeks, N_STATES), np.int8))

    def improve(self, prices: Array, start: Column, sweeps: int) -> Column:
        """Return the best column at these prices, whatever the start."""
        return self.evaluate(self.solve(prices)[0])

    def ceiling(self, prices: Array) -> float:
        """Return what the best policy is worth at these prices."""
        return self.solve(prices)[1]

    def solve(self, prices: Array) -> tuple[npt.NDArray[np.int8], float]:
        """Return the best policy at these prices, and its worth."""
        policy = np.zeros((self.model.weeks, N_STATES), np.int8)
        values = _backward(
            self.model.chain.kernel, self.model.terms, self.segment.series, self.share, self.instalment,
            prices, self.end, policy,
        )  # fmt: skip
        return policy, float(self.start @ values)


@njit(cache=True, nogil=True)
def _decayed(kernel: Kernel, v: Array, out: Array) -> None:
    """Take the expectation of values over the loss of attention at the start of a week."""
    for s in range(N_STATES):
        out[s] = v[s]
        if s < PLAN and kernel.level_of[s] > 0:
            lower = open_state(kernel.week_of[s], kernel.level_of[s] - 1, kernel.flag_of[s], kernel.late_of[s])
            out[s] += kernel.decay * (v[lower] - v[s])


@njit(cache=True, nogil=True)
def _mode_value(
    kernel: Kernel, terms: Terms, series: Series, unit: float, t: int, w: Array, s: int, origin: int, share: Array
) -> float:
    """Value a week in law, on a plan, charged off or closed (row of `s`), for an account that was in `origin`."""
    value = 0.0
    closing = series.closing[t + LAST_WEEK, 1]
    for b in range(N_BEHAVIOURS):
        row = (s - PLAN) * N_BEHAVIOURS + b
        money = unit * (terms.mode_cash[row] + terms.mode_balance[row] * series.balance[t]) - terms.mode_cost[row]
        part = money * series.discount[t]
        for n in range(kernel.mode_ptr[row], kernel.mode_ptr[row + 1]):
            p = kernel.mode_prob[n]
            if kernel.mode_paid[n]:
                p *= 1.0 - closing
            part += p * w[kernel.mode_dest[n]]
        value += share[origin, b] * part
    return value


@njit(cache=True, nogil=True, fastmath={"contract"})
def _backward(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    share: Array,
    unit: float,
    prices: Array,
    end: Array,
    policy: npt.NDArray[np.int8],
) -> Array:
    """Fill the best policy, shape (T, S); return the values on day 0, shape (S,)."""
    weeks = policy.shape[0]
    v, w, q = end.copy(), np.empty(N_STATES), np.empty((N_BEHAVIOURS, 8))
    x, p = np.empty((kernel.cell_state.shape[0], 8)), np.empty(kernel.dest.shape[0])
    best = np.empty(8)
    for t in range(weeks - 1, -1, -1):
        if t == weeks - 1:
            w[:] = v
        else:
            _decayed(kernel, v, w)
        for c in range(kernel.cell_state.shape[0]):
            for lane in range(8):
                x[c, lane] = w[kernel.cell_state[c, lane // FLAGS, lane % FLAGS]]
        _going_on(kernel, series, t, p)
        k, discount = series.season[t], series.discount[t]
        for age in range(FIRST_WEEK, LAST_WEEK + 1):
            owed, due = series.owed[t + LAST_WEEK - age], max(0, int(7 * age / MONTH)) + 1
            for a in range(LEVELS if age >= 0 else 1):
                best[:] = -np.inf
                first = open_state(age, a, 0, 1)
                for action in range(terms.allowed.shape[0]):
                    if not terms.allowed[action, first]:
                        continue
                    team = terms.team[action, first]
                    price = prices[team, t] if team >= 0 else 0.0
                    if not kernel.legal[action]:
                        for b in range(N_BEHAVIOURS):
                            row = _row(kernel, action, first, b)
                            money = (
                                unit
                                * discount
                                * (
                                    terms.cash[k, row]
                                    + terms.all_low[k, row] * owed[due]
                                    + terms.all_high[k, row] * owed[due + 1]
                                )
                            )
                            money -= terms.cost[k, row] * discount + price * terms.minutes[k, row]
                            money -= prices[terms.teams + MESSAGES, t] * terms.messages[k, row]
                            q0, q1, q2, q3 = money, money, money, money
                            q4, q5, q6, q7 = money, money, money, money
                            for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
                                prob, y = p[n], x[kernel.cell[n]]
                                q0 += prob * y[0]
                                q1 += prob * y[1]
                                q2 += prob * y[2]
                                q3 += prob * y[3]
                                q4 += prob * y[4]
                                q5 += prob * y[5]
                                q6 += prob * y[6]
                                q7 += prob * y[7]
                            sums = q[b]
                            sums[0], sums[1], sums[2], sums[3] = q0, q1, q2, q3
                            sums[4], sums[5], sums[6], sums[7] = q4, q5, q6, q7
                    for lane in range(8):
                        late, f = lane // FLAGS, lane % FLAGS
                        if (age >= EARLY_WEEKS and late == 0) or (age < 0 and f > 0):
                            continue
                        s = open_state(age, a, f, late)
                        if not terms.allowed[action, s]:
                            continue
                        value = 0.0
                        if kernel.legal[action]:
                            value = _mode_value(kernel, terms, series, unit, t, w, LEGAL, s, share)
                            value -= terms.entry_cost * discount + prices[terms.teams + LEGAL_SLOTS, t]
                        else:
                            for b in range(N_BEHAVIOURS):
                                value += share[s, b] * q[b, lane]
                        if best[lane] == -np.inf or value > best[lane] + 1e-12 * abs(best[lane]):
                            best[lane] = value
                            policy[t, s] = action
                            v[s] = value
        for s in range(PLAN, N_STATES):
            v[s] = _mode_value(kernel, terms, series, unit, t, w, s, s, share)
    _decayed(kernel, v, w)
    return w


@njit(cache=True, nogil=True)
def _forward(
    kernel: Kernel,
    terms: Terms,
    series: Series,
    share: Array,
    unit: float,
    start: Array,
    end: Array,
    policy: npt.NDArray[np.int8],
    use: Array,
) -> float:
    """Fill the use of each resource by a policy, shape (R, T); return what it earns."""
    after, mass = start.copy(), np.empty(N_STATES)
    value = 0.0
    for t in range(policy.shape[0]):
        mass[:] = after
        for s in range(PLAN):
            if kernel.level_of[s] > 0:
                lower = open_state(kernel.week_of[s], kernel.level_of[s] - 1, kernel.flag_of[s], kernel.late_of[s])
                mass[s] -= kernel.decay * after[s]
                mass[lower] += kernel.decay * after[s]
        after[:] = 0.0
        k, discount = series.season[t], series.discount[t]
        for s in range(N_STATES):
            if mass[s] == 0.0:
                continue
            action = policy[t, s] if s < PLAN else 0
            if s >= PLAN or kernel.legal[action]:
                if s < PLAN:
                    use[terms.teams + LEGAL_SLOTS, t] += mass[s]
                    value -= mass[s] * terms.entry_cost * discount
                closing = series.closing[t + LAST_WEEK, 1]
                for b in range(N_BEHAVIOURS):
                    row = ((s if s >= PLAN else LEGAL) - PLAN) * N_BEHAVIOURS + b
                    m = mass[s] * share[s, b]
                    money = unit * (terms.mode_cash[row] + terms.mode_balance[row] * series.balance[t])
                    value += m * discount * (money - terms.mode_cost[row])
                    for n in range(kernel.mode_ptr[row], kernel.mode_ptr[row + 1]):
                        p = m * kernel.mode_prob[n]
                        after[kernel.mode_dest[n]] += p * (1.0 - closing) if kernel.mode_paid[n] else p
                continue
            team, oldest = terms.team[action, s], t + LAST_WEEK - kernel.week_of[s]
            going_on, owed, due = 1.0 - series.closing[oldest], series.owed[oldest], kernel.due_of[s]
            f, late = kernel.flag_of[s], kernel.late_of[s]
            for b in range(N_BEHAVIOURS):
                row = _row(kernel, action, s, b)
                m = mass[s] * share[s, b]
                money = unit * (
                    terms.cash[k, row] + terms.all_low[k, row] * owed[due] + terms.all_high[k, row] * owed[due + 1]
                )
                value += m * discount * (money - terms.cost[k, row])
                use[terms.teams + MESSAGES, t] += m * terms.messages[k, row]
                if team >= 0:
                    use[team, t] += m * terms.minutes[k, row]
                for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
                    after[kernel.dest[n, f, late]] += m * kernel.prob[k, n] * going_on[kernel.paid[n]]
    return value + float((after * end).sum())
