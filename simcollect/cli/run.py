"""``simcollect run``: a whole study from one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simcollect.cli.options import Jobs, threads

if TYPE_CHECKING:
    from simcollect.study import RunFolder, Study


def run(
    study: Annotated[Path, typer.Argument(help="The study file (YAML).", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(
            help="New folder for the run. Left out: the study's own, or simcollect-run-NAME.", show_default=False
        ),
    ] = None,
    jobs: Jobs = 0,
) -> None:
    """Run a study: plan, compare, staff, report.

    Everything is done for each scenario that the study names.

    What is finished is kept: after Ctrl-C, or a crash, the same command goes on where it stopped. The folder holds
    the inputs, tables (CSV and Parquet), figures, the report, and a manifest from which simcollect rerun repeats it
    all.

    \b
    Example:
      simcollect run study.yaml --out simcollect-run-q3
    """
    from simcollect.study import Study

    show_run(execute(Study.read(study), out, jobs))


def execute(study: Study, out: Path | None, jobs: int) -> RunFolder:
    """Run a study with progress on standard error."""
    from simcollect.cli.ahead import compiling_ahead
    from simcollect.cli.bars import Bars
    from simcollect.study import run_study

    with compiling_ahead(), Bars() as bars:
        return run_study(study, out, progress=bars, jobs=threads(jobs))


def show_run(folder: RunFolder) -> None:
    """Show what each strategy earns in each scenario, how good the plans are, and where everything lies."""
    from simcollect.cli.output import show
    from simcollect.study.inputs import slug

    manifest = folder.manifest
    if manifest["resumed"]:
        typer.echo(f"Finished earlier and kept: {', '.join(manifest['resumed'])}.")
    currency = manifest["portfolio"]["currency"]
    scenarios = [name.split("/")[0] for name in folder.tables() if name.endswith("/comparison")]
    for scenario in scenarios:
        table = folder.table(f"{scenario}/comparison").set_index("strategy")
        show(table, f"Scenario {scenario}: value of each strategy, {currency}, and difference to {table.index[0]}")
        for name, plan in manifest["plans"].items():
            if slug(name) == scenario:
                typer.echo(
                    f"The plan gains {currency} {plan['value'] - plan['nothing']:,.0f} over leaving all alone, "
                    f"proven to miss at most {plan['gap']:.1%} of the gain that any strategy could make."
                )
    typer.echo(f"\nTables, figures and inputs: {folder.path}")
    typer.echo(f"Report: {folder.report}")
