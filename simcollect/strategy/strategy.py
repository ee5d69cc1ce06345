"""A strategy: for each review, what to do with the account; and in which order each work list is worked.

Most strategies are tables over the observed state: rules compile to one, the optimiser's plan is several (columns)
that change from week to week. A `Policy` of the user's own sees the observable columns and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from simcollect import configfile
from simcollect.behaviour.states import FLAG_NAMES, LEVEL_NAMES, N_STATES, describe
from simcollect.economy import scenario_path
from simcollect.errors import InputError, nearest
from simcollect.strategy.catalogue import Catalogue

MOST_STAGES = 12  # judgement: a longer list of stages is no list that people answer for

Priority = Literal["oldest", "balance", "score", "expected", "gain"]


class Decision(NamedTuple):
    """What a policy may return in place of bare action codes: also who comes first where capacity is short.

    Attributes
    ----------
    actions : action code of each row
    urgency : the higher, the sooner, under ``priority="gain"``: money gained per unit of what the action uses
    """

    actions: npt.NDArray[np.int64]
    urgency: npt.NDArray[np.float64]


@runtime_checkable
class Policy(Protocol):
    """Anything that decides: it sees what the lender sees, and returns an action code for each account.

    The view is a data frame with one row an account under review: account (its row in the book), state, week, level,
    flag, late_before, product, risk_band, principal, instalment (minor units), score, segment, day, age_days (days
    since the oldest unpaid due date, negative before it), consents (one bit a message channel, then the telephone),
    attempt_day and attempt_days (day of the latest contact attempt, and one bit a day with an attempt, from it back).
    """

    def decide(self, view: pd.DataFrame) -> npt.NDArray[np.int8] | Decision:
        """Return the action code of each row."""
        ...


@runtime_checkable
class Learner(Policy, Protocol):
    """A policy that remembers: told of the whole book at the start of each run, and every so often again.

    Attributes
    ----------
    every_days : days between two looks at the whole book; None for none after the start
    """

    every_days: int | None

    def begin(self, book: pd.DataFrame) -> Learner:
        """Return a policy for one run; the view has every account on the morning of day 0."""
        ...

    def survey(self, book: pd.DataFrame) -> None:
        """Look at every account on the morning of a day."""
        ...

    def beliefs(self, book: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return what is believed of each account: probability of each hidden class, shape (rows, H)."""
        ...


@dataclass(frozen=True)
class Strategy:
    """A named strategy made of action tables.

    Attributes
    ----------
    name, description : for reports
    tables : action codes, shape (C columns, T weeks, S observed states); T = 1 holds for all weeks. Week counts from
        the start of the plan; after the last week the last row goes on
    weights : share of each segment's accounts that follow each column, shape (G segments, C); G = 1 holds for all
    priority : how each team's work list is ordered: oldest first, largest balance first, highest score first, highest
        expected payment first, or by the plan's gain per minute
    gain : for ``priority="gain"``: money gained per minute in units of the instalment, shape (C, T, S)
    policy : a `Policy` of the user's own or the plan's, asked instead of the tables
    catalogue : the actions that the codes mean
    owners : who answers for each stage, and within how many days of the stage's start
    """

    name: str
    tables: npt.NDArray[np.int8]
    weights: npt.NDArray[np.float64] = field(default_factory=lambda: np.ones((1, 1)))
    priority: Priority = "oldest"
    gain: npt.NDArray[np.float64] | None = None
    policy: Policy | None = None
    catalogue: Catalogue = field(default_factory=Catalogue.default)
    description: str = ""
    owners: tuple[StageOwner, ...] = ()

    def __post_init__(self) -> None:
        if self.tables.ndim != 3 or self.tables.shape[2] != N_STATES:
            raise InputError(f"tables must have shape (columns, weeks, {N_STATES}), not {self.tables.shape}")
        if self.weights.shape[1] != self.tables.shape[0] or not np.allclose(self.weights.sum(axis=1), 1.0):
            raise InputError("weights must have one column a table and sum to one in each segment")
        if (
            self.priority == "gain"
            and self.policy is None
            and (self.gain is None or self.gain.shape != self.tables.shape)
        ):
            raise InputError('priority "gain" needs a gain for each entry of the tables')

    def __repr__(self) -> str:
        return f"Strategy({self.name!r}, {self.tables.shape[0]} column(s) x {self.tables.shape[1]} week(s))"

    @classmethod
    def read(cls, path: str | Path) -> Strategy:
        """Read rules from a YAML file.

        Raises
        ------
        ConfigError
            The file breaks the schema; every problem with its line.
        """
        return configfile.load(path, StrategyFile).strategy()

    @classmethod
    def champion(cls) -> Strategy:
        """Return the way a lender works today: SMS before the due day, calls by age, law for long-term refusers.

        Examples
        --------
        >>> Strategy.champion().name
        'champion'
        """
        return cls.named("champion")

    @classmethod
    def named(cls, name: str) -> Strategy:
        """Return a ready-made strategy of ``scenarios/strategies``.

        Examples
        --------
        >>> Strategy.named("do_nothing").tables.any()
        np.False_
        """
        return cls.read(scenario_path(f"strategies/{name}.yaml"))


