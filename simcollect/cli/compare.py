"""``simcollect compare``: strategies against each other, under the same luck."""

from __future__ import annotations

from typing import Annotated

import typer

from simcollect.cli.options import (
    Actions,
    AsOf,
    Country,
    Currency,
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
    draws: Draws = 0,
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
    against the first strategy, with a 95 % interval; one that leaves out zero is a real difference. That is luck alone:
    with --draws, each strategy is also run once under each draw of the calibrated parameters, for the probability that
    the better one is better.

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
        resources=resources, parameters=parameters, draws=draws, weeks=weeks, replications=replications, seed=seed,
        optimise=plan, catalogue=actions(catalogue),
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
    tables = {"comparison": comparison.table.reset_index(), "measures": comparison.measures}
    if comparison.decision is not None:
        typer.echo(f"\n{repr(comparison.decision).strip('<>')}")
        show(comparison.decision.best, "How probable it is that each strategy is the best of all")
        tables |= {"decision": comparison.decision.table.reset_index(), "best": comparison.decision.best.reset_index()}
    drawn = results.plans[name].drawn if plan else None
    if drawn is not None:
        typer.echo(f"\n{repr(drawn).strip('<>')}")
        tables["plan_under_draws"] = drawn.table
    write(out, tables)
