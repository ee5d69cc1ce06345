"""Dates of payments and no monthly status; broken loans and events; the tape as CSV."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from simcollect.calibration import History
from simcollect.calibration.panel import sequences
from simcollect.calibration.statuses import fit_statuses
from simcollect.cli.program import app
from simcollect.portfolio import Portfolio

DUE = pd.to_datetime(["2024-01-05", "2024-02-05", "2024-03-05", "2024-04-05"])


def rules(history: History) -> dict[str, int]:
    return dict(zip(history.broken["rule"], history.broken["cases"], strict=True))


def loans(paid: list[str | None], **more: object) -> pd.DataFrame:
    one = pd.DataFrame({"account_id": "a", "due": DUE, "paid": pd.to_datetime(paid), **more})
    return pd.concat([one.assign(account_id=f"a{i:02d}") for i in range(40)], ignore_index=True)


def first(history: History) -> list[int]:
    assert history.months is not None
    return [int(x) for x in history.months[history.months["account_id"] == "a00"]["status"]]


def test_statuses_follow_from_due_and_paid() -> None:
    # February's is paid on 22 April, after its March and April looks; the later ones on time.
    history = History.of(loans=loans(["2024-01-05", "2024-04-22", "2024-03-06", "2024-04-22"]))
    assert first(history) == [0, 0, 1, 2]
    assert history.mapping.first_status == "new"
    assert sequences(history).status.shape == (40, 4)


def test_what_stays_unpaid_is_followed_until_the_file_ends_and_a_closed_loan_ends() -> None:
    log = pd.concat(
        [loans(["2024-01-05", "2024-02-05", None, None]),
         pd.DataFrame({"account_id": "z", "due": DUE, "paid": pd.to_datetime(["2024-07-01"] * 4)})],
        ignore_index=True,
    )  # fmt: skip
    assert first(History.of(loans=log)) == [0, 0, 0, 1, 2, 3]  # looked at until 20 June
    closed = loans(["2024-01-05", "2024-04-22", "2024-04-22", "2024-04-22"], closed=pd.Timestamp("2024-04-25"))
    assert first(History.of(loans=closed))[:4] == [0, 0, 1, 2]


def test_dates_alone_teach_the_hidden_borrower() -> None:
    rng = np.random.default_rng(1)
    bad = rng.uniform(size=300) < 0.2
    rows = []
    for i in range(300):
        for due in DUE:
            delay = rng.integers(20, 100) if bad[i] and rng.uniform() < 0.7 else rng.integers(0, 6)
            rows.append((str(i), due, due + pd.Timedelta(days=int(delay))))
    log = pd.DataFrame(rows, columns=["account_id", "due", "paid"])
    found = fit_statuses(History.of(loans=log), iterations=2, errors=False)
    assert found.model.panel.weight.sum() == 300
    assert not found.model.running


def test_identical_loans_are_kept_once_and_other_currencies_set_aside() -> None:
    one = loans(["2024-01-05", "2024-02-05", "2024-03-05", "2024-04-05"], currency="EUR")
    odd = one.iloc[:3].assign(currency="USD", account_id="odd")
    history = History.of(loans=pd.concat([one, one.iloc[:5], odd], ignore_index=True))
    assert rules(history) == {"currency": 3, "duplicate_loan": 5}
    assert history.loans is not None
    assert len(history.loans) == len(one)


def test_events_before_the_account_was_opened_are_set_aside() -> None:
    events = pd.DataFrame({"account_id": ["a", "a"], "date": pd.to_datetime(["2023-12-01", "2024-02-01"])})
    events = events.assign(what="payment", outcome="paid")
    history = History.of(events=events, opened=pd.Series({"a": pd.Timestamp("2024-01-01")}))
    assert rules(history) == {"before_opening": 1}
    assert history.events is not None
    assert len(history.events) == 1


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_command_takes_the_tape_as_csv_and_parquet(tmp_path: Path, suffix: str) -> None:
    book = Portfolio.synthetic(60, seed=1)
    book.write(tmp_path / f"tape.{suffix}")
    (tmp_path / "events.csv").write_text("account_id,what,outcome\n" + "a,call,no_answer\n" * 40)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("table: events\n")
    call = ["calibrate", str(tmp_path / "events.csv"), "--mapping", str(mapping)]
    call += ["--tape", str(tmp_path / f"tape.{suffix}"), "--currency", "CNY", "--country", "CN"]
    done = CliRunner().invoke(app, [*call, "--as-of", str(book.as_of)])
    assert done.exit_code == 0, done.output
    assert "0 numbers estimated" in done.output
    if suffix == "csv":  # which does not say its date itself
        refused = CliRunner().invoke(app, call)
        assert refused.exit_code != 0
        assert "as_of" in str(refused.exception) + refused.output
