"""When to hire: small cases whose answers can be worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from simcollect.errors import InputError
from simcollect.staffing import StaffingParameters, StaffPlan, hiring_plan, staff

# Nobody leaves, a hire takes two weeks to arrive and is fully productive at once.
PLAIN = StaffingParameters(attrition_per_year=0, ramp=(), lead_time_weeks=2)


def need(fte, team="early"):
    return pd.DataFrame({"week": range(len(fte)), "team": team, "fte_needed": np.asarray(fte, dtype=float)})


def test_a_rise_is_hired_for_a_lead_time_before():
    plan = hiring_plan(need([10] * 4 + [12] * 8), {"early": 10}, PLAIN)
    assert plan["hires"].tolist() == [0, 0, 2] + [0] * 9
    assert plan["arrivals"].tolist() == [0] * 4 + [2] + [0] * 7
    assert plan["gap"].sum() == 0


def test_a_slow_start_is_hired_for_earlier():
    """Half productive in the first month (4.3 weeks), full five weeks after: decided 2 + 5 before."""
    slow = PLAIN.model_copy(update={"ramp": (0.5,)})
    plan = hiring_plan(need([10] * 10 + [11] * 42), {"early": 10}, slow)
    assert plan.loc[plan["hires"] > 0, ["week", "hires"]].to_numpy().tolist() == [[3, 1]]


def test_a_need_inside_the_lead_time_is_called_out_of_reach():
    plan = hiring_plan(need([10] + [13] * 51), {"early": 10}, PLAIN)
    assert plan["hires"][0] == 3
    assert plan["gap"].tolist()[:3] == [0, 3, 0]
    assert plan["why"].tolist()[:3] == ["", "lead time", ""]


def test_a_gap_while_newcomers_learn_is_called_ramp_up():
    slow = PLAIN.model_copy(update={"ramp": (0.1,)})
    plan = hiring_plan(need([10] * 2 + [11] * 50), {"early": 10}, slow)
    assert plan["why"][2] == "ramp-up"
    assert plan["gap"][2] == pytest.approx(0.9)


def test_a_need_too_small_for_a_hire_is_left_and_said_so():
    plan = hiring_plan(need([10] * 4 + [10.01] * 4), {"early": 10}, PLAIN)
    assert plan["hires"].sum() == 0
    assert set(plan["why"][4:]) == {"not worth a hire"}


def test_a_short_rise_is_hired_for_only_if_the_hire_itself_is_cheap():
    """A fifth of a person unmet costs 2,240 a week, a wage is 1,120: five weeks save 5,600 before hiring."""
    rise = need([10] * 4 + [10.2] * 5)
    dear, free = (PLAIN.model_copy(update={"hire_cost": cost}) for cost in (6500.0, 0.0))
    assert hiring_plan(rise, {"early": 10}, dear)["hires"].sum() == 0
    assert hiring_plan(rise, {"early": 10}, free)["hires"].sum() == 1


def test_nine_weeks_are_three_months_so_that_no_plan_is_too_hopeful():
    months = need([10] + [12] * 11).rename(columns={"week": "month"})
    plan = hiring_plan(months, {"early": 10}, PLAIN.model_copy(update={"lead_time_weeks": 9.0}))
    assert plan["why"].tolist()[:4] == ["", "lead time", "lead time", ""]
    assert plan["arrivals"].tolist()[:4] == [0, 0, 0, 2]


def test_leavers_are_replaced():
    leaving = PLAIN.model_copy(update={"attrition_per_year": 0.45})
    plan = hiring_plan(need([100] * 52), {"early": 100}, leaving)
    a_week = 0.45 * 7 / 365.2425
    assert plan["leavers"][0] == pytest.approx(100 * a_week)
    assert plan["heads"][1] == pytest.approx(100 * (1 - a_week))
    # Expected departures of a year from a steady hundred are 45; the last weeks need no replacement.
    assert 38 <= plan["hires"].sum() <= 45


def test_nobody_is_dismissed_when_work_falls():
    plan = hiring_plan(need([10, 0, 0]), {"early": 10}, PLAIN)
    assert plan["heads"].tolist() == [10, 10, 10]
    assert plan["hires"].sum() == 0


def test_cost_is_wages_and_hires():
    plan = hiring_plan(need([10] * 2 + [11] * 30), {"early": 10}, PLAIN)
    assert plan["cost"][0] == pytest.approx(10 * 40 * 28 + 6000)
    assert plan["cost"][2] == pytest.approx(11 * 40 * 28)


def test_no_other_hiring_is_cheaper_by_brute_force():
    """Two months' ramp, leavers, hires of 0 to 3 in each of the weeks that matter."""
    params = StaffingParameters(lead_time_weeks=1, ramp=(0.5,), attrition_per_year=0.9, hire_cost=900)
    wanted = np.array([4.0, 5.0, 6.0, 6.0, 5.5])
    plan = hiring_plan(need(wanted), {"early": 4}, params)

    def cost(hires):
        left, total = 1 - 0.9 * 7 / 365.2425, 0.0
        for t in range(5):
            old = 4 * left**t
            new = sum(hires[a - 1] * left ** (t - a) for a in range(1, t + 1))
            unmet = max(wanted[t] - old - 0.5 * new, 0)
            total += 40 * (28 * (old + new) + 280 * unmet) + (900 * hires[t] if t < 4 else 0)
        return total

    best = min(cost(hires) for hires in itertools.product(range(6), repeat=4))
    assert best - 1e-6 <= plan["cost"].sum() + 40 * 280 * plan["gap"].sum() <= 1.005 * best


