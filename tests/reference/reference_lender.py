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

# Parts of a day: both after the morning of every borrower, before the evening.
HANDING_OVER, SHIFT = 0.25, 0.5
FULL = 0.85  # a list that is likely to fill more of the shift than this is worked in its order


class Lender:
    """What borrowers meet: the counts of a run, the law firm's slots, and the teams' lists."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.world, self.rng = world, rng
        self.tally: dict[str, float] = defaultdict(float)
        self.lists: dict[str, dict[Borrower, None]] = defaultdict(dict)  # each on a list once, in order of entry
        self.for_law: list[Borrower] = []  # today's
        self._incoming = 0.0  # minutes of calls not answered yet
        self._debt: dict[str, float] = defaultdict(float)  # minutes that each team has worked too long so far

    def law_firm(self, env: simpy.Environment) -> Generator[Any, Any, None]:
        """Take accounts over each morning after the reviews, in the order of the work lists, as far as slots go.

        Slots become free evenly, a seventh of a week's each day; what nobody takes for a week is lost.
        """
        a_week, slots = self.world.resources.legal_slots_a_week, 0.0
        yield env.timeout(HANDING_OVER)
        for day in range(self.world.days):
            slots = min(slots + a_week / 7, max(a_week, 1.0))
            for borrower in sorted(self.for_law, key=self._rank(day))[: int(slots + 1e-9)]:
                self.tally["suits"] += 1
                slots -= 1
                borrower.enter_law()
            self.for_law.clear()
            yield env.timeout(1)

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
        capacity -= self._debt[name]
        usual = self._usual_minutes(name)
        work_list = sorted(self.lists[name], key=self._rank(day))
        full = usual * len(work_list) >= FULL * (capacity - used)
        undone = False
        for borrower in work_list:
            if used + usual / 2 >= capacity:
                undone = True
                break
            if name == "field":
                used += self._visit(borrower, day)
            else:
                # A full list is called in its order from the first hour on, a short one at any time of the shift.
                at = used / capacity if full else self.rng.random()
                used += self._call(borrower, day, name, world.hour_index[int(at * len(world.hour_index))])
        # Time to spare counts for the next day only if there was work that did not fit.
        self._debt[name] = used - capacity if undone else max(used - capacity, 0.0)
        self.tally[f"minutes_{name}"] += used

    def _usual_minutes(self, team: str) -> float:
        """Return the minutes that a first attempt takes on average."""
        p = self.world.parameters
        if team == "field":
            return float(p["time.visit"])
        live, right = p["call.live_answer"], p["call.right_party"]
        answered = right * (p["time.talk"] + p["time.wrap"]) + (1 - right) * p["time.third_party"]
        return float(live * answered + (1 - live) * p["time.no_answer"])

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
