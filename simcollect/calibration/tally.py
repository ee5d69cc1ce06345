"""What was wrong with a history, counted, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from simcollect.calibration.schema import RULES
from simcollect.errors import Problem


@dataclass
class Tally:
    """Problems found in one file, by rule.

    Attributes
    ----------
    where : the file
    problems : one for each rule and column, with the first row and the count

    Examples
    --------
    >>> tally = Tally("months.csv")
    >>> tally.add("duplicate", 3, "month", 17, None, "kept once")
    >>> print(tally.problems[0])
    months.csv, row 17, column month: of identical rows for an account and month one is kept; 3 cases, kept once
    """

    where: str
    problems: list[Problem] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, rule: str, count: int, column: str | None, row: int | None, value: str | None, done: str) -> None:
        """Record that a rule of `schema.RULES` was broken `count` times; nothing if it was not."""
        if count == 0:
            return
        cases = f"{count:,} case{'s' if count != 1 else ''}"
        self.problems.append(Problem(self.where, row, column, value, RULES[rule], f"{cases}, {done}"))
        self.rows.append({"file": self.where, "rule": rule, "column": column, "cases": count, "done": done})

    def table(self) -> pd.DataFrame:
        """Return one row a rule and column: file, rule, column, cases, what was done."""
        return pd.DataFrame(self.rows, columns=["file", "rule", "column", "cases", "done"])
