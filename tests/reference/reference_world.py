"""What surrounds the borrowers of the reference simulator: calendar, scenario, parameters as plain lists.

The reference simulator is written from `docs/model.md`, without the engine's code. It takes values from the package
(parameters, prior, action tables, tape, scenario paths, working days), but no rule of behaviour: it imports nothing of
`simcollect.simulation` nor of the laws and chains of `simcollect.behaviour`. Being slow and plain is its purpose: one
SimPy process a borrower, no arrays over accounts, no compiled code.

Some points of the page (how full a list must be to be worked in its order, what is begun before the end of a shift, the
law firm's slots) were put there after the outcomes of the two had been compared: on these they are not independent.
"""

from __future__ import annotations

import calendar as month_lengths
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from simcollect.behaviour import Behaviour
from simcollect.behaviour.parameters import CHANNELS, DAY_BINS, OFFERS
from simcollect.economy import Scenario, hazard_paths
from simcollect.portfolio import Portfolio
from simcollect.strategy import TEAMS, Resources, Strategy
from simcollect.worktime import WEEKDAY_SHARE, Calendar

PROMPT, MISINFORMED, STRAINED = 0, 2, 4  # rows of behaviour
NONE, BROKEN, REFUSAL, HARDSHIP = range(4)  # flags, the graver the higher
OPEN, ON_PLAN, IN_LAW, CHARGED_OFF, CLOSED = range(5)  # modes


@dataclass(frozen=True)
class World:
    """One run's inputs, in the form in which a borrower looks them up.

    Attributes
    ----------
    book, strategy, scenario, resources, behaviour, days : as given to `simcollect.simulate`; of a strategy only its
        first table is read, of a scenario its paths (no groups, no failing operations)
    prior : share of each hidden class, shape (product, band, S, H)
    """

    book: Portfolio
    strategy: Strategy
    scenario: Scenario
    resources: Resources
    behaviour: Behaviour
    prior: npt.NDArray[np.float64]
    days: int

    def __post_init__(self) -> None:
        if self.scenario.groups or self.scenario.operations:
            raise ValueError("the reference knows neither groups nor failing operations")

    @cached_property
    def start(self) -> date:
        """Date of day 0."""
        return self.book.as_of + timedelta(days=1)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Every parameter as nested lists, or as a number."""
        return {name: self.behaviour[name].tolist() for name in self.behaviour.table()["parameter"]}

    @cached_property
    def paths(self) -> dict[str, list[list[float]]]:
        """The scenario's multipliers, [product][day]."""
        paths = hazard_paths(self.scenario, self._calendar)
        return {"loss": paths.loss.tolist(), "regain": paths.regain.tolist(), "pay": paths.pay.tolist()}

    @cached_property
    def _calendar(self) -> Calendar:
        return Calendar.build(self.book.country, self.start, self.days)

    @cached_property
    def working(self) -> list[bool]:
        """Whether collectors work on each day."""
        return [bool(w) for w in self._calendar.working]

    @cached_property
    def weekday(self) -> list[float]:
        """Factor of each day's payments, mean 1 over a week; a public holiday counts as a Sunday."""
        mean = sum(WEEKDAY_SHARE) / 7
        holiday = self._calendar.holiday
        dates = (self.start + timedelta(days=d) for d in range(self.days))
        return [WEEKDAY_SHARE[6 if holiday[d] else day.weekday()] / mean for d, day in enumerate(dates)]

    @cached_property
    def hour_index(self) -> list[float]:
        """Relative live answer in each hour of the shift, mean 1."""
        first = self.resources.shift_start - 8  # the table begins at 8 h
        hours = self.parameters["call.hour_index"][first : first + round(self.resources.hours)]
        return [hour * len(hours) / sum(hours) for hour in hours]

    @cached_property
    def actions(self) -> list[int]:
        """Action of each observed state; what the catalogue does not allow is to wait."""
        table, allowed = self.strategy.tables[0, 0], self.strategy.catalogue.allowed()
        return [int(code) if allowed[code, state] else 0 for state, code in enumerate(table)]

    @cached_property
    def teams(self) -> list[list[str | None]]:
        """Team of each action in each observed state."""
        return [[TEAMS[t] if t >= 0 else None for t in row] for row in self.strategy.catalogue.teams()]

    @cached_property
    def deeds(self) -> list[tuple[int | None, int, int | None, bool]]:
        """Channel, attempts, offer and law of each action."""
        return [
            (
                None if a.channel is None else CHANNELS.index(a.channel),
                a.attempts,
                None if a.offer is None else OFFERS.index(a.offer),
                a.legal,
            )
            for a in self.strategy.catalogue.actions
        ]

    def due(self, due_day: int, month: int) -> int:
        """Return the day of the due date in a month counted from January of the year 0."""
        return _date_in(due_day, month).toordinal() - self.start.toordinal()


@cache
def _date_in(due_day: int, month: int) -> date:
    year, month = divmod(month, 12)
    return date(year, month + 1, min(due_day, month_lengths.monthrange(year, month + 1)[1]))


def intensity_bin(x: int) -> int:
    """Return the column of `pay.base` for a day relative to the due date."""
    return bisect_right(DAY_BINS, x) - 1


def age_group(x: int) -> int:
    """Return the age group: up to 30 days late, 60, 90, beyond."""
    return 0 if x <= 30 else 1 if x <= 60 else 2 if x <= 90 else 3


def uniforms(rng: np.random.Generator) -> Iterator[float]:
    """Yield uniform numbers one by one; drawn in blocks because a single draw is slow."""
    while True:
        yield from rng.random(4096).tolist()
