"""A lender's history as it comes: read through a mapping, its faults counted and set aside by a stated rule."""

from pathlib import Path

import pandas as pd
import pytest

from simcollect.calibration import History, HistoryMapping
from simcollect.calibration.panel import sequences
from simcollect.calibration.schema import markdown
from simcollect.errors import ConfigError, InputError

ROOT = Path(__file__).parents[2]


def months(rows: list[tuple[str, str, object]], **more: list[object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "month", "status"]).assign(**more)


def rules(history: History) -> dict[str, int]:
    return dict(zip(history.broken["rule"], history.broken["cases"], strict=True))


def test_a_clean_history_has_no_problems() -> None:
    history = History.of(months=months([("a", "2024-01", 0), ("a", "2024-02", 1), ("b", "2024-01", 0)]))
    assert history.problems == ()
    assert sequences(history).status.tolist() == [[0, 1]]  # b has no month that follows another


def test_rows_out_of_date_order_are_sorted_and_counted() -> None:
    history = History.of(months=months([("a", "2024-01", 0), ("a", "2024-03", 2), ("a", "2024-02", 1)]))
    assert rules(history) == {"order": 1}
    assert sequences(history).status.tolist() == [[0, 1, 2]]


def test_newest_first_is_an_order_too() -> None:
    history = History.of(months=months([("a", "2024-02", 1), ("a", "2024-01", 0), ("b", "2024-01", 0)]))
    assert history.problems == ()


def test_identical_duplicates_are_kept_once_and_conflicting_ones_count_as_not_seen() -> None:
    rows = [("a", "2024-01", 0), ("a", "2024-01", 0), ("a", "2024-02", 0), ("a", "2024-02", 1), ("a", "2024-03", 0)]
    history = History.of(months=months(rows))
    assert rules(history) == {"duplicate": 1, "conflict": 1}
    assert sequences(history).status.tolist() == [[0, -1, 0]]


def test_short_gaps_count_as_not_seen_and_long_ones_start_the_history_afresh() -> None:
    short = History.of(months=months([("a", "2024-01", 0), ("a", "2024-03", 0)]))
    assert rules(short) == {"gap": 1}
    assert sequences(short).status.tolist() == [[0, -1, 0]]
    rows = [("a", "2023-01", 0), ("a", "2023-02", 0), ("a", "2024-03", 0), ("a", "2024-04", 0)]
    assert len(sequences(History.of(months=months(rows))).status) == 2


def test_a_status_that_jumps_cuts_the_history() -> None:
    rows = [("a", "2024-01", 0), ("a", "2024-02", 0), ("a", "2024-03", 4), ("a", "2024-04", 5)]
    history = History.of(months=months(rows))
    assert rules(history) == {"jump": 1}
    assert sequences(history).status.tolist() == [[0, 0], [4, 5]]


def test_rows_before_opening_and_after_closing_are_set_aside() -> None:
    rows = [("a", "2023-12", 0), ("a", "2024-01", 0), ("a", "2024-02", -3), ("a", "2024-03", 1)]
    history = History.of(months=months(rows), opened=pd.Series({"a": pd.Timestamp("2024-01-05")}))
    assert rules(history) == {"before_opening": 1, "after_end": 1}


def test_rows_in_another_currency_are_set_aside() -> None:
    rows = months([("a", "2024-01", 0), ("a", "2024-02", 0), ("b", "2024-01", 0)], currency=["EUR", "EUR", "USD"])
    assert rules(History.of(months=rows)) == {"currency": 1}


def test_a_payment_before_origination_is_set_aside() -> None:
    loans = pd.DataFrame({"account_id": ["a", "b"], "opened": pd.to_datetime(["2024-02-01", "2024-01-01"])})
    loans = loans.assign(due=pd.to_datetime("2024-03-01"), paid=pd.to_datetime("2024-01-15"))
    history = History.of(loans=loans)
    assert rules(history) == {"dates": 1}
    assert history.loans is not None
    assert history.loans["account_id"].tolist() == ["b"]


def test_a_column_filled_in_later_is_found_and_not_used() -> None:
    rows, future = [], []
    for i in range(60):
        path = [0, 1, 0, 0, 1, 2]
        rows += [(str(i), f"2024-0{m + 1}", s) for m, s in enumerate(path)]
        future += [*path[1:], 0]
    given = months(rows, default_next=future, region_code=[i % 3 for i in range(len(rows))])
    history = History.of(months=given)
    assert history.leaking == ("default_next",)
    assert history.months is not None
    assert "region_code" in history.months
    assert "default_next" not in history.months


def test_codes_wide_tables_and_counted_months_are_read_through_the_mapping(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("KEY;S1;S2\n7;A;B\n8;A;oops\n")
    mapping = HistoryMapping(
        delimiter=";", columns={"account_id": "KEY"}, codes={"status": {"A": "0", "B": "1"}},
        wide={"2024-01": {"status": "S1"}, "2024-02": {"status": "S2"}},
    )  # fmt: skip
    history = History.read(file, mapping)
    assert rules(history) == {"unreadable": 1}
    assert sequences(history).status.tolist() == [[0, 1]]


def test_an_unknown_column_in_the_mapping_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text("table: months\ncolumns:\n  statuss: S\n")
    with pytest.raises(ConfigError, match="statuss is not a column of the table months; did you mean status"):
        HistoryMapping.read(file)


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "months.csv"
    file.write_text("account_id,month,statut\n1,2024-01,0\n")
    with pytest.raises(InputError, match=r"column status: is not in the file; did you mean statut\?"):
        History.read(file)


def test_a_folder_needs_one_table_at_least(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds none of months.csv"):
        History.read(tmp_path)


def test_status_zero_is_none_or_one_instalment_due_and_counting_instalments_is_exact() -> None:
    rows = months([("a", "2024-01", 0), ("a", "2024-02", 1), ("a", "2024-03", 2)])
    late = sequences(History.of(months=rows))
    assert (late.low.tolist(), late.high.tolist()) == ([0, 2, 3], [2, 3, 8])
    counted = sequences(History.of(months=rows, mapping=HistoryMapping(status_counts="instalments_due")))
    assert (counted.low.tolist(), counted.high.tolist()) == ([0, 1, 2], [1, 2, 8])


def test_the_page_is_written_from_the_tables() -> None:
    assert (ROOT / "docs" / "history.md").read_text(encoding="utf-8") == markdown()


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios" / "mappings").glob("history_*.yaml")), ids=lambda f: f.stem)
def test_every_mapping_that_ships_is_valid(file: Path) -> None:
    assert HistoryMapping.read(file).source
