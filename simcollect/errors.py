"""What can go wrong, said to the user: where, what was given, the rule, and how to mend it.

Every error that a user can cause derives from `SimcollectError`; the command line prints its text and nothing
else. A traceback therefore always means a defect of the package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


class SimcollectError(Exception):
    """Base of all errors that a user can cause and mend."""


class SimcollectWarning(UserWarning):
    """Base of the package's own warnings, so that one kind can be silenced alone."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input.

    Attributes
    ----------
    where : file, and line or key, as the user knows it
    row : line number in the file, counting the header as line 1; None where the problem is not in one row
    column : column or key
    value : what was found there
    rule : what should hold
    remedy : what to do about it

    Examples
    --------
    >>> print(Problem("loans.csv", 7, "principal", "-3", "must not be negative", "correct it or drop the row"))
    loans.csv, row 7, column principal: -3: must not be negative; correct it or drop the row
    """

    where: str
    row: int | None
    column: str | None
    value: str | None
    rule: str
    remedy: str

    def __str__(self) -> str:
        place = ", ".join(
            [self.where]
            + ([f"row {self.row}"] if self.row is not None else [])
            + ([f"column {self.column}"] if self.column is not None else [])
        )
        found = "" if self.value is None else f"{self.value}: "
        return f"{place}: {found}{self.rule}; {self.remedy}"


class InputError(SimcollectError):
    """An input that cannot be used, with every problem found in it.

    Examples
    --------
    >>> problem = Problem("loans.csv", 7, "principal", "-3", "must not be negative", "correct it")
    >>> InputError([problem]).problems[0].row
    7
    """

    shown = 20

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems = [] if isinstance(problems, str) else list(problems)
        if isinstance(problems, str):
            text = problems
        else:
            lines = [str(p) for p in self.problems[: self.shown]]
            if len(self.problems) > self.shown:
                lines.append(f"... and {len(self.problems) - self.shown} more")
            count = len(self.problems)
            text = f"{count} problem{'s' if count != 1 else ''} found:\n" + "\n".join(f"  - {x}" for x in lines)
        super().__init__(text)


class ConfigError(InputError):
    """A YAML file or an option that cannot be used."""


class InfeasibleError(SimcollectError):
    """A plan was asked for that no allotment of the resources can meet.

    Attributes
    ----------
    limits : the limits that collide, in words
    nearest : for each limit that could give way alone, by name: the nearest figure that can be met
    """

    def __init__(self, text: str, limits: Sequence[str] = (), nearest: Mapping[str, float] | None = None) -> None:
        self.limits = tuple(limits)
        self.nearest = dict(nearest or {})
        super().__init__(text)


class SolverError(SimcollectError):
    """The solver stopped without a proven answer."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return a hint that names the valid word closest to a misspelt one, or lists them all.

    Examples
    --------
    >>> nearest("prinicpal", ["principal", "instalment"])
    'did you mean principal?'
    """
    words = sorted(valid)
    close = difflib.get_close_matches(name, words, n=1)
    return f"did you mean {close[0]}?" if close else "known: " + ", ".join(words)
