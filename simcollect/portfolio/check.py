"""Judging a tape: every problem of a file in one list, each with line, column, value, rule and remedy."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from simcollect.errors import InputError, Problem, nearest
from simcollect.portfolio import rules
from simcollect.portfolio.files import RawTape, open_tape
from simcollect.portfolio.frame import typed
from simcollect.portfolio.mapping import Mapping
from simcollect.portfolio.parse import parse, translate
from simcollect.portfolio.schema import COLUMNS, NAMES
from simcollect.units import minor_per_major


@dataclass(frozen=True)
class Examined:
    """A file read and judged: the accounts are usable only if there are no problems."""

    accounts: pd.DataFrame
    problems: list[Problem]
    as_of: date
    currency: str
    country: str


def check(
    path: str | Path,
    mapping: Mapping | str | Path | None = None,
    *,
    as_of: date | str | None = None,
    currency: str | None = None,
    country: str | None = None,
) -> list[Problem]:
    """List everything that is wrong with a tape, before anything is done with it.

    Parameters
    ----------
    path : CSV or Parquet file
    mapping : how to read it (a `Mapping` or its YAML file); None if the file has the tape's own columns
    as_of, currency, country : as in `Portfolio.read`

    Returns
    -------
    One `Problem` for each fault, ordered by column, then by line; empty if the tape is sound

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "tape.csv"
    >>> _ = file.write_text("account_id,product,principal,instalment,due_day,dpd\\n"
    ...                     "1,consumer,100,10,32,0\\n")
    >>> [(p.row, p.column, p.value, p.rule) for p in check(file, as_of="2026-06-30")]
    [(2, 'due_day', '32', 'must be 1 to 31')]
    """
    try:
        return examine(path, mapping, as_of, currency, country).problems
    except InputError as error:
        return error.problems


def examine(
    path: str | Path,
    mapping: Mapping | str | Path | None,
    as_of: date | str | None,
    currency: str | None,
    country: str | None,
) -> Examined:
    """Read a tape and list its problems.

    Raises
    ------
    InputError
        The file cannot be opened as a tape at all, or no as-of date is known.
    """
    chosen = Mapping.read(mapping) if isinstance(mapping, str | Path) else mapping or Mapping()
    tape = open_tape(path, chosen)
    where = str(path)
    day = _as_date(as_of, where) or chosen.as_of or tape.as_of
    if day is None:
        rule = "the as-of date of the tape is not known"
        raise InputError([Problem(where, None, None, None, rule, "give as_of, here or in the mapping file")])
    money = currency or chosen.currency or tape.currency or "USD"
    minor = minor_per_major(money)

    problems = list(tape.problems) + _wrong_columns(tape, chosen, where)
    columns: dict[str, Any] = {}
    bad: dict[str, NDArray[np.bool_]] = {}
    for column in COLUMNS:
        raw = _raw(tape, chosen, column.name)
        read = parse(column, raw, chosen, minor)
        unusable = read.bad | read.missing if column.required else read.bad
        if column.name in chosen.constants or chosen.column(column.name) in tape.table.column_names:
            reported = unusable & read.missing
            problems += _rows(tape, column.name, raw, reported, rule="is required", remedy="fill it in")
            remedy = _unreadable_remedy(column.kind, column.name)
            problems += _rows(tape, column.name, raw, read.bad, rule=read.rule, remedy=remedy)
        columns[column.name], bad[column.name] = read.values, unusable
    accounts = typed(pd.DataFrame(columns))
    accounts = rules.fill(accounts)
    any_bad = np.logical_or.reduce(list(bad.values()))
    for broken in rules.violations(accounts, day, money):
        rows = broken.rows & ~(any_bad if broken.between else bad[broken.column])
        raw = _raw(tape, chosen, broken.column)
        problems += _rows(tape, broken.column, raw, rows, rule=broken.rule, remedy=broken.remedy)
    return Examined(accounts, problems, day, money, country or chosen.country or tape.country or "US")


def _raw(tape: RawTape, mapping: Mapping, name: str) -> pa.ChunkedArray:
    """Return a tape column as the file has it, after constants and codes; nulls if it has none."""
    if name in mapping.constants:
        return pa.chunked_array([pa.repeat(mapping.constants[name], tape.table.num_rows)])
    theirs = mapping.column(name)
    if theirs not in tape.table.column_names:
        return pa.chunked_array([pa.nulls(tape.table.num_rows, pa.string())])
    return translate(tape.table.column(theirs), mapping.codes.get(name, {}))


def _wrong_columns(tape: RawTape, mapping: Mapping, where: str) -> list[Problem]:
    present = set(tape.columns)
    found = []
    for column in COLUMNS:
        theirs = mapping.column(column.name)
        named = column.name in mapping.columns
        if column.name in mapping.constants or theirs in present or not (column.required or named):
            continue
        hint = nearest(theirs, [name for name in tape.columns if name])
        rule = f"column {theirs} is not in the file" if named else "is required and not in the file"
        found.append(Problem(where, 1, column.name, None, rule, f"{hint} Name it in a mapping file"))
    used = {mapping.column(name) for name in NAMES}
    absent = [c.name for c in COLUMNS if not c.required and mapping.column(c.name) not in present]
    for name in sorted(present - used):
        # A misspelt optional column would otherwise be left out in silence.
        meant = difflib.get_close_matches(name.lower(), absent, n=1, cutoff=0.85)
        if meant:
            rule = f"unknown column, close to {meant[0]}"
            found.append(Problem(where, 1, name, None, rule, f"rename it to {meant[0]}"))
    return found


def _rows(
    tape: RawTape, column: str, raw: pa.ChunkedArray, mask: NDArray[np.bool_], *, rule: str, remedy: str
) -> list[Problem]:
    rows = np.flatnonzero(mask)
    if not len(rows):
        return []
    lines, values = tape.lines[rows].tolist(), raw.take(pa.array(rows)).to_pylist()
    return [
        Problem(str(tape.path), line, column, None if value is None else str(value), rule, remedy)
        for line, value in zip(lines, values, strict=True)
    ]


def _unreadable_remedy(kind: str, name: str) -> str:
    if kind in {"code", "flag"}:
        return f"translate it under codes: {name}: in a mapping file"
    if kind == "date":
        return "correct it, or set date_format in a mapping file"
    return "correct it, or set decimal and thousands in a mapping file"


def _as_date(value: date | str | None, where: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        rule = "the as-of date must be YYYY-MM-DD"
        raise InputError([Problem(where, None, "as_of", value, rule, "correct it")]) from None