class When(BaseModel):
    """Conditions on what the lender sees; all given ones must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weeks: tuple[int, int] = Field(
        description="age in weeks past due, first and last; -1 is the week before the due day"
    )
    flag: tuple[str, ...] | None = None
    level: tuple[str, ...] | None = None
    late_before: bool | None = None

    @model_validator(mode="after")
    def _known(self) -> When:
        for name in self.flag or ():
            if name not in FLAG_NAMES:
                raise ValueError(f"no flag is called {name!r}; {nearest(name, FLAG_NAMES)}")
        for name in self.level or ():
            if name not in LEVEL_NAMES:
                raise ValueError(f"no level is called {name!r}; {nearest(name, LEVEL_NAMES)}")
        if not -6 <= self.weeks[0] <= self.weeks[1] <= 25:
            raise ValueError("weeks must run from -6 to 25, the first not after the last")
        return self

    def mask(self, states: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Return the observed states that meet the conditions."""
        week = states["week"].to_numpy(dtype=float)
        is_open = states["block"].isin(["current", "early", "late"]).to_numpy()
        out = is_open & (week >= self.weeks[0]) & (week <= self.weeks[1])
        if self.flag is not None:
            out &= states["flag"].isin(self.flag).to_numpy()
        if self.level is not None:
            out &= states["level"].isin(self.level).to_numpy()
        if self.late_before is not None:
            out &= states["late_before"].to_numpy(dtype=bool) == self.late_before
        return np.asarray(out)


class Rule(BaseModel):
    """In these states, do this."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: When
    do: str


class StageOwner(BaseModel):
    """Who answers for a stage, and by when the first contact is due."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: str
    from_dpd: int = Field(ge=-7, description="days past due; negative before the due day")
    to_dpd: int = Field(le=181)
    owner: Literal["reminder system", "early team", "late team", "field", "restructuring desk", "law firm"]
    deadline_days: int = Field(ge=0, description="days from the stage's start to the first contact")

    @model_validator(mode="after")
    def _runs_forward(self) -> StageOwner:
        if self.from_dpd > self.to_dpd:
            raise ValueError(f"stage {self.stage!r} must not end (to_dpd) before it begins (from_dpd)")
        return self


class StrategyFile(BaseModel):
    """The schema of a strategy file: rules in order, the first that fits decides; where none fits, wait."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str = ""
    priority: Priority = "oldest"
    rules: tuple[Rule, ...] = ()
    owners: tuple[StageOwner, ...] = Field((), max_length=MOST_STAGES)

    @model_validator(mode="after")
    def _known(self) -> StrategyFile:
        for before, after in pairwise(self.owners):
            if after.from_dpd <= before.to_dpd:
                raise ValueError(f"stage {after.stage!r} must begin after {before.stage!r} ends ({before.to_dpd} dpd)")
        names = Catalogue.full().names
        for rule in self.rules:
            if rule.do not in names:
                raise ValueError(f"no action is called {rule.do!r}; {nearest(rule.do, names)}")
        if self.priority == "gain":
            raise ValueError('priority "gain" belongs to plans; a rule file takes oldest, balance, score or expected')
        return self

    def strategy(self) -> Strategy:
        """Compile the rules to an action table; a rule never takes an account where its action is not allowed."""
        known = Catalogue.default()
        catalogue = known if {rule.do for rule in self.rules} <= set(known.names) else Catalogue.full()
        return Strategy(
            name=self.name,
            tables=compile_rules({i: (rule.when, rule.do) for i, rule in enumerate(self.rules)}, catalogue)[None, None],
            priority=self.priority,
            catalogue=catalogue,
            description=self.description,
            owners=self.owners,
        )


def compile_rules(rules: Mapping[int, tuple[When, str]], catalogue: Catalogue) -> npt.NDArray[np.int8]:
    """Return the action of each observed state, shape (S,): the first rule that fits and is allowed, else wait."""
    states, allowed = describe(), catalogue.allowed()
    table = np.zeros(len(states), np.int8)
    open_ = np.ones(len(states), np.bool_)
    for when, do in rules.values():
        code = catalogue.code(do)
        hit = open_ & when.mask(states) & allowed[code]
        table[hit] = code
        open_ &= ~hit
    return table
