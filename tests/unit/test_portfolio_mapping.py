"""A lender's own file is read through a mapping: names, codes, constants and number formats."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from simcollect.configfile import parse
from simcollect.errors import ConfigError, InputError
from simcollect.portfolio import Mapping, Portfolio, check

EXAMPLE = Path(__file__).parents[2] / "scenarios" / "mappings" / "example_bank.yaml"
HEADER = (
    "KONTO_NR;PRODUKT;RESTSCHULD;RATE_MONAT;ZINS;RESTLAUFZEIT;FAELLIG_TAG;TAGE_VERZUG;RUECKSTAND;SCORE;GRUND;"
    "EMAIL_OK;AUSZAHLUNG;FILIALE"
)


def export(folder: Path, *rows: str) -> Path:
    file = folder / "export.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return file


def test_the_example_reads_a_lenders_export(tmp_path: Path) -> None:
    file = export(
        tmp_path,
        "4711;PK;1.234,56;100,00;0,079;13;15;0;0;k.A.;-;J;31.01.2025;Köln",
        "4712;KMU;25.000;1.250,5;0,06;24;1;45;2.501,00;455;N;N;;Bonn",
    )

    book = Portfolio.read(file, EXAMPLE)

    accounts = book.accounts
    assert (book.as_of, book.currency, book.country) == (date(2026, 6, 30), "EUR", "DE")
    assert accounts["principal"].tolist() == [123456, 2500000]
    assert accounts["arrears"].tolist() == [0, 250100]
    assert accounts["product"].tolist() == ["consumer", "micro_sme"]
    assert accounts["disclosed_reason"].tolist() == ["unknown", "hardship"]
    assert accounts["consent_email"].tolist() == [True, False]
    assert accounts["consent_wechat"].tolist() == [False, False]
    assert accounts["score"].isna().tolist() == [True, False]
    assert str(accounts["opened"].iloc[0].date()) == "2025-01-31"


def test_arguments_win_over_the_mapping(tmp_path: Path) -> None:
    file = export(tmp_path, "4711;PK;100;10;0;13;15;0;0;;-;J;;x")

    book = Portfolio.read(file, EXAMPLE, as_of="2026-05-31", currency="CHF", country="CH")

    assert (book.as_of, book.currency, book.country) == (date(2026, 5, 31), "CHF", "CH")


def test_a_thousands_sign_in_a_wrong_place_is_refused_not_read_as_another_number(tmp_path: Path) -> None:
    problems = check(export(tmp_path, "4711;PK;12.5;10;0;13;15;0;0;;-;J;;x"), EXAMPLE)

    assert [(p.column, p.value, p.rule) for p in problems] == [("principal", "12.5", "is not a number")]


def test_groups_of_two_digits_are_numbers_too(tmp_path: Path) -> None:
    file = tmp_path / "lakh.csv"
    file.write_text('account_id,product,principal,instalment,due_day,dpd\n1,consumer,"12,34,567.50",1,1,0\n')

    book = Portfolio.read(file, Mapping(thousands=","), as_of="2026-06-30", currency="INR", country="IN")

    assert book.accounts["principal"].tolist() == [123456750]


def test_a_code_without_translation_is_named_with_its_line_and_a_remedy(tmp_path: Path) -> None:
    (problem,) = check(export(tmp_path, "4711;XX;100;10;0;13;15;0;0;;-;J;;x"), EXAMPLE)

    assert (problem.row, problem.column, problem.value) == (2, "product", "XX")
    assert "codes: product:" in problem.remedy


def test_a_mapped_column_that_the_file_lacks_is_named_even_if_optional(tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    file.write_text("account_id,product,principal,instalment,due_day,dpd\n1,consumer,1,1,1,0\n")

    (problem,) = check(file, Mapping(columns={"score": "RATING"}), as_of="2026-06-30")

    assert problem.rule == "column RATING is not in the file"


def test_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    text = "账号,product,principal,instalment,due_day,dpd,region\n1,consumer,1,1,1,0,华东\n"
    file.write_bytes(text.encode("gb18030"))

    book = Portfolio.read(
        file, Mapping(columns={"account_id": "账号"}, encoding="gb18030"), as_of="2026-06-30"
    )

    assert book.accounts["region"].tolist() == ["华东"]


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("columns: {prinicpal: X}", "did you mean principal?"),
        ("constants: {mode: opne}", "opne is not a code of mode; did you mean open?"),
        ("codes: {product: {P: retail}}", "retail is not a code of product"),
        ("codes: {consent_sms: {yes: true}}", "put the code in quotes"),
        ("columns: {mode: M}\nconstants: {mode: open}", "mode is both under columns and under constants"),
        ("decimal: ','\nthousands: ','", "decimal and thousands must be different signs"),
        ("currency: dollars", "currency"),
        ("encoding: klingon", "klingon is not a known encoding"),
        ("colums: {}", "did you mean columns?"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(yaml: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(yaml, Mapping, "map.yaml")
    assert message in str(error.value)


def test_codes_apply_to_numbers_as_well(tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    file.write_text(
        "account_id,product,principal,instalment,due_day,dpd\n1,consumer,9,3,1,M2\n2,consumer,9,3,1,C\n"
    )

    book = Portfolio.read(file, Mapping(codes={"dpd": {"C": "0", "M2": 45}}), as_of="2026-06-30")

    assert book.accounts["dpd"].tolist() == [45, 0]


def test_reading_names_the_file_of_the_tape(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"export\.csv, row 2, column product"):
        Portfolio.read(export(tmp_path, "4711;XX;100;10;0;13;15;0;0;;-;J;;x"), EXAMPLE)
