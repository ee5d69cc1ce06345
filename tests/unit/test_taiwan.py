"""The public card set becomes a tape and a history by stated rules."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simcollect.errors import InputError
from simcollect.portfolio import read_taiwan

MONTHS = (6, 5, 4, 3, 2)


def write(folder: Path, *clients: dict[str, object]) -> Path:
    """Write a set in which a client is paid in full with no bill unless said otherwise."""
    rows = []
    for number, client in enumerate(clients):
        row: dict[str, object] = {"ID": number + 1, "LIMIT_BAL": 100000.0}
        status, bills = client.pop("status", [-1] * 5), client.pop("bills", [0.0] * 5)
        for month, code, bill in zip(MONTHS, status, bills, strict=True):  # type: ignore[call-overload]
            row |= {f"PAY_{month}": code, f"BILL_AMT{month}": bill, f"PAY_AMT{month}": 10.0}
        # September is there in the set, and must have no influence.
        rows.append(row | {"PAY_0": 8, "BILL_AMT1": 1e6, "PAY_AMT1": 1e6} | client)
    pd.DataFrame(rows).to_csv(folder / "taiwan_card_clients_2005.csv", index=False)
    return folder


def test_bands_follow_the_credit_limit(tmp_path: Path) -> None:
    limits = [50_000, 50_001, 140_000, 140_001]

    book, _ = read_taiwan(write(tmp_path, *({"LIMIT_BAL": limit} for limit in limits)))

    assert "".join(book.accounts["risk_band"]) == "CBBA"
    assert book.accounts["score"].tolist() == limits
    assert (book.as_of, book.currency, book.country) == (date(2005, 8, 31), "TWD", "TW")


def test_instalments_are_the_bill_or_the_minimum_payment(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {"status": [-1] * 5, "bills": [0, 0, 0, 0, 8000]},
        {"status": [0] * 5, "bills": [0, 0, 0, 0, 100_000]},
        {"status": [0] * 5, "bills": [0, 0, 0, 0, 5000]},
        {"status": [0] * 5, "bills": [0, 0, 0, 0, 400]},
        {"status": [-2] * 5, "bills": [0, 0, 0, 0, -300]},
    )

    book, _ = read_taiwan(folder)

    assert book.accounts["instalment"].tolist() == [800000, 360000, 100000, 40000, 0]
    assert book.accounts["principal"].tolist() == [800000, 10000000, 500000, 40000, 0]
    assert (book.accounts["remaining_term"] == -1).all()


def test_days_past_due_count_from_the_due_day_of_the_first_month_missed(tmp_path: Path) -> None:
    bills = [50_000.0] * 5
    book, _ = read_taiwan(
        write(tmp_path, *({"status": [0] * 4 + [k], "bills": bills} for k in (1, 2, 3, 4, 8)))
    )

    accounts = book.accounts
    oldest = np.datetime64("2005-08-31") - accounts["dpd"].to_numpy()
    assert ((oldest - oldest.astype("datetime64[M]")).astype(int) + 1 == accounts["due_day"]).all()
    assert oldest.astype("datetime64[M]").astype(str).tolist() == [
        "2005-08", "2005-07", "2005-06", "2005-05", "2005-01"
    ]  # fmt: skip
    assert (accounts["arrears"] > 0).all()


def test_somebody_late_with_nothing_to_pay_is_not_late(tmp_path: Path) -> None:
    book, _ = read_taiwan(write(tmp_path, {"status": [0, 0, 0, 0, 2], "bills": [0, 0, 0, 0, -5]}))

    assert book.accounts[["dpd", "arrears", "principal"]].iloc[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("status", "spells"),
    [
        ([0, 0, 0, 0, 0], 0),
        ([0, 0, 0, 0, 2], 0),
        ([2, 2, 2, 2, 2], 0),
        ([0, 2, 3, 0, 0], 1),
        ([2, 0, 2, 0, 2], 2),
        ([2, 0, 0, 2, 2], 1),
    ],
)
def test_earlier_spells_do_not_count_the_present_one(tmp_path: Path, status: list[int], spells: int) -> None:
    book, _ = read_taiwan(write(tmp_path, {"status": status, "bills": [9000.0] * 5}))

    assert book.accounts["times_30dpd_12m"].tolist() == [spells]


def test_the_history_has_five_months_a_client_oldest_first(tmp_path: Path) -> None:
    folder = write(tmp_path, {"status": [-2, -1, 0, 2, 3], "bills": [1.0, 2.0, -3.0, 4.0, 5000.0]}, {})

    _, history = read_taiwan(folder)

    first = history[history["account_id"] == "T00001"]
    assert first["month"].astype(str).tolist() == ["2005-04", "2005-05", "2005-06", "2005-07", "2005-08"]
    assert first["status"].tolist() == [-2, -1, 0, 2, 3]
    assert first["months_late"].tolist() == [0, 0, 0, 2, 3]
    assert first["bill"].tolist() == [100, 200, -300, 400, 500000]
    assert first["payment"].tolist() == [1000] * 5
    assert len(history) == 10


def test_a_client_found_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 3, column ID: 1: appears twice"):
        read_taiwan(write(tmp_path, {"ID": 1}, {"ID": 1}))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, {}) / "taiwan_card_clients_2005.csv"
    pd.read_csv(file).drop(columns="PAY_4").to_csv(file, index=False)

    with pytest.raises(InputError, match="column PAY_4: is not in the file"):
        read_taiwan(file)


@pytest.mark.real
def test_the_whole_set_is_read() -> None:
    if "SIMCOLLECT_DATA" not in os.environ:
        pytest.skip("SIMCOLLECT_DATA is not set")
    book, history = read_taiwan(os.environ["SIMCOLLECT_DATA"])

    assert len(book) == 22_500
    assert len(history) == 5 * 22_500
    late = (history["status"] >= 2).groupby(history["month"]).mean()
    assert late.iloc[0] == pytest.approx(
        0.103, abs=0.01
    )  # the delinquent share of April in the published set
    assert late.iloc[-1] == pytest.approx(0.148, abs=0.01)  # and of August
    assert late.is_monotonic_increasing or late.iloc[-1] > late.iloc[0]
    days = book.accounts["due_day"].value_counts()
    assert len(days) == 28
    assert days.max() < 1.25 * days.min()
