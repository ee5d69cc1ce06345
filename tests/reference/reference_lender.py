"""The reference lender: one work list a team, worked each working day while minutes last; slots at the law firm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from math import exp, log
from typing import TYPE_CHECKING, Any

import numpy as np
from reference_world import OPEN, World, age_group

if TYPE_CHECKING:
    import simpy
    from reference_borrower import Borrower

SHIFT = 0.5  # of a day: after the morning of every borrower, before the evening


class Lender:
    """What borrowers meet: the counts of a run, the law firm's slots, and the teams' lists."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.world, self.rng = world, rng
        self.tally: dict[str, float] = defaultdict(float)
        self.lists: dict[str, dict[Borrower, None]] = defaultdict(dict)  # each on a list once, in order of entry
        self._suits = 0
        self._incoming = 0.0  # minutes of calls not answered yet

    def legal_slot(self, day: int) -> bool:
        """Take a slot at the law firm; slots become free evenly, a seventh of a week's each day."""
        if self._suits + 1 > (day + 1) * self.world.resources.legal_slots_a_week / 7:
            return False
        self._suits += 1
        self.tally["suits"] += 1
        return True

    def answer_call(self) -> None:
        """Note a call that a message has provoked: it takes time of the early team, today or when it next works."""
        p = self.world.parameters
        self.tally["inbound"] += 1
        self._incoming += _lognormal(self.rng, p["time.inbound"], p["time.talk_sigma"])

    def team(self, env: simpy.Environment, name: str) -> Generator[Any, Any, None]:
        """Work a team's list, day after day."""
        world = self.world
        capacity = world.resources.minutes_a_day(name)
        yield env.timeout(SHIFT)
        for day in range(world.days):
            self.lists[name] = {b: None for b in self.lists[name] if b.team == name}
            if world.working[day] and capacity > 0:
                self._work(name, day, capacity)
            yield env.timeout(1)

    def _work(self, name: str, day: int, capacity: float) -> None:
        world = self.world
        used = 0.0
        if name == "early":
            used = min(self._incoming, capacity)
            self._incoming -= used
        # An attempt begins if there is time for the least that it can take.
        least = world.parameters["time.visit" if name == "field" else "time.no_answer"]
        work_list = sorted(self.lists[name], key=self._rank(day))
        for place, borrower in enumerate(work_list):
            if used + least > capacity:
                break
            if name == "field":
                used += self._visit(borrower, day)
            else:
                # Productive minutes are spread evenly over the shift; a list that leaves some, likewise.
                hour = int(max(used / capacity, place / len(work_list)) * len(world.hour_index))
                used += self._call(borrower, day, name, world.hour_index[hour])
        self.tally[f"minutes_{name}"] += used

    def _rank(self, day: int) -> Any:
        ranks = {
            "oldest": lambda b: -b.x(day),
            "balance": lambda b: -b.principal,
            "score": lambda b: -b.score,
        }
        return ranks[self.world.strategy.priority]

    def _call(self, borrower: Borrower, day: int, team: str, hour: float) -> float:
        p = self.world.parameters
        self.tally[f"attempts_{team}"] += 1
        weariness = borrower.weariness(day)
        live = p["call.live_answer"] * p["call.reach"][borrower.b] * p["call.attempt_decay"] ** borrower.attempts * hour
        borrower.attempts += 1
        u = self.rng.random()
        if u >= live:
            minutes = p["time.no_answer"]
        elif u >= live * p["call.right_party"]:
            minutes = p["time.third_party"]
        else:
            minutes = _lognormal(self.rng, p["time.talk"], p["time.talk_sigma"])
            minutes += _lognormal(self.rng, p["time.wrap"], p["time.wrap_sigma"])
            minutes += p["time.offer"] * self._talk(borrower, day, team, weariness)
        self._give_up(borrower)
        return float(minutes)

    def _visit(self, borrower: Borrower, day: int) -> float:
        p = self.world.parameters
        self.tally["attempts_field"] += 1
        borrower.attempts += 1
        weariness = borrower.weariness(day)
        if self.rng.random() < p["visit.right_party"] * p["call.reach"][borrower.b]:
            self._talk(borrower, day, "field", weariness)
        self._give_up(borrower)
        return float(p["time.visit"])

    def _talk(self, borrower: Borrower, day: int, team: str, weariness: float) -> bool:
        """Talk to the right party; return whether an offer was accepted."""
        p = self.world.parameters
        self.tally[f"talks_{team}"] += 1
        self.tally["complaints"] += self.rng.random() < p["complaint.call"] * weariness
        if team != "field" and self.rng.random() < p["optout.call"] * weariness:
            borrower.callable = False
            self.tally["opt_outs"] += 1
        borrower.team = None
        return borrower.talk(day, age_group(borrower.x(day)))

    def _give_up(self, borrower: Borrower) -> None:
        if borrower.attempts >= borrower.attempts_planned or borrower.mode != OPEN:
            borrower.team = None


def _lognormal(rng: np.random.Generator, mean: float, sigma: float) -> float:
    return exp(log(mean) - sigma * sigma / 2 + sigma * rng.standard_normal())
