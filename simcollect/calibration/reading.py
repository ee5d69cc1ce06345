"""Opening one file of a history: a lender's columns, codes and dates become typed columns of our names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from simcollect.calibration.mapping import HistoryMapping
from simcollect.calibration.schema import TABLES, WORDS
from simcollect.calibration.tally import Tally
from simcollect.errors import InputError, Problem, nearest
from simcollect.portfolio.schema import Column

CLOSED, IDLE, UNKNOWN = -3, -2, -1
_WORD_CODES = dict(zip(WORDS, (IDLE, CLOSED, UNKNOWN), strict=True))
_FLAGS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
_SAS_ZERO = pd.Timestamp("1960-01-01")


def read_table(path: Path, mapping: HistoryMapping, tally: Tally) -> pd.DataFrame:
    """Return the rows of a file under our names, unreadable ones set aside and counted.

    Raises
    ------
    InputError
        The file is missing or is not CSV, a required column is not there, or no row can be read.
    """
    raw = _open(path, mapping)
    columns = TABLES[mapping.table]
    problems = _missing_columns(path, raw, mapping, columns)
    if problems:
        raise InputError(problems)
    if mapping.wide:
        raw = _long(raw, mapping)
    out, bad = pd.DataFrame(index=raw.index), np.zeros(len(raw), np.bool_)
    for column in columns:
        values = _values(raw, mapping, column)
        if values is None:
            continue
        typed, wrong = _typed(values, column, mapping)
        out[column.name] = typed
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            first = str(values.iloc[row])
            done = "set aside" if column.required else "left blank"
            tally.add("unreadable", int(wrong.sum()), column.name, row + 2, first, done)
            if column.required:
                bad |= wrong
    out = out[~bad]
    if mapping.id_format != "{}" and "account_id" in out:
        out["account_id"] = out["account_id"].map(mapping.id_format.format)
    if mapping.row_id:
        out.insert(0, "account_id", np.arange(len(out)).astype(str))
    if out.empty:
        raise InputError([Problem(str(path), None, None, None, "no row can be read", "check the mapping")])
    for name in raw.columns.difference([mapping.column(c.name) for c in columns]):
        if not mapping.wide and name not in out.columns:
            out[name] = raw.loc[out.index, name]
    return out


def _open(path: Path, mapping: HistoryMapping) -> pd.DataFrame:
    try:
        return pd.read_csv(
            path, sep=mapping.delimiter, dtype=str, encoding=mapping.encoding, keep_default_na=False, na_values=[""]
        )
    except OSError as error:
        remedy = "check the path"
        raise InputError([Problem(str(path), None, None, None, f"cannot be read ({error.strerror})", remedy)]) from None
    except (ValueError, UnicodeDecodeError):
        rule, remedy = "is not a CSV in this encoding", "save it as CSV, or name delimiter and encoding in the mapping"
        raise InputError([Problem(str(path), None, None, None, rule, remedy)]) from None


def _missing_columns(
    path: Path, raw: pd.DataFrame, mapping: HistoryMapping, columns: tuple[Column, ...]
) -> list[Problem]:
    there = set(map(str, raw.columns))
    wide = {name for month in mapping.wide.values() for name in month}
    wanted = [mapping.columns[name] for name in mapping.columns]
    wanted += [theirs for month in mapping.wide.values() for theirs in month.values()]
    for column in columns:
        known = column.name in mapping.constants or column.name in mapping.columns or column.name in wide
        by_rule = (column.name == "month" and mapping.wide) or (column.name == "account_id" and mapping.row_id)
        if column.required and not known and not by_rule:
            wanted.append(column.name)
    return [
        Problem(str(path), 1, name, None, "is not in the file", nearest(name, there))
        for name in dict.fromkeys(wanted)
        if name not in there
    ]


def _long(raw: pd.DataFrame, mapping: HistoryMapping) -> pd.DataFrame:
    """Turn one row an account into one row an account and month."""
    pieces = []
    for month, names in mapping.wide.items():
        piece = pd.DataFrame({mapping.column(ours): raw[theirs] for ours, theirs in names.items()})
        piece[mapping.column("account_id")] = raw[mapping.column("account_id")]
        piece[mapping.column("month")] = month
        pieces.append(piece)
    return pd.concat(pieces, ignore_index=True)


def _values(raw: pd.DataFrame, mapping: HistoryMapping, column: Column) -> pd.Series | None:
    if column.name in mapping.constants:
        return pd.Series(mapping.constants[column.name], index=raw.index)
    name = mapping.column(column.name)
    if name not in raw.columns:
        return None
    values = raw[name].str.strip()
    codes = mapping.codes.get(column.name)
    if codes:
        values = values.map(lambda code: codes.get(code, code), na_action="ignore")
    return values


def _typed(values: pd.Series, column: Column, mapping: HistoryMapping) -> tuple[pd.Series, np.ndarray]:
    """Return typed values and a mask of those that are given and cannot be read (or missing where required)."""
    blank = values.isna() | (values == "")
    if column.name == "status":
        numbers = pd.to_numeric(values.where(~values.isin(WORDS)), errors="coerce")
        codes = values.map(_WORD_CODES).fillna(numbers)
        odd = codes.isna() | (numbers < 0) | (numbers != numbers.round()) & numbers.notna()
        return codes.where(~odd, UNKNOWN).clip(upper=120).astype(np.int16), odd.to_numpy()
    if column.name == "month":
        return _months(values, mapping, blank)
    if column.kind == "date":
        typed = _dates(values, mapping)
        wrong = typed.isna() & ~blank
        return typed, (wrong | blank if column.required else wrong).to_numpy()
    if column.kind == "flag":
        typed = values.str.lower().map(_FLAGS).astype("boolean")
        return typed, (typed.isna() & ~blank).to_numpy()
    if column.kind in ("money", "number", "whole"):
        text = values.str.replace(mapping.decimal, ".", regex=False) if mapping.decimal != "." else values
        numbers = pd.to_numeric(text, errors="coerce")
        wrong = numbers.isna() & ~blank
        if column.low is not None and column.high is not None:
            wrong |= (numbers < column.low) | (numbers > column.high)
        wrong = wrong | blank if column.required else wrong
        scale = 100.0 if column.kind == "money" else 1.0
        return numbers.where(~wrong) * scale, wrong.to_numpy()
    words = values.where(~blank, column.default)
    if column.codes:
        unknown = ~words.isin(column.codes)
        return words if column.required else words.where(~unknown, column.default), unknown.to_numpy()
    return words, (blank if column.required else blank & False).to_numpy()


def _months(values: pd.Series, mapping: HistoryMapping, blank: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Return the month as a whole number since year 0, so that differences are months."""
    if mapping.month_zero is not None:
        zero = pd.Period(mapping.month_zero, "M")
        numbers = pd.to_numeric(values, errors="coerce")
        wrong = numbers.isna() | (numbers != numbers.round())
        return (numbers.fillna(0) + zero.year * 12 + zero.month - 1).astype(np.int64), wrong.to_numpy()
    form = "%Y-%m" if mapping.wide else mapping.date_format
    dates = _parsed(values, form)
    if dates.isna().any():
        dates = dates.fillna(_parsed(values, "%Y-%m"))
    wrong = dates.isna()
    months = dates.dt.year * 12 + dates.dt.month - 1
    return months.fillna(0).astype(np.int64), (wrong | blank).to_numpy()


def _dates(values: pd.Series, mapping: HistoryMapping) -> pd.Series:
    if mapping.date_format == "sas":
        return _SAS_ZERO + pd.to_timedelta(pd.to_numeric(values, errors="coerce"), unit="D")
    return _parsed(values, mapping.date_format)


def _parsed(values: pd.Series, form: str) -> pd.Series:
    """Parse each distinct word once: histories repeat few days many times."""
    words = pd.Series(values.dropna().unique())
    return values.map(dict(zip(words, pd.to_datetime(words, format=form, errors="coerce"), strict=True))).astype(
        "datetime64[s]"
    )
