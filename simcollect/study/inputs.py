"""From a study to its loaded inputs, each file with its fingerprint; what is wrong comes in one report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from simcollect.behaviour import Behaviour
from simcollect.economy import Scenario, scenario_path
from simcollect.errors import InputError, Problem
from simcollect.optimisation.oneday import NAME as ONE_DAY_LP
from simcollect.optimisation.oneday import one_day_lp
from simcollect.portfolio import Portfolio, read_taiwan
from simcollect.portfolio.taiwan import FILE as TAIWAN_FILE
from simcollect.strategy import Resources, Strategy
from simcollect.study.draws import draws_file, read_draws
from simcollect.study.parameters import read_parameters
from simcollect.study.spec import Study, is_file

T = TypeVar("T")

PLAN, PLAYBOOK = "plan", "playbook"  # names of the optimised strategy and its few rows in every table of a study


@dataclass(frozen=True)
class InputFile:
    """A file that the results depend on.

    Attributes
    ----------
    what : its part in the study: tape, mapping, scenario, strategy, resources, parameters, draws
    name : of the scenario or strategy, or of the tape's file; else the same as `what`
    path, sha256 : where it was read, and its fingerprint
    """

    what: str
    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Inputs:
    """All that a study computes with."""

    portfolio: Portfolio
    scenarios: tuple[Scenario, ...]
    strategies: tuple[Strategy, ...]
    resources: Resources
    behaviour: Behaviour
    files: tuple[InputFile, ...]
    draws: tuple[Behaviour, ...] = ()


def load_inputs(study: Study) -> Inputs:
    """Read every input of a study.

    Raises
    ------
    InputError
        Anything is wrong with any of them; the problems of all files in one report.
    """
    load = _Loader()
    book = load.attempt(lambda: _portfolio(study, load))
    scenarios = [load.one("scenario", Scenario.read, scenario_file(name)) for name in study.scenarios]
    strategies = [
        None if name == ONE_DAY_LP else load.one("strategy", Strategy.read, strategy_file(name))
        for name in study.strategies
    ]
    resources = None
    if study.resources is not None:
        file = Path(study.resources)
        resources = load.one("resources", Resources.read, lambda: file)
    behaviour = None
    if study.parameters is not None:
        given = Path(study.parameters)
        behaviour = load.one("parameters", read_parameters, lambda: given)
    drawn = None
    if behaviour is not None and study.draws and study.parameters is not None:
        base, beside = behaviour, draws_file(study.parameters)
        drawn = load.one("draws", lambda file: read_draws(file, base, study.draws), lambda: beside)
    load.refuse_repeats("scenarios", [s.name for s in scenarios if s is not None], ())
    names = [s.name for s in strategies if s is not None] + [n for n in study.strategies if n == ONE_DAY_LP]
    load.refuse_repeats("strategies", names, (PLAN, PLAYBOOK) if study.optimise else ())
    load.finish()
    assert book is not None
    resources = resources if resources is not None else Resources.default(book)
    # What is left without a file after all have been read is made for the book.
    made = [s if s is not None else one_day_lp(book, resources, behaviour=behaviour) for s in strategies]
    return Inputs(
        portfolio=book,
        scenarios=tuple(s for s in scenarios if s is not None),
        strategies=tuple(made),
        resources=resources,
        behaviour=behaviour if behaviour is not None else Behaviour.default(),
        files=tuple(load.files),
        draws=drawn or (),
    )


def scenario_file(name: str) -> Callable[[], Path]:
    """Return what finds the file of a scenario, given as a file or the name of a ready-made one."""
    return lambda: Path(name) if is_file(name) else scenario_path(f"{name}.yaml")


def strategy_file(name: str) -> Callable[[], Path]:
    """Return what finds the file of a strategy, given as a file or the name of a ready-made one."""
    return lambda: Path(name) if is_file(name) else scenario_path(f"strategies/{name}.yaml")


def slug(name: str) -> str:
    """Return a name as it can stand in a path.

    Examples
    --------
    >>> slug("Severe / 2026")
    'Severe_2026'
    """
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "unnamed"


def sha256(file: Path) -> str:
    """Return the fingerprint of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Loader:
    """Reads one input after the other and keeps what is wrong for the end."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.files: list[InputFile] = []

    def attempt(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InputError as error:
            self.problems += error.problems or [Problem("study", None, None, None, str(error), "correct it")]
            return None

    def one(self, what: str, read: Callable[[Path], T], find: Callable[[], Path]) -> T | None:
        def found_and_read() -> T:
            file = find()
            value = read(file)
            self.note(what, str(getattr(value, "name", what)), file)
            return value

        return self.attempt(found_and_read)

    def note(self, what: str, name: str, file: Path) -> None:
        self.files.append(InputFile(what, name, file.resolve(), sha256(file)))

    def refuse_repeats(self, key: str, names: Sequence[str], reserved: Sequence[str]) -> None:
        slugs = [slug(name) for name in (*reserved, *names)]
        for name in sorted({name for name in names if slugs.count(slug(name)) > 1}):
            rule = "the name is used twice" if name not in reserved else "the name is kept for the optimised plan"
            self.problems.append(Problem("study", None, key, name, rule, "give each file another name: entry"))

    def finish(self) -> None:
        if self.problems:
            raise InputError(self.problems)


def _portfolio(study: Study, load: _Loader) -> Portfolio:
    if study.synthetic is not None:
        return Portfolio.synthetic(study.synthetic.accounts, seed=study.synthetic.seed)
    if study.taiwan is not None:
        book, _ = read_taiwan(study.taiwan)
        given = Path(study.taiwan)
        load.note("tape", "Taiwan cards 2005", given if given.suffix == ".csv" else given / TAIWAN_FILE)
        return book
    assert study.tape is not None
    book = Portfolio.read(study.tape, study.mapping, as_of=study.as_of, currency=study.currency, country=study.country)
    load.note("tape", Path(study.tape).name, Path(study.tape))
    if study.mapping is not None:
        load.note("mapping", "mapping", Path(study.mapping))
    return book
