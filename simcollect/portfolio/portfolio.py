"""The portfolio: a lender's accounts on one day, read from a tape or made up, and checked."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simcollect.errors import InputError, Problem
from simcollect.portfolio import rules
from simcollect.portfolio.buckets import BUCKETS, bucket
from simcollect.portfolio.check import examine
from simcollect.portfolio.mapping import Mapping
from simcollect.portfolio.schema import COLUMNS, NAMES
from simcollect.units import to_major


@dataclass(frozen=True, eq=False, repr=False)
class Portfolio:
    """Accounts as they stand on the as-of date.

    Attributes
    ----------
    accounts : one row an account, RangeIndex, the columns of `docs/tape.md` in that order; money in minor
    units
        (int64), counts int32, `product`, `risk_band`, `mode` and `disclosed_reason` categorical,
        `remaining_term` -1 for revolving credit. Treat it as read-only.
    as_of : date of the snapshot
    currency : ISO 4217 code
    country : ISO 3166 alpha-2 code, for working days and holidays
    source : where it came from, for reports

    Raises
    ------
    InputError
        The accounts break a rule of the tape; every problem is listed.

    Examples
    --------
    >>> book = Portfolio.synthetic(500, seed=1)
    >>> len(book), book.currency
    (500, 'CNY')
    >>> book.summary().index.tolist()[:3]
    ['current', '1-30', '31-60']
    """

    accounts: pd.DataFrame
    as_of: date
    currency: str = "USD"
    country: str = "US"
    source: str = "memory"

    def __post_init__(self) -> None:
        problems = _shape_problems(self)
        if not problems:
            for broken in rules.violations(self.accounts, self.as_of, self.currency):
                values = self.accounts[broken.column].to_numpy()
                problems += [
                    Problem(
                        self.source, int(row), broken.column, str(values[row]), broken.rule, broken.remedy
                    )
                    for row in np.flatnonzero(broken.rows)
                ]
        if problems:
            raise InputError(problems)

    @classmethod
    def read(
        cls,
        path: str | Path,
        mapping: Mapping | str | Path | None = None,
        *,
        as_of: date | str | None = None,
        currency: str | None = None,
        country: str | None = None,
    ) -> Portfolio:
        """Read a tape from a CSV or Parquet file.

        Parameters
        ----------
        path : the file
        mapping : a lender's names and codes (a `Mapping` or its YAML file); None if the file has the tape's
        own as_of : date of the snapshot; may stand in the mapping or in a Parquet file that `write` made
        currency : ISO 4217; else the mapping's, else "USD"
        country : ISO 3166 alpha-2; else the mapping's, else "US"

        Raises
        ------
        InputError
            Anything is wrong with the file; every problem with its line. `check` returns the same list.
        """
        read = examine(path, mapping, as_of, currency, country)
        if read.problems:
            raise InputError(read.problems)
        return cls(read.accounts, read.as_of, read.currency, read.country, str(path))

    @classmethod
    def synthetic(
        cls, n: int, *, seed: int, as_of: date = date(2026, 6, 30), currency: str = "CNY", country: str = "CN"
    ) -> Portfolio:
        """Return a made-up lender's book of `n` accounts; see `simcollect.portfolio.synthetic`."""
        from simcollect.portfolio.synthetic import synthetic

        return synthetic(n, seed, as_of, currency, country)

    def write(self, path: str | Path) -> None:
        """Write the tape to a ``.csv`` or ``.parquet`` file, amounts in major units, exact to the minor unit.

        A Parquet file also carries the as-of date, currency and country; for a CSV give them again to `read`.

        Raises
        ------
        InputError
            The name ends in something else.
        """
        from simcollect.portfolio.output import write_tape

        write_tape(self.accounts, Path(path), self.as_of, self.currency, self.country)

    def summary(self) -> pd.DataFrame:
        """Return accounts, principal and arrears (major units) by bucket of days past due, shape (8, 3)."""
        codes = bucket(self.accounts["dpd"].to_numpy())
        sums = {
            name: to_major(np.bincount(codes, self.accounts[name].to_numpy(), len(BUCKETS)), self.currency)
            for name in ("principal", "arrears")
        }
        counts = np.bincount(codes, minlength=len(BUCKETS))
        return pd.DataFrame({"accounts": counts, **sums}, index=pd.Index(BUCKETS, name="dpd"))

    def resample(self, n: int, *, seed: int) -> Portfolio:
        """Return `n` accounts drawn with replacement, with new ids: the book larger, smaller or redrawn."""
        rows = np.random.default_rng(seed).integers(0, len(self), n)
        drawn = self.accounts.iloc[rows].reset_index(drop=True).assign(account_id=numbered("R", n))
        return self._with(drawn, f"{self.source}, resampled to {n} (seed {seed})")

    def head(self, n: int) -> Portfolio:
        """Return the first `n` accounts."""
        return self._with(self.accounts.iloc[:n].reset_index(drop=True), f"{self.source}, first {n}")

    def subset(self, mask: Any) -> Portfolio:
        """Return the accounts for which `mask`, shape (n), is true."""
        keep = np.asarray(mask, dtype=bool)
        if keep.shape != (len(self),):
            rule = f"a mask needs one value for each of the {len(self)} accounts"
            raise InputError(
                [Problem(self.source, None, None, str(keep.shape), rule, "build it from accounts")]
            )
        return self._with(self.accounts[keep].reset_index(drop=True), f"{self.source}, subset")

    def digest(self) -> str:
        """Return a fingerprint (SHA-256) of the accounts, as-of date, currency and country."""
        total = hashlib.sha256(f"{self.as_of}|{self.currency}|{self.country}|{len(self)}".encode())
        for column in COLUMNS:
            values = self.accounts[column.name]
            if column.kind == "text":
                total.update("\x1f".join(values.tolist()).encode())
            elif column.kind == "code":
                total.update(values.cat.codes.to_numpy().tobytes())
            elif column.kind == "date":
                total.update(values.to_numpy().astype("datetime64[D]").astype(np.int64).tobytes())
            else:
                total.update(values.to_numpy().tobytes())
        return total.hexdigest()

    def __len__(self) -> int:
        return len(self.accounts)

    def __repr__(self) -> str:
        late = int((self.accounts["dpd"].to_numpy() > 0).sum())
        principal = to_major(float(self.accounts["principal"].sum()), self.currency)
        return (
            f"<Portfolio {self.source}: {len(self):,} accounts on {self.as_of}, "
            f"{self.currency} {principal:,.0f} principal, {late:,} past due ({late / len(self):.1%})>"
        )

    def _with(self, accounts: pd.DataFrame, source: str) -> Portfolio:
        return Portfolio(accounts, self.as_of, self.currency, self.country, source)


