"""``simcollect stress``: one strategy in good times and bad."""

from __future__ import annotations

from typing import Annotated

import typer

from simcollect.cli.options import (
    AsOf,
    Country,
    Currency,
    Days,
    Jobs,
    MappingFile,
    Out,
    ParametersFile,
    Replications,
    ResourcesFile,
    Seed,
    Tape,
    threads,
)

# What a committee asks for first; the folder has all measures.
SHOWN = ("cash", "written_off", "charged_off", "overdue_principal", "cost", "utilisation", "npv")


def stress(
    tape: Tape,
    strategy: Annotated[
        str, typer.Option(help="A ready-made strategy (champion, oldest_first, one_day_lp, ...) or a YAML file.")
    ] = "champion",
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="Ready-made scenario or YAML file; repeat it. The first is what the others are compared with. "
            "Left out: baseline and severe_downturn.",
            show_default=False,
        ),
    ] = None,
    resources: ResourcesFile = None,
    parameters: ParametersFile = None,
    mapping: MappingFile = None,
    as_of: AsOf = None,
    currency: Currency = None,
    country: Country = None,
    days: Days = 364,
    replications: Replications = 4,
    seed: Seed = 1,
    jobs: Jobs = 0,
    out: Out = None,
) -> None:
    """Run one strategy through several scenarios.

    Every borrower meets the same luck in each scenario, so that what differs is the economy. Differences are against
    the first scenario, with a 95 % interval.

    \b
    Example:
      simcollect stress accounts.csv --as-of 2026-06-30 --scenario baseline --scenario severe_downturn --out stress
    """
    from simcollect.cli.bars import Bars
    from simcollect.cli.loading import load
    from simcollect.cli.output import refuse, show, write
    from simcollect.stressing import stress as run_scenarios

    refuse(out)
    inputs = load(
        tape=tape, mapping=mapping, as_of=as_of, currency=currency, country=country, strategies=[strategy],
        resources=resources, parameters=parameters, **({"scenarios": scenario} if scenario else {}),
    )  # fmt: skip
    with Bars() as bars:
        result = run_scenarios(
            inputs.portfolio,
            inputs.strategies[0],
            inputs.scenarios,
            days=days,
            replications=replications,
            seed=seed,
            resources=inputs.resources,
            behaviour=inputs.behaviour,
            progress=bars.counter("simulating"),
            jobs=threads(jobs),
        )
    typer.echo(repr(result).strip("<>"))
    table = result.table.set_index("measure")
    for name in SHOWN:
        show(table.loc[[name]].set_index("scenario"), name)
    write(out, {"stress": result.table})
