"""Monthly statuses from dates alone: due, paid, closed of each payment, where the lender keeps no status.

An account is looked at 15 days after each of its due days (`PHASE`, the phase at which the monthly law reads statuses
by default): its status is the whole months since the oldest due day that is unpaid by then. After the last due day it
is looked at on, month by month, until all is paid, it is closed or charged off, or the file ends (the last date on
which anything happened).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.calibration.reading import CLOSED
from simcollect.units import DAYS_A_MONTH

PHASE = 15  # days
MOST = 8  # months looked at after the last due day: by then a loan is charged off or paid (chargeoff.week)
LEAST = 30  # months late needed to learn from: judgement

Days = npt.NDArray[np.int64]


def months_from_loans(loans: pd.DataFrame) -> pd.DataFrame | None:
    """Return account_id, month (since year 0) and status; None where dates are missing or hardly anyone was late.

    Examples
    --------
    >>> due = pd.to_datetime(["2024-01-05", "2024-02-05", "2024-03-05"])
    >>> paid = pd.to_datetime(["2024-01-05", "2024-03-25", "2024-03-25"])
    >>> one = pd.DataFrame({"account_id": "a", "due": due, "paid": paid})
    >>> many = pd.concat([one.assign(account_id=str(i)) for i in range(40)])
    >>> months_from_loans(many)["status"].tolist()[:3]
    [0, 0, 1]
    """
    if "due" not in loans or "paid" not in loans or not loans["paid"].notna().any():
        return None
    rows = loans[loans["due"].notna()].sort_values(["account_id", "due"], kind="stable")
    ends = [name for name in ("closed", "charged_off") if name in rows]
    last = int(max(_days(rows[name]).max() for name in ("paid", *ends)))
    due, paid = _days(rows["due"]), _days(rows["paid"])
    stop = np.full(len(rows), np.iinfo(np.int64).max)
    for name in ends:
        there = rows[name].notna().to_numpy()
        stop[there] = np.minimum(stop[there], _days(rows[name])[there])
    paid = np.where(rows["paid"].notna(), paid, np.iinfo(np.int64).max)
    account = rows["account_id"].to_numpy()
    begins = np.flatnonzero(np.r_[True, account[1:] != account[:-1]])
    out: list[tuple[object, int, int]] = []
    for a, b in zip(begins, np.r_[begins[1:], len(rows)], strict=True):
        for when, status in _looks(due[a:b], paid[a:b], min(last, int(stop[a:b].max())), last):
            out.append((account[a], when, status))
    months = pd.DataFrame(out, columns=["account_id", "month", "status"])
    months = months.drop_duplicates(["account_id", "month"], keep="last", ignore_index=True)
    if int((months["status"] > 0).sum()) < LEAST:
        return None
    return months.astype({"status": np.int16})


def _looks(due: Days, paid: Days, stop: int, last: int) -> list[tuple[int, int]]:
    """Return (month, status) of one account; the month is that of the due day looked at."""
    out: list[tuple[int, int]] = []
    later = [int(due[-1] + round(DAYS_A_MONTH * k)) for k in range(1, MOST + 1)]
    for at in [*map(int, due), *later]:
        look = at + PHASE
        if look > last:
            break
        open_ = (due <= at) & (paid > look)
        month = _month(at)
        done = look > stop or (at > due[-1] and not open_.any())
        status = CLOSED if done else int((look - due[open_].min()) // DAYS_A_MONTH) if open_.any() else 0
        out.append((month, status))
        if done:
            break
    return out


def _month(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64)) + 1970 * 12


def _days(dates: pd.Series) -> Days:
    """Return days since 1970; a missing date counts as the beginning of time."""
    return np.asarray(dates.to_numpy("datetime64[D]").astype(np.int64))
