"""What the lender may see within a week, and how likely each hidden class makes it: the chain laid out for beliefs.

Open states of the same age and attention obey the same law whatever their flag and late-before: they form a *group* of
up to eight *lanes* and are carried together. A week of a group under an action is a *row*; it ends in one of several
*outcomes*: where the account stands at the next review (attention already moved), how many instalments were paid on
the way, what the conversation brought.

States outside the open mode are groups of one lane. Those from which an account may become open again (plans, holidays,
settlements) have rows like the others. In the rest (law, charged off, closed) nothing is decided there or later, so
that values are linear in the belief: they are *ends*.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN, STRAINED
from simcollect.behaviour.law import behaviour_of
from simcollect.behaviour.states import FIRST_WEEK, FLAGS, LEVELS, N_STATES, N_WEEKS, PLAN, open_state

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

N_LANES = 2 * FLAGS
OPEN_GROUPS = -FIRST_WEEK + (N_WEEKS + FIRST_WEEK) * LEVELS
N_GROUPS = OPEN_GROUPS + N_STATES - PLAN
# Columns of the likelihoods: the behaviours, then the able dispositions but prompt once more: and prompt from now on.
COLUMNS = N_BEHAVIOURS + STRAINED - 1


class Outcomes(NamedTuple):
    """The weekly law by group, row and outcome; R rows, O outcomes, C cells (kinds of destination), K seasons."""

    group_ptr: Whole  # (groups + 1,) rows of each group
    row_action: Whole  # (R,)
    row_ptr: Whole  # (R + 1,) outcomes of each row
    cell: Whole  # (O,) destination
    paid: Whole  # (O,) instalments paid on the way
    like: Array  # (K, O, columns) probability given the behaviour; see `COLUMNS`
    cell_group: Whole  # (C,) group of each destination
    cell_lane: Whole  # (C, lanes) lane reached from each lane of the origin
    group_state: Whole  # (groups, lanes) observed state of each lane, -1 where there is none
    group_of: Whole  # (S,) group of each observed state
    lane_of: Whole  # (S,)
    week_of: Whole  # (groups,) age in weeks; 0 for states that are not open
    ends: npt.NDArray[np.bool_]  # (groups,) nothing is decided there or later


def build_outcomes(kernel: Kernel, allowed: npt.NDArray[np.bool_]) -> Outcomes:
    """Merge the entries of the weekly kernels by what the lender can tell apart.

    Parameters
    ----------
    kernel : the weekly law
    allowed : actions that may be taken, shape (A, S)

    Examples
    --------
    >>> from simcollect.behaviour import Behaviour
    >>> from simcollect.behaviour.chain import build_chain
    >>> from simcollect.behaviour.week import Act
    >>> kernel = build_chain(Behaviour.default(), [Act(-1, 0, 0, 0, 0, -1)], [1.0]).kernel
    >>> outcomes = build_outcomes(kernel, np.ones((1, N_STATES), bool))
    >>> by_row = np.add.reduceat(outcomes.like[0], outcomes.row_ptr[:-1])
    >>> by_row[:, 1:4] += by_row[:, 5:]
    >>> bool(np.allclose(by_row[:, :5], 1.0))
    True
    """
    group_of, lane_of = _layout(kernel)
    ends = np.zeros(N_GROUPS, np.bool_)
    ends[group_of[PLAN:]] = ~_may_return(kernel)
    open_rows, open_to = _open_entries(kernel, allowed, group_of)
    mode_rows, mode_to = _mode_entries(kernel, allowed.shape[0], group_of, ends)
    rows, to = np.concatenate([open_rows[0], mode_rows[0]]), np.concatenate([open_to, mode_to])
    paid, column = np.concatenate([open_rows[1], mode_rows[1]]), np.concatenate([open_rows[2], mode_rows[2]])
    prob = np.concatenate([open_rows[3], mode_rows[3]], axis=1)
    cells, cell = np.unique(to, axis=0, return_inverse=True)
    keys, at = np.unique(np.stack([rows, cell.ravel(), paid], axis=1), axis=0, return_inverse=True)
    like = np.zeros((prob.shape[0], len(keys), COLUMNS))
    for k in range(prob.shape[0]):
        np.add.at(like[k], (at.ravel(), column), prob[k])
    used, first = np.unique(keys[:, 0], return_index=True)
    states = np.full((N_GROUPS, N_LANES), -1)
    states[group_of, lane_of] = np.arange(N_STATES)
    week = np.zeros(N_GROUPS, np.int64)
    week[group_of[:PLAN]] = kernel.week_of[:PLAN]
    return Outcomes(
        group_ptr=np.searchsorted(used // allowed.shape[0], np.arange(N_GROUPS + 1)).astype(np.int64),
        row_action=(used % allowed.shape[0]).astype(np.int64),
        row_ptr=np.append(first, len(keys)).astype(np.int64),
        cell=keys[:, 1].astype(np.int64),
        paid=keys[:, 2].astype(np.int64),
        like=like,
        cell_group=group_of[cells[:, 0]],
        cell_lane=lane_of[cells],
        group_state=states,
        group_of=group_of,
        lane_of=lane_of,
        week_of=week,
        ends=ends,
    )


def _layout(kernel: Kernel) -> tuple[Whole, Whole]:
    """Return group and lane of each observed state."""
    group, lane = OPEN_GROUPS + np.arange(N_STATES) - PLAN, np.zeros(N_STATES, np.int64)
    week, level = kernel.week_of[:PLAN].astype(np.int64), kernel.level_of[:PLAN].astype(np.int64)
    group[:PLAN] = np.where(week < 0, week - FIRST_WEEK, -FIRST_WEEK + week * LEVELS + level)
    lane[:PLAN] = kernel.late_of[:PLAN].astype(np.int64) * FLAGS + kernel.flag_of[:PLAN]
    return group, lane


def _may_return(kernel: Kernel) -> npt.NDArray[np.bool_]:
    """Tell from which states outside the open mode an account may become open again, shape (S - PLAN,)."""
    source = np.repeat(np.arange(kernel.mode_ptr.size - 1) // N_BEHAVIOURS, np.diff(kernel.mode_ptr))
    may = np.append(np.ones(PLAN, np.bool_), np.zeros(N_STATES - PLAN, np.bool_))
    for _ in range(N_STATES - PLAN):
        found = PLAN + source[may[kernel.mode_dest]]
        if may[found].all():
            break
        may[found] = True
    return may[PLAN:]


def _open_entries(
    kernel: Kernel, allowed: npt.NDArray[np.bool_], group_of: Whole
) -> tuple[tuple[Whole, Whole, Whole, Array], Whole]:
    """Return row, instalments paid, column and probability of each entry of the open states, and its ends by lane.

    Attention decays before the lender acts again, and he sees it: an entry that ends with attention becomes two.
    """
    actions = allowed.shape[0]
    source = np.repeat(np.arange(kernel.ptr.size - 1), np.diff(kernel.ptr))
    behaviour, block = source % N_BEHAVIOURS, source // N_BEHAVIOURS
    level, week = block % LEVELS, (block // LEVELS) % N_WEEKS + FIRST_WEEK
    action = block // (LEVELS * N_WEEKS)
    origin = np.array(
        [[open_state(w, a, 0, 1) for a in range(LEVELS)] for w in range(FIRST_WEEK, FIRST_WEEK + N_WEEKS)]
    )
    state = origin[week - FIRST_WEEK, level]
    ends = kernel.cell_state.reshape(-1, N_LANES).astype(np.int64)
    below = np.array([[_lowered(kernel, int(s)) for s in cell] for cell in ends])
    fades = (below != ends).any(axis=1)[kernel.cell]
    of_group = np.zeros((N_GROUPS, allowed.shape[0]), np.bool_)  # allowed in one of the lanes
    np.logical_or.at(of_group, group_of[:PLAN], allowed[:, :PLAN].T)
    may = of_group[group_of[state], action]
    stay, drop = np.flatnonzero(may), np.flatnonzero(may & fades)
    share = np.concatenate([np.where(fades[stay], 1 - kernel.decay, 1.0), np.full(drop.size, kernel.decay)])
    entry = np.concatenate([stay, drop])
    rows = group_of[state[entry]] * actions + action[entry]
    cleared = kernel.cleared[entry] & (behaviour[entry] > 0)
    column = np.where(cleared, N_BEHAVIOURS - 1 + behaviour[entry], behaviour[entry])
    to = np.concatenate([ends[kernel.cell[stay]], below[kernel.cell[drop]]])
    return (rows, kernel.paid[entry].astype(np.int64), column, kernel.prob[:, entry] * share), to


def _lowered(kernel: Kernel, state: int) -> int:
    """Return the state with one level of attention lost."""
    if state >= PLAN or kernel.level_of[state] == 0:
        return state
    return open_state(
        int(kernel.week_of[state]),
        int(kernel.level_of[state]) - 1,
        int(kernel.flag_of[state]),
        int(kernel.late_of[state]),
    )


def _mode_entries(
    kernel: Kernel, actions: int, group_of: Whole, ends: npt.NDArray[np.bool_]
) -> tuple[tuple[Whole, Whole, Whole, Array], Whole]:
    """Return the same of plans, holidays and settlements, whose only action is to wait."""
    source = np.repeat(np.arange(kernel.mode_ptr.size - 1), np.diff(kernel.mode_ptr))
    group = group_of[PLAN + source // N_BEHAVIOURS]
    kept = np.flatnonzero(~ends[group])
    prob = np.tile(kernel.mode_prob[kept], (kernel.prob.shape[0], 1))
    to = np.repeat(kernel.mode_dest[kept].astype(np.int64)[:, None], N_LANES, axis=1)
    return (group[kept] * actions, kernel.mode_paid[kept].astype(np.int64), source[kept] % N_BEHAVIOURS, prob), to


@njit(cache=True, nogil=True, inline="always")
def seen(like: Array, belief: Array, loss: float, regain: float, out: Array) -> float:
    """Fill the hidden classes at the next review jointly with an outcome, and return the outcome's probability.

    Parameters
    ----------
    like : the outcome's likelihoods, shape (columns,)
    belief : hidden classes before the week, shape (H,); out : filled, shape (H,), not normalised
    loss, regain : moves of liquidity at the next review
    """
    for h in range(N_HIDDEN):
        out[h] = belief[h] * like[behaviour_of(h)]
    for d in range(1, STRAINED):
        out[0] += belief[d] * like[N_BEHAVIOURS - 1 + d]
    total = 0.0
    for d in range(STRAINED):
        able, strained = out[d], out[STRAINED + d]
        out[d] = able * (1.0 - loss) + strained * regain
        out[STRAINED + d] = able * loss + strained * (1.0 - regain)
        total += able + strained
    return total
