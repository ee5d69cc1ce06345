"""A public book: Taiwan's card clients of 2005 as a tape with its history, to calibrate and validate on.

UCI "Default of credit card clients" (Yeh & Lien 2009), amounts in NT$. The tape is as of 31 August 2005, the
history April to August. September is not used at all: its status is coded by another rule (code 1 appears
suddenly, and nobody late in August is 0), so nothing dynamic can be learnt from it.

A mapping file cannot do this: bills may be negative, and instalments and days past due are not columns of
the set but follow from several.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simcollect.errors import InputError, Problem, nearest
from simcollect.portfolio.figures import number
from simcollect.portfolio.frame import coded, typed
from simcollect.portfolio.parse import MISSING
from simcollect.portfolio.portfolio import Portfolio
from simcollect.portfolio.rules import fill
from simcollect.portfolio.schema import REVOLVING

AS_OF: Final = date(2005, 8, 31)
FILE: Final = "taiwan_card_clients_2005.csv"
MONTHS: Final = (6, 5, 4, 3, 2)  # the set's suffixes from April to August
LIMITS: Final = (50_000, 140_000)  # NT$: C up to the first, B up to the second, A above
# A year. Judgement: a little below the ceiling of 20 % that the law of Taiwan then set (memory, unverified).
RATE: Final = 0.18


def read_taiwan(folder_or_file: str | Path) -> tuple[Portfolio, pd.DataFrame]:
    """Read the Taiwan cards as a portfolio and a history of five months.

    Choices made, each a rule for the whole set:

    - risk band by credit limit: A above 140,000, B above 50,000, else C; score is the limit itself (NT$);
    - principal is August's bill; a credit balance (negative bill) is 0, nothing being owed;
    - instalment: the bill, of those who did not revolve (codes -2, -1); for the others the minimum payment,
      3.6 % of the bill but NT$ 1,000 at least and the bill at most, estimated from revolvers' payments
      (`figures.py`);
    - due day from 1 to 28, by a fixed hash of the client's number (the set does not have it);
    - code k of 1 and more is k due dates missed: `dpd` counts from the due day in the (k-1)-th month before
      August, about 30(k-1) to 30k days; with no bill nothing is late;
    - earlier spells: those of code 2 or more between April and July that are not the one going on in August;
    - clients without bill and use stay in, with instalment 0. Nobody is left out; a client number found
      twice is an error.

    Parameters
    ----------
    folder_or_file : the CSV, or the folder that holds ``taiwan_card_clients_2005.csv``

    Returns
    -------
    The portfolio (TWD, TW), and the history with a row for each client and month, oldest first: `account_id`,
    `month` (Period), `status` (raw code), `months_late` (due dates missed: the code if positive, else 0),
    `bill` (may be negative: credit) and `payment` (made in that month), both in minor units

    Raises
    ------
    InputError
        The file is missing, lacks a column, or repeats a client.

    Examples
    --------
    >>> from simcollect.errors import InputError
    >>> try:
    ...     read_taiwan("no/such/folder")
    ... except InputError as error:
    ...     print(error.problems[0].rule)
    cannot be read (No such file or directory)
    """
    given = Path(folder_or_file)
    data = _read(given / FILE if given.suffix != ".csv" else given)
    return _portfolio(data), _history(data)


def _read(file: Path) -> pd.DataFrame:
    try:
        data = pd.read_csv(file)
    except OSError as error:
        raise InputError(
            [Problem(str(file), None, None, None, f"cannot be read ({error.strerror})", "check the path")]
        ) from None
    except (ValueError, UnicodeDecodeError):
        problem = Problem(str(file), None, None, None, "is not a CSV", "get the UCI set as CSV")
        raise InputError([problem]) from None
    wanted = ["ID", "LIMIT_BAL", *(f"{stem}{m}" for stem in ("PAY_", "BILL_AMT", "PAY_AMT") for m in MONTHS)]
    problems = [
        Problem(str(file), 1, name, None, "is not in the file", nearest(name, map(str, data.columns)))
        for name in wanted
        if name not in data.columns
    ]
    if not problems:
        problems = [
            Problem(
                str(file), row + 2, "ID", str(data["ID"].iloc[row]), "appears twice", "keep one row a client"
            )
            for row in np.flatnonzero(data["ID"].duplicated()).tolist()
        ]
    if not problems and len(data) == 0:
        problems = [Problem(str(file), None, None, None, "has no clients", "get the UCI set again")]
    if problems:
        raise InputError(problems)
    return data[wanted].astype(np.int64)


def _portfolio(data: pd.DataFrame) -> Portfolio:
    n = len(data)
    code = data["PAY_2"].to_numpy()
    bill = np.maximum(data["BILL_AMT2"].to_numpy(), 0)
    due_day = _due_day(data["ID"].to_numpy())
    minimum = np.maximum(np.rint(number("minimum_payment_share") * bill), number("minimum_payment_floor"))
    instalment = np.where(code < 0, bill, np.minimum(minimum, bill)).astype(np.int64)
    limit = data["LIMIT_BAL"].to_numpy()
    bands = np.where(limit > LIMITS[1], 0, np.where(limit > LIMITS[0], 1, 2))

    first = np.zeros(n, np.int8)
    accounts = pd.DataFrame(
        {
            "account_id": _ids(data),
            "product": coded("product", first),
            "principal": bill * 100,
            "instalment": instalment * 100,
            "rate_per_year": RATE,
            "remaining_term": REVOLVING,
            "due_day": due_day,
            "dpd": np.where(bill > 0, _dpd(code, due_day), 0),
            "arrears": MISSING,
            "score": limit.astype(np.float64),
            "risk_band": coded("risk_band", bands),
            "times_30dpd_12m": _earlier_spells(data),
            "promises_broken": 0,
            "disclosed_reason": coded("disclosed_reason", first),
            "mode": coded("mode", first),
            "region": "",
            "sector": "",
            **{f"consent_{channel}": True for channel in ("sms", "app", "wechat", "email", "call")},
            "opened": np.datetime64("NaT", "s"),
        }
    )
    return Portfolio(fill(typed(accounts)), AS_OF, "TWD", "TW", "Taiwan cards 2005")


def _history(data: pd.DataFrame) -> pd.DataFrame:
    ids, n = _ids(data), len(data)
    status = np.stack([data[f"PAY_{m}"].to_numpy() for m in MONTHS], axis=1)
    months = pd.period_range("2005-04", "2005-08", freq="M")
    return pd.DataFrame(
        {
            "account_id": np.repeat(ids, len(MONTHS)),
            "month": months.take(np.tile(np.arange(len(MONTHS)), n)),
            "status": status.ravel(),
            "months_late": np.maximum(status, 0).ravel(),
            "bill": np.stack([data[f"BILL_AMT{m}"].to_numpy() for m in MONTHS], axis=1).ravel() * 100,
            "payment": np.stack([data[f"PAY_AMT{m}"].to_numpy() for m in MONTHS], axis=1).ravel() * 100,
        }
    )


def _ids(data: pd.DataFrame) -> NDArray[np.object_]:
    return np.array([f"T{i:05d}" for i in data["ID"].tolist()], dtype=object)


def _due_day(client: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 1 to 28 by Knuth's multiplicative hash, so that the day depends on the client's number alone."""
    return ((client * 2_654_435_761) % 2**32 >> 16) % 28 + 1


def _dpd(code: NDArray[np.int64], due_day: NDArray[np.int64]) -> NDArray[np.int64]:
    first_unpaid = np.datetime64("2005-08", "M") - (np.maximum(code, 1) - 1)
    due = first_unpaid.astype("datetime64[D]") + (due_day - 1)
    return np.where(code > 0, (np.datetime64(AS_OF, "D") - due).astype(np.int64), 0)


def _earlier_spells(data: pd.DataFrame) -> NDArray[np.int64]:
    """Count spells of 30 or more days late before the month of the tape, without the one still going on."""
    late = np.stack([data[f"PAY_{m}"].to_numpy() >= 2 for m in MONTHS], axis=1)
    begins = late & ~np.concatenate([np.zeros((len(data), 1), bool), late[:, :-1]], axis=1)
    return begins.sum(axis=1) - late[:, -1]