def test_teams_are_planned_each_by_itself():
    both = pd.concat([need([1, 1, 1, 1, 2, 2], "late"), need([5] * 6, "early")])
    plan = hiring_plan(both, {"early": 5, "late": 1}, PLAIN)
    alone = hiring_plan(need([1, 1, 1, 1, 2, 2], "late"), {"late": 1}, PLAIN)
    pd.testing.assert_frame_equal(plan[plan["team"] == "late"].reset_index(drop=True), alone)


def test_a_team_without_a_start_is_asked_for():
    with pytest.raises(InputError, match="start, column early: is required: the team has work"):
        hiring_plan(need([1]), {}, PLAIN)
    with pytest.raises(InputError, match="start, column early: -1: must be a number, 0 or more"):
        hiring_plan(need([1]), {"early": -1}, PLAIN)


def workload():
    return pd.DataFrame(
        {
            "week": [*range(8), *range(8)],
            "team": ["early"] * 8 + ["late"] * 8,
            "minutes": [1344] * 8 + [4032] * 8,
        }
    )


def test_staff_joins_need_and_hires():
    plan = staff(workload(), params=PLAIN)
    assert len(plan.table) == 16
    assert plan.table["people"].tolist() == [1] * 8 + [3] * 8
    assert plan.table["hires"].sum() == 0
    assert plan.summary().loc["late", ["people_at_peak", "heads_at_start", "gap"]].tolist() == [3, 3, 0]
    assert repr(plan) == (
        "<StaffPlan 2 teams, 8 weeks: 4 people at the peaks, 0 hires, gap 0.0 FTE-weeks (0.0 out of reach), "
        "cost USD 35,840>"
    )


def test_staff_starts_from_the_people_of_today():
    plan = staff(workload(), start={"early": 1, "late": 1}, params=PLAIN)
    assert plan.summary().loc["late", ["hires", "gap", "out_of_reach"]].tolist() == [2, 4, 4]


def test_no_work_takes_nobody():
    plan = staff(workload().assign(minutes=0))
    assert plan.table[["fte_needed", "people", "heads", "hires", "gap", "cost"]].eq(0).all(axis=None)


def test_a_plan_that_hides_a_gap_cannot_be_made():
    plan = staff(workload(), start={"early": 1, "late": 1}, params=PLAIN)
    with pytest.raises(AssertionError, match="must reach the need"):
        StaffPlan(plan.table.assign(gap=0.0), plan.params)