def numbered(prefix: str, n: int) -> NDArray[np.object_]:
    """Return `n` account ids of equal length, ``R00``, ``R01``, ...

    Examples
    --------
    >>> numbered("R", 2).tolist()
    ['R0', 'R1']
    """
    width = len(str(max(n - 1, 0)))
    return np.array([f"{prefix}{i:0{width}d}" for i in range(n)], dtype=object)


def _shape_problems(book: Portfolio) -> list[Problem]:
    """Return what is wrong with the table's form; its values are judged only if there is nothing."""

    def problem(rule: str, remedy: str, column: str | None = None) -> Problem:
        return Problem(book.source, None, column, None, rule, remedy)

    accounts = book.accounts
    if len(accounts) == 0:
        return [problem("has no accounts", "a portfolio needs one account or more")]
    found = []
    if tuple(accounts.columns) != NAMES:
        found.append(
            problem("has other columns than the tape", "build it with Portfolio.read; see docs/tape.md")
        )
    if not isinstance(accounts.index, pd.RangeIndex) or accounts.index.start != 0 or accounts.index.step != 1:
        found.append(problem("must be numbered 0, 1, 2, ...", "call reset_index(drop=True)"))
    if not re.fullmatch("[A-Z]{3}", book.currency):
        found.append(
            problem(f"currency {book.currency!r} is not an ISO 4217 code", "give one like USD or CNY")
        )
    if not re.fullmatch("[A-Z]{2}", book.country):
        found.append(
            problem(f"country {book.country!r} is not an ISO 3166 alpha-2 code", "give one like US or CN")
        )
    if found:
        return found
    for column in COLUMNS:
        values = accounts[column.name]
        if column.kind == "money" and values.dtype != np.int64:
            found.append(problem("must be int64 minor units", "see simcollect.units", column.name))
        if column.kind == "code" and (
            not isinstance(values.dtype, pd.CategoricalDtype)
            or tuple(values.cat.categories) != column.codes
            or values.isna().any()
        ):
            found.append(
                problem(f"must be categorical, each value {column.rule}", "see docs/tape.md", column.name)
            )
    for name, blank_allowed in (("rate_per_year", False), ("score", True)):
        numbers = accounts[name].to_numpy()
        if not (np.isfinite(numbers) | (blank_allowed & np.isnan(numbers))).all():
            found.append(problem("must be a finite number", "correct it", name))
    return found
