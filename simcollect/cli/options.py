"""Options that several commands share, each said once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

Tape = Annotated[Path, typer.Argument(help="The tape: CSV or Parquet, one row an account.", show_default=False)]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", help="YAML that translates your column names, codes and formats.", show_default=False),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM-DD",
        formats=["%Y-%m-%d"],
        help="Date of the tape, if no mapping file says it.",
        show_default=False,
    ),
]
Currency = Annotated[str | None, typer.Option(help="ISO 4217 code of the amounts, such as USD.", show_default=False)]
Country = Annotated[
    str | None, typer.Option(help="ISO 3166 code, for working days and contact rules, such as CN.", show_default=False)
]
ScenarioName = Annotated[
    str, typer.Option("--scenario", help="A ready-made scenario (baseline, severe_downturn, ...) or a YAML file.")
]
ResourcesFile = Annotated[
    Path | None,
    typer.Option(
        "--resources",
        help="YAML with teams, message and legal capacities and unit costs. "
        "Left out: sized for the book by customary caseloads.",
        show_default=False,
    ),
]
ParametersFile = Annotated[
    Path | None,
    typer.Option(
        "--parameters",
        help="The borrowers' parameters as simcollect calibrate wrote them. Left out: the defaults.",
        show_default=False,
    ),
]
Draws = Annotated[
    int,
    typer.Option(
        min=0,
        help="Draws of the calibrated parameters, as simcollect calibrate wrote them beside the file, under which to "
        "ask how sure the result is; 20 is a start. 0 leaves it out.",
    ),
]
Actions = Annotated[
    str,
    typer.Option(
        "--catalogue",
        help="Actions a plan chooses from: default (the ten usual ones), full (every channel and offer), or names with "
        "commas between them, such as sms,call,extension.",
    ),
]
Days = Annotated[int, typer.Option(min=1, max=3650, help="Days to simulate.")]
Weeks = Annotated[int, typer.Option(min=1, max=520, help="Weeks to plan.")]
Replications = Annotated[
    int, typer.Option(min=1, help="Simulations, each with luck of its own; four times as many halve the intervals.")
]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same result.")]
Jobs = Annotated[int, typer.Option(min=0, help="Threads; 0 takes all cores. The figures are the same for any number.")]
Out = Annotated[
    Path | None,
    typer.Option(help="New folder for the tables (CSV). Left out: only the summary is shown.", show_default=False),
]


def actions(given: str) -> str | list[str]:
    """Return a catalogue as a study has it.

    Examples
    --------
    >>> actions("full"), actions("sms, call")
    ('full', ['sms', 'call'])
    """
    return given if given in ("default", "full") else [name.strip() for name in given.split(",")]


def threads(jobs: int) -> int:
    """Return the number of threads meant.

    Examples
    --------
    >>> threads(3)
    3
    """
    import os

    return jobs or os.cpu_count() or 1
