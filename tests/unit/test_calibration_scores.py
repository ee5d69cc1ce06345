"""Pays when contacted, beside self-cure, strained and unwilling: out of sample, calibrated, and put to use."""

import numpy as np
import pandas as pd
import pytest

from simcollect.calibration import History, account_scores, calibrate, pays_when_contacted, with_bands
from simcollect.calibration.panel import sequences
from simcollect.calibration.score import score
from simcollect.errors import InputError
from simcollect.portfolio import Portfolio


def contacts(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    usage = rng.uniform(size=n)
    pays = rng.uniform(size=n) < 0.15 + 0.7 * usage
    return pd.DataFrame(
        {"account_id": (np.arange(n) // 2).astype(str), "what": "call", "treated": True, "usage": usage,
         "outcome": np.where(pays, "paid", "failure"), "date": pd.Timestamp("2024-05-10")}
    )  # fmt: skip


def test_paying_when_contacted_is_calibrated_on_accounts_not_seen() -> None:
    found = pays_when_contacted(History.of(events=contacts(6000, 1)))
    off = (found.reliability["predicted"] - found.reliability["happened"]).abs()
    assert (off < 3.5 * found.reliability["standard_error"]).all()
    assert found.log_loss < found.base_log_loss - 0.03
    assert found.outcome == "contact"


def test_months_after_the_contact_do_not_enter() -> None:
    """The status turns on the payment a month later; a score that saw it would be sure."""
    events = contacts(3000, 2)
    paid = events["outcome"].eq("paid").groupby(events["account_id"]).max()
    rows = [(a, f"2024-0{m}", 1 if m < 6 or not paid[a] else 0) for a in paid.index for m in range(2, 8)]
    months = pd.DataFrame(rows, columns=["account_id", "month", "status"])
    history = History.of(events=events, months=months)
    found = pays_when_contacted(history, sequences(history))
    assert found.auc < 0.8


def test_uncontacted_accounts_are_no_cases_and_too_few_are_refused() -> None:
    events = contacts(400, 3)
    with pytest.raises(InputError, match="50 contacted accounts that paid and 50 that did not; there are 0 and 0"):
        pays_when_contacted(History.of(events=events.assign(treated=False)))
    found = calibrate(History.of(events=events))
    assert found.contact_score is not None
    assert "reliability of pays when contacted" in found.learned


def test_scores_stand_side_by_side_and_make_bands() -> None:
    rng = np.random.default_rng(4)
    book = Portfolio.synthetic(1500, seed=1)
    keys = book.accounts["account_id"].to_numpy()
    good = rng.uniform(size=len(keys)) < 0.5
    rows = []
    for key, g in zip(keys, good, strict=True):
        state = 1
        for m in range(1, 7):
            rows.append((key, f"2024-0{m}", state))
            state = 0 if rng.uniform() < (0.8 if g else 0.2) else 1
    history = History.of(months=pd.DataFrame(rows, columns=["account_id", "month", "status"]))
    data = sequences(history)
    table = account_scores(data, cure=score(data, "cure"))
    assert len(table) == len(keys)
    late = table["self_cure"].notna().to_numpy()
    assert late.mean() == pytest.approx((data.status[:, -1] > 0).mean())
    by_key = table.set_index("account_id")["self_cure"]
    of_good = by_key.reindex(keys[good]).mean()
    assert of_good > by_key.reindex(keys[~good]).mean() + 0.1
    banded = with_bands(book, by_key.dropna()).accounts["risk_band"].astype(str)
    named = banded[book.accounts["account_id"].isin(by_key.dropna().index)]
    assert named.value_counts().max() - named.value_counts().min() <= 1
