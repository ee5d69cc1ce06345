"""From minutes to people, by hand: 40 h × 60 × 70 % × 80 % = 1,344 minutes of handling a person and week."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from simcollect.errors import InputError
from simcollect.staffing import StaffingParameters, headcount


def work(minutes, **columns):
    return pd.DataFrame({"week": range(len(minutes)), "team": "early", "minutes": minutes} | columns)


def test_people_are_minutes_over_productive_minutes_rounded_up():
    table = headcount(work([1344, 1345, 13_440, 0]))
    assert table["fte_needed"].round(6).tolist() == [1.0, 1.000744, 10.0, 0.0]
    assert table["people"].tolist() == [1, 2, 10, 0]
    assert table["workload_hours"].tolist() == [22.4, pytest.approx(22.416667), 224.0, 0.0]
    assert set(table["occupancy"]) == {0.80}
    assert set(table["shrinkage"]) == {0.30}


def test_a_month_has_four_and_a_third_weeks():
    month = headcount(work([1344 * 365.2425 / 84]).rename(columns={"week": "month"}))
    assert month["fte_needed"].tolist() == [pytest.approx(1.0)]


def test_the_assumptions_move_the_people():
    def fte(**changes):
        return headcount(work([13_440]), StaffingParameters(**changes))["fte_needed"][0]

    assert fte(shrinkage=0.0) == pytest.approx(7.0)
    assert fte(occupancy=1.0) == pytest.approx(8.0)
    assert fte(hours_per_day=4) == pytest.approx(20.0)
    assert fte(days_per_week=4) == pytest.approx(12.5)


def test_rows_of_a_team_and_week_add_up_and_absent_ones_are_zero():
    table = pd.DataFrame(
        {"week": [0, 0, 1], "team": ["early", "early", "late"], "minutes": [1000, 344, 1344]}
    )
    people = headcount(table).set_index(["team", "week"])["people"]
    assert people.to_dict() == {("early", 0): 1, ("early", 1): 0, ("late", 0): 0, ("late", 1): 1}


def test_month_labels_may_be_periods():
    months = pd.period_range("2026-11", periods=3, freq="M")
    table = headcount(pd.DataFrame({"month": months, "team": "early", "minutes": [1.0, 2.0, 3.0]}))
    assert table["month"].tolist() == list(months)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (work([1, -2]), "workload, row 3, column minutes: -2: must be a number, 0 or more"),
        (work([1, "many"]), "workload, row 3, column minutes: many: must be a number"),
        (work([1, 2], team=["early", None]), "workload, row 3, column team: empty: is required"),
        (work([1]).drop(columns="team"), "column team: column is required"),
        (work([1]).drop(columns="week"), "column month: neither: one column of the two"),
        (work([1, 2], week=[0, 2]), "column week: 2: must follow 0 without a gap"),
    ],
)
def test_an_unusable_workload_is_refused_with_its_row(table, said):
    with pytest.raises(InputError) as caught:
        headcount(table)
    assert said in str(caught.value)


def test_every_default_has_a_unit_a_range_and_a_source():
    table = StaffingParameters.table()
    assert set(table.index) == set(StaffingParameters.model_fields) - {"currency"}
    assert table[["meaning", "unit", "source", "status"]].map(len).gt(0).all(axis=None)
    single = table.drop(index="ramp")
    assert (single["low"] <= single["default"]).all()
    assert (single["default"] <= single["high"]).all()


@pytest.mark.parametrize(
    "wrong",
    [{"occupancy": 0}, {"shrinkage": 1}, {"ramp": (0.5, 1.2)}, {"lead_time_weeks": -1}, {"shrinkge": 0.2}],
)
def test_impossible_assumptions_are_refused(wrong):
    with pytest.raises(ValidationError):
        StaffingParameters(**wrong)
