"""Every fault of a tape is found, with line, column, value, rule and remedy; nothing else is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from simcollect.errors import ConfigError, InputError, Problem
from simcollect.portfolio import Mapping, Portfolio, check

AS_OF = "2026-06-30"
GOOD = {
    "account_id": ["a", "b", "c"],
    "product": ["consumer", "micro_sme", "consumer"],
    "principal": ["1000.00", "5000", "300.5"],
    "instalment": ["100", "250.25", "30"],
    "rate_per_year": ["0.18", "0.12", ""],
    "remaining_term": ["12", "24", ""],
    "due_day": ["1", "15", "31"],
    "dpd": ["0", "40", "0"],
    "arrears": ["0", "500.50", ""],
    "score": ["700", "", "620.5"],
    "risk_band": ["A", "C", ""],
    "mode": ["open", "", "open"],
    "consent_sms": ["true", "N", "1"],
    "opened": ["2024-01-31", "", "2025-12-01"],
}


def write(folder: Path, **changes: list[str]) -> Path:
    """Write the good tape with some columns replaced; a column given as [] is left out."""
    columns = {name: values for name, values in (GOOD | changes).items() if values}
    lines = [",".join(columns)] + [",".join(row) for row in zip(*columns.values(), strict=True)]
    file = folder / "tape.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def one(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, [str(p) for p in problems]
    return problems[0]


def test_a_sound_tape_has_no_problems(tmp_path: Path) -> None:
    assert check(write(tmp_path), as_of=AS_OF) == []


@pytest.mark.parametrize(
    ("column", "values", "row", "value", "rule"),
    [
        ("principal", ["1000", "-3", "0"], 3, "-3", "must not be negative"),
        ("principal", ["1000", "", "0"], 3, None, "is required"),
        ("principal", ["1000", "5k", "0"], 3, "5k", "is not a number"),
        ("principal", ["1000", "nan", "0"], 3, "nan", "is not a number"),
        ("principal", ["1000", "inf", "0"], 3, "inf", "is not a number"),
        ("principal", ["1000", "20000000000", "0"], 3, "20000000000", "must not be above 1e+10"),
        ("principal", ["1000", "1e300", "0"], 3, "1e300", "is not a number"),
        ("rate_per_year", ["18", "0.1", "0"], 2, "18", "must be 0 to 5"),
        ("due_day", ["1", "15", "32"], 4, "32", "must be 1 to 31"),
        ("due_day", ["0", "15", "31"], 2, "0", "must be 1 to 31"),
        ("due_day", ["1.5", "15", "31"], 2, "1.5", "is not a whole number"),
        ("dpd", ["-1", "40", "0"], 2, "-1", "must be 0 to 36500"),
        ("dpd", ["0", "4294967336", "0"], 3, "4294967336", "is not a whole number"),
        ("remaining_term", ["12", "24", "-2"], 4, "-2", "must be 0 to 600"),
        ("product", ["consumer", "sme", "consumer"], 3, "sme", "must be one of consumer, micro_sme"),
        ("risk_band", ["A", "D", "B"], 3, "D", "must be one of A, B, C"),
        ("consent_sms", ["maybe", "", ""], 2, "maybe", "must be true or false"),
        ("opened", ["31/01/2024", "", ""], 2, "31/01/2024", "is not a date of the form %Y-%m-%d"),
        ("opened", ["2024-02-30", "", ""], 2, "2024-02-30", "is not a date of the form %Y-%m-%d"),
        ("opened", ["2026-07-01", "", ""], 2, "2026-07-01", "opened is not after the as-of date"),
        ("opened", ["", "2026-06-01", ""], 3, "40", "dpd is not more than the days since opened"),
        ("arrears", ["0", "0", "0"], 3, "0", "dpd above 0 has arrears above 0"),
        ("arrears", ["5", "500", "0"], 2, "0", "arrears above 0 has dpd above 0"),
        ("remaining_term", ["0", "24", ""], 2, "0", "remaining_term above 0 or blank"),
        ("mode", ["closed", "", ""], 2, "closed", "a closed account has no principal"),
    ],
)
def test_a_fault_is_named_with_its_line_column_value_and_rule(
    tmp_path: Path, *, column: str, values: list[str], row: int, value: str | None, rule: str
) -> None:
    problem = one(check(write(tmp_path, **{column: values}), as_of=AS_OF))

    assert (problem.row, problem.value) == (row, value)
    assert rule in problem.rule
    assert problem.remedy


def test_all_problems_are_listed_at_once_and_reading_raises_them(tmp_path: Path) -> None:
    file = write(tmp_path, due_day=["0", "99", "x"], principal=["-1", "2", "3"])

    found = check(file, as_of=AS_OF)

    assert sorted((p.row, p.column) for p in found) == [
        (2, "due_day"), (2, "principal"), (3, "due_day"), (4, "due_day")
    ]  # fmt: skip
    with pytest.raises(InputError, match="4 problems found"):
        Portfolio.read(file, as_of=AS_OF)


def test_a_negative_balance_is_one_fault_also_where_arrears_follow_from_it(tmp_path: Path) -> None:
    """A late card whose arrears the tape leaves out: they are worked out, and must not be blamed beside the balance."""
    file = write(tmp_path, principal=["1", "-5", "1"], remaining_term=["", "", ""], arrears=[])
    problem = one(check(file, as_of=AS_OF))
    assert (problem.row, problem.column, problem.value) == (3, "principal", "-5")


def test_each_row_of_a_repeated_account_is_named(tmp_path: Path) -> None:
    found = check(write(tmp_path, account_id=["a", "b", "a"]), as_of=AS_OF)

    assert [(p.row, p.value) for p in found] == [(2, "a"), (4, "a")]
    assert "account_id" in found[0].rule


def test_a_missing_column_is_named_with_the_nearest_in_the_file(tmp_path: Path) -> None:
    text = write(tmp_path).read_text().replace("principal", "prinicpal", 1)
    file = tmp_path / "typo.csv"
    file.write_text(text)

    problem = one(check(file, as_of=AS_OF))

    assert problem.column == "principal"
    assert "did you mean prinicpal?" in problem.remedy


def test_a_misspelt_optional_column_is_not_ignored_in_silence(tmp_path: Path) -> None:
    file = tmp_path / "typo.csv"
    file.write_text(write(tmp_path).read_text().replace("arrears", "arears", 1))

    problem = one(check(file, as_of=AS_OF))

    assert (problem.column, problem.remedy) == ("arears", "rename it to arrears")


def test_columns_that_are_nothing_like_the_tape_are_left_alone(tmp_path: Path) -> None:
    assert check(write(tmp_path, branch=["x", "y", "z"]), as_of=AS_OF) == []


def test_lines_are_those_of_the_file_past_blank_lines_and_line_ends_in_quotes(tmp_path: Path) -> None:
    lines = write(tmp_path, region=["x", "y", "z"], due_day=["1", "15", "77"]).read_text().splitlines()
    lines[1] = lines[1].removesuffix("x") + '"two\nlines"'
    lines.insert(2, "")
    file = tmp_path / "odd.csv"
    file.write_text("\n".join(lines) + "\n")

    assert one(check(file, as_of=AS_OF)).row == 6


def test_a_row_with_too_many_fields_is_named_and_the_others_still_checked(tmp_path: Path) -> None:
    lines = write(tmp_path, due_day=["1", "15", "77"]).read_text().splitlines()
    lines[1] += ",extra"
    file = tmp_path / "ragged.csv"
    file.write_text("\n".join(lines) + "\n")

    found = check(file, as_of=AS_OF)

    assert [p.row for p in found] == [2, 4]
    assert found[0].rule == "has 15 fields, the header has 14"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"account_id,product,principal,instalment,due_day,dpd\n", "has a header but no accounts"),
        (b"account_id,product,principal,instalment,due_day,dpd\n\n\n", "has a header but no accounts"),
        (
            b"account_id;product;principal;instalment\n1;consumer;5;1\n",
            "seems to be delimited by a semicolon",
        ),
        (b"account_id\tproduct\n1\tconsumer\n", "seems to be delimited by a tab"),
        (b"PK\x03\x04workbook", "is neither CSV nor Parquet"),
        (b"PAR1 broken", "is a damaged Parquet file"),
        (b"\x1f\x8b\x08\x00\x00\x00", "is neither CSV nor Parquet"),
        ("account_id,product\nä,consumer\n".encode("latin-1"), "is not utf-8 text"),
        (b"account_id,dpd,dpd\na,1,1\n", "appears more than once in the header"),
    ],
)
def test_a_file_that_is_no_tape_is_one_clear_problem(tmp_path: Path, content: bytes, rule: str) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)

    problem = one(check(file, as_of=AS_OF))

    assert rule in problem.rule
    assert problem.remedy


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    assert "No such file" in one(check(tmp_path / "none.csv", as_of=AS_OF)).rule


def test_a_byte_order_mark_and_windows_line_ends_are_welcome(tmp_path: Path) -> None:
    file = tmp_path / "bom.csv"
    file.write_bytes(b"\xef\xbb\xbf" + write(tmp_path).read_bytes().replace(b"\n", b"\r\n"))

    assert check(file, as_of=AS_OF) == []


def test_the_as_of_date_must_come_from_somewhere(tmp_path: Path) -> None:
    file = write(tmp_path)

    assert "as-of date" in one(check(file)).rule
    assert one(check(file, as_of="30.6.2026")).rule == "the as-of date must be YYYY-MM-DD"
    assert check(file, Mapping(as_of=pd.Timestamp("2026-06-30").date())) == []


def test_a_mapping_file_that_is_wrong_is_not_a_problem_of_the_tape(tmp_path: Path) -> None:
    yaml = tmp_path / "map.yaml"
    yaml.write_text("colums: {}\n")

    with pytest.raises(ConfigError, match="did you mean columns"):
        Portfolio.read(write(tmp_path), yaml, as_of=AS_OF)
