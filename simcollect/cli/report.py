"""``simcollect report``: the report of a finished run, written anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcollect.cli.options import Jobs, threads


def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The HTML file to write.", show_default=False)],
    title: Annotated[str | None, typer.Option(help="Title; left out, the study's name.", show_default=False)] = None,
    jobs: Jobs = 0,
) -> None:
    """Write the report of a finished run again.

    It can get another title, for a committee. The run is computed again from its folder, which is not changed.

    \b
    Example:
      simcollect report simcollect-run-q3 --out committee.html --title "Collection plan, third quarter"
    """
    from simcollect.cli.bars import Bars
    from simcollect.errors import InputError, Problem
    from simcollect.study import recompute
    from simcollect.study.run import write_report

    if out.exists():
        rule = "exists already, and nothing is ever overwritten"
        raise InputError([Problem(str(out), None, None, None, rule, "name another file, or remove this one")])
    with Bars() as bars:
        study, inputs, results = recompute(folder, progress=bars, jobs=threads(jobs))
    typer.echo(f"Report: {write_report(study, inputs, results, out, title)}")
