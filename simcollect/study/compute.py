"""The numbers of a study: for each scenario a plan, a comparison on common random numbers, and the people needed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from simcollect.economy import Scenario
from simcollect.optimisation import Plan, optimise, tradeoff
from simcollect.optimisation.underdraws import UnderDraws
from simcollect.staffing import StaffingParameters, StaffPlan, staff
from simcollect.strategy import TEAMS, Resources
from simcollect.stressing import Comparison, compare
from simcollect.study.inputs import Inputs
from simcollect.study.parameters import parameters_text
from simcollect.study.progress import Progress, silent
from simcollect.study.purpose import actions_of
from simcollect.study.spec import Study
from simcollect.study.steps import Steps, strategy_digest


@dataclass
class Results:
    """What a study found, by scenario name."""

    plans: dict[str, Plan] = field(default_factory=dict)
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    staff: dict[str, StaffPlan] = field(default_factory=dict)
    trade_offs: dict[str, pd.DataFrame] = field(default_factory=dict)


def compute(study: Study, inputs: Inputs, steps: Steps, progress: Progress = silent, jobs: int = 1) -> Results:
    """Compute a study, leaving out the steps that are finished already.

    Parameters
    ----------
    study, inputs : what to compute, and with what
    steps : store of finished steps
    progress : told about each step
    jobs : threads; the figures are the same for any number
    """
    results = Results()
    book = {
        "portfolio": inputs.portfolio.digest(),
        "resources": inputs.resources.model_dump_json(),
        "parameters": parameters_text(inputs.behaviour),
    }
    drawn = {"draws": [parameters_text(draw) for draw in inputs.draws]} if inputs.draws else {}
    for scenario in inputs.scenarios:
        name, strategies = scenario.name, list(inputs.strategies)
        common = {**book, "scenario": scenario.model_dump_json()}
        if study.optimise:
            plan = steps.get(
                f"plan {name}",
                {**common, **_purpose(study)},
                lambda scenario=scenario: _plan(study, inputs, scenario, progress),  # type: ignore[misc]
            )
            if inputs.draws and plan.goal.plain:  # draws weigh by value alone, as a goal does not
                weighed = steps.get(
                    f"plan under draws {name}",
                    {**common, **drawn, **_purpose(study)},
                    lambda scenario=scenario, plan=plan: _weighed(plan, inputs, scenario, progress),  # type: ignore[misc]
                )
                plan = replace(plan, drawn=weighed)
            results.plans[name] = plan
            if study.trade_off is not None:
                results.trade_offs[name] = steps.get(
                    f"trade-off {name}",
                    {**common, **_purpose(study), "trade_off": study.trade_off.model_dump()},
                    lambda scenario=scenario: _trade_off(study, inputs, scenario, progress),  # type: ignore[misc]
                )
            strategies[1:1] = [plan.strategy, plan.playbook().strategy]
        comparison = steps.get(
            f"comparison {name}",
            {
                **common,
                **drawn,
                "strategies": [strategy_digest(strategy) for strategy in strategies],
                "days": study.days, "replications": study.replications, "seed": study.seed,
            },
            lambda scenario=scenario, strategies=strategies: compare(  # type: ignore[misc]
                inputs.portfolio,
                strategies,
                scenario,
                days=study.days,
                replications=study.replications,
                seed=study.seed,
                resources=inputs.resources,
                behaviour=inputs.behaviour,
                progress=lambda done, total: progress(f"simulating {scenario.name}", done, total),
                jobs=jobs,
                model=results.plans[scenario.name].model if study.optimise else None,
                draws=inputs.draws,
            ),
        )  # fmt: skip
        results.comparisons[name] = comparison
        work = results.plans[name].workload() if study.optimise else comparison.runs[strategies[0].name].workload()
        results.staff[name] = staff(work[["month", "team", "minutes"]], people(inputs.resources), assumptions(inputs))
    return results


def people(resources: Resources) -> dict[str, float]:
    """Return the people of each team today.

    Examples
    --------
    >>> people(Resources(teams={"early": {"people": 3, "hour_cost": 28}}))["early"]
    3.0
    """
    return {team: resources.team(team).people for team in TEAMS}


def assumptions(inputs: Inputs) -> StaffingParameters:
    """Return the staffing assumptions that fit the resources: their shift, and all money in the price of their hour."""
    resources, default = inputs.resources, StaffingParameters()
    staffed = [resources.team(team) for team in TEAMS]
    heads = sum(team.people for team in staffed)
    if heads > 0:
        hour = sum(team.people * team.hour_cost for team in staffed) / heads
    else:
        hour = Resources.default(inputs.portfolio).team(TEAMS[0]).hour_cost
    scale = hour / default.cost_per_hour
    return StaffingParameters(
        currency=inputs.portfolio.currency,
        cost_per_hour=hour,
        hire_cost=default.hire_cost * scale,
        unmet_cost_per_hour=default.unmet_cost_per_hour * scale,
        hours_per_day=resources.hours,
        shrinkage=resources.shrinkage,
        occupancy=resources.occupancy,
    )


def _plan(study: Study, inputs: Inputs, scenario: Scenario, progress: Progress) -> Plan:
    step = f"planning {scenario.name}"
    progress(step, 0, 0)
    plan = optimise(
        inputs.portfolio,
        scenario,
        inputs.resources,
        weeks=study.weeks,
        goal=study.goal.goal() if study.goal is not None else None,
        behaviour=inputs.behaviour,
        catalogue=actions_of(study.catalogue),
        progress=lambda rounds, gap: progress(step, rounds, 0, f"gap {gap:.1%}"),
    )
    progress(step, plan.mix.rounds, plan.mix.rounds, f"gap {plan.gap:.1%}")
    return plan


def _weighed(plan: Plan, inputs: Inputs, scenario: Scenario, progress: Progress) -> UnderDraws:
    step = f"weighing the plan for {scenario.name} under draws"
    return plan.under_draws(
        inputs.portfolio, scenario, inputs.draws, progress=lambda done, total: progress(step, done, total)
    )


def _trade_off(study: Study, inputs: Inputs, scenario: Scenario, progress: Progress) -> pd.DataFrame:
    assert study.trade_off is not None
    wanted, step = study.trade_off, f"trade-off {scenario.name}"
    progress(step, 0, 0)
    curve = tradeoff(
        inputs.portfolio,
        scenario,
        inputs.resources,
        of=wanted.of,
        against=wanted.against,
        points=wanted.points,
        goal=study.goal.goal() if study.goal is not None else None,
        weeks=study.weeks,
        behaviour=inputs.behaviour,
        catalogue=actions_of(study.catalogue),
        progress=lambda rounds, gap: progress(step, rounds, 0, f"gap {gap:.1%}"),
    )
    progress(step, len(curve), len(curve))
    return curve


def _purpose(study: Study) -> dict[str, object]:
    """Return what a plan depends on besides the book and the economy."""
    return {"weeks": study.weeks, "goal": study.goal and study.goal.model_dump(), "catalogue": study.catalogue}
