"""One column of text into numbers, codes, flags or dates, all rows at once, with the rows that would not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simcollect.portfolio.frame import coded
from simcollect.portfolio.mapping import Mapping
from simcollect.portfolio.schema import REVOLVING, Column

FLAGS: Final = {"true": True, "t": True, "yes": True, "y": True, "1": True, "1.0": True,
                "false": False, "f": False, "no": False, "n": False, "0": False, "0.0": False}  # fmt: skip

MISSING: Final = np.iinfo(np.int64).min  # a blank amount, until `rules.fill` derives it


@dataclass
class Parsed:
    """A parsed column.

    Attributes
    ----------
    values : shape (n); the default stands where the file is blank or wrong
    missing : shape (n), where the file is blank
    bad : shape (n), where the file holds something that cannot be read
    rule : what a readable value is, in words
    """

    values: Any
    missing: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    rule: str


def translate(raw: pa.ChunkedArray, codes: dict[str, str]) -> pa.ChunkedArray:
    """Replace a lender's codes by the tape's; values without an entry pass unchanged, "" makes a blank."""
    if not codes:
        return raw
    words = pc.dictionary_encode(_text(raw).combine_chunks())
    ours = [codes.get(word, word) or None for word in words.dictionary.to_pylist()]
    return pa.chunked_array([pc.take(pa.array(ours, pa.string()), words.indices)])


def parse(column: Column, raw: pa.ChunkedArray, mapping: Mapping, minor: int) -> Parsed:
    """Read a column by its kind.

    Parameters
    ----------
    raw : shape (n), text or the types of a Parquet file
    minor : minor units of one major unit, for amounts

    Examples
    --------
    >>> from simcollect.portfolio.schema import by_name
    >>> read = parse(by_name("principal"), pa.chunked_array([["12.50", "twelve"]]), Mapping(), 100)
    >>> read.values.tolist(), read.bad.tolist()
    ([1250, 0], [False, True])
    """
    if column.kind == "text":
        return _parse_text(raw)
    if column.kind == "code":
        return _parse_code(column, raw)
    if column.kind == "flag":
        return _parse_flag(raw)
    if column.kind == "date":
        return _parse_date(raw, mapping)
    return _parse_number(column, raw, mapping, minor)


def _parse_text(raw: pa.ChunkedArray) -> Parsed:
    text = _text(raw)
    missing = _mask(pc.or_kleene(pc.is_null(text), pc.equal(text, "")))
    return Parsed(pc.fill_null(text, "").to_pandas(), missing, np.zeros(len(text), bool), "text")


def _parse_code(column: Column, raw: pa.ChunkedArray) -> Parsed:
    position, missing, bad = _lookup(raw, {word: i for i, word in enumerate(column.codes)})
    default = column.codes.index(column.default) if column.default else -1
    position[missing | bad] = default
    return Parsed(coded(column.name, position), missing, bad, "must be " + column.rule)


def _parse_flag(raw: pa.ChunkedArray) -> Parsed:
    position, missing, bad = _lookup(raw, {word: int(flag) for word, flag in FLAGS.items()}, lower=True)
    position[missing | bad] = 1
    return Parsed(position.astype(bool), missing, bad, "must be true or false")


def _lookup(
    raw: pa.ChunkedArray, known: dict[str, int], lower: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the number of each word, and masks of the blank and the unknown."""
    words = pc.dictionary_encode(_text(raw).combine_chunks())
    table = [
        known.get((word.lower() if lower else word), -2 if word else -3)
        for word in words.dictionary.to_pylist()
    ]
    # One entry more, which the index -1 of a null reaches.
    table.append(-3)
    position = np.asarray(table, dtype=np.int64)[
        pc.fill_null(words.indices, -1).to_numpy(zero_copy_only=False)
    ]
    return position, position == -3, position == -2


