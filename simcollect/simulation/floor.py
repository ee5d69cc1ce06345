"""A day of the collectors: incoming calls first, then each team's list.

A team of a fifth of a person cannot make a fifth of a visit a day. So what a day's work runs over its time is taken
from the next day's, and time that is left because nothing more would fit is added to it: over the weeks a team works as
long as it has people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from simcollect.simulation import shift
from simcollect.simulation.attempts import Tries
from simcollect.simulation.flows import incoming_minutes
from simcollect.simulation.run import Replication
from simcollect.simulation.world import World
from simcollect.strategy import TEAMS, Resources

Each = Callable[[Callable[[int], Any], Iterable[int]], list[Any]]


class Floor:
    """The teams of a running simulation.

    Parameters
    ----------
    result : minutes, capacity and paid hours are written there
    ties : whether accounts can be equally urgent; they are then taken in their order
    """

    def __init__(self, resources: Resources, world: World, result: Replication, *, ties: bool) -> None:
        self._resources, self._world, self._result, self._ties = resources, world, result, ties
        self._unanswered = 0.0
        self._over = np.zeros(len(TEAMS))  # minutes by which each team is ahead of its time
        self._each_minutes = float(world.rules["minutes"][0])
        self._hours = shift.hours_of(world.rules)

    def work(
        self, t: int, working: bool, people: dict[str, float], tries: Tries, teams: npt.NDArray[np.int8], each: Each
    ) -> list[npt.NDArray[np.int64]]:
        """Let all teams work day t's lists; return each team's in the order in which it was worked.

        Parameters
        ----------
        working : whether this is a working day
        people : collectors at work, by team
        tries, teams : see `simcollect.simulation.attempts.look_up`
        each : does something for each of several items, perhaps at once
        """
        self._unanswered += incoming_minutes(self._world.tallies, int(self._world.days["column"][t]))

        def work(team: int) -> npt.NDArray[np.int64]:
            return self._team(t, team, working, people[TEAMS[team]], tries, teams)

        return each(work, range(len(TEAMS)))

    def _team(
        self, t: int, team: int, working: bool, people: float, tries: Tries, teams: npt.NDArray[np.int8]
    ) -> npt.NDArray[np.int64]:
        resources, result, minutes = self._resources, self._result, self._each_minutes
        people = max(float(people), 0.0)
        payroll = max(people, resources.team(TEAMS[team]).people)
        if TEAMS[team] == resources.answering_team and working:
            answered = self._answer(people * minutes)
            result.minutes[t, team] = answered
            people -= answered / minutes
        result.paid_hours[t, team] = payroll * resources.hours * working
        result.capacity[t, team] = people * minutes * working + result.minutes[t, team]
        if people <= 0 or not working:
            return np.zeros(0, np.int64)
        mine = np.flatnonzero(teams == team)
        a_head = max(self._hours.shuts - self._hours.opens, 0.0)
        there = people * a_head - self._over[team]
        used, order, left = shift.work(
            tries, self._world.rules, self._hours, there / a_head if a_head else 0.0, mine, self._ties
        )  # fmt: skip
        self._over[team] = used - there if left else max(used - there, 0.0)
        result.minutes[t, team] += used
        return order

    def _answer(self, available: float) -> float:
        """Let incoming calls take their minutes ahead of the list; those that find nobody free call again tomorrow."""
        answered = min(self._unanswered, available)
        self._unanswered -= answered
        return answered
