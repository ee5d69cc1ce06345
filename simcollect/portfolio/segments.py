"""Segments: the groups of like accounts for which plans are solved and parameters estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simcollect.portfolio.portfolio import Portfolio
from simcollect.units import to_major

SIZES: Final = ("small", "mid", "large")


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Which segment each account is in, and what the segments are.

    Attributes
    ----------
    codes : shape (n), int32, row of `table` for each account
    table : one row a segment: name, product, risk_band, size, accounts, instalment (total a month, major
    units),
        remaining_term (mean months of the accounts with a fixed end; NaN if there are none)
    """

    codes: NDArray[np.int32]
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)


def segment(portfolio: Portfolio) -> Segmentation:
    """Group accounts by product, risk band and tercile of instalment within the product; at most 18 segments.

    Empty segments are left out; the order is that of product, band, size.

    Examples
    --------
    >>> from simcollect.portfolio.portfolio import Portfolio
    >>> groups = segment(Portfolio.synthetic(2000, seed=1))
    >>> groups.table["name"].iloc[0], len(groups), groups.codes.shape
    ('consumer/A/small', 18, (2000,))
    """
    accounts = portfolio.accounts
    product = accounts["product"].cat.codes.to_numpy().astype(np.int64)
    band = accounts["risk_band"].cat.codes.to_numpy().astype(np.int64)
    instalment = accounts["instalment"].to_numpy()
    size = np.zeros(len(accounts), np.int64)
    for p in np.unique(product):
        rows = product == p
        size[rows] = np.searchsorted(
            np.quantile(instalment[rows], [1 / 3, 2 / 3]), instalment[rows], side="left"
        )
    cell = (product * 3 + band) * len(SIZES) + size
    present, codes = np.unique(cell, return_inverse=True)
    term = accounts["remaining_term"].to_numpy()
    fixed = term >= 0
    terms = np.bincount(codes, np.where(fixed, term, 0), len(present))
    with_term = np.bincount(codes, fixed, len(present))
    products = accounts["product"].cat.categories.to_numpy()[present // 9]
    bands = accounts["risk_band"].cat.categories.to_numpy()[present // 3 % 3]
    sizes = np.array(SIZES, dtype=object)[present % 3]
    table = pd.DataFrame(
        {
            "name": [f"{p}/{b}/{s}" for p, b, s in zip(products, bands, sizes, strict=True)],
            "product": products,
            "risk_band": bands,
            "size": sizes,
            "accounts": np.bincount(codes, minlength=len(present)),
            "instalment": to_major(np.bincount(codes, instalment, len(present)), portfolio.currency),
            "remaining_term": np.where(with_term > 0, terms / np.maximum(with_term, 1), np.nan),
        }
    )
    return Segmentation(codes.astype(np.int32), table)
