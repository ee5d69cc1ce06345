"""The choice of one day: for each account under review, what is believed of it now, and the action of most worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from simcollect.behaviour.chain import Kernel
from simcollect.behaviour.classes import N_BEHAVIOURS, N_HIDDEN
from simcollect.behaviour.law import behaviour_of
from simcollect.behaviour.states import FIRST_WEEK, LEVELS, N_WEEKS, PLAN
from simcollect.optimisation.recursion import LEGAL_SLOTS, MESSAGES, Terms
from simcollect.optimisation.watching import tries_since, watch

Array = npt.NDArray[np.float64]
CALLS = 7  # bit of consents for the telephone; the bits before it are the message channels


class Weeks(NamedTuple):
    """What the belief needs of each segment and week, shape (G, T)."""

    season: npt.NDArray[np.int64]
    loss: Array
    regain: Array


class Means(NamedTuple):
    """What an action needs of an account, shape (A,)."""

    channel: npt.NDArray[np.int64]  # of its message, -1 for none
    attempts: npt.NDArray[np.int64]  # contact attempts planned in the week
    calls: npt.NDArray[np.bool_]  # whether it needs the telephone


class Uses(NamedTuple):
    """What one account-week takes, by segment and row of the open kernel, shape (G, rows), in the week at hand.

    ``cost`` weighs as the values do: value of today's money, or what the goal makes of it.
    """

    minutes: Array
    messages: Array
    cost: Array


class Memory(NamedTuple):
    """What the lender remembers of each account since its last review, one entry an account of the book.

    ``belief`` (n, H) belongs to the last review, as all else: ``state``, ``action``, ``day``, ``age`` (days since the
    oldest unpaid due date); ``share`` of the week that followed it that was watched.
    """

    belief: Array
    state: npt.NDArray[np.int16]
    action: npt.NDArray[np.int8]
    day: npt.NDArray[np.int32]
    age: npt.NDArray[np.int32]
    share: Array


class Seen(NamedTuple):
    """What the lender sees of accounts today, one entry a row; see `simcollect.strategy.Policy`."""

    account: npt.NDArray[np.int64]
    segment: npt.NDArray[np.int64]
    state: npt.NDArray[np.int16]
    age: npt.NDArray[np.int32]
    instalment: Array  # in money
    consents: npt.NDArray[np.int64]
    attempt_day: npt.NDArray[np.int64]
    attempt_days: npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def believe(kernel: Kernel, weeks: Weeks, means: Means, memory: Memory, seen: Seen, day: int, out: Array) -> None:
    """Fill what is believed today of each row, shape (rows, H)."""
    last = weeks.season.shape[1] - 1
    for n in range(seen.account.size):
        i, g = seen.account[n], seen.segment[n]
        days = day - memory.day[i]
        if days <= 0:
            out[n] = memory.belief[i]
            continue
        action, tried = memory.action[i], 1.0
        t = min(max(memory.day[i], 0) // 7, last)
        moved = days - (seen.age[n] - memory.age[i])
        if means.attempts[action] > 0:
            tries = tries_since(seen.attempt_day[n], seen.attempt_days[n], memory.day[i])
            if tries == 0:
                tried = 0.0
            elif moved == 0 and seen.attempt_day[n] < memory.day[i] + 7:
                met = kernel.level_of[seen.state[n]] > kernel.level_of[memory.state[i]]
                tried = 1.0 if met else min(1.0, tries / means.attempts[action])
        watch(
            kernel, weeks.season[g, t], memory.belief[i], memory.state[i], action, tried, seen.state[n], days, moved,
            memory.share[i], weeks.loss[g, t], weeks.regain[g, t], out[n],
        )  # fmt: skip


@njit(cache=True, nogil=True)
def choose(
    kernel: Kernel,
    terms: Terms,
    means: Means,
    uses: Uses,
    worth: Array,
    price: Array,
    pressure: Array,
    consent: Array,
    belief: Array,
    seen: Seen,
    actions: npt.NDArray[np.int8],
    urgency: Array,
    demand: Array,
) -> None:
    """Fill the best action of each row, and how urgent it is: gain for each unit of what it uses.

    Parameters
    ----------
    terms : teams, and which actions are allowed
    worth : money per unit of instalment and cost per account with what is used at its price, shape (G, S, A, 2, H)
    price : of each resource this week, as `worth` has it, shape (R,)
    pressure : factor on the price of what is used now, shape (R,)
    consent : share of the book's accounts that have consented to each message channel
    belief : shape (rows, H)
    actions, urgency : filled, shape (rows,)
    demand : added to: expected use of each resource, shape (R,)
    """
    for n in range(seen.account.size):
        g, s, unit = seen.segment[n], seen.state[n], seen.instalment[n]
        best, best_action, best_use, best_resource = 0.0, 0, 0.0, 0
        waiting = _mean(worth[g, s, 0], belief[n], unit)
        for a in range(1, worth.shape[2]):
            if not terms.allowed[a, s] or s >= PLAN:
                continue
            if means.calls[a] and not seen.consents[n] >> CALLS & 1:
                continue
            net = _mean(worth[g, s, a], belief[n], unit) - waiting
            if kernel.legal[a]:
                resource, amount = terms.teams + LEGAL_SLOTS, 1.0
            elif means.attempts[a] > 0:
                resource, amount = terms.team[a, s], _mean_use(kernel, uses.minutes[g], a, s, belief[n])
            else:
                resource = terms.teams + MESSAGES
                amount = _mean_use(kernel, uses.messages[g], a, s, belief[n])
                channel = means.channel[a]
                if channel >= 0:
                    # The plan knows the average reach of a channel; of this account it is known whether it consented.
                    if not seen.consents[n] >> channel & 1:
                        continue
                    cost = _mean_use(kernel, uses.cost[g], a, s, belief[n]) + price[resource] * amount
                    if terms.team[a, s] >= 0:  # incoming calls that the message provokes
                        cost += price[terms.team[a, s]] * _mean_use(kernel, uses.minutes[g], a, s, belief[n])
                    net = (net + cost) / max(consent[channel], 1e-9) - cost
            net -= (pressure[resource] - 1.0) * price[resource] * amount
            if net > best + 1e-12 * abs(waiting):
                best, best_action, best_use, best_resource = net, a, amount, resource
        actions[n] = best_action
        urgency[n] = 0.0
        if best_action > 0:
            urgency[n] = best / max(best_use, 1e-9) + pressure[best_resource] * price[best_resource]
            demand[best_resource] += best_use


@njit(cache=True, nogil=True, inline="always")
def _mean(q: Array, belief: Array, unit: float) -> float:
    total = 0.0
    for h in range(N_HIDDEN):
        total += belief[h] * (unit * q[0, h] - q[1, h])
    return total


@njit(cache=True, nogil=True, inline="always")
def _mean_use(kernel: Kernel, stat: Array, action: int, s: int, belief: Array) -> float:
    row = ((action * N_WEEKS + kernel.week_of[s] - FIRST_WEEK) * LEVELS + kernel.level_of[s]) * N_BEHAVIOURS
    total = 0.0
    for h in range(N_HIDDEN):
        total += belief[h] * stat[row + behaviour_of(h)]
    return total
