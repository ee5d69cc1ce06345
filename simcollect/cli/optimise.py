"""``simcollect optimise``: the best use of what the lender has."""

from __future__ import annotations

import typer

from simcollect.cli.options import (
    AsOf,
    Country,
    Currency,
    MappingFile,
    Out,
    ParametersFile,
    ResourcesFile,
    ScenarioName,
    Tape,
    Weeks,
)


def optimise(
    tape: Tape,
    scenario: ScenarioName = "baseline",
    resources: ResourcesFile = None,
    parameters: ParametersFile = None,
    mapping: MappingFile = None,
    as_of: AsOf = None,
    currency: Currency = None,
    country: Country = None,
    weeks: Weeks = 52,
    out: Out = None,
) -> None:
    """Plan the collection of a book, with a proof.

    A plan says which action to take for which accounts in which week. Shows the plan's value, the bound that no
    strategy can beat, and the strategy table. The folder also gets the price of each scarce resource by week, the
    forecast, and the workload that simcollect staff turns into people.

    \b
    Example:
      simcollect optimise accounts.csv --as-of 2026-06-30 --scenario severe_downturn --out plan
    """
    from simcollect.cli.bars import Bars
    from simcollect.cli.loading import load
    from simcollect.cli.output import refuse, show, write
    from simcollect.optimisation import optimise as make_plan

    refuse(out)
    inputs = load(
        tape=tape, mapping=mapping, as_of=as_of, currency=currency, country=country, scenarios=[scenario],
        resources=resources, parameters=parameters,
    )  # fmt: skip
    with Bars() as bars:
        plan = make_plan(
            inputs.portfolio,
            inputs.scenarios[0],
            inputs.resources,
            weeks=weeks,
            behaviour=inputs.behaviour,
            progress=lambda rounds, gap: bars("planning", rounds, 0, f"gap {gap:.1%}"),
        )
    typer.echo(repr(plan).strip("<>"))
    show(plan.summary())
    show(plan.table().set_index("product"), "What to do, in the first 13 weeks")
    write(
        out,
        {
            "summary": plan.summary().rename_axis("what").reset_index(),
            "strategy_table": plan.table(),
            "playbook": plan.playbook().table,
            "prices": plan.prices.reset_index(),
            "capacity": plan.capacity.reset_index(),
            "forecast": plan.forecast,
            "workload": plan.workload(),
        },
    )
