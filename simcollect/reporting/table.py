"""Tables for a page: a data frame as columns and cells, already in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

Format = Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """One column of a table on the page.

    Attributes
    ----------
    name : column of the frame
    heading : what the reader sees
    write : how a value is written
    number : whether it is set to the right
    """

    name: str
    heading: str
    write: Format = str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """A table on the page; the template escapes every cell.

    Attributes
    ----------
    caption : what it shows, in words
    columns : headings, with whether numbers stand below
    rows : cells in words; the first is the row's heading
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def period(name: Any) -> str:
    """Return a month, week number or label as it stands in a heading.

    Examples
    --------
    >>> period(pd.Period("2026-08", "M")), period(3)
    ('Aug 2026', '3')
    """
    return str(name.strftime("%b %Y")) if isinstance(name, pd.Period) else str(name)


def table(frame: pd.DataFrame, columns: Sequence[Column], caption: str) -> Table:
    """Return a frame as a table of the page.

    Examples
    --------
    >>> frame = pd.DataFrame({"team": ["early"], "people": [12.0]})
    >>> table(frame, [Column("team", "team"), Column("people", "people", "{:.0f}".format, True)], "Who").rows
    (('early', '12'),)
    """
    cells = [[column.write(value) for value in frame[column.name]] for column in columns]
    return Table(caption, tuple(columns), tuple(zip(*cells, strict=True)))
