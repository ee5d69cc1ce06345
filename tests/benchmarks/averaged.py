"""A book's segments with the hidden classes averaged out: a plain decision process, solved exactly by one pass.

The law is the product's own. An account in an observed state pays, answers and moves on as the mean of the hidden
classes that usually stand behind that state (`faith`), whatever has happened before. So the lender sees all there is,
the best policy at given prices is found by one pass backward in time, and the master's gap is a proven one.

Shapes: S states, A actions, N entries (ways from one state under one action to another), K seasons, R resources.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import row_of
from simcollect.behaviour.classes import N_BEHAVIOURS
from simcollect.behaviour.law import behaviour_of
from simcollect.behaviour.states import LAST_WEEK, LEGAL, N_STATES, PLAN, open_state
from simcollect.optimisation.columns import Column
from simcollect.optimisation.model import RESOURCES, Model, Segment
from simcollect.optimisation.recursion import LEGAL_SLOTS, MESSAGES, Series

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
BEHAVIOUR_OF_CLASS = np.array([behaviour_of(h) for h in range(8)])


class Layout(NamedTuple):
    """Where each behaviour's numbers go when behaviours are averaged: the same for all segments."""

    allowed: npt.NDArray[np.bool_]  # (S, A)
    ptr: Whole  # (S * A + 1,) entries of each state and action
    dest: Whole  # (N,)
    paid: Whole  # (N,) instalments paid on the way
    entry: Whole  # the entry to which each row of a behaviour adds
    state: Whole  # its state, behaviour and probability in each season, (K, ...)
    behaviour: Whole
    prob: Array
    flows: Array  # (5, K, S, A, behaviours) cash, all due at the low and the high count, balance, cost; see `Terms`
    use: Array  # (R, K, S, A, behaviours)
    lower: Whole  # (S,) state with one level of attention less
    fades: Array  # (S,) how probable that is in a week
    age: Whole  # (S,) weeks; 0 for states that are not open
    due: Whole  # (S,) instalments due, the least


class Process(NamedTuple):
    """The averaged process of a segment; the first eight as in `Layout`."""

    allowed: npt.NDArray[np.bool_]
    ptr: Whole
    dest: Whole
    paid: Whole
    lower: Whole
    fades: Array
    age: Whole
    due: Whole
    prob: Array  # (K, N)
    flows: Array  # (K, S, A, 5)
    use: Array  # (K, S, A, R)


@dataclass
class AveragedGroup:
    """A segment of `model` whose accounts all have the same instalment, hidden classes averaged out.

    Parameters
    ----------
    layout : of `model`
    size : share of the segment's accounts that are in it
    unit : their instalment as a multiple of the segment's mean
    """

    model: Model
    layout: Layout
    segment: Segment
    size: float = 1.0
    unit: float = 1.0
    name: str = field(init=False)

    def __post_init__(self) -> None:
        segment = self.segment
        self.name = segment.name
        self.instalment = self.unit * segment.mean_instalment
        self.start = self.size * segment.accounts.sum(axis=1)
        self.end = (segment.faith * (self.instalment * segment.end[:, 0] - segment.end[:, 1])).sum(axis=1)
        self.process = _averaged(self.layout, segment.faith, segment.series.season)

    def evaluate(self, policy: npt.NDArray[np.int8]) -> Column:
        """Return what a policy earns and uses."""
        use = np.zeros((len(RESOURCES), self.model.weeks))
        value = _forward(self.process, self.segment.series, self.instalment, self.start, self.end, policy, use)
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
        values = _backward(self.process, self.segment.series, self.instalment, prices, self.end, policy)
        return policy, float(self.start @ values)


