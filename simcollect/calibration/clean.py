"""Broken histories: each kind found, counted, and set aside by a stated rule (`schema.RULES`)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simcollect.calibration.reading import CLOSED, UNKNOWN
from simcollect.calibration.tally import Tally

LONGEST_GAP = 6  # months not seen before a history starts afresh: judgement; a class holds for years, arrears do not
SURE = 0.99  # share of next statuses that a leaking column tells: judgement


def clean_months(months: pd.DataFrame, opened: pd.Series | None, tally: Tally) -> pd.DataFrame:
    """Return the monthly rows sorted, without what cannot be right, in spells without gaps.

    Parameters
    ----------
    months : account_id, month (whole number), status and further columns
    opened : month opened by account_id, or None

    Returns
    -------
    The rows with a column `spell`: a history that was cut continues under the next number.
    """
    months = _one_currency(months, tally)
    key = pd.factorize(months["account_id"])[0]
    months = months.assign(_account=key)
    month = months["month"].to_numpy()
    same = key[1:] == key[:-1]
    step = np.diff(month)
    rising = (step[same] >= 0).all() if same.any() else True
    falling = (step[same] <= 0).all() if same.any() else True
    if not (rising or falling):
        wrong = np.flatnonzero(same & (step < 0))
        tally.add("order", wrong.size, "month", int(wrong[0]) + 3, None, "sorted")
    months = months.sort_values(["_account", "month"], kind="stable", ignore_index=True)
    months = _without_duplicates(months, tally)
    if opened is not None:
        first = months["account_id"].map(opened)
        early = (months["month"] < first).to_numpy()
        tally.add("before_opening", int(early.sum()), "month", None, None, "set aside")
        months = months[~early]
    months = _after_end(months, tally)
    return _spells(months.reset_index(drop=True), tally).drop(columns="_account")


def _one_currency(rows: pd.DataFrame, tally: Tally) -> pd.DataFrame:
    if "currency" not in rows or rows["currency"].nunique() < 2:
        return rows
    usual = rows["currency"].mode().iloc[0]
    other = (rows["currency"] != usual) & rows["currency"].ne("")
    tally.add("currency", int(other.sum()), "currency", None, str(rows["currency"][other].iloc[0]), "set aside")
    return rows[~other]


def _without_duplicates(months: pd.DataFrame, tally: Tally) -> pd.DataFrame:
    account, month = months["_account"].to_numpy(), months["month"].to_numpy()
    again = np.zeros(len(months), np.bool_)
    again[1:] = (account[1:] == account[:-1]) & (month[1:] == month[:-1])
    if not again.any():
        return months
    status = months["status"].to_numpy()
    group = np.cumsum(~again)
    spread = pd.Series(status).groupby(group)
    differ = (spread.max() != spread.min()).to_numpy()[group - 1]
    tally.add("conflict", int((differ & ~again).sum()), "status", None, None, "counted as not seen")
    tally.add("duplicate", int((again & ~differ).sum()), "month", None, None, "kept once")
    return months.assign(status=np.where(differ, UNKNOWN, status).astype(np.int16))[~again]


def _after_end(months: pd.DataFrame, tally: Tally) -> pd.DataFrame:
    account = months["_account"].to_numpy()
    status = months["status"].to_numpy()
    closed = status == CLOSED
    if not closed.any():
        return months
    first = np.full(account.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, account[closed], months["month"].to_numpy()[closed])
    late = (months["month"].to_numpy() > first[account]) & ~closed
    tally.add("after_end", int(late.sum()), "status", None, None, "set aside")
    # Of the closed months only the first tells anything: the loan was paid off then.
    extra = (months["month"].to_numpy() > first[account]) & closed
    return months[~(late | extra)]


def _spells(months: pd.DataFrame, tally: Tally) -> pd.DataFrame:
    """Number the spells, fill short gaps with unseen months, cut at long gaps and at jumps."""
    account, month = months["_account"].to_numpy(), months["month"].to_numpy()
    status = months["status"].to_numpy()
    same = np.zeros(len(months), np.bool_)
    same[1:] = account[1:] == account[:-1]
    passed = np.ones(len(months), np.int64)
    passed[1:] = month[1:] - month[:-1]
    gap = same & (passed > 1)
    long_gap = gap & (passed > LONGEST_GAP + 1)
    before = np.zeros(len(months), np.int64)
    before[1:] = np.maximum(status[:-1], 0)
    # A month not seen tells nothing of the status, so a rise after it cannot be called a jump.
    known = np.zeros(len(months), np.bool_)
    known[1:] = status[:-1] != UNKNOWN
    jump = same & known & (status > 0) & (status - before > passed)
    tally.add("gap", int((passed[gap] - 1).sum()), "month", None, None, "counted as not seen")
    tally.add("jump", int(jump.sum()), "status", None, None, "history cut there")
    cut = ~same | long_gap | jump
    months = months.assign(spell=np.cumsum(cut) - 1)
    fill = gap & ~long_gap & ~jump
    if not fill.any():
        return months
    count = passed[fill] - 1
    source = months[fill].loc[np.repeat(months.index[fill], count)]
    back = np.concatenate([np.arange(n, 0, -1) for n in count])
    extra = source[["account_id", "_account", "spell"]].assign(
        month=source["month"].to_numpy() - back, status=np.int16(UNKNOWN)
    )
    whole = pd.concat([months, extra], ignore_index=True)
    return whole.sort_values(["_account", "month"], kind="stable", ignore_index=True)


def clean_loans(loans: pd.DataFrame, tally: Tally) -> pd.DataFrame:
    """Return the loans whose dates are in a possible order."""
    loans = _one_currency(loans, tally)
    again = loans.duplicated().to_numpy()
    tally.add("duplicate_loan", int(again.sum()), "account_id", None, None, "kept once")
    loans = loans[~again]
    if "opened" not in loans:
        return loans
    wrong = np.zeros(len(loans), np.bool_)
    for name in ("due", "paid", "closed", "charged_off"):
        if name in loans:
            early = (loans[name] < loans["opened"]).to_numpy()
            first = int(np.flatnonzero(early)[0]) + 2 if early.any() else None
            tally.add("dates", int(early.sum()), name, first, None, "set aside")
            wrong |= early
    return loans[~wrong]


def clean_events(events: pd.DataFrame, opened: pd.Series, tally: Tally) -> pd.DataFrame:
    """Return the events without those dated before their account was opened.

    Parameters
    ----------
    opened : day opened by account_id
    """
    if "account_id" not in events or "date" not in events:
        return events
    early = (events["date"] < events["account_id"].map(pd.to_datetime(opened))).to_numpy()
    tally.add("before_opening", int(early.sum()), "date", None, None, "set aside")
    return events[~early].reset_index(drop=True)


def leaks(months: pd.DataFrame, tally: Tally) -> list[str]:
    """Return the columns that tell the next status almost surely, though they stand in an earlier row.

    A column leaks if it equals the next month's status (or whether that is late) in nearly all rows in which the
    status changes; a column that merely repeats the present status does not.
    """
    known = {"account_id", "month", "status", "spell", "bill", "payment", "balance", "currency"}
    status = months["status"].to_numpy()
    follows = np.zeros(len(months), np.bool_)
    if "spell" in months:
        spell = months["spell"].to_numpy()
        follows[:-1] = spell[1:] == spell[:-1]
    nxt = np.roll(status, -1)
    changed = follows & (status != nxt) & (status >= 0) & (nxt >= 0)
    found = []
    for name in months.columns:
        if name in known or name.startswith("_"):
            continue
        values = pd.to_numeric(months[name], errors="coerce").to_numpy()
        usable = changed & np.isfinite(values)
        if usable.sum() < 20:
            continue
        same = values[usable] == nxt[usable]
        late = (values[usable] > 0) == (nxt[usable] > 0)
        differs = (values[usable] > 0) != (status[usable] > 0)
        if same.mean() >= SURE or (late.mean() >= SURE and differs.mean() > 0.2):
            found.append(name)
            tally.add("leak", int(usable.sum()), name, None, None, "column not used")
    return found
