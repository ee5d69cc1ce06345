"""What the lender may see within a week, and how likely each hidden class makes it: the chain laid out for beliefs.

Open states of the same age and attention obey the same law whatever their flag and late-before: they form a *group* of
up to eight *lanes* and are carried together. A week of a group under an action is a *row*; it ends in one of several
*outcomes*: where the account stands at the next review (attention already moved), how many instalments were paid on
the way, what the conversation brought. Plan states are groups of one lane. Law and closed are left out: nothing is
decided there or later, so that values are linear in the belief.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import MISINFORMED, N_BEHAVIOURS, N_HIDDEN
from simcollect.behaviour.law import behaviour_of
from simcollect.behaviour.states import AGENCY, FIRST_WEEK, FLAGS, LEGAL, LEVELS, N_STATES, N_WEEKS, PLAN, open_state

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

N_LANES = 2 * FLAGS
OPEN_GROUPS = -FIRST_WEEK + (N_WEEKS + FIRST_WEEK) * LEVELS
PLAN_GROUPS = LEGAL - PLAN
AGENCY_GROUP = OPEN_GROUPS + PLAN_GROUPS
N_GROUPS = AGENCY_GROUP + 1
CLEARED = N_BEHAVIOURS  # column of the likelihoods for misinformed borrowers whose misunderstanding is cleared


class Outcomes(NamedTuple):
    """The weekly law by group, row and outcome; R rows, O outcomes, C cells (kinds of destination), K seasons."""

    group_ptr: Whole  # (groups + 1,) rows of each group
    row_action: Whole  # (R,)
    row_ptr: Whole  # (R + 1,) outcomes of each row
    cell: Whole  # (O,) destination
    paid: Whole  # (O,) instalments paid on the way
    like: Array  # (K, O, behaviours + 1) probability given the behaviour; the last column: and cleared
    cell_group: Whole  # (C,) group of each destination
    cell_lane: Whole  # (C, lanes) lane reached from each lane of the origin
    group_state: Whole  # (groups, lanes) observed state of each lane, -1 where there is none
    group_of: Whole  # (S,) group of each observed state, -1 for those left out
    lane_of: Whole  # (S,)
    week_of: Whole  # (groups,) age in weeks; 0 for plans


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
    >>> total = np.add.reduceat(outcomes.like[0], outcomes.row_ptr[:-1])
    >>> bool(np.allclose(total[:, :5].sum(axis=0) + total[:, 5].sum() * (np.arange(5) == MISINFORMED), len(total)))
    True
    """
    group_of, lane_of = _layout(kernel)
    open_rows, open_ends = _open_entries(kernel, allowed, group_of)
    plan_rows, plan_ends = _plan_entries(kernel, allowed.shape[0], group_of)
    rows, ends = np.concatenate([open_rows[0], plan_rows[0]]), np.concatenate([open_ends, plan_ends])
    paid, column = np.concatenate([open_rows[1], plan_rows[1]]), np.concatenate([open_rows[2], plan_rows[2]])
    prob = np.concatenate([open_rows[3], plan_rows[3]], axis=1)
    cells, cell = np.unique(ends, axis=0, return_inverse=True)
    keys, at = np.unique(np.stack([rows, cell.ravel(), paid], axis=1), axis=0, return_inverse=True)
    like = np.zeros((prob.shape[0], len(keys), N_BEHAVIOURS + 1))
    for k in range(prob.shape[0]):
        np.add.at(like[k], (at.ravel(), column), prob[k])
    used, first = np.unique(keys[:, 0], return_index=True)
    states = np.full((N_GROUPS, N_LANES), -1)
    inside = np.flatnonzero(group_of >= 0)
    states[group_of[inside], lane_of[inside]] = inside
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
    )


def _layout(kernel: Kernel) -> tuple[Whole, Whole]:
    """Return group and lane of each observed state."""
    group, lane = np.full(N_STATES, -1), np.zeros(N_STATES, np.int64)
    week, level = kernel.week_of[:PLAN].astype(np.int64), kernel.level_of[:PLAN].astype(np.int64)
    group[:PLAN] = np.where(week < 0, week - FIRST_WEEK, -FIRST_WEEK + week * LEVELS + level)
    group[PLAN:LEGAL] = OPEN_GROUPS + np.arange(PLAN_GROUPS)
    group[AGENCY] = AGENCY_GROUP
    lane[:PLAN] = kernel.late_of[:PLAN].astype(np.int64) * FLAGS + kernel.flag_of[:PLAN]
    return group, lane


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
    may = allowed[action, state]
    stay, drop = np.flatnonzero(may), np.flatnonzero(may & fades)
    share = np.concatenate([np.where(fades[stay], 1 - kernel.decay, 1.0), np.full(drop.size, kernel.decay)])
    entry = np.concatenate([stay, drop])
    cleared = kernel.cleared[entry] & (behaviour[entry] == MISINFORMED)
    rows = group_of[state[entry]] * actions + action[entry]
    column = np.where(cleared, CLEARED, behaviour[entry])
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


def _plan_entries(kernel: Kernel, actions: int, group_of: Whole) -> tuple[tuple[Whole, Whole, Whole, Array], Whole]:
    """Return the same of the plan states, whose only action is to wait."""
    count = np.diff(kernel.mode_ptr)[: PLAN_GROUPS * N_BEHAVIOURS]
    source = np.repeat(np.arange(count.size), count)
    size = source.size
    rows = group_of[PLAN + source // N_BEHAVIOURS] * actions
    prob = np.tile(kernel.mode_prob[:size], (kernel.prob.shape[0], 1))
    ends = np.repeat(kernel.mode_dest[:size].astype(np.int64)[:, None], N_LANES, axis=1)
    return (rows, kernel.mode_paid[:size].astype(np.int64), source % N_BEHAVIOURS, prob), ends


@njit(cache=True, nogil=True, inline="always")
def seen(like: Array, belief: Array, loss: float, regain: float, out: Array) -> float:
    """Fill the hidden classes at the next review jointly with an outcome, and return the outcome's probability.

    Parameters
    ----------
    like : the outcome's likelihoods, shape (behaviours + 1,)
    belief : hidden classes before the week, shape (H,); out : filled, shape (H,), not normalised
    loss, regain : moves of liquidity at the next review
    """
    for h in range(N_HIDDEN):
        out[h] = belief[h] * like[behaviour_of(h)]
    out[0] += belief[MISINFORMED] * like[CLEARED]
    total = 0.0
    for d in range(4):
        able, strained = out[d], out[4 + d]
        out[d] = able * (1.0 - loss) + strained * regain
        out[4 + d] = able * loss + strained * (1.0 - regain)
        total += able + strained
    return total