def layout_of(model: Model) -> Layout:
    """Lay the law out by state and action, behaviour by behaviour."""
    kernel, terms = model.chain.kernel, model.terms
    actions, seasons = terms.allowed.shape[0], kernel.prob.shape[0]
    allowed = np.zeros((N_STATES, actions), np.bool_)
    allowed[:PLAN], allowed[PLAN:, 0] = terms.allowed.T[:PLAN], True
    flows = np.zeros((5, seasons, N_STATES, actions, N_BEHAVIOURS))
    use = np.zeros((len(RESOURCES), seasons, N_STATES, actions, N_BEHAVIOURS))
    parts: list[tuple[Whole, Whole, Whole, Whole, Array]] = []  # place, behaviour, dest, paid, probabilities
    for s, action, b in np.argwhere(np.repeat(allowed[..., None], N_BEHAVIOURS, axis=2)).tolist():
        at = (slice(None), s, action, b)
        legal = s < PLAN and bool(kernel.legal[action])
        if s >= PLAN or legal:
            row = ((LEGAL if legal else s) - PLAN) * N_BEHAVIOURS + b
            ways = slice(kernel.mode_ptr[row], kernel.mode_ptr[row + 1])
            dest, paid = kernel.mode_dest[ways], kernel.mode_paid[ways]
            prob = np.tile(kernel.mode_prob[ways], (seasons, 1))
            flows[0][at], flows[3][at] = terms.mode_cash[row], terms.mode_balance[row]
            flows[4][at] = terms.mode_cost[row] + legal * terms.entry_cost
            use[terms.teams + LEGAL_SLOTS][at] = legal
        else:
            row = row_of(action, int(kernel.week_of[s]), int(kernel.level_of[s]), b)
            ways = slice(kernel.ptr[row], kernel.ptr[row + 1])
            dest, paid = kernel.dest[ways, kernel.flag_of[s], kernel.late_of[s]], kernel.paid[ways]
            prob = kernel.prob[:, ways]
            for flow, amount in zip((0, 1, 2, 4), (terms.cash, terms.all_low, terms.all_high, terms.cost), strict=True):
                flows[flow][at] = amount[:, row]
            use[terms.teams + MESSAGES][at] = terms.messages[:, row]
            if terms.team[action, s] >= 0:
                use[terms.team[action, s]][at] = terms.minutes[:, row]
        place = np.full(dest.size, s * actions + action)
        parts.append((place, np.full(dest.size, b), dest.astype(np.int64), paid.astype(np.int64), prob))
    place, behaviour, dest, paid = (np.concatenate([part[i] for part in parts]) for i in range(4))
    entries, entry = np.unique(np.stack([place, dest, paid], axis=1), axis=0, return_inverse=True)
    lower = np.arange(N_STATES)
    for s in np.flatnonzero(kernel.level_of[:PLAN] > 0).tolist():
        labels = (kernel.week_of, kernel.level_of, kernel.flag_of, kernel.late_of)
        week, level, flag, late = (int(label[s]) for label in labels)
        lower[s] = open_state(week, level - 1, flag, late)
    opened = np.arange(N_STATES) < PLAN
    return Layout(
        allowed=allowed,
        ptr=np.searchsorted(entries[:, 0], np.arange(N_STATES * actions + 1)),
        dest=entries[:, 1].copy(),
        paid=entries[:, 2].copy(),
        entry=entry.ravel(),
        state=place // actions,
        behaviour=behaviour,
        prob=np.concatenate([part[4] for part in parts], axis=1),
        flows=flows,
        use=use,
        lower=lower,
        fades=np.where(lower != np.arange(N_STATES), kernel.decay, 0.0),
        age=np.where(opened, kernel.week_of, 0).astype(np.int64),
        due=np.where(opened, kernel.due_of, 0).astype(np.int64),
    )


