"""``simcollect compare``: strategies against each other, under the same luck."""

from __future__ import annotations

from typing import Annotated

import typer

from simcollect.cli.options import (
    Actions,
    AsOf,
    Country,
    Currency,
    Jobs,
    MappingFile,
    Out,
    ParametersFile,
    Replications,
    ResourcesFile,
    ScenarioName,
    Seed,
    Tape,
    Weeks,
    actions,
    threads,
)


def compare(
    tape: Tape,
    strategy: Annotated[
        list[str] | None,
        typer.Option(
            help="Ready-made strategy (champion, contact_everyone, one_day_lp, ...) or YAML file; repeat it. The first "
            "is what the others are compared with. Left out: champion and the usual work lists.",
            show_default=False,
        ),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Also make the optimal plan, and compare it.")] = False,
    catalogue: Actions = "default",
    scenario: ScenarioName = "baseline",
    resources: ResourcesFile = None,
    parameters: ParametersFile = None,
    mapping: MappingFile = None,
    as_of: AsOf = None,
    currency: Currency = None,
    country: Country = None,
    weeks: Weeks = 52,
    replications: Replications = 4,
    seed: Seed = 1,
    jobs: Jobs = 0,
    out: Out = None,
) -> None:
    """Compare strategies on one book, under the same luck.

    Every borrower meets the same luck under each strategy, so that differences show with few replications. They are
    against the first strategy, with a 95 % interval; one that leaves out zero is a real difference.

    \b
    Example:
      simcollect compare accounts.csv --as-of 2026-06-30 --strategy champion --strategy challenger.yaml --plan
    """
    from simcollect.cli.bars import Bars
    from simcollect.cli.loading import study_of
    from simcollect.cli.output import refuse, show, write
    from simcollect.study.compute import compute
    from simcollect.study.inputs import load_inputs
    from simcollect.study.steps import Steps

    refuse(out)
    study = study_of(
        tape=tape, mapping=mapping, as_of=as_of, currency=currency, country=country, scenarios=[scenario],
        resources=resources, parameters=parameters, weeks=weeks, replications=replications, seed=seed, optimise=plan,
        catalogue=actions(catalogue),
        **({"strategies": strategy} if strategy else {}),
    )  # fmt: skip
    inputs = load_inputs(study)
    with Bars() as bars:
        results = compute(study, inputs, Steps(None), bars, threads(jobs))
    name = inputs.scenarios[0].name
    comparison = results.comparisons[name]
    typer.echo(repr(comparison).strip("<>"))
    show(comparison.table)
    if plan:
        typer.echo(f"\n{repr(results.plans[name]).strip('<>')}")
    write(out, {"comparison": comparison.table.reset_index(), "measures": comparison.measures})
