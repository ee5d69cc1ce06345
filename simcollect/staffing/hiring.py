"""When to hire: lead time, ramp-up and leavers against the need, by a small integer program for each team.

Symbols, for a team over periods t = 0 … T−1: need d[t] (FTE), start s people, leaving share q, lead L
periods, productivity r[k] in the k-th period at work, decided hires h[t] ≥ 0 (whole people), unmet u[t] ≥ 0
(FTE).

    heads[t]     = s (1−q)^t + Σ_{a ≤ t} h[a−L] (1−q)^(t−a)
    effective[t] = s (1−q)^t + Σ_{a ≤ t} h[a−L] (1−q)^(t−a) r[t−a]
    min Σ_t wage · heads[t] + hire_cost · h[t] + unmet_cost · u[t]    s.t.  effective[t] + u[t] ≥ d[t]

Nobody is dismissed: a team shrinks by leavers only. The start's wages are the same in every plan and left out
inside. The horizon ends the books: a hire shortly before it must pay within it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simcollect.errors import InputError, Problem, SolverError
from simcollect.staffing.parameters import StaffingParameters
from simcollect.staffing.periods import Calendar, calendar_of, wide

Array = NDArray[np.float64]

# Proven distance of a plan's cost from the least possible: half a per cent, far below what attrition and
# ramp-up are known to (judgement). Closing the rest can take a solver minutes for two years of weeks.
GAP = 5e-3
TIME_LIMIT_S = 60.0
# Unmet need smaller than this, in FTE, is the solver's rounding.
NOTHING = 1e-6


def hiring_plan(
    need: pd.DataFrame, start: Mapping[str, float], params: StaffingParameters | None = None
) -> pd.DataFrame:
    """Return how many people to start hiring in each period, and what remains unmet.

    Parameters
    ----------
    need : table with ``month`` (or ``week``), ``team`` and ``fte_needed``, as from `headcount`
    start : fully productive people of each team at the beginning of the first period
    params : assumptions; the defaults when left out

    Returns
    -------
    DataFrame, one row a team and period:
    ``fte_needed``; ``heads`` expected on the payroll; ``effective`` FTE, counting ramp-up; ``hires`` to start
    now (they arrive a lead time later); ``arrivals``; ``leavers`` expected by the end of the period; ``gap``
    FTE unmet; ``cost`` of wages and hires; ``why``, the reason of a gap: ``lead time`` (out of reach: no hire
    decided in the first period could have arrived), ``ramp-up`` (such a hire is there but not fully
    productive, so the gap could only be closed at a higher cost), ``not worth a hire`` (the unmet need costs
    less than another person), or empty.

    Raises
    ------
    InputError
        A column or a team's start is missing, or a figure is negative.
    SolverError
        The solver stopped without proof.

    Examples
    --------
    Ten people, eleven needed from the seventh month on; nobody leaves; a hire takes three months to
    arrive and one more to be fully productive:

    >>> need = pd.DataFrame({"month": range(12), "team": "early", "fte_needed": [10.0] * 6 + [11.0] * 6})
    >>> plan = hiring_plan(need, {"early": 10}, StaffingParameters(attrition_per_year=0, ramp=(0.5, 1.0)))
    >>> plan.loc[plan.hires > 0, ["month", "hires"]].to_numpy().tolist()
    [[2, 1]]
    """
    params = params if params is not None else StaffingParameters()
    calendar = calendar_of("need", need, ["team", "fte_needed"])
    wanted = wide("need", need, calendar, "fte_needed")
    _check_start(start, list(wanted.columns))
    parts = [
        _team_plan(team, wanted[team], float(start[team]), calendar, params)
        for team in sorted(wanted.columns)
    ]
    return pd.concat(parts, ignore_index=True)


def _check_start(start: Mapping[str, float], teams: list[str]) -> None:
    problems = [
        Problem(
            "start",
            None,
            str(team),
            None,
            "is required: the team has work",
            "say how many people it has, 0 if none",
        )
        for team in teams
        if team not in start
    ]
    problems += [
        Problem("start", None, str(team), str(people), "must be a number, 0 or more", "correct it")
        for team, people in start.items()
        if not 0 <= people < np.inf
    ]
    if problems:
        raise InputError(problems)


def _team_plan(
    team: str, wanted: pd.Series, start: float, calendar: Calendar, params: StaffingParameters
) -> pd.DataFrame:
    periods = len(wanted)
    demand = wanted.to_numpy(dtype=float)
    lead = calendar.lead(params)
    leaving = calendar.leaving(params)
    stayers = start * (1 - leaving) ** np.arange(periods)
    present, productive = _per_hire(periods, lead, calendar, params)
    wage = calendar.paid_hours(params) * params.cost_per_hour
    penalty = calendar.paid_hours(params) * params.unmet_cost_per_hour
    prices = (wage, params.hire_cost, penalty)
    hires = _best_hires(demand - stayers, present, productive, prices, wage * stayers.sum(), str(team))

    heads, effective = stayers + present @ hires, stayers + productive @ hires
    gap = np.maximum(demand - effective, 0.0)
    gap[gap < NOTHING] = 0.0
    arrivals = np.zeros(periods)
    arrivals[lead:] = hires[: max(periods - lead, 0)]
    return pd.DataFrame(
        {
            calendar.column: wanted.index,
            "team": team,
            "fte_needed": demand,
            "heads": heads,
            "effective": effective,
            "hires": hires.astype(np.int64),
            "arrivals": arrivals.astype(np.int64),
            "leavers": heads * leaving,
            "gap": gap,
            "cost": wage * heads + params.hire_cost * hires,
            "why": _reasons(gap, lead, calendar, params),
        }
    )


def _per_hire(periods: int, lead: int, calendar: Calendar, params: StaffingParameters) -> tuple[Array, Array]:
    """Return, for a hire decided in each period (columns), heads and effective FTE in each period (rows)."""
    present = np.zeros((periods, periods))
    productive = np.zeros((periods, periods))
    staying = 1 - calendar.leaving(params)
    for decided in range(periods):
        for t in range(decided + lead, periods):
            age = t - decided - lead
            present[t, decided] = staying**age
            productive[t, decided] = staying**age * calendar.productivity(params, age)
    return present, productive


def _best_hires(
    short: Array,
    present: Array,
    productive: Array,
    prices: tuple[float, float, float],
    paid_anyway: float,
    team: str,
) -> Array:
    """Return the whole-number hires of least cost; `short` is the need that the people of today leave."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    wage, hire_cost, penalty = prices
    periods = len(short)
    useful = productive.any(axis=0)  # a hire that arrives after the horizon is never made
    # Hires, unmet need, and the wages of today's people as a fixed cost: the gap is proven on the whole cost.
    answer = milp(
        c=np.concatenate([wage * present.sum(axis=0) + hire_cost, np.full(periods, penalty), [paid_anyway]]),
        constraints=LinearConstraint(
            np.hstack([productive, np.eye(periods), np.zeros((periods, 1))]), lb=short
        ),
        bounds=Bounds(
            lb=np.repeat([0.0, 1.0], [2 * periods, 1]),
            ub=np.concatenate([np.where(useful, np.inf, 0.0), np.full(periods, np.inf), [1.0]]),
        ),
        integrality=np.repeat([1, 0], [periods, periods + 1]),
        options={"mip_rel_gap": GAP, "time_limit": TIME_LIMIT_S},
    )
    if answer.status != 0 or answer.x is None:
        raise SolverError(
            f"hiring_plan, team {team}: the solver stopped without proof ({answer.message}); "
            "plan in months, or fewer periods"
        )
    return np.rint(answer.x[:periods])


def _reasons(gap: Array, lead: int, calendar: Calendar, params: StaffingParameters) -> list[str]:
    reasons = []
    for t, missing in enumerate(gap):
        if missing == 0:
            reasons.append("")
        elif t < lead:
            reasons.append("lead time")
        elif calendar.productivity(params, t - lead) < 1:
            reasons.append("ramp-up")
        else:
            reasons.append("not worth a hire")
    return reasons
