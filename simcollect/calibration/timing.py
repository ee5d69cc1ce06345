"""When people pay: days late of those who pay in the end, and the weekday, from dates of single payments or loans."""

from __future__ import annotations

import numpy as np
import pandas as pd

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LEAST = 30  # late payments needed for a profile: judgement


def days_late(loans: pd.DataFrame) -> pd.DataFrame:
    """Return the profile of payments against their due day: a row a figure, estimate, standard_error, n.

    Parameters
    ----------
    loans : rows with `due` and `paid`; payments that have not come are not in the profile

    Examples
    --------
    >>> due = pd.Series(pd.to_datetime(["2024-01-10"] * 4))
    >>> table = days_late(pd.DataFrame({"due": due, "paid": due + pd.to_timedelta([-2, 0, 3, 9], unit="D")}))
    >>> table.set_index("figure")["estimate"]["share late"].item()
    0.5
    """
    late = (loans["paid"] - loans["due"]).dt.days.dropna().to_numpy()
    n = late.size
    rows = []
    for figure, mask in (("share early", late < 0), ("share on the due day", late == 0), ("share late", late > 0)):
        share = float(mask.mean()) if n else float("nan")
        rows.append((figure, share, np.sqrt(share * (1 - share) / max(n, 1)), n))
    log = np.log(late[late > 0])
    if log.size >= LEAST:
        sd = float(log.std(ddof=1))
        rows.append(("log-days late, mean", float(log.mean()), sd / np.sqrt(log.size), log.size))
        rows.append(("log-days late, sd", sd, sd / np.sqrt(2 * (log.size - 1)), log.size))
        for days in (1, 3, 7, 14, 30):
            share = float((late[late > 0] > days).mean())
            rows.append(
                (f"late more than {days} days, of those late", share, np.sqrt(share * (1 - share) / log.size), log.size)
            )
    return pd.DataFrame(rows, columns=["figure", "estimate", "standard_error", "n"])


def weekdays(paid: pd.Series) -> pd.DataFrame:
    """Return payments by weekday: weekday, share, standard_error, index (mean 1, as the calendar takes it).

    Examples
    --------
    >>> table = weekdays(pd.Series(pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-06"])))
    >>> table["share"].round(2).tolist()
    [0.67, 0.0, 0.0, 0.0, 0.0, 0.33, 0.0]
    """
    day = paid.dropna().dt.day_of_week.to_numpy()
    share = np.bincount(day, minlength=7) / max(day.size, 1)
    error = np.sqrt(share * (1 - share) / max(day.size, 1))
    return pd.DataFrame({"weekday": WEEKDAYS, "share": share, "standard_error": error, "index": 7 * share})


def ends(loans: pd.DataFrame) -> pd.DataFrame:
    """Return what loans came to: share charged off, months to it, loss on amount; a row a figure.

    Examples
    --------
    >>> opened = pd.to_datetime(["2020-01-01", "2020-01-01"])
    >>> loans = pd.DataFrame({"opened": opened, "charged_off": [pd.Timestamp("2021-01-01"), pd.NaT]})
    >>> ends(loans)["estimate"].round(1).tolist()
    [0.5, 12.0]
    """
    rows = []
    if "charged_off" in loans:
        bad = loans["charged_off"].notna()
        share, n = float(bad.mean()), len(loans)
        rows.append(("share charged off", share, np.sqrt(share * (1 - share) / n), n))
        if "opened" in loans and bad.any():
            months = (loans["charged_off"] - loans["opened"]).dt.days[bad] / 30.436875
            # Standard error of a median under a log-normal: 1.2533 sd of the logs, times the median.
            spread = float(np.std(np.log(months[months > 0].to_numpy()))) if (months > 0).sum() > 2 else float("nan")
            median = float(np.median(months.to_numpy()))
            rows.append(
                ("median months to charge-off", median, 1.2533 * spread * median / np.sqrt(bad.sum()), int(bad.sum()))
            )
        if "lost" in loans and "amount" in loans and bad.any():
            ratio = (loans["lost"] / loans["amount"])[bad & (loans["amount"] > 0)].dropna()
            error = float(np.std(ratio.to_numpy(), ddof=1)) / np.sqrt(max(len(ratio), 1))
            rows.append(("loss on default, share of the amount", float(np.mean(ratio.to_numpy())), error, len(ratio)))
    return pd.DataFrame(rows, columns=["figure", "estimate", "standard_error", "n"])
