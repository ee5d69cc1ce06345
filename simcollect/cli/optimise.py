"""``simcollect optimise``: the best use of what the lender has."""

from __future__ import annotations

from typing import Annotated

import typer

from simcollect.cli.options import (
    Actions,
    AsOf,
    Country,
    Currency,
    Draws,
    MappingFile,
    Out,
    ParametersFile,
    ResourcesFile,
    ScenarioName,
    Tape,
    Weeks,
    actions,
)


def optimise(
    tape: Tape,
    scenario: ScenarioName = "baseline",
    resources: ResourcesFile = None,
    parameters: ParametersFile = None,
    draws: Draws = 0,
    mapping: MappingFile = None,
    as_of: AsOf = None,
    currency: Currency = None,
    country: Country = None,
    weeks: Weeks = 52,
    objective: Annotated[
        str, typer.Option(help="What to strive for: value, recovery, cost, charge_off or loss (the last three: least).")
    ] = "value",
    at_most: Annotated[
        list[str] | None,
        typer.Option(help="Limit on the whole plan, as cost=200000 or contacts_per_account=6; repeat it.",
                     show_default=False),
    ] = None,
    at_least: Annotated[
        list[str] | None,
        typer.Option(help="Target of the whole plan, as recovery=5000000; repeat it.", show_default=False),
    ] = None,
    at_most_weekly: Annotated[
        list[str] | None, typer.Option(help="Limit on each week, as contacts=4000; repeat it.", show_default=False)
    ] = None,
    at_least_weekly: Annotated[
        list[str] | None,
        typer.Option(help="Target of each week, as recovery=90000; repeat it.", show_default=False),
    ] = None,
    people: Annotated[
        str, typer.Option(help="given: the teams as they are. chosen: head-count by team and month is planned too.")
    ] = "given",
    catalogue: Actions = "default",
    bound: Annotated[
        bool, typer.Option("--bound", help="Also bound what any strategy on the same information could earn: slower.")
    ] = False,
    out: Out = None,
) -> None:
    """Plan the collection of a book, with a proof.

    A plan says which action to take for which accounts in which week. Shows the plan's value, the bound that no
    strategy can beat, and the strategy table. The folder also gets the price of each scarce resource and limit, the
    forecast, the totals of what can be limited, what is bought, and the workload that simcollect staff turns into
    people. Limits that cannot be kept together are named, with the nearest figures that can.

    \b
    Example:
      simcollect optimise accounts.csv --as-of 2026-06-30 --scenario severe_downturn --out plan
      simcollect optimise accounts.csv --as-of 2026-06-30 --objective recovery --at-most cost=20000 --weeks 26
    """
    from simcollect.cli.bars import Bars
    from simcollect.cli.loading import study_of
    from simcollect.cli.output import refuse, show, write
    from simcollect.optimisation import optimise as make_plan
    from simcollect.strategy import Goal
    from simcollect.study.inputs import load_inputs
    from simcollect.study.purpose import actions_of

    refuse(out)
    goal = Goal(
        objective,
        _amounts(at_most, "--at-most"),
        _amounts(at_least, "--at-least"),
        _amounts(at_most_weekly, "--at-most-weekly"),
        _amounts(at_least_weekly, "--at-least-weekly"),
    )
    study = study_of(
        tape=tape, mapping=mapping, as_of=as_of, currency=currency, country=country, scenarios=[scenario],
        resources=resources, parameters=parameters, draws=draws, catalogue=actions(catalogue),
    )  # fmt: skip
    inputs = load_inputs(study)
    with Bars() as bars:
        plan = make_plan(
            inputs.portfolio,
            inputs.scenarios[0],
            inputs.resources,
            weeks=weeks,
            people=people,  # type: ignore[arg-type]  # optimise refuses other words
            goal=goal,
            behaviour=inputs.behaviour,
            draws=inputs.draws,
            catalogue=actions_of(study.catalogue),
            progress=lambda rounds, gap: bars("planning", rounds, 0, f"gap {gap:.1%}"),
        )
    typer.echo(repr(plan).strip("<>"))
    if bound:
        plan.same_information_bound()
        share = plan.summary()["figure"]["gap, same information"]
        typer.echo(f"at most {share:.1%} below what any strategy on the same information could gain")
    show(plan.summary())
    if len(plan.limits):
        show(plan.limits.set_index("limit"), "Limits, and what one unit more of each would be worth")
    show(plan.table().set_index("product"), "What to do, in the first 13 weeks")
    drawn = {}
    if plan.drawn is not None:
        show(plan.drawn.summary(), f"The plan under {draws} draws of the parameters")
        drawn = {"under_draws": plan.drawn.table}
    write(
        out,
        drawn
        | {
            "summary": plan.summary().rename_axis("what").reset_index(),
            "strategy_table": plan.table(),
            "playbook": plan.playbook().table,
            "prices": plan.prices.reset_index(),
            "capacity": plan.capacity.reset_index(),
            "forecast": plan.forecast,
            "workload": plan.workload(),
            "measures": plan.measures.reset_index(),
            "limits": plan.limits,
            "bought": plan.bought,
        },
    )


def _amounts(given: list[str] | None, option: str) -> dict[str, float]:
    out: dict[str, float] = {}
    for entry in given or []:
        name, _, amount = entry.partition("=")
        try:
            out[name.strip()] = float(amount)
        except ValueError:
            raise typer.BadParameter(f"{entry!r} must look like cost=200000", param_hint=option) from None
    return out
