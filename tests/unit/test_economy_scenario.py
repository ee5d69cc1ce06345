"""Scenario files: what they may say, what they mean, and how mistakes are told."""

from pathlib import Path

import numpy as np
import pytest

from simcollect.economy import Scenario, scenario_path
from simcollect.economy.unemployment import Unemployment
from simcollect.errors import ConfigError, InputError

FLAT = "name: x\nunemployment: {change_12m: [0]}\n"


def read(folder: Path, text: str) -> Scenario:
    file = folder / "s.yaml"
    file.write_text(text, encoding="utf-8")
    return Scenario.read(file)


def test_change_of_a_monthly_path_is_taken_over_twelve_months() -> None:
    path = Unemployment(monthly=tuple(range(12, 24)), history=tuple(range(12)))
    assert path.change(12).tolist() == [12] * 12
    assert path.level(3).tolist() == [12, 13, 14]


def test_quarterly_figures_hold_in_the_middle_month_and_are_joined_by_lines() -> None:
    path = Unemployment(quarterly=(6.0, 9.0), history=(3.0, 3.0, 3.0, 3.0))
    assert path.level(8).tolist() == [5, 6, 7, 8, 9, 9, 9, 9]
    assert path.change(5)[[1, 4]].tolist() == [3, 6]


def test_a_level_held_beyond_the_path_stops_acting_after_a_year() -> None:
    path = Unemployment(monthly=(8.0,), history=(4.0,) * 12)
    assert path.change(14).tolist() == [4] * 12 + [0, 0]


def test_the_lag_moves_the_change_later_and_uses_the_history() -> None:
    path = Unemployment(monthly=(8.0,), history=(4.0,) * 11 + (6.0,))
    assert path.change(4, lag=0).tolist() == [4, 4, 4, 4]
    assert path.change(4, lag=2).tolist() == [0, 2, 4, 4]


def test_relief_breaks_the_link_within_its_months_and_may_reverse_a_rise_but_not_a_fall() -> None:
    keys = {"name": "x", "unemployment": {"change_12m": [4.0, 4.0, -4.0, -4.0]}}
    for strength, expected in [(0.5, [4, 2, -2, -4]), (1, [4, 0, 0, -4]), (1.25, [4, -1, 0, -4])]:
        relief = {"strength": strength, "from_month": 1, "to_month": 2}
        scenario = Scenario.model_validate(keys | {"relief": relief})
        assert scenario.effective_change(4) == pytest.approx(np.array(expected))


@pytest.mark.parametrize(
    ("unemployment", "rule"),
    [
        ("{monthly: [5], quarterly: [5]}", "exactly one of"),
        ("{history: [5]}", "exactly one of"),
        ("{quarterly: [5], history: [4, 4, 4]}", "needs the 4 quarterly figures"),
        ("{monthly: [5], history: [4, 4, 4, 4]}", "needs the 12 monthly figures"),
        ("{change_12m: [1], history: [4, 4, 4, 4]}", "needs no history"),
        ("{quarterly: [0.10], history: [0.04, 0.04, 0.04, 0.04]}", "not a fraction"),
        ("{quarterly: [101], history: [4, 4, 4, 4]}", "less than or equal to 100"),
        ("{change_12m: [.nan]}", "row 2"),
        ("{change_12m: []}", "at least 1 item"),
    ],
)
def test_a_wrong_unemployment_path_is_refused(tmp_path: Path, unemployment: str, rule: str) -> None:
    with pytest.raises(ConfigError, match=rule):
        read(tmp_path, f"name: x\nunemployment: {unemployment}\n")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("link: {}", "row 3, column link: unknown key; did you mean links"),
        ("links: {loss_per_pp: 0.2}", "unknown key; did you mean loss_per_pp_change"),
        ("groups: [{where: {}, loss_factor: 2}]", "at least one of region, sector, product"),
        ("groups: [{where: {product: mortgage}, loss_factor: 2}]", "'consumer' or 'micro_sme'"),
        ("groups: [{where: {region: a}, loss_factor: 0}]", "greater than 0"),
        ("relief: {from_month: 3, to_month: 2}", "to_month must not lie before from_month"),
        ("seasonal: [1, 1]", "at least 12 items"),
        ("operations: [{what: sms_gateway, from_day: 0, to_day: 3}]", "needs share, and not days"),
        ("operations: [{what: reminders_delayed, from_day: 0, to_day: 3, share: 1}]", "needs days"),
        ("operations: [{what: collectors, from_day: 4, to_day: 3, share: 1}]", "to_day must not lie"),
    ],
)
def test_a_mistake_is_told_with_its_rule(tmp_path: Path, line: str, rule: str) -> None:
    with pytest.raises(ConfigError, match=rule):
        read(tmp_path, FLAT + line + "\n")


def test_operations_are_carried_as_given(tmp_path: Path) -> None:
    text = "operations: [{what: reminders_delayed, from_day: 2, to_day: 9, days: 3}]\n"
    (operation,) = read(tmp_path, FLAT + text).operations
    assert operation.what == "reminders_delayed"
    assert (operation.from_day, operation.to_day, operation.days) == (2, 9, 3)


def test_ready_made_scenarios_are_the_supervisors() -> None:
    baseline, severe = Scenario.baseline(), Scenario.severe()
    assert (baseline.name, severe.name) == ("baseline", "severe_downturn")
    assert severe.unemployment.level(36).max() == 10.0
    assert np.abs(baseline.unemployment.change(36)).max() == pytest.approx(0.5)
    assert severe.unemployment.change(36).max() == pytest.approx(5.1)


READY_MADE = sorted(scenario_path("baseline.yaml").parent.glob("*.yaml"))


@pytest.mark.parametrize("file", READY_MADE, ids=lambda file: file.stem)
def test_every_ready_made_scenario_reads_and_is_named_after_its_file(file: Path) -> None:
    scenario = Scenario.read(file)
    assert scenario.name == file.stem
    assert scenario.description


def test_an_unknown_ready_made_file_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"severe\.yaml: is not a ready-made file; did you mean severe_down"):
        scenario_path("severe.yaml")
    assert scenario_path("severe_downturn.yaml").is_file()


def test_description_names_every_assumption_and_calls_extrapolation_by_its_name(tmp_path: Path) -> None:
    severe = Scenario.severe().describe()
    assert "starts at 5.1 %, highest 10.0 %" in severe
    assert "twelve-month change from +1.3 to +5.1 points (month 10)" in severe
    assert "extrapolation" in severe
    assert "extrapolation" not in Scenario.baseline().describe()
    text = read(
        tmp_path,
        FLAT
        + "relief: {from_month: 2}\n"
        + "groups: [{where: {region: north, product: consumer}, loss_factor: 2, to_month: 5}]\n"
        + "operations: [{what: law_firm, from_day: 0, to_day: 9, share: 0.5}]\n",
    ).describe()
    assert "relief: strength 1, month 2 on" in text
    assert "group region north, product consumer: hazard of loss × 2, month 0 to 5" in text
    assert "operations: law_firm, 50 % missing, days 0 to 9" in text
