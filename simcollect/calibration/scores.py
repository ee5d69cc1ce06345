"""Four scores an account: cures by itself, pays when contacted, is strained, is unwilling; and bands made of one.

The first two are learned from outcomes and judged on accounts that the score has not seen (`score.py`). Strained and
unwilling are not outcomes: they are Bayes' rule on the fitted borrower, given the account's own months
(`nextstatus.hidden`). Bands A, B, C made of a score go on the tape: segments are made of them, and a calibration with
that tape gives each band shares of dispositions and losses of its own, from which its prior follows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from simcollect.behaviour.parameters import BANDS
from simcollect.calibration.filter import ENDED
from simcollect.calibration.history import History
from simcollect.calibration.likelihood import Fit
from simcollect.calibration.nextstatus import hidden
from simcollect.calibration.panel import Sequences
from simcollect.calibration.schema import columns_of
from simcollect.calibration.score import LEAST, TAPE_FEATURES, Score, cases, score_of
from simcollect.errors import InputError
from simcollect.portfolio import Portfolio
from simcollect.portfolio.frame import coded

KNOWN_BEFORE = ("days_late", "attempt")  # columns of an event that were known before its outcome
PAID = ("paid", "kept", "success")


def contact_cases(
    history: History, data: Sequences | None = None, tape: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Return the features of each contact (with account_id), and whether the account paid.

    A contact is an event marked as treated, or, where nothing is marked, a call that reached the customer. What is
    known of it is the lender's own number columns, the tape, and the account's statuses of months that ended before it.

    Parameters
    ----------
    history : with events
    data : its status sequences, if it has months
    tape : accounts with account_id
    """
    events = history.events
    if events is None or "outcome" not in events:
        raise InputError("the score of paying when contacted needs events with outcomes; give the table events")
    decided = events["outcome"].notna() & events["outcome"].ne("unknown")
    if "treated" in events and events["treated"].notna().any():
        contact = events["treated"].fillna(False).astype(bool)
    else:
        contact = events["what"].isin(["call", "visit"]) & ~events["outcome"].isin(["no_answer", "third_party"])
    rows = events[decided & contact].reset_index(drop=True)
    names = [c for c in rows.columns if c not in columns_of("events") or c in KNOWN_BEFORE]
    numbers = rows[names].apply(pd.to_numeric, errors="coerce")
    numbers = numbers.loc[:, numbers.notna().mean() > 0.9]
    frame = numbers.fillna(numbers.median())
    account = rows["account_id"] if "account_id" in rows else pd.Series(rows.index.astype(str))
    frame.insert(0, "account_id", account.to_numpy())
    if tape is not None:
        known = [c for c in TAPE_FEATURES if c in tape and c not in frame]
        extra = tape.drop_duplicates("account_id").set_index("account_id")[known].astype(np.float64)
        joined = extra.reindex(frame["account_id"]).reset_index(drop=True)
        frame = pd.concat([frame, joined.fillna(extra.median()).fillna(0.0)], axis=1)
    if data is not None and "date" in rows:
        frame = pd.concat([frame, _months_before(rows, data)], axis=1)
    return frame, rows["outcome"].isin(PAID).to_numpy(np.bool_)


def _months_before(rows: pd.DataFrame, data: Sequences) -> pd.DataFrame:
    """Return what the statuses of months before the event's month say."""
    when = (rows["date"].dt.year * 12 + rows["date"].dt.month - 1).to_numpy(np.float64)
    spell = pd.Series(np.arange(len(data.account)), index=data.account)
    spell = spell[~spell.index.duplicated(keep="last")]
    at = spell.reindex(rows["account_id"]).to_numpy(np.float64)
    known = np.isfinite(at) & np.isfinite(when)
    row = np.where(known, at, 0).astype(np.int64)
    place = np.where(known, when - 1 - data.first[row], -1).astype(np.int64)
    known &= place >= 0
    seen = np.maximum(data.status, 0)
    place = np.clip(place, 0, seen.shape[1] - 1)
    late = np.cumsum(data.status > 0, axis=1)
    worst = np.maximum.accumulate(seen, axis=1)
    figures = {"status_before": seen, "months_late_so_far": late, "worst_so_far": worst}
    return pd.DataFrame({name: np.where(known, of[row, place], 0) for name, of in figures.items()})


