"""What must hold inside a tape, as vectorised masks, and what a blank is derived from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simcollect.portfolio.frame import coded
from simcollect.portfolio.parse import MISSING
from simcollect.portfolio.schema import COLUMNS, CROSS_RULES
from simcollect.units import DAYS_A_MONTH, minor_per_major


@dataclass(frozen=True)
class Violation:
    """Rows that break one rule: the mask (n), the column to name, the rule and the remedy."""

    rows: NDArray[np.bool_]
    column: str
    rule: str
    remedy: str
    between: bool = False


def due_dates_missed(dpd: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return how many due dates an account has missed: floor(dpd / 30.436875) + 1 if late, else 0.

    Examples
    --------
    >>> due_dates_missed(np.array([0, 1, 30, 31, 180])).tolist()
    [0, 1, 1, 2, 6]
    """
    return np.where(dpd > 0, np.floor(dpd / DAYS_A_MONTH).astype(np.int64) + 1, 0)


def derived_arrears(accounts: pd.DataFrame) -> NDArray[np.int64]:
    """Return arrears in minor units as the contract implies them: instalment times due dates missed.

    A loan cannot have more instalments overdue than it has left; a card cannot owe more than its balance. A balance
    below zero is a mistake of its own and says nothing of what is overdue.
    """
    missed = due_dates_missed(accounts["dpd"].to_numpy())
    term = accounts["remaining_term"].to_numpy()
    instalment = accounts["instalment"].to_numpy()
    fixed = instalment * np.where(term > 0, np.minimum(missed, term), missed)
    principal = accounts["principal"].to_numpy()
    return np.where((term < 0) & (principal >= 0), np.minimum(fixed, principal), fixed)


def derived_risk_band(accounts: pd.DataFrame) -> NDArray[np.int8]:
    """Return the position in A, B, C: terciles of score within the product, B where there is no score."""
    position = np.ones(len(accounts), np.int8)
    score = accounts["score"].to_numpy()
    product = accounts["product"].cat.codes.to_numpy()
    for code in np.unique(product):
        rows = (product == code) & np.isfinite(score)
        if rows.any():
            low, high = np.quantile(score[rows], [1 / 3, 2 / 3])
            position[rows] = np.where(score[rows] > high, 0, np.where(score[rows] > low, 1, 2))
    return position


def fill(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts with blank arrears and risk bands derived."""
    blank = accounts["arrears"].to_numpy() == MISSING
    if blank.any():
        accounts = accounts.assign(
            arrears=np.where(blank, derived_arrears(accounts), accounts["arrears"].to_numpy())
        )
    bands = accounts["risk_band"].cat.codes.to_numpy()
    if (bands < 0).any():
        filled = np.where(bands < 0, derived_risk_band(accounts), bands)
        accounts = accounts.assign(risk_band=coded("risk_band", filled))
    return accounts


def violations(accounts: pd.DataFrame, as_of: date, currency: str) -> Iterator[Violation]:
    """Yield every broken rule of a filled table of accounts; money in minor units."""
    yield from _ranges(accounts, minor_per_major(currency))
    yield from _between(accounts, as_of)


def _ranges(accounts: pd.DataFrame, minor: int) -> Iterator[Violation]:
    for column in COLUMNS:
        if column.low is None or column.high is None:
            continue
        values = accounts[column.name].to_numpy()
        scale = minor if column.kind == "money" else 1
        below, above = values < column.low * scale, values > column.high * scale
        if column.name == "remaining_term":
            below &= values != -1
        if column.kind == "money":
            if below.any():
                remedy = "a credit balance is no debt: give 0, or correct the sign"
                yield Violation(below, column.name, "must not be negative", remedy)
            if above.any():
                remedy = "amounts are in major units: check the decimal sign"
                yield Violation(above, column.name, f"must not be above {column.high:g}", remedy)
        elif (below | above).any():
            remedy = "give 0.18 for 18 % a year" if column.name == "rate_per_year" else "correct it"
            yield Violation(below | above, column.name, f"must be {column.rule}", remedy)


def _between(accounts: pd.DataFrame, as_of: date) -> Iterator[Violation]:
    dpd, arrears = accounts["dpd"].to_numpy(), accounts["arrears"].to_numpy()
    principal = accounts["principal"].to_numpy()
    mode = accounts["mode"].astype(object).to_numpy()
    opened = accounts["opened"].to_numpy().astype("datetime64[D]")
    known = ~np.isnat(opened)
    age = np.where(known, (np.datetime64(as_of, "D") - opened).astype(np.int64), 0)
    running = (mode == "open") | (mode == "on_plan")
    checks = {
        "unique": (
            accounts["account_id"].duplicated(keep=False).to_numpy(), "account_id",
            "keep one row an account, or make the key longer",
        ),
        "late_owes": (
            (dpd > 0) & (arrears == 0), "arrears", "give the overdue amount, or set dpd to 0",
        ),
        "owing_is_late": ((dpd == 0) & (arrears > 0), "dpd", "give the days past due, or set arrears to 0"),
        "term_over": (
            running & (accounts["remaining_term"].to_numpy() == 0) & (principal > 0), "remaining_term",
            "count the overdue instalments too, or leave it blank for revolving credit",
        ),
        "closed_owes": (
            (mode == "closed") & ((principal > 0) | (arrears > 0)), "mode", "correct the mode or the balance",
        ),
        "not_yet_opened": (known & (age < 0), "opened", "correct the date, or the as-of date of the tape"),
        "late_before_opened": (known & (age >= 0) & (dpd > age), "dpd", "correct dpd or the date opened"),
    }  # fmt: skip
    for key, (rows, column, remedy) in checks.items():
        if rows.any():
            yield Violation(
                rows, column, f"breaks the rule: {CROSS_RULES[key]}", remedy, between=key != "unique"
            )
