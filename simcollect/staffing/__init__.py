"""Staffing: from calls and minutes of work to agents, rosters, people and hires."""

from simcollect.staffing.erlang import QueueResult, erlang_b, erlang_c, priority_waits, queue_a, queue_c
from simcollect.staffing.headcount import headcount
from simcollect.staffing.hiring import hiring_plan
from simcollect.staffing.parameters import StaffingParameters
from simcollect.staffing.plan import StaffPlan, staff
from simcollect.staffing.requirement import Requirement, agents_for
from simcollect.staffing.shifts import Roster, cover, cyclic_shifts, five_day_shifts

__all__ = [
    "QueueResult",
    "Requirement",
    "Roster",
    "StaffPlan",
    "StaffingParameters",
    "agents_for",
    "cover",
    "cyclic_shifts",
    "erlang_b",
    "erlang_c",
    "five_day_shifts",
    "headcount",
    "hiring_plan",
    "priority_waits",
    "queue_a",
    "queue_c",
    "staff",
]
