"""The form of the accounts table: order and types of its columns, and how coded columns are made."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from simcollect.portfolio.schema import COLUMNS, NAMES, by_name

_INT32: Final = {column.name: np.int32 for column in COLUMNS if column.kind == "whole"}


def coded(name: str, position: Any) -> pd.Categorical[Any]:
    """Return a coded column from positions in the schema's list of codes, shape (n); -1 is a blank.

    Examples
    --------
    >>> coded("risk_band", np.array([0, 2])).tolist()
    ['A', 'C']
    """
    return pd.Categorical.from_codes(np.asarray(position), categories=pd.Index(by_name(name).codes))


def typed(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the columns in the order and with the types of the schema; counts are 32-bit."""
    return accounts[list(NAMES)].astype({**_INT32, "opened": "datetime64[s]"})
