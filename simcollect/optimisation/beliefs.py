"""Which beliefs occur: points for the bound, drawn from accounts' histories under the plan.

Half of the histories begin as the book does, half in a state at random, so that rare states have points too; each
follows a column of the plan but for some weeks in which it takes any action. What is believed at each review is worked
out with Bayes' rule. Two kinds of points come of it:

- *edges*: the disposition is known, liquidity is not, with the chances of being strained that occur. Any belief is a
  mix of one on each edge, so that at worst dispositions are given away but liquidity stays hidden. A line needs few
  points, and these do more for the bound than any others;
- *inner* points, picked from the beliefs one after the other, each with a chance that grows with the square of its
  distance to those picked already (Arthur & Vassilvitskii 2007, "k-means++").

Any points give a valid bound; well chosen ones a tight one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import DISPOSITIONS, N_BEHAVIOURS, N_HIDDEN
from simcollect.behaviour.states import N_STATES, PLAN
from simcollect.optimisation.belief_mixes import Grid
from simcollect.optimisation.columns import Column
from simcollect.optimisation.model import Model, Segment
from simcollect.optimisation.outcomes import COLUMNS, N_GROUPS, N_LANES, Outcomes, seen
from simcollect.optimisation.recursion import Series

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

HISTORIES = 2000  # a segment: judgement
OFF_PLAN = 0.3  # share of weeks in which a history departs from the plan: judgement
FEWEST = 4  # inner points of a group that hardly occurs: judgement
N_DISPOSITIONS = len(DISPOSITIONS)
ON_EDGE = (
    3  # points on each edge: twice as many close 3 % more of the distance to what the plan earns, and cost as much
)


def choose_points(
    model: Model,
    outcomes: Outcomes,
    segment: Segment,
    columns: Sequence[Column],
    shares: Array,
    points: int,
    seed: int,
) -> Grid:
    """Pick belief points for each group of observed states.

    Parameters
    ----------
    columns, shares : the plan for this segment
    points : points a group on average, apart from the corners: first those on the edges, the rest inner ones, of which
        groups that occur often have more
    seed : of the draws
    """
    draw = np.random.default_rng(seed)
    start = segment.accounts.sum(axis=1)
    anywhere = ~outcomes.ends[outcomes.group_of]
    start *= anywhere
    states = np.concatenate(
        [
            draw.choice(N_STATES, HISTORIES // 2, p=(start + 1e-12 * anywhere) / (start + 1e-12 * anywhere).sum()),
            draw.choice(N_STATES, HISTORIES - HISTORIES // 2, p=anywhere / anywhere.sum()),
        ]
    )
    weeks = segment.series.season.size
    group = np.full((HISTORIES, weeks), -1)
    lane, belief = np.zeros((HISTORIES, weeks), np.int64), np.zeros((HISTORIES, weeks, N_HIDDEN))
    _histories(
        outcomes,
        model.chain.kernel,
        segment.series,
        model.terms.allowed,
        np.stack([column.policy for column in columns]),
        draw.choice(len(columns), HISTORIES, p=shares / shares.sum()),
        states,
        segment.faith,
        draw.random((HISTORIES, weeks, 3)),
        group,
        lane,
        belief,
    )
    visits = np.full((N_GROUPS, N_LANES), 1e-3)
    as_is = group[: HISTORIES // 2].ravel() >= 0
    np.add.at(visits, (group[: HISTORIES // 2].ravel()[as_is], lane[: HISTORIES // 2].ravel()[as_is]), 1.0)
    seen_in = [belief[group == g] for g in range(N_GROUPS)]
    on_edge = min(ON_EDGE, points // N_DISPOSITIONS)
    inner = points - N_DISPOSITIONS * on_edge
    often = np.sqrt([len(beliefs) for beliefs in seen_in])
    wanted = np.rint(inner * (~outcomes.ends).sum() * often / max(often.sum(), 1e-12))
    picked = [
        np.concatenate([_edges(beliefs, on_edge), _spread_out(beliefs, max(int(n), min(FEWEST, inner)), draw)])
        for beliefs, n in zip(seen_in, wanted, strict=True)
    ]
    return Grid(
        ptr=np.concatenate([[0], np.cumsum([N_HIDDEN + len(p) for p in picked])]).astype(np.int64),
        points=np.concatenate([np.concatenate([np.eye(N_HIDDEN), p]) for p in picked]),
        visits=visits / visits.sum(),
    )


def _edges(beliefs: Array, on_edge: int) -> Array:
    """Return points with a known disposition, spread evenly over the chances of being strained that occur with it."""
    if on_edge == 0 or len(beliefs) == 0:
        return np.zeros((0, N_HIDDEN))
    # The rarest at either end are left to the corners.
    levels = np.linspace(0.02, 0.98, on_edge) if on_edge > 1 else np.array([0.5])
    points = np.zeros((N_DISPOSITIONS, on_edge, N_HIDDEN))
    for d in range(N_DISPOSITIONS):
        both = beliefs[:, d] + beliefs[:, N_DISPOSITIONS + d]
        strained = beliefs[both > 0, N_DISPOSITIONS + d] / both[both > 0]
        spread = np.quantile(strained, levels) if strained.size else np.full(on_edge, 0.5)
        points[d, :, d], points[d, :, N_DISPOSITIONS + d] = 1 - spread, spread
    return np.unique(points.reshape(-1, N_HIDDEN), axis=0)


def _spread_out(beliefs: Array, wanted: int, draw: np.random.Generator) -> Array:
    """Pick some of the beliefs, far from each other."""
    if wanted == 0 or len(beliefs) == 0:
        return np.zeros((0, N_HIDDEN))
    mean = beliefs.mean(axis=0)
    chosen = [int(((beliefs - mean) ** 2).sum(axis=1).argmin())]
    far = ((beliefs - beliefs[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < wanted and far.max() > 1e-12:
        chosen.append(int(draw.choice(len(beliefs), p=far / far.sum())))
        far = np.minimum(far, ((beliefs - beliefs[chosen[-1]]) ** 2).sum(axis=1))
    return np.asarray(beliefs[chosen])


@njit(cache=True, nogil=True)
def _histories(
    outcomes: Outcomes,
    kernel: Kernel,
    series: Series,
    allowed: npt.NDArray[np.bool_],
    policies: npt.NDArray[np.int8],
    column: Whole,
    state: Whole,
    faith: Array,
    luck: Array,
    group: Whole,
    lane: Whole,
    belief: Array,
) -> None:
    """Fill where each history stands at each review and what is believed of it; ended ones keep group -1."""
    row_at = np.full((N_GROUPS, allowed.shape[0]), -1)
    for g in range(N_GROUPS):
        for row in range(outcomes.group_ptr[g], outcomes.group_ptr[g + 1]):
            row_at[g, outcomes.row_action[row]] = row
    certain = np.zeros(COLUMNS)
    certain[:N_BEHAVIOURS] = 1.0
    m, weeks = np.empty(N_HIDDEN), luck.shape[1]
    for n in range(state.size):
        s = state[n]
        g, at = outcomes.group_of[s], outcomes.lane_of[s]
        total = seen(certain, faith[s], series.loss[0], series.regain[0], m)
        for t in range(weeks):
            group[n, t], lane[n, t], belief[n, t] = g, at, m / total
            s = outcomes.group_state[g, at]
            action = policies[column[n], t, s] if s < PLAN else 0
            if s < PLAN and luck[n, t, 0] < OFF_PLAN:
                other = int(luck[n, t, 1] * allowed.shape[0])
                action = other if allowed[other, s] else action
            row = row_at[g, action]
            if row < 0 or t + 1 == weeks:
                break  # goes to law
            left = luck[n, t, 2]
            last = outcomes.row_ptr[row + 1] - 1
            for o in range(outcomes.row_ptr[row], last + 1):
                total = seen(
                    outcomes.like[series.season[t], o], belief[n, t], series.loss[t + 1], series.regain[t + 1], m
                )
                left -= total
                if left <= 0.0 and total > 0.0:
                    last = o
                    break
            g, at = outcomes.cell_group[outcomes.cell[last]], outcomes.cell_lane[outcomes.cell[last], at]
            if outcomes.ends[g] or total <= 0.0:
                break
