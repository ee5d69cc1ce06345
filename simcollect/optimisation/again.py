"""Planning again in the course of a run: the rest of the horizon, on the book as it stands and what is believed of it.

The last plan's columns, less the weeks gone, are feasible policies for the rest: evaluated on the new book they and
their prices are a start from which a few rounds of pricing find what has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from simcollect.behaviour.classes import N_HIDDEN
from simcollect.behaviour.states import FIRST_WEEK, FLAGS, LAST_WEEK, LEVELS, N_STATES, open_state
from simcollect.optimisation.athand import mix_columns, net_worth, rent
from simcollect.optimisation.choosing import Seen
from simcollect.optimisation.columns import ChainGroup, Column
from simcollect.optimisation.model import Model, Segment, _weeks

Array = npt.NDArray[np.float64]
ROUNDS = 3  # of pricing from a warm start: judgement
KEPT = 4  # columns of a segment taken over from the last plan: judgement


@dataclass(frozen=True, eq=False)
class Course:
    """A plan under way.

    Attributes
    ----------
    model : the planning problem of the weeks from `first_week` on
    groups : its segments, as what is striven for weighs them
    first_week : week of the run in which it begins
    capacity : what may be used of each resource, shape (R, T)
    prices : of each resource, shape (R, T); under a goal also of each limit, below them
    columns : for each segment the policies in use, most used first
    later : for each segment the values a week later under its main column, shape (T, S, 2, H)
    """

    model: Model
    groups: tuple[ChainGroup, ...]
    first_week: int
    capacity: Array
    prices: Array
    columns: tuple[tuple[Column, ...], ...]
    later: tuple[Array, ...]


def plan_again(first: Model, course: Course, week: int, seen: Seen, belief: Array) -> Course:
    """Return the course for the weeks that are left.

    Parameters
    ----------
    first : the planning problem of the whole horizon
    course : the course so far
    week : week of the run that begins today
    seen, belief : every account of the book
    """
    gone = week - course.first_week
    model = _rest(course.model, gone, seen, belief)
    capacity, prices = course.capacity[:, gone:], course.prices[:, gone:]
    groups = [ChainGroup(model, segment) for segment in model.segments]
    pool: list[list[Column]] = [
        [group.evaluate(np.ascontiguousarray(column.policy[gone:]))[0] for column in columns[:KEPT]] + [group.nothing()]
        for group, columns in zip(groups, course.columns, strict=True)
    ]
    best_prices, best_dual = prices, np.inf
    weights: Sequence[Array] = ()
    for _ in range(ROUNDS):
        starts = [max(columns, key=lambda column: net_worth(column, prices)) for columns in pool]
        found = [group.improve(prices, start, 1) for group, start in zip(groups, starts, strict=True)]
        dual = sum(net_worth(column, prices) for column in found) + rent(prices, capacity)
        for columns, column in zip(pool, found, strict=True):
            columns.append(column)
        if dual < best_dual:
            best_dual, best_prices = dual, prices
        weights, marginal, _, _ = mix_columns(pool, capacity, ())
        prices = 0.5 * best_prices + 0.5 * np.maximum(marginal, 0.0)
    return make_course(groups, week, capacity, best_prices, pool, weights)


def make_course(
    groups: Sequence[ChainGroup],
    first_week: int,
    capacity: Array,
    prices: Array,
    columns: Sequence[Sequence[Column]],
    weights: Sequence[Array],
) -> Course:
    """Return a course from columns and how much each is used."""
    used = []
    for own, w in zip(columns, weights, strict=True):
        order = [k for k in np.argsort(-w, kind="stable") if w[k] > 1e-9]
        used.append(tuple(own[k] for k in order))
    later = tuple(values_later(group, own[0], prices)[0] for group, own in zip(groups, used, strict=True))
    return Course(groups[0].model, tuple(groups), first_week, capacity, prices, tuple(used), later)


def values_later(group: ChainGroup, column: Column, prices: Array) -> tuple[Array, Array, Array]:
    """Return what accounts of a segment are worth a week later under a column, shape (T, S, 2, H), and its measures.

    Money per unit of instalment, and cost per account with the use of scarce resources at the prices.
    """
    keep = np.zeros((group.model.weeks, N_STATES, 2, N_HIDDEN))
    _, mu, nu, _ = group.evaluate(column.policy)
    group.sweep_back(prices, mu, nu, column.policy.copy(), keep)
    return keep, mu, nu


def _rest(model: Model, gone: int, seen: Seen, belief: Array) -> Model:
    """Return the planning problem of the weeks that are left, with the book as it stands."""
    accounts, instalments = _measures(len(model.segments), seen, belief)
    segments = tuple(
        _later(segment, gone, model.weeks, accounts[g], instalments[g]) for g, segment in enumerate(model.segments)
    )
    return replace(model, segments=segments, capacity=model.capacity[:, gone:], weeks=model.weeks - gone)


def _later(segment: Segment, gone: int, weeks: int, accounts: Array, instalments: Array) -> Segment:
    return replace(segment, accounts=accounts, instalments=instalments, series=_weeks(segment.series, gone, weeks))


def _measures(groups: int, seen: Seen, belief: Array) -> tuple[Array, Array]:
    """Return accounts and instalments by segment, observed state and hidden class, shape (G, S, H) each.

    An account between two reviews is split between the two weeks so that its mean age is kept, as on day 0.
    """
    accounts, instalments = np.zeros((groups, N_STATES, N_HIDDEN)), np.zeros((groups, N_STATES, N_HIDDEN))
    share = (seen.age % 7) / 7.0
    following = _a_week_older(seen.state)
    for state, weight in ((seen.state, 1.0 - share), (following, share)):
        np.add.at(accounts, (seen.segment, state), belief * weight[:, None])
        np.add.at(instalments, (seen.segment, state), belief * (weight * seen.instalment)[:, None])
    return accounts, instalments


def _a_week_older(state: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Return the state of accounts a week on if nothing happens; other modes stay."""
    older = np.arange(N_STATES, dtype=np.int16)
    for week in range(FIRST_WEEK, LAST_WEEK):
        for level in range(LEVELS if week >= 0 else 1):
            for flag in range(FLAGS if week >= 0 else 1):
                for late in range(2):
                    older[open_state(week, level, flag, late)] = open_state(week + 1, level, flag, late)
    return older[state]
