"""Opening a tape: CSV or Parquet into columns of text, with the line of each row for reports of problems."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from simcollect.errors import InputError, Problem
from simcollect.portfolio.mapping import Mapping

_OTHER_DELIMITERS = {";": "a semicolon", "\t": "a tab", "|": "a bar", ",": "a comma"}


@dataclass
class RawTape:
    """A tape as it stands in the file.

    Attributes
    ----------
    path : the file
    columns : all column names of the file
    table : the rows; text for CSV, any type for Parquet
    problems : what is wrong with the file's shape (rows of the wrong length)
    as_of, currency, country : what a Parquet file written by `Portfolio.write` says of itself
    """

    path: Path
    columns: list[str]
    table: pa.Table
    mapping: Mapping
    is_csv: bool
    problems: list[Problem] = field(default_factory=list)
    as_of: date | None = None
    currency: str | None = None
    country: str | None = None

    @cached_property
    def lines(self) -> NDArray[np.int64]:
        """File line of each row, the header being line 1; worked out only if there is something to report."""
        if not self.is_csv:
            return np.arange(self.table.num_rows) + 2
        with self.path.open(encoding=_python_encoding(self.mapping), newline="") as stream:
            reader = csv.reader(stream, delimiter=self.mapping.delimiter)
            next(reader)
            starts, line = [], reader.line_num + 1
            for row in reader:
                if len(row) == len(self.columns):
                    starts.append(line)
                line = reader.line_num + 1
        return np.asarray(starts, dtype=np.int64)


def open_tape(path: str | Path, mapping: Mapping) -> RawTape:
    """Read the rows of a tape without judging their values.

    Raises
    ------
    InputError
        The file is missing, empty, neither CSV nor Parquet, has another delimiter or encoding, repeats a
        column name, or has no rows.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            start = stream.read(4096)
    except OSError as error:
        remedy = (
            "check the path" if isinstance(error, FileNotFoundError) else "check that it is a readable file"
        )
        raise _error(file, None, f"cannot be read ({error.strerror})", remedy) from None
    if not start.strip():
        raise _error(file, None, "is empty", "export the tape again")
    if start.startswith(b"PAR1"):
        return _open_parquet(file, mapping)
    if start.startswith(b"PK") or (b"\x00" in start and not mapping.encoding.lower().startswith("utf-16")):
        raise _error(
            file, None, "is neither CSV nor Parquet", "save it as CSV, for instance from the spreadsheet"
        )
    return _open_csv(file, mapping)


def _open_parquet(file: Path, mapping: Mapping) -> RawTape:
    try:
        table = pa.parquet.read_table(file)
    except pa.ArrowException as error:
        raise _error(file, None, f"is a damaged Parquet file ({str(error)[:80]})", "write it again") from None
    said = {
        k.decode(): v.decode()
        for k, v in (table.schema.metadata or {}).items()
        if k.startswith(b"simcollect_")
    }
    _refuse_no_rows(file, table)
    as_of = said.get("simcollect_as_of")
    return RawTape(
        file, table.column_names, table, mapping, is_csv=False,
        as_of=date.fromisoformat(as_of) if as_of else None,
        currency=said.get("simcollect_currency"), country=said.get("simcollect_country"),
    )  # fmt: skip


def _open_csv(file: Path, mapping: Mapping) -> RawTape:
    header = _header(file, mapping)
    wanted = [name for name in header if name]
    rows: list[pa.csv.InvalidRow] = []

    def keep_for_report(row: pa.csv.InvalidRow) -> str:
        rows.append(row)
        return "skip"

    options = {
        "parse_options": pa.csv.ParseOptions(
            delimiter=mapping.delimiter, newlines_in_values=_has_newline_in_quotes(file),
            invalid_row_handler=keep_for_report,
        ),
        "convert_options": pa.csv.ConvertOptions(
            column_types={name: pa.string() for name in wanted}, include_columns=wanted,
            null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True,
        ),
    }  # fmt: skip
    reading = pa.csv.ReadOptions(encoding=mapping.encoding, column_names=header, skip_rows=1)
    try:
        table = pa.csv.read_csv(file, read_options=reading, **options)
    except (UnicodeDecodeError, pa.ArrowInvalid) as error:
        if "empty" in str(error).lower():
            raise _no_rows(file) from None
        if isinstance(error, UnicodeDecodeError) or "utf" in str(error).lower():
            raise _bad_encoding(file, mapping) from None
        raise _error(file, None, f"is not a readable CSV ({str(error)[:120]})", "export it again") from None
    tape = RawTape(file, header, table, mapping, is_csv=True)
    if rows:
        tape.problems = _wrong_lengths(file, header, mapping)
    elif table.num_rows == 0:
        raise _no_rows(file)
    return tape


def _header(file: Path, mapping: Mapping) -> list[str]:
    try:
        with file.open(encoding=_python_encoding(mapping), newline="") as stream:
            header = [name.strip() for name in next(csv.reader(stream, delimiter=mapping.delimiter))]
    except (UnicodeDecodeError, UnicodeError):
        raise _bad_encoding(file, mapping) from None
    except (csv.Error, StopIteration) as error:
        raise _error(
            file, 1, f"has no readable header ({error})", "export the tape again with a header"
        ) from None
    if len(header) == 1:
        for sign, word in _OTHER_DELIMITERS.items():
            if sign != mapping.delimiter and sign in header[0]:
                raise _error(
                    file, 1, f"seems to be delimited by {word}", f"set delimiter: {sign!r} in a mapping file"
                )
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise InputError([
            Problem(str(file), 1, name, None, "appears more than once in the header", "rename or drop one")
            for name in repeated
        ])  # fmt: skip
    return header


def _wrong_lengths(file: Path, header: Sequence[str], mapping: Mapping) -> list[Problem]:
    problems = []
    with file.open(encoding=_python_encoding(mapping), newline="") as stream:
        reader = csv.reader(stream, delimiter=mapping.delimiter)
        next(reader)
        line = reader.line_num + 1
        for row in reader:
            if row and len(row) != len(header):
                rule = f"has {len(row)} fields, the header has {len(header)}"
                problems.append(
                    Problem(str(file), line, None, None, rule, "quote fields that hold the delimiter")
                )
            line = reader.line_num + 1
    return problems


def _has_newline_in_quotes(file: Path) -> bool:
    """Whether a quoted field may run over a line end; reading with that in mind is slower."""
    with file.open("rb") as stream:
        return any(line.count(b'"') % 2 for line in stream)


def _python_encoding(mapping: Mapping) -> str:
    return (
        "utf-8-sig" if mapping.encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else mapping.encoding
    )


def _refuse_no_rows(file: Path, table: pa.Table) -> None:
    if table.num_rows == 0:
        raise _no_rows(file)


def _no_rows(file: Path) -> InputError:
    return _error(
        file, None, "has a header but no accounts", "check the export: a portfolio needs one account or more"
    )


def _bad_encoding(file: Path, mapping: Mapping) -> InputError:
    return _error(
        file, None, f"is not {mapping.encoding} text", "set encoding in a mapping file, for instance gb18030"
    )


def _error(file: Path, row: int | None, rule: str, remedy: str) -> InputError:
    return InputError([Problem(str(file), row, None, None, rule, remedy)])
