"""The finite chain behind the borrower: observed state times hidden class, week by week.

`Chain` holds the weekly kernels of all open states for each action and season, and of the other modes; `forecast` is
the forward pass (the fluid forecast) of one group of accounts under a table of actions. Two measures are carried
forward: accounts (what effort is spent on) and instalments (what money comes from), so that a group whose amounts
differ is forecast exactly; amounts do not change the law.

Order within a week: liquidity and attention move, the lender acts on the observed state, seven days pass.

Shapes: S observed states, H hidden classes, T weeks, A actions, K seasons, N entries of the open kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from simcollect.behaviour.behaviour import Behaviour
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN, PROMPT
from simcollect.behaviour.law import MONTH, Law, behaviour_of, instalments_due
from simcollect.behaviour.modes import ModeRows, mode_rows
from simcollect.behaviour.states import (
    AGENCY,
    CLOSED,
    EARLY_WEEKS,
    FIRST_SETTLED,
    FIRST_WEEK,
    FLAGS,
    LEGAL,
    LEVELS,
    N_STATES,
    N_WEEKS,
    NONE,
    PLAN,
    PLAN_WEEKS,
    SETTLE_WEEKS,
    open_state,
    plan_state,
    settle_state,
)
from simcollect.behaviour.week import N_CODES, N_STATS, TO_AGENCY, TO_PAID, TO_PLAN, TO_SETTLE, Act, week_row

Array = npt.NDArray[np.float64]
LEGAL_ACTION = -9  # Act.channel of the step to law: its week is the first week of the legal mode


class Kernel(NamedTuple):
    """The chain as arrays for compiled passes; see `Chain` for the meaning."""

    ptr: npt.NDArray[np.int64]  # (A * weeks * levels * behaviours + 1,)
    dest: npt.NDArray[np.int16]  # (N, flags, late)
    cell: npt.NDArray[np.uint16]  # (N,) which ends an entry leads to, see `cell_state`
    cell_state: npt.NDArray[np.int16]  # (C, late, flags) destination states for each late-before and flag of the origin
    paid: npt.NDArray[np.int8]  # (N,) instalments paid on the way to this end
    cleared: npt.NDArray[np.bool_]  # (N,) the borrower is prompt from now on; only in rows of the able
    prob: Array  # (K, N)
    stats: Array  # (K, rows, N_STATS)
    legal: npt.NDArray[np.bool_]  # (A,)
    mode_ptr: npt.NDArray[np.int64]
    mode_dest: npt.NDArray[np.int16]
    mode_paid: npt.NDArray[np.bool_]
    mode_prob: Array
    mode_cash: Array
    mode_balance: Array
    mode_filed: Array
    week_of: npt.NDArray[np.int16]  # (S,) age week of open states
    level_of: npt.NDArray[np.int8]
    due_of: npt.NDArray[np.int8]  # (S,) instalments due at the week's start
    flag_of: npt.NDArray[np.int8]
    late_of: npt.NDArray[np.int8]
    decay: float


@dataclass(frozen=True)
class Chain:
    """Weekly kernels for a set of actions and seasons.

    Attributes
    ----------
    kernel : the arrays
    acts : the actions, in the order of their codes
    seasons : multipliers of the payment intensity for which kernels were made, shape (K,)

    Examples
    --------
    >>> chain = build_chain(Behaviour.default(), [Act(-1, 0, 0, 0, 0, -1)], [1.0])
    >>> rows = np.add.reduceat(chain.kernel.prob[0], chain.kernel.ptr[:-1][np.diff(chain.kernel.ptr) > 0])
    >>> bool(np.allclose(rows, 1.0))
    True
    """

    kernel: Kernel
    acts: tuple[Act, ...]
    seasons: Array


def row_of(action: int, w: int, a: int, b: int) -> int:
    """Return the row of the open kernel for (action, age week, attention, behaviour).

    Examples
    --------
    >>> row_of(0, FIRST_WEEK, 0, 1)
    1
    """
    return ((action * N_WEEKS + w - FIRST_WEEK) * LEVELS + a) * N_BEHAVIOURS + b


def build_chain(
    behaviour: Behaviour,
    acts: Sequence[Act],
    seasons: Sequence[float] | Array,
    *,
    pay_index: Sequence[float] = (1.0,) * 7,
    works: Sequence[float] = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0),
) -> Chain:
    """Multiply seven daily laws out to weekly kernels, for each action and season.

    Parameters
    ----------
    behaviour : the parameters
    acts : what each action does; the first must be to wait
    seasons : multipliers of the payment intensity that occur, shape (K,)
    pay_index : payments by weekday, Monday first, mean 1
    works : 1.0 for weekdays on which collectors work
    """
    law = behaviour.law()
    season = np.asarray(seasons, dtype=np.float64)
    table = np.array(acts, np.int64)
    index, working = np.asarray(pay_index, dtype=np.float64), np.asarray(works, dtype=np.float64)
    # One action and season at a time: the dense rows are large, the entries that are not zero are few and the same in
    # each season.
    per_action = N_WEEKS * LEVELS * N_BEHAVIOURS
    all_stats = np.empty((season.size, len(acts) * per_action, N_STATS))
    probs, ends = [], []
    for i in range(len(acts)):
        own = slice(i * per_action, (i + 1) * per_action)
        masses, all_stats[0, own] = _open_rows(law, table[i], float(season[0]), index, working)
        keep = masses > 0
        first, *rest = np.nonzero(keep)
        ends.append(np.stack([first + own.start, *rest]))
        prob_of = np.empty((season.size, first.size))
        prob_of[0] = masses[keep]
        for k in range(1, season.size):
            masses, all_stats[k, own] = _open_rows(law, table[i], float(season[k]), index, working)
            prob_of[k] = masses[keep]
        probs.append(prob_of)
    prob = np.concatenate(probs, axis=1)
    rows, code, level, flag, cleared = np.concatenate(ends, axis=1)
    count = np.bincount(rows, minlength=len(acts) * per_action)
    modes: ModeRows = mode_rows(law)
    cell, cell_state = _cells(code, level, flag)
    labels = _labels()
    weeks = (np.arange(count.size) // (LEVELS * N_BEHAVIOURS)) % N_WEEKS + FIRST_WEEK
    return Chain(
        Kernel(
            ptr=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            dest=_destinations(weeks[rows], code, level, flag),
            cell=cell,
            cell_state=cell_state,
            paid=_instalments_paid(weeks[rows], code),
            cleared=cleared.astype(np.bool_),
            prob=prob,
            stats=all_stats,
            legal=np.array([a.channel == LEGAL_ACTION for a in acts], np.bool_),
            mode_ptr=modes.ptr,
            mode_dest=modes.dest,
            mode_paid=modes.paid,
            mode_prob=modes.prob,
            mode_cash=modes.instalments,
            mode_balance=modes.balance,
            mode_filed=modes.filed,
            week_of=labels[:, 0].astype(np.int16),
            level_of=labels[:, 1].astype(np.int8),
            due_of=np.array([instalments_due(7 * int(w)) for w in labels[:, 0]], np.int8),
            flag_of=labels[:, 2].astype(np.int8),
            late_of=labels[:, 3].astype(np.int8),
            decay=law.decay,
        ),
        tuple(acts),
        season,
    )


@njit(cache=True, parallel=True)
def _open_rows(
    law: Law, t: npt.NDArray[np.int64], season: float, pay_index: Array, works: Array
) -> tuple[Array, Array]:
    """Multiply out all rows of one action, given as the fields of its `Act`."""
    rows = N_WEEKS * LEVELS * N_BEHAVIOURS
    masses = np.zeros((rows, N_CODES, LEVELS, FLAGS, 2))
    stats = np.zeros((rows, N_STATS))
    for block in prange(N_WEEKS):
        w = block + FIRST_WEEK
        # Before the due day only messages go out, and only in the last week.
        idle = t[0] < 0 and t[3] == 0
        if t[0] != LEGAL_ACTION and (idle or w >= 0 or (w == -1 and t[3] == 0)):
            act = Act(t[0], t[1], t[2], t[3], t[4], t[5], t[6])
            for a in range(LEVELS if w >= 0 else 1):
                for b in range(N_BEHAVIOURS):
                    row = (block * LEVELS + a) * N_BEHAVIOURS + b
                    week_row(law, act, w, a, b, season, pay_index, works, masses[row], stats[row])
    return masses, stats


@cache
def _labels() -> npt.NDArray[np.int64]:
    """Return week, level, flag and late of each observed state, shape (S, 4); weeks of other modes are 99."""
    labels = np.zeros((N_STATES, 4), np.int64)
    labels[PLAN:CLOSED] = (99, 0, 0, 1)
    labels[CLOSED] = (99, 0, 0, 0)
    for w in range(FIRST_WEEK, FIRST_WEEK + N_WEEKS):
        for late in (0, 1):
            for level in range(LEVELS if w >= 0 else 1):
                for flag in range(FLAGS if w >= 0 else 1):
                    labels[open_state(w, level, flag, late)] = (w, level, flag, 1 if w >= EARLY_WEEKS else late)
    return labels


def _cells(
    code: npt.NDArray[np.int64], level: npt.NDArray[np.int64], flag: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int16]]:
    """Number the distinct ends of a week, and list where each leads from every late-before and flag.

    Entries that end alike share a cell, so that backward passes can carry all flags of an origin at once.
    """
    ends, cell = np.unique(np.stack([code, level, flag], axis=1), axis=0, return_inverse=True)
    state = np.empty((len(ends), 2, FLAGS), np.int16)
    for late in (0, 1):
        origin = np.full(len(ends), 0 if late == 0 else EARLY_WEEKS)
        state[:, late, :] = _destinations(origin, ends[:, 0], ends[:, 1], ends[:, 2])[:, :, late]
    return cell.ravel().astype(np.uint16), state


def _instalments_paid(weeks: npt.NDArray[np.int64], code: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Return how many instalments brought each entry to where it ends: the move back is that many months."""
    ended = np.where(code >= TO_PAID, code - TO_PAID, code) + FIRST_WEEK
    months = np.rint(((weeks + 1) - ended) * 7 / MONTH)
    moved = (code >= TO_PAID) | ((code < TO_AGENCY) & (ended < weeks + 1))
    return np.where(moved, np.maximum(months, 1), 0).astype(np.int8)