def pays_when_contacted(
    history: History, data: Sequences | None = None, tape: pd.DataFrame | None = None, seed: int = 0
) -> Score:
    """Return the score of paying when contacted, judged on accounts that it has not seen.

    It says who pays after a contact, not whom the contact makes pay: for that see `contact_effect`.

    Raises
    ------
    InputError
        There are no events with outcomes, or fewer than 50 contacts that ended in a payment, or 50 that did not.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> usage = rng.uniform(size=600)
    >>> paid = np.where(rng.uniform(size=600) < usage, "paid", "failure")
    >>> events = pd.DataFrame({"what": "call", "outcome": paid, "treated": True, "usage": usage})
    >>> pays_when_contacted(History.of(events=events)).features
    ('usage',)
    """
    frame, paid = contact_cases(history, data, tape)
    if min(paid.sum(), (~paid).sum()) < LEAST:
        raise InputError(
            f"the score of paying when contacted needs {LEAST} contacted accounts that paid and {LEAST} that did not; "
            f"there are {int(paid.sum())} and {int((~paid).sum())}"
        )
    return score_of(frame, paid, "contact", seed)


def account_scores(
    data: Sequences, fitted: Fit | None = None, cure: Score | None = None, contact: Score | None = None,
    tape: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return one row an account with the scores that could be learned, as of its last month.

    Parameters
    ----------
    data : status sequences
    fitted : of them; gives `strained` and `unwilling`
    cure, contact : scores; `self_cure` is for those late, NaN for the others
    tape : accounts with account_id; only what it knows enters `pays_when_contacted`

    Returns
    -------
    account_id, and those of self_cure, pays_when_contacted, strained, unwilling
    """
    out = pd.DataFrame({"account_id": data.account})
    if cure is not None:
        frame, _ = cases(_one_more(data), "cure", tape)
        last = frame.groupby("account_id").tail(1)
        now = last.assign(p=cure.predict(last)).set_index("account_id")["p"]
        seen = (data.status != ENDED).sum(axis=1) - 1
        late = data.status[np.arange(len(seen)), seen] > 0
        out["self_cure"] = np.where(late, now.reindex(out["account_id"]).to_numpy(), np.nan)
    if contact is not None and tape is not None and set(contact.features) <= set(tape.columns):
        known = tape.drop_duplicates("account_id").set_index("account_id").reindex(out["account_id"])
        features = known[list(contact.features)].astype(np.float64)
        out["pays_when_contacted"] = contact.predict(features.fillna(features.median()))
    if fitted is not None:
        believed = hidden(fitted, data)
        out["strained"], out["unwilling"] = believed["strained"].to_numpy(), believed["unwilling"].to_numpy()
    return out.drop_duplicates("account_id", keep="last").reset_index(drop=True)


def _one_more(data: Sequences) -> Sequences:
    """Return the sequences with a month after the last, so that each account's last month is a case."""
    extra = np.full((len(data.status), 1), ENDED, np.int8)
    status = np.concatenate([data.status, extra], axis=1)
    end = (data.status != ENDED).sum(axis=1)
    status[np.arange(len(status)), end] = 0
    return replace(data, status=status)


def with_bands(portfolio: Portfolio, probability: pd.Series) -> Portfolio:
    """Return the tape with risk bands by a score: A the third most likely to pay, C the third least likely.

    Parameters
    ----------
    probability : of paying or curing, by account_id; accounts without one keep their band

    Examples
    --------
    >>> book = Portfolio.synthetic(300, seed=1)
    >>> score = pd.Series(np.linspace(0, 1, 300), index=book.accounts["account_id"])
    >>> banded = with_bands(book, score).accounts["risk_band"].astype(str)
    >>> banded.iloc[0], banded.iloc[-1], int((banded == "B").sum())
    ('C', 'A', 100)
    """
    accounts = portfolio.accounts
    value = accounts["account_id"].map(probability).to_numpy(np.float64)
    scored = np.isfinite(value)
    if not scored.any():
        raise InputError("the score names none of the tape's accounts; its index must be account_id")
    codes = accounts["risk_band"].cat.codes.to_numpy().copy()
    rank = value[scored].argsort(kind="stable").argsort(kind="stable")
    codes[scored] = len(BANDS) - 1 - rank * len(BANDS) // scored.sum()
    return replace(portfolio, accounts=accounts.assign(risk_band=coded("risk_band", codes)))
