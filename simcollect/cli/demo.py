"""``simcollect demo``: everything at once, on a made-up or a public book."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from simcollect.cli.options import Jobs


def demo(
    real: Annotated[
        bool, typer.Option("--real", help="The public Taiwan card book of 2005, from the folder in SIMCOLLECT_DATA.")
    ] = False,
    accounts: Annotated[int, typer.Option(min=100, help="Accounts of the made-up book.")] = 20_000,
    out: Annotated[
        Path | None,
        typer.Option(help="New folder for the run. Left out: simcollect-run-demo, numbered.", show_default=False),
    ] = None,
    jobs: Jobs = 0,
) -> None:
    """Plan a made-up book, compare, staff, and write a report.

    Half a year of the made-up book, a year of the real one.
    Compares the way a lender works today and the usual work lists with the optimised plan, in calm and in severe
    times, and plans the people. With --real, the book is a public one.

    \b
    Example:
      simcollect demo
      SIMCOLLECT_DATA=~/data simcollect demo --real
    """
    from simcollect.cli.run import execute, show_run
    from simcollect.study import Study, Synthetic

    name = "demo-real" if real else "demo"
    study = Study(
        name="Demonstration on Taiwan card clients" if real else "Demonstration on a made-up book",
        synthetic=None if real else Synthetic(accounts=accounts),
        taiwan=_real_data() if real else None,
        # Half a year on the made-up book: the whole job within a minute. A study plans a year unless told otherwise.
        weeks=52 if real else 26,
    )
    show_run(execute(study, out or _free(f"simcollect-run-{name}"), jobs))


def _real_data() -> str:
    from simcollect.errors import InputError, Problem

    folder = os.environ.get("SIMCOLLECT_DATA")
    if not folder:
        remedy = "set it to the folder that holds taiwan_card_clients_2005.csv (UCI set 350)"
        raise InputError([Problem("SIMCOLLECT_DATA", None, None, None, "is not set", remedy)])
    return folder


def _free(name: str) -> Path:
    """Return the first of NAME, NAME-2, NAME-3, ... that is free; one left unfinished is gone on with."""
    number = 1
    while (folder := Path(name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return folder
