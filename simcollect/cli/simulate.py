"""``simcollect simulate``: one strategy on one book under one scenario."""

from __future__ import annotations

from typing import Annotated

import typer

from simcollect.cli.options import (
    AsOf,
    Country,
    Currency,
    Days,
    Draws,
    Jobs,
    MappingFile,
    Out,
    ParametersFile,
    Replications,
    ResourcesFile,
    ScenarioName,
    Seed,
    Tape,
    threads,
)


def simulate(
    tape: Tape,
    strategy: Annotated[
        str, typer.Option(help="A ready-made strategy (champion, oldest_first, one_day_lp, ...) or a YAML file.")
    ] = "champion",
    scenario: ScenarioName = "baseline",
    resources: ResourcesFile = None,
    parameters: ParametersFile = None,
    draws: Draws = 0,
    mapping: MappingFile = None,
    as_of: AsOf = None,
    currency: Currency = None,
    country: Country = None,
    days: Days = 365,
    replications: Replications = 4,
    seed: Seed = 1,
    jobs: Jobs = 0,
    out: Out = None,
) -> None:
    """Simulate one strategy on one book, day by day.

    The summary gives each figure as a mean over the replications with its 95 % interval; the folder gets the daily
    flows, balances by stage, roll rates, workload and costs. With --draws the replications are run under each draw of
    the calibrated parameters, and the interval is the range in which 95 % of the draws lie.

    \b
    Example:
      simcollect simulate accounts.csv --as-of 2026-06-30 --strategy oldest_first --scenario severe_downturn --out run
    """
    from simcollect.cli.bars import Bars
    from simcollect.cli.loading import load
    from simcollect.cli.output import refuse, show, write
    from simcollect.simulation import simulate as run_simulation

    refuse(out)
    inputs = load(
        tape=tape, mapping=mapping, as_of=as_of, currency=currency, country=country,
        strategies=[strategy], scenarios=[scenario], resources=resources, parameters=parameters,
        draws=draws,
    )  # fmt: skip
    with Bars() as bars:
        result = run_simulation(
            inputs.portfolio,
            inputs.strategies[0],
            inputs.scenarios[0],
            days=days,
            replications=replications,
            seed=seed,
            resources=inputs.resources,
            behaviour=None if inputs.draws else inputs.behaviour,
            draws=inputs.draws,
            progress=bars.counter("simulating"),
            jobs=threads(jobs),
        )
    typer.echo(repr(result).strip("<>"))
    show(result.summary())
    write(
        out,
        {
            "summary": result.summary().reset_index(),
            "daily": result.daily,
            "by_stage": result.by_stage,
            "roll_rates": result.roll_rates,
            "workload": result.workload(),
            "costs": result.costs().reset_index(),
        },
    )
