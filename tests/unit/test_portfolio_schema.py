"""The column table is the one truth: the page, the template and the table of accounts follow it."""

from __future__ import annotations

from pathlib import Path

from simcollect.portfolio import Portfolio, check
from simcollect.portfolio.schema import COLUMNS, KINDS, NAMES, markdown, template_csv

ROOT = Path(__file__).parents[2]


def test_the_page_of_the_tape_is_written_from_the_table() -> None:
    assert (ROOT / "docs" / "tape.md").read_text(encoding="utf-8") == markdown()


def test_the_template_is_a_valid_tape(tmp_path: Path) -> None:
    file = tmp_path / "template.csv"
    file.write_text(template_csv())

    assert check(file, as_of="2026-06-30") == []


def test_accounts_have_the_columns_of_the_table_in_its_order() -> None:
    assert tuple(Portfolio.synthetic(10, seed=1).accounts.columns) == NAMES


def test_every_column_has_a_known_kind_and_a_meaning() -> None:
    for column in COLUMNS:
        assert column.kind in KINDS
        assert column.meaning
        assert not (column.required and column.default)