def _averaged(layout: Layout, faith: Array, seasons: Whole) -> Process:
    """Average the behaviours as the hidden classes stand behind each observed state, in the seasons that occur."""
    share = np.zeros((N_STATES, N_BEHAVIOURS))
    np.add.at(share.T, BEHAVIOUR_OF_CLASS, faith.T)
    weight = share[layout.state, layout.behaviour]
    prob = np.zeros((layout.prob.shape[0], layout.dest.size))
    for k in np.unique(seasons):
        prob[k] = np.bincount(layout.entry, weight * layout.prob[k], layout.dest.size)
    return Process(
        layout.allowed, layout.ptr, layout.dest, layout.paid, layout.lower, layout.fades, layout.age, layout.due, prob,
        np.ascontiguousarray(np.einsum("fksab,sb->ksaf", layout.flows, share)),
        np.ascontiguousarray(np.einsum("rksab,sb->ksar", layout.use, share)),
    )  # fmt: skip


@njit(cache=True, nogil=True, inline="always")
def _earned(process: Process, series: Series, unit: float, t: int, s: int, action: int) -> float:
    """Return what an account earns in week t, less costs, discounted."""
    oldest, due = t + LAST_WEEK - process.age[s], process.due[s]
    cash, low, high, balance, cost = process.flows[series.season[t], s, action]
    money = cash + low * series.owed[oldest, due] + high * series.owed[oldest, due + 1] + balance * series.balance[t]
    return float(series.discount[t] * (unit * money - cost))


@njit(cache=True, nogil=True, fastmath={"contract"})
def _backward(
    process: Process, series: Series, unit: float, prices: Array, end: Array, policy: npt.NDArray[np.int8]
) -> Array:
    """Fill the best policy, shape (T, S); return the values on day 0, shape (S,)."""
    actions, dest, paid = process.allowed.shape[1], process.dest, process.paid
    v, w, going_on = end.copy(), end.copy(), 1.0 - series.closing
    for t in range(policy.shape[0] - 1, -1, -1):
        prob, use = process.prob[series.season[t]], process.use[series.season[t]]
        for s in range(N_STATES):
            best, oldest = -np.inf, t + LAST_WEEK - process.age[s]
            for action in range(actions):
                if not process.allowed[s, action]:
                    continue
                value = _earned(process, series, unit, t, s, action)
                for r in range(prices.shape[0]):
                    value -= prices[r, t] * use[s, action, r]
                for n in range(process.ptr[s * actions + action], process.ptr[s * actions + action + 1]):
                    value += prob[n] * going_on[oldest, paid[n]] * w[dest[n]]
                # A tie goes to the lesser action: no effort without a gain.
                if best == -np.inf or value > best + 1e-12 * abs(best):
                    best, policy[t, s] = value, action
            v[s] = best
        for s in range(N_STATES):  # attention fades at the start of a week
            w[s] = v[s] + process.fades[s] * (v[process.lower[s]] - v[s])
    return w


@njit(cache=True, nogil=True)
def _forward(
    process: Process,
    series: Series,
    unit: float,
    start: Array,
    end: Array,
    policy: npt.NDArray[np.int8],
    use: Array,
) -> float:
    """Fill the use of each resource by a policy, shape (R, T); return what it earns."""
    actions, going_on, value = process.allowed.shape[1], 1.0 - series.closing, 0.0
    after, mass = start.copy(), np.empty(N_STATES)
    for t in range(policy.shape[0]):
        mass[:] = after
        for s in range(N_STATES):
            mass[s] -= process.fades[s] * after[s]
            mass[process.lower[s]] += process.fades[s] * after[s]
        after[:] = 0.0
        prob = process.prob[series.season[t]]
        for s in range(N_STATES):
            if mass[s] == 0.0:
                continue
            action, oldest = policy[t, s], t + LAST_WEEK - process.age[s]
            value += mass[s] * _earned(process, series, unit, t, s, action)
            for r in range(use.shape[0]):
                use[r, t] += mass[s] * process.use[series.season[t], s, action, r]
            for n in range(process.ptr[s * actions + action], process.ptr[s * actions + action + 1]):
                after[process.dest[n]] += mass[s] * prob[n] * going_on[oldest, process.paid[n]]
    return value + float((after * end).sum())
