"""The portfolio keeps its invariants, derives what is blank, and comes back from a file as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simcollect.errors import InputError
from simcollect.portfolio import BUCKETS, Portfolio, bucket

HEADER = "account_id,product,principal,instalment,due_day,dpd"


def read(folder: Path, text: str) -> Portfolio:
    file = folder / "tape.csv"
    file.write_text(text)
    return Portfolio.read(file, as_of="2026-06-30")


@pytest.fixture(scope="module")
def book() -> Portfolio:
    return Portfolio.synthetic(3000, seed=5)


def test_money_is_minor_units_and_defaults_are_filled(tmp_path: Path) -> None:
    accounts = read(tmp_path, f"{HEADER}\na,consumer,12.34,0.1,5,0\n").accounts

    row = accounts.iloc[0]
    assert accounts["principal"].dtype == np.int64
    assert (row["principal"], row["instalment"], row["arrears"]) == (1234, 10, 0)
    assert (row["rate_per_year"], row["remaining_term"], row["times_30dpd_12m"]) == (0.0, -1, 0)
    assert (row["disclosed_reason"], row["mode"], row["region"], row["risk_band"]) == (
        "unknown",
        "open",
        "",
        "B",
    )
    assert row["consent_call"]
    assert pd.isna(row["score"])
    assert pd.isna(row["opened"])


def test_a_currency_without_minor_units_is_kept_whole(tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    file.write_text(f"{HEADER}\na,consumer,50000,1000,5,0\n")

    yen = Portfolio.read(file, as_of="2026-06-30", currency="JPY", country="JP")

    assert yen.accounts["principal"].tolist() == [50000]
    assert yen.summary().loc["current", "principal"] == 50000


@pytest.mark.parametrize(
    ("dpd", "term", "instalments"),
    [(1, 12, 1), (30, 12, 1), (31, 12, 2), (60, 12, 2), (61, 12, 3), (180, 2, 2)],
)
def test_blank_arrears_are_the_instalments_missed_at_most_those_left(
    tmp_path: Path, dpd: int, term: int, instalments: int
) -> None:
    accounts = read(tmp_path, f"{HEADER},remaining_term\na,consumer,5000,100,5,{dpd},{term}\n").accounts

    assert accounts["arrears"].tolist() == [instalments * 10000]


def test_a_card_owes_no_more_than_its_balance(tmp_path: Path) -> None:
    assert read(tmp_path, f"{HEADER}\na,consumer,150,100,5,75\n").accounts["arrears"].tolist() == [15000]


def test_risk_bands_are_score_terciles_within_the_product(tmp_path: Path) -> None:
    rows = [f"c{i},consumer,1,1,1,0,{i}" for i in range(9)] + [
        f"m{i},micro_sme,1,1,1,0,{i + 100}" for i in range(3)
    ]
    accounts = read(tmp_path, "\n".join([f"{HEADER},score", *rows, "x,consumer,1,1,1,0,"])).accounts

    assert "".join(accounts["risk_band"]) == "CCCBBBAAA" + "CBA" + "B"


def test_the_summary_counts_every_account_once(book: Portfolio) -> None:
    summary = book.summary()

    assert summary.index.tolist() == list(BUCKETS)
    assert summary["accounts"].sum() == len(book)
    assert summary["principal"].sum() * 100 == pytest.approx(book.accounts["principal"].sum(), rel=1e-12)
    assert summary.loc["current", "arrears"] == 0


def test_buckets_are_thirty_days_wide() -> None:
    assert bucket(np.array([0, 1, 30, 31, 60, 61, 180, 181, 5000])).tolist() == [0, 1, 1, 2, 2, 3, 6, 7, 7]


@pytest.mark.parametrize("name", ["tape.csv", "tape.parquet"])
def test_a_written_tape_comes_back_as_it_was(book: Portfolio, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    book.write(file)

    again = Portfolio.read(file, as_of=book.as_of, currency="CNY", country="CN")

    pd.testing.assert_frame_equal(again.accounts, book.accounts)
    assert again.digest() == book.digest()


def test_a_parquet_tape_knows_its_date_and_currency(book: Portfolio, tmp_path: Path) -> None:
    book.write(tmp_path / "tape.parquet")

    again = Portfolio.read(tmp_path / "tape.parquet")

    assert (again.as_of, again.currency, again.country) == (book.as_of, "CNY", "CN")


def test_a_parquet_tape_of_plain_types_is_read_and_its_faults_named(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"account_id": [1, 2], "product": ["consumer", "micro_sme"], "principal": [10.5, 20.0],
         "instalment": [1, 2], "due_day": [1, 40], "dpd": [0, 0], "score": [np.nan, 3.5],
         "opened": pd.to_datetime(["2020-01-01", None])}
    )  # fmt: skip
    frame.to_parquet(tmp_path / "tape.parquet")

    with pytest.raises(InputError, match="row 3, column due_day: 40"):
        Portfolio.read(tmp_path / "tape.parquet", as_of="2026-06-30")

    frame.assign(due_day=1).to_parquet(tmp_path / "tape.parquet")
    accounts = Portfolio.read(tmp_path / "tape.parquet", as_of="2026-06-30").accounts
    assert accounts["account_id"].tolist() == ["1", "2"]
    assert accounts["principal"].tolist() == [1050, 2000]


def test_writing_asks_for_a_known_ending(book: Portfolio, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv or \.parquet"):
        book.write(tmp_path / "tape.xlsx")


def test_the_digest_sees_any_change(book: Portfolio) -> None:
    one_cent = book.accounts.assign(
        principal=book.accounts["principal"] + np.eye(1, len(book), 7, dtype=np.int64)[0]
    )

    assert replace(book, accounts=one_cent).digest() != book.digest()
    assert replace(book, as_of=date(2026, 7, 1)).digest() != book.digest()
    assert replace(book, source="elsewhere").digest() == book.digest()


def test_resampling_draws_with_replacement_and_gives_new_ids(book: Portfolio) -> None:
    drawn = book.resample(5000, seed=3)

    assert len(drawn) == 5000
    assert drawn.accounts["account_id"].is_unique
    assert not set(drawn.accounts["account_id"]) & set(book.accounts["account_id"])
    assert drawn.digest() == book.resample(5000, seed=3).digest()
    assert drawn.digest() != book.resample(5000, seed=4).digest()


def test_head_and_subset_keep_the_accounts_asked_for(book: Portfolio) -> None:
    late = book.accounts["dpd"] > 0

    assert book.head(3).accounts["account_id"].tolist() == book.accounts["account_id"].tolist()[:3]
    assert len(book.subset(late)) == late.sum()
    assert (book.subset(late).accounts["dpd"] > 0).all()


def test_an_empty_portfolio_cannot_be_made(book: Portfolio) -> None:
    with pytest.raises(InputError, match="has no accounts"):
        book.subset(np.zeros(len(book), bool))


def test_a_mask_of_another_length_is_refused(book: Portfolio) -> None:
    with pytest.raises(InputError, match="one value for each of the 3000 accounts"):
        book.subset([True])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"principal": -1}, "must not be negative"),
        ({"principal": 1.5}, "must be int64 minor units"),
        ({"product": "consumer"}, "must be categorical"),
        ({"due_day": 32}, "must be 1 to 31"),
        ({"account_id": "same"}, "no two rows have the same account_id"),
        ({"rate_per_year": np.nan}, "must be a finite number"),
        ({"score": np.inf}, "must be a finite number"),
        ({"extra": 1}, "other columns than the tape"),
    ],
)
def test_accounts_that_break_a_rule_cannot_become_a_portfolio(
    book: Portfolio, change: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        replace(book, accounts=book.accounts.assign(**change))


def test_currency_and_country_must_be_codes(book: Portfolio) -> None:
    with pytest.raises(InputError, match="ISO 4217"):
        replace(book, currency="yuan")
    with pytest.raises(InputError, match="ISO 3166"):
        replace(book, country="China")


def test_the_repr_tells_size_date_and_lateness(book: Portfolio) -> None:
    assert "3,000 accounts on 2026-06-30, CNY" in repr(book)
    assert "past due" in repr(book)
