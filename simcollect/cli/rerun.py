"""``simcollect rerun``: the same figures again, to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcollect.cli.options import Jobs, threads


def rerun(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)], jobs: Jobs = 0
) -> None:
    """Repeat a finished run and prove that no byte differs.

    The run is computed again from its folder, and every table file is compared. Nothing in the folder is changed.
    The exit code is 0 if all tables are the same, and 1 if any differs.

    \b
    Example:
      simcollect rerun simcollect-run-q3
    """
    from simcollect.cli.bars import Bars
    from simcollect.study import rerun as run_again

    with Bars() as bars:
        found = run_again(folder, progress=bars, jobs=threads(jobs))
    for name, (then, now) in found.versions.items():
        typer.echo(f"Version of {name}: {then} then, {now} now.")
    for name in found.inputs:
        typer.echo(f"Changed since the run: inputs, {name}")
    if found.differ:
        for name in found.differ:
            typer.echo(f"Differs: {name}")
        typer.echo(f"Error: {len(found.differ)} of {found.same + len(found.differ)} table files differ.", err=True)
        raise typer.Exit(1)
    typer.echo(f"All {found.same} table files of {folder} are reproduced to the byte.")
