"""What a study's plan is for: the entries ``goal``, ``trade_off`` and ``catalogue`` of a study file."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from simcollect.errors import InfeasibleError, nearest
from simcollect.strategy import LIMITS, OBJECTIVES, WEEKLY, Catalogue, Goal

READY_CATALOGUES = ("default", "full")
MOST_POINTS = 50  # judgement: each point is a plan


def _objective(name: str) -> str:
    if name not in OBJECTIVES:
        raise ValueError(f"no objective is called {name}; {nearest(name, OBJECTIVES)}")
    return name


def _limit(name: str) -> str:
    if name not in LIMITS:
        raise ValueError(f"no limit is called {name}; {nearest(name, LIMITS)}")
    return name


def _weekly(name: str) -> str:
    if name not in WEEKLY:
        raise ValueError(f"no weekly limit is called {name}; {nearest(name, WEEKLY)}")
    return name


Objective = Annotated[str, AfterValidator(_objective)]
Limit = Annotated[str, AfterValidator(_limit)]
WeeklyLimit = Annotated[str, AfterValidator(_weekly)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class GoalEntry(BaseModel):
    """What to strive for, and within which limits; see `simcollect.Goal`.

    Examples
    --------
    >>> GoalEntry(objective="recovery", at_most={"cost": 200_000}).goal().objective
    'recovery'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    objective: Objective = "value"
    at_most: dict[Limit, Amount] = {}
    at_least: dict[Limit, Amount] = {}
    at_most_weekly: dict[WeeklyLimit, Amount] = {}
    at_least_weekly: dict[WeeklyLimit, Amount] = {}

    @model_validator(mode="after")
    def _no_floor_above_a_cap(self) -> GoalEntry:
        try:
            self.goal()
        except InfeasibleError as error:
            raise ValueError(str(error)) from None
        return self

    def goal(self) -> Goal:
        """Return it as the optimiser takes it."""
        return Goal(**self.model_dump())


class TradeOffEntry(BaseModel):
    """Which two things are traded off, and for which amounts; see `simcollect.tradeoff`.

    Attributes
    ----------
    of, against : what to strive for, and what it costs
    points : how many plans, spread evenly; or the amounts of `against` themselves
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Objective = "recovery"
    against: Limit = "cost"
    points: Annotated[int, Field(ge=2, le=MOST_POINTS)] | Annotated[tuple[Amount, ...], Field(min_length=2)] = 6

    @model_validator(mode="after")
    def _two_things(self) -> TradeOffEntry:
        if self.of == self.against:
            raise ValueError(f"a trade-off needs two different things, not {self.of} against itself")
        return self


def catalogue_entry(given: object) -> object:
    """Return "default", "full" or names of actions, as given; refuse what is none of them.

    Examples
    --------
    >>> catalogue_entry(["sms", "cal"])
    Traceback (most recent call last):
    ValueError: no action is called cal; did you mean call?
    """
    if isinstance(given, str):
        if given not in READY_CATALOGUES:
            raise ValueError(f"must be default, full or a list of actions, not {given}")
        return given
    names = Catalogue.full().names
    if not isinstance(given, list | tuple) or not given:
        raise ValueError("must be default, full or a list of actions")
    for name in given:
        if name not in names:
            raise ValueError(f"no action is called {name}; {nearest(str(name), names)}")
    return tuple(given)


def actions_of(entry: str | tuple[str, ...]) -> Catalogue:
    """Return the catalogue that an entry means; waiting is always in it.

    Examples
    --------
    >>> actions_of(("call", "settlement")).names
    ('wait', 'call', 'settlement')
    """
    if entry == "default":
        return Catalogue.default()
    full = Catalogue.full()
    return full if entry == "full" else full.without(*(set(full.names) - {"wait", *entry}))