def _parse_date(raw: pa.ChunkedArray, mapping: Mapping) -> Parsed:
    rule = f"is not a date of the form {mapping.date_format}"
    if pa.types.is_date(raw.type) or pa.types.is_timestamp(raw.type):
        days = pc.cast(pc.cast(raw, pa.date32(), safe=False), pa.timestamp("s"))
        missing = _mask(pc.is_null(raw))
        return Parsed(days.to_pandas().astype("datetime64[s]"), missing, np.zeros(len(raw), bool), rule)
    words = pc.dictionary_encode(_text(raw).combine_chunks())
    seconds = np.full(len(words.dictionary) + 1, np.datetime64("NaT", "s"))
    wrong = np.zeros(len(seconds), bool)
    for i, word in enumerate(words.dictionary.to_pylist()):
        if not word:
            continue
        try:
            day = datetime.strptime(word, mapping.date_format).replace(tzinfo=UTC)
            seconds[i] = np.datetime64(day.date(), "s")
        except ValueError:
            wrong[i] = True
    index = pc.fill_null(words.indices, -1).to_numpy(zero_copy_only=False)
    bad = wrong[index]
    values = seconds[index]
    return Parsed(pd.Series(values), np.isnat(values) & ~bad, bad, rule)


def _parse_number(column: Column, raw: pa.ChunkedArray, mapping: Mapping, minor: int) -> Parsed:
    numbers, missing = _floats(raw, mapping)
    bad = ~np.isfinite(numbers) & ~missing
    rule = "is not a number"
    if column.kind == "whole":
        with np.errstate(invalid="ignore"):
            bad |= ~missing & (numbers != np.rint(numbers))
        rule = "is not a whole number"
    if column.kind != "number":
        # Beyond this the integer overflows, or a double no longer holds every cent.
        with np.errstate(invalid="ignore"):
            bad |= np.abs(numbers) > (1e13 if column.kind == "money" else 1e9)
    void = missing | bad
    if column.kind == "number":
        default = float(column.default) if column.default else np.nan
        return Parsed(np.where(void, default, numbers), missing, bad, rule)
    scale = minor if column.kind == "money" else 1
    whole = np.rint(np.where(void, 0.0, numbers) * scale).astype(np.int64)
    if column.kind == "money":
        if not column.required:
            whole[missing] = MISSING
        return Parsed(whole, missing, bad, rule)
    blank = REVOLVING if column.name == "remaining_term" else int(column.default or 0)
    whole[missing] = blank
    return Parsed(whole, missing, bad, rule)


def _floats(raw: pa.ChunkedArray, mapping: Mapping) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers, NaN where blank or unreadable, and the mask of the blank."""
    if not _is_text(raw.type):
        try:
            numbers = pc.cast(raw, pa.float64(), safe=False)
            return _floats_of(numbers), _mask(pc.is_null(raw))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return np.full(len(raw), np.nan), _mask(pc.is_null(raw))
    text = raw
    if mapping.thousands:
        text = _without_thousands(text, mapping.thousands, mapping.decimal)
    if mapping.decimal != ".":
        text = pc.replace_substring(pc.replace_substring(text, ".", "?"), mapping.decimal, ".")
    try:
        return _floats_of(pc.cast(text, pa.float64())), _mask(pc.is_null(text))
    except pa.ArrowInvalid:
        trimmed = pc.utf8_trim_whitespace(text)
        blank = _mask(pc.or_kleene(pc.is_null(trimmed), pc.equal(trimmed, "")))
        numbers = pd.to_numeric(trimmed.to_pandas().astype(object), errors="coerce")
        return np.asarray(numbers, dtype=np.float64), blank


def _without_thousands(text: pa.ChunkedArray, sign: str, decimal: str) -> pa.ChunkedArray:
    """Take the thousands signs out; one in a wrong place (``12,5``) makes the number unreadable, not 125."""
    s, d = re.escape(sign), re.escape(decimal)
    # Groups of two as well as three digits, for lakh and crore.
    well_placed = rf"^\s*[+-]?\d{{1,3}}({s}\d{{2,3}})*{s}\d{{3}}({d}\d*)?\s*$"
    wrong = pc.and_(pc.match_substring(text, sign), pc.invert(pc.match_substring_regex(text, well_placed)))
    return pc.if_else(wrong, "?", pc.replace_substring(text, sign, ""))


def _floats_of(numbers: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(pc.fill_null(numbers, float("nan")).to_numpy(), dtype=np.float64)


def _text(raw: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column as trimmed text; whole floats (a code column with gaps) lose their ``.0``."""
    if pa.types.is_dictionary(raw.type):
        raw = pc.cast(raw, raw.type.value_type)
    if not _is_text(raw.type):
        raw = pc.cast(raw, pa.string())
        return pc.replace_substring_regex(raw, r"^(-?\d+)\.0$", r"\1")
    return pc.utf8_trim_whitespace(pc.cast(raw, pa.string()))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _mask(array: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(array, True).to_numpy(), dtype=bool)
