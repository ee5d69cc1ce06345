"""Queues of a call team: Erlang B, C and A, and the waits of priority classes.

Symbols: λ calls a second, 1/μ mean handling time, θ = 1 / mean patience, c agents, load a = λ/μ (in erlangs:
the number of agents that would be busy if none were short).

    B(c) = a B(c−1) / (c + a B(c−1)), B(0) = 1         chance that all of c lines are busy, blocked calls lost
    C    = B / (1 − (a/c)(1 − B)), for a < c           chance of waiting, blocked calls wait
    P(W > t) = C exp(−(cμ − λ) t),   mean wait = C / (cμ − λ)

Erlang A (M/M/c+M: callers hang up after an exponential time) by the density of the wait that a caller of
endless patience would have, v(t) = λ exp(λ (1 − e^{−θt})/θ − cμ t) / (1/B(c−1) + λJ), J the integral of that
exponential: Palm 1957; Zeltyn & Mandelbaum, Queueing Systems 51, 2005. Priorities: Cobham, Operations
Research 2(1), 1954; for several servers Kella & Yechiali, Operations Research 33(3), 1985.

Calls are counted for an interval in minutes, as forecasts are; handling, target and patience are in seconds.
The names of the arguments carry the units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcollect.staffing.checks import count, number
from simcollect.staffing.patience import virtual_wait


def erlang_b(load: float, lines: int) -> float:
    """Return the chance that a call finds all lines busy and is lost.

    Parameters
    ----------
    load : offered load in erlangs (calls a minute times minutes a call)
    lines : number of lines (or agents who never let a call wait)

    Examples
    --------
    >>> round(erlang_b(10, 12), 6)
    0.119739
    """
    load, lines = number("erlang_b", "load", load), count("erlang_b", "lines", lines)
    blocked = 1.0
    for n in range(1, lines + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, agents: int) -> float:
    """Return the chance that a call has to wait when none hangs up.

    With no more agents than load the queue grows without end and every call waits: 1.

    Parameters
    ----------
    load : offered load in erlangs
    agents : number of agents taking calls

    Examples
    --------
    >>> round(erlang_c(10, 14), 6)
    0.174132
    """
    load, agents = number("erlang_c", "load", load), count("erlang_c", "agents", agents)
    if agents <= load:
        return 1.0
    blocked = erlang_b(load, agents)
    return blocked / (1 - load / agents * (1 - blocked))


@dataclass(frozen=True)
class QueueResult:
    """How a team of a given size answers.

    Attributes
    ----------
    load : offered load, erlangs
    agents : number of agents
    p_wait : chance that a call does not find a free agent
    p_abandon : share of calls that hang up unanswered
    service_level : share of all calls that are answered within the target (the first definition below)
    abandoned_in_target : share of all calls that hang up within the target
    mean_wait : mean wait over all calls, answered or not, in seconds
    occupancy : share of the agents' time spent on calls
    """

    load: float
    agents: int
    p_wait: float
    p_abandon: float
    service_level: float
    abandoned_in_target: float
    mean_wait: float
    occupancy: float

    def service_levels(self) -> dict[str, float]:
        """Return the four definitions of service level in use; they agree only when nobody hangs up.

        - ``of all``: answered in target / all calls (`service_level`)
        - ``of answered``: answered in target / answered calls
        - ``without short abandons``: answered in target / (all calls − abandoned in target)
        - ``abandons as met``: (answered + abandoned in target) / all calls

        Examples
        --------
        >>> team = queue_a(calls=100, interval_min=30, handling_s=180, agents=14, patience_s=300)
        >>> {name: round(share, 4) for name, share in team.service_levels().items()}
        {'of all': 0.9168, 'of answered': 0.9298, 'without short abandons': 0.9234, 'abandons as met': 0.924}
        """
        answered, short = self.service_level, self.abandoned_in_target
        return {
            "of all": answered,
            "of answered": answered / (1 - self.p_abandon) if self.p_abandon < 1 else 0.0,
            "without short abandons": answered / (1 - short) if short < 1 else 0.0,
            "abandons as met": answered + short,
        }

    def __repr__(self) -> str:
        return (
            f"<QueueResult {self.agents} agents, load {self.load:g}: {self.service_level:.1%} of all calls "
            f"answered in target, {self.p_wait:.1%} wait, mean {self.mean_wait:.1f} s, "
            f"{self.p_abandon:.1%} hang up, {self.occupancy:.1%} busy>"
        )


def queue_c(
    calls: float, interval_min: float, handling_s: float, agents: int, target_s: float = 20.0
) -> QueueResult:
    """Return how a team answers when every caller waits until answered (Erlang C).

    Parameters
    ----------
    calls : calls arriving in the interval
    interval_min : length of the interval, minutes
    handling_s : mean handling time of a call with its wrap-up, seconds
    agents : agents taking calls
    target_s : answer within this many seconds; 20 is the usual one (80 % in 20 s), a convention

    Raises
    ------
    InputError
        A number is negative, or a time is not above zero.

    Examples
    --------
    >>> queue_c(calls=100, interval_min=30, handling_s=180, agents=14)
    <QueueResult 14 agents, load 10: 88.8% of all calls answered in target, 17.4% wait, mean 7.8 s, 0.0% hang
    up, 71.4% busy>
    """
    rate, load, agents = _traffic("queue_c", calls, interval_min, handling_s, agents, target_s)
    if load == 0:
        return _idle(agents)
    waits = erlang_c(load, agents)
    spare = agents / handling_s - rate  # calls a second that the team could answer beyond those that come
    if spare <= 0:
        return QueueResult(load, agents, 1.0, 0.0, 0.0, 0.0, math.inf, 1.0)
    late = waits * math.exp(-spare * target_s)
    return QueueResult(load, agents, waits, 0.0, 1 - late, 0.0, waits / spare, load / agents)


def queue_a(
    calls: float,
    interval_min: float,
    handling_s: float,
    agents: int,
    patience_s: float,
    target_s: float = 20.0,
) -> QueueResult:
    """Return how a team answers when callers hang up (Erlang A, M/M/c+M).

    `service_level` is the share of *all* calls that are answered within the target;
    `QueueResult.service_levels` gives the three other definitions in use (of answered calls; leaving out
    those who hung up within the target; counting these as met).

    Parameters
    ----------
    calls, interval_min, handling_s, agents, target_s : as in `queue_c`
    patience_s : mean time a caller waits before hanging up, seconds; infinite gives Erlang C

    Raises
    ------
    InputError
        A number is negative, or a time is not above zero.

    Examples
    --------
    >>> team = queue_a(calls=100, interval_min=30, handling_s=180, agents=14, patience_s=300)
    >>> round(team.p_abandon, 6), round(team.mean_wait / 60, 6), round(team.service_level, 6)
    (0.013984, 0.069919, 0.916792)
    """
    rate, load, agents = _traffic("queue_a", calls, interval_min, handling_s, agents, target_s)
    number("queue_a", "patience_s", patience_s, above=True)
    if math.isinf(patience_s):
        return queue_c(calls, interval_min, handling_s, agents, target_s)
    if load == 0:
        return _idle(agents)
    if agents == 0:
        gone = -math.expm1(-target_s / patience_s)
        return QueueResult(load, 0, 1.0, 1.0, 0.0, gone, patience_s, 1.0)
    wait = virtual_wait(rate, agents / handling_s, patience_s, target_s)
    # Erlang B of one agent fewer weighs the states with an agent free against the waits.
    blocked = erlang_b(load, agents - 1)
    share = blocked * rate / (math.exp(-wait.peak) + blocked * rate * wait.total)
    p_abandon = share * wait.abandoned
    return QueueResult(
        load=load,
        agents=agents,
        p_wait=min(1.0, share * wait.total),
        p_abandon=p_abandon,
        service_level=max(0.0, 1 - share * (wait.total - wait.answered_in_target)),
        abandoned_in_target=share * wait.abandoned_in_target,
        mean_wait=p_abandon * patience_s,
        occupancy=min(1.0, load * (1 - p_abandon) / agents),
    )


def priority_waits(rates: Sequence[float], service_rate: float, servers: int = 1) -> NDArray[np.float64]:
    """Return the mean wait of each priority class when work in hand is finished first (non-preemptive).

    Parameters
    ----------
    rates : arrivals of each class, highest priority first, in a unit of time of your choice
    service_rate : calls one server finishes in the same unit of time, the same for all classes
    servers : number of servers

    Returns
    -------
    mean wait before service of each class, in that unit of time; infinite for classes that are crowded out

    Examples
    --------
    Three classes with .2, .6 and 1.2 arrivals an hour, one server finishing 3 an hour; waits in hours:

    >>> priority_waits([0.2, 0.6, 1.2], service_rate=3).round(6).tolist()
    [0.238095, 0.324675, 0.909091]
    """
    given = np.array([number("priority_waits", "rates", rate) for rate in rates])
    servers = count("priority_waits", "servers", servers)
    full = servers * number("priority_waits", "service_rate", service_rate, above=True)
    number("priority_waits", "servers", servers, 1)
    residual = erlang_c(given.sum() / service_rate, servers) / full
    left = 1 - np.concatenate([[0.0], np.cumsum(given)]) / full  # share of time left by the classes so far
    served = left[1:] > 0
    product = np.where(served, left[:-1] * left[1:], 1.0)
    return np.where(served, residual / product, np.inf)


def _traffic(
    where: str, calls: float, interval_min: float, handling_s: float, agents: int, target_s: float
) -> tuple[float, float, int]:
    """Return calls a second, load in erlangs, agents."""
    number(where, "target_s", target_s)
    handling = number(where, "handling_s", handling_s, above=True)
    rate = number(where, "calls", calls) / (60 * number(where, "interval_min", interval_min, above=True))
    return rate, rate * handling, count(where, "agents", agents)


def _idle(agents: int) -> QueueResult:
    return QueueResult(0.0, agents, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
