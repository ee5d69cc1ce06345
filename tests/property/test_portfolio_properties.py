"""What must hold for any tape: exact round trips, and a check that never falls over."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcollect.errors import InputError
from simcollect.portfolio import Portfolio, check
from simcollect.portfolio.schema import NAMES, template_csv

cell = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "nan", "1e308", "consumer", "micro_sme", "A", "true", "2026-01-31", " 5 "]
    ),
    st.text(max_size=8),
    st.floats().map(str),
    st.integers().map(str),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cell, min_size=len(NAMES), max_size=len(NAMES)), min_size=1, max_size=4))
def test_any_text_in_any_field_is_either_read_or_reported(rows: list[list[str]]) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    lines = [",".join(NAMES)] + [",".join(quoted(value) for value in row) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tape.csv"
        file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
        problems = check(file, as_of="2026-06-30")
        assert all(p.rule and p.remedy for p in problems)
        if not problems:
            assert len(Portfolio.read(file, as_of="2026-06-30")) == len(rows)
            return
        with pytest.raises(InputError) as error:
            Portfolio.read(file, as_of="2026-06-30")
        assert error.value.problems == problems


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_in_a_file_are_either_read_or_reported(noise: bytes, at: int) -> None:
    good = template_csv().encode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tape.csv"
        file.write_bytes(good[:at] + noise + good[at:])
        assert isinstance(check(file, as_of="2026-06-30"), list)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000), n=st.integers(1, 60), suffix=st.sampled_from(["csv", "parquet"]),
    currency=st.sampled_from(["CNY", "USD", "JPY"]),
)  # fmt: skip
def test_writing_and_reading_a_book_loses_nothing(seed: int, n: int, suffix: str, currency: str) -> None:
    book = Portfolio.synthetic(n, seed=seed, currency=currency)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"tape.{suffix}"
        book.write(file)
        again = Portfolio.read(file, as_of=book.as_of, currency=currency, country="CN")
    assert again.digest() == book.digest()