def _destinations(
    weeks: npt.NDArray[np.int64], code: npt.NDArray[np.int64], level: npt.NDArray[np.int64], flag: npt.NDArray[np.int64]
) -> npt.NDArray[np.int16]:
    """Return the destination state of each entry for each flag and late-before of the origin."""
    out = np.empty((code.size, FLAGS, 2), np.int16)
    _fill_destinations(weeks, code, level, flag, out)
    return out


@njit(cache=True)
def _fill_destinations(
    weeks: npt.NDArray[np.int64],
    code: npt.NDArray[np.int64],
    level: npt.NDArray[np.int64],
    flag: npt.NDArray[np.int64],
    out: npt.NDArray[np.int16],
) -> None:
    for n in range(code.size):
        for f in range(FLAGS):
            for late in range(2):
                was_late = 1 if weeks[n] >= EARLY_WEEKS else late
                c = code[n]
                if c >= TO_PAID:
                    out[n, f, late] = open_state(c - TO_PAID + FIRST_WEEK, 0, NONE, was_late)
                elif c >= TO_SETTLE:
                    out[n, f, late] = settle_state(c - TO_SETTLE + FIRST_SETTLED, SETTLE_WEEKS - 1)
                elif c >= TO_PLAN:
                    out[n, f, late] = plan_state((c - TO_PLAN) // PLAN_WEEKS, (c - TO_PLAN) % PLAN_WEEKS + 1, 0)
                elif c == TO_AGENCY:
                    out[n, f, late] = AGENCY
                else:
                    out[n, f, late] = open_state(c + FIRST_WEEK, level[n], max(f, flag[n]), was_late)


@njit(cache=True, nogil=True)
def move_hidden(mass: Array, loss: float, regain: float, kernel: Kernel, out: Array) -> None:
    """Let liquidity and attention move in a measure (S, H), at the start of a week.

    Parameters
    ----------
    loss, regain : probabilities of the week
    """
    out[:] = 0.0
    for s in range(N_STATES):
        to = s
        drop = 0.0
        if s < PLAN and kernel.level_of[s] > 0:
            drop = kernel.decay
            to = open_state(kernel.week_of[s], kernel.level_of[s] - 1, kernel.flag_of[s], kernel.late_of[s])
        for d in range(4):
            able, strained = mass[s, d], mass[s, 4 + d]
            if able == 0.0 and strained == 0.0:
                continue
            x = able * (1.0 - loss) + strained * regain
            y = able * loss + strained * (1.0 - regain)
            out[s, d] += x * (1.0 - drop)
            out[s, 4 + d] += y * (1.0 - drop)
            if drop > 0.0:
                out[to, d] += x * drop
                out[to, 4 + d] += y * drop


@njit(cache=True, nogil=True)
def step(
    mass: Array, actions: npt.NDArray[np.int8], k: int, closing: Array, kernel: Kernel, out: Array, totals: Array
) -> None:
    """Carry a measure (S, H) through one week under a row of the action table.

    Parameters
    ----------
    actions : action of each observed state, shape (S,)
    closing : probability that a loan is paid off by clearing k instalments this week, shape (max k + 1,)
    out : the measure a week later
    totals : added to: the weekly statistics of `week`, then share-of-balance cash and suits filed; per action
    """
    out[:] = 0.0
    for s in range(N_STATES):
        action = actions[s] if s < PLAN else 0
        legal = s >= PLAN or kernel.legal[action]
        f, late = kernel.flag_of[s], kernel.late_of[s]
        for h in range(N_HIDDEN):
            m = mass[s, h]
            if m == 0.0:
                continue
            b = behaviour_of(h)
            if legal:
                origin = s if s >= PLAN else LEGAL
                row = (origin - PLAN) * N_BEHAVIOURS + b
                totals[action, 0] += m * kernel.mode_cash[row]
                totals[action, N_STATS] += m * kernel.mode_balance[row]
                totals[action, N_STATS + 1] += m * kernel.mode_filed[row]
                for n in range(kernel.mode_ptr[row], kernel.mode_ptr[row + 1]):
                    p = m * kernel.mode_prob[n]
                    if kernel.mode_paid[n]:
                        out[CLOSED, h] += p * closing[1]
                        p *= 1.0 - closing[1]
                    out[kernel.mode_dest[n], h] += p
                continue
            row = ((action * N_WEEKS + kernel.week_of[s] - FIRST_WEEK) * LEVELS + kernel.level_of[s]) * N_BEHAVIOURS + b
            for i in range(N_STATS):
                totals[action, i] += m * kernel.stats[k, row, i]
            for n in range(kernel.ptr[row], kernel.ptr[row + 1]):
                p = m * kernel.prob[k, n]
                to = PROMPT if kernel.cleared[n] else h
                if kernel.paid[n] > 0:
                    out[CLOSED, to] += p * closing[kernel.paid[n]]
                    p *= 1.0 - closing[kernel.paid[n]]
                out[kernel.dest[n, f, late], to] += p
