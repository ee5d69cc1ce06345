"""From a service level to agents, and from agents to people."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simcollect.errors import InputError, Problem
from simcollect.staffing.checks import number
from simcollect.staffing.erlang import QueueResult, queue_a


@dataclass(frozen=True)
class Requirement:
    """The least team that keeps the promises.

    Attributes
    ----------
    agents : agents that must be taking calls
    people : people to schedule so that, after shrinkage, that many are there
    result : how the team of `agents` answers
    """

    agents: int
    people: int
    result: QueueResult


def agents_for(
    calls: float,
    interval_min: float,
    handling_s: float,
    target_s: float = 20.0,
    service_level: float = 0.80,
    patience_s: float = math.inf,
    max_occupancy: float = 1.0,
    shrinkage: float = 0.0,
) -> Requirement:
    """Return the least number of agents that answers enough calls in time, and the people to schedule for it.

    Parameters
    ----------
    calls, interval_min, handling_s, target_s : as in `queue_c`
    service_level : least share of all calls to be answered within the target; 80 % in 20 s is the usual
    convention patience_s : mean patience, seconds; infinite (nobody hangs up, Erlang C) is the cautious
    choice max_occupancy : largest share of the agents' time on calls; 1 sets no limit
    shrinkage : share of paid time away from the work (leave, illness, training, breaks)

    Raises
    ------
    InputError
        A share lies outside its range; see also `queue_c`.

    Examples
    --------
    100 calls in half an hour of three minutes each, 30 % shrinkage:

    >>> need = agents_for(calls=100, interval_min=30, handling_s=180, shrinkage=0.30)
    >>> need.agents, need.people
    (14, 20)
    """
    for name, share, fits, rule in (
        ("service_level", service_level, 0 <= service_level < 1, "must be at least 0 and below 1"),
        ("max_occupancy", max_occupancy, 0 < max_occupancy <= 1, "must be above 0 and at most 1"),
        ("shrinkage", shrinkage, 0 <= shrinkage < 1, "must be at least 0 and below 1"),
    ):
        if not fits:
            raise InputError(
                [Problem("agents_for", None, name, str(share), rule, "give a share, 0.8 for 80 %")]
            )
    number("agents_for", "patience_s", patience_s, above=True)

    def team(agents: int) -> QueueResult:
        return queue_a(calls, interval_min, handling_s, agents, patience_s, target_s)

    def enough(agents: int) -> bool:
        result = team(agents)
        return result.service_level >= service_level and result.occupancy <= max_occupancy

    # Both measures improve with every agent, so the least number is found by doubling and halving.
    short, agents = -1, 0
    while not enough(agents):
        short, agents = agents, max(1, 2 * agents)
    while agents - short > 1:
        middle = (short + agents) // 2
        short, agents = (short, middle) if enough(middle) else (middle, agents)
    return Requirement(agents, people_for(agents, shrinkage), team(agents))


def people_for(agents: float, shrinkage: float) -> int:
    """Return the people to schedule so that `agents` are there, rounded up.

    Examples
    --------
    >>> people_for(14, 0.30)
    20
    """
    return round_up(agents / (1 - shrinkage))


def round_up(amount: float) -> int:
    """Return the next whole number, forgiving rounding in the ninth decimal (20.000000000000004 is 20).

    Examples
    --------
    >>> round_up(20.000000000000004), round_up(20.1)
    (20, 21)
    """
    return math.ceil(round(amount, 9))
