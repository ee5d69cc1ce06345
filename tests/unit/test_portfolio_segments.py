"""Segments part the book: every account is in one, and none is empty."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simcollect.portfolio import Portfolio, segment


def test_every_account_is_in_the_segment_its_own_columns_say() -> None:
    book = Portfolio.synthetic(4000, seed=2)

    groups = segment(book)

    assert groups.codes.dtype == np.int32
    assert groups.codes.shape == (4000,)
    own = groups.table.iloc[groups.codes].reset_index(drop=True)
    assert (own["product"].to_numpy() == book.accounts["product"].astype(str).to_numpy()).all()
    assert (own["risk_band"].to_numpy() == book.accounts["risk_band"].astype(str).to_numpy()).all()
    assert groups.table["accounts"].tolist() == np.bincount(groups.codes).tolist()
    assert groups.table["accounts"].sum() == 4000
    assert groups.table["name"].is_unique
    assert len(groups) == 18


def test_sizes_are_terciles_of_instalment_within_the_product(tmp_path: Path) -> None:
    rows = [f"c{i},consumer,999,{i + 1},1,0,B,{i + 1}" for i in range(9)] + ["m,micro_sme,999,500,1,0,A,"]
    file = tmp_path / "tape.csv"
    file.write_text(
        "account_id,product,principal,instalment,due_day,dpd,risk_band,remaining_term\n" + "\n".join(rows)
    )

    groups = segment(Portfolio.read(file, as_of="2026-06-30"))

    assert groups.table["name"].tolist() == [
        "consumer/B/small", "consumer/B/mid", "consumer/B/large", "micro_sme/A/small"
    ]  # fmt: skip
    assert groups.codes.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert groups.table["instalment"].tolist() == [6.0, 15.0, 24.0, 500.0]
    assert groups.table["remaining_term"].tolist()[:3] == [2.0, 5.0, 8.0]
    assert np.isnan(groups.table["remaining_term"].iloc[3])
