"""Writing a tape back to a file, exact to the minor unit."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from simcollect.errors import InputError, Problem
from simcollect.portfolio.schema import COLUMNS, REVOLVING, Column
from simcollect.units import minor_per_major


def write_tape(accounts: pd.DataFrame, path: Path, as_of: date, currency: str, country: str) -> None:
    """Write accounts (minor units) as a tape (major units); see `Portfolio.write`."""
    if path.suffix not in {".csv", ".parquet"}:
        rule = "a tape is written as .csv or .parquet"
        raise InputError([Problem(str(path), None, None, path.suffix or None, rule, "change the ending")])
    decimals = 2 if minor_per_major(currency) == 100 else 0
    table = pa.table({column.name: _column(column, accounts[column.name], decimals) for column in COLUMNS})
    if path.suffix == ".csv":
        pa.csv.write_csv(table, path, pa.csv.WriteOptions(quoting_style="needed"))
        return
    said = {"as_of": as_of.isoformat(), "currency": currency, "country": country}
    table = table.replace_schema_metadata({f"simcollect_{key}": value for key, value in said.items()})
    pa.parquet.write_table(table, path)


def _column(column: Column, values: pd.Series, decimals: int) -> pa.Array:
    if column.kind == "money":
        return _decimal(values.to_numpy(), decimals)
    if column.name == "remaining_term":
        return pa.array(values.to_numpy(), mask=values.to_numpy() == REVOLVING)
    if column.kind == "date":
        return pa.array(values.to_numpy().astype("datetime64[D]"))
    if column.kind in {"text", "code"}:
        return pa.array(values.astype(object).to_numpy(), pa.string())
    return pa.array(values.to_numpy(), from_pandas=True)


def _decimal(minor: NDArray[np.int64], decimals: int) -> pa.Array:
    """Return minor units as decimal numbers without passing through floats."""
    # A 128-bit little-endian integer is the 64-bit one followed by its sign.
    words = np.stack([minor, minor >> 63], axis=1).astype("<i8")
    return pa.Array.from_buffers(
        pa.decimal128(19, decimals), len(minor), [None, pa.py_buffer(words.tobytes())]
    )
