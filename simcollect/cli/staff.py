"""``simcollect staff``: from minutes of work to people, hires and gaps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simcollect.cli.options import Out

if TYPE_CHECKING:
    import pandas as pd


def staff(
    workload: Annotated[
        Path,
        typer.Argument(
            help="CSV with columns month (or week), team, minutes: workload.csv of optimise or simulate.",
            show_default=False,
        ),
    ],
    people: Annotated[
        list[str] | None,
        typer.Option(
            help="People of a team today, as early=12; repeat it. Left out: each team just fits its first month.",
            show_default=False,
        ),
    ] = None,
    assumptions: Annotated[
        Path | None,
        typer.Option(
            help="YAML with shrinkage, attrition, ramp, lead time, costs. Left out: the defaults.", show_default=False
        ),
    ] = None,
    out: Out = None,
) -> None:
    """Turn a workload into people and hires.

    Tells how many are needed, when to start hiring, what stays unmet and why.

    \b
    Example:
      simcollect optimise accounts.csv --as-of 2026-06-30 --out plan
      simcollect staff plan/workload.csv --people early=4 --people late=3 --people desk=1 --people field=1 --out people
    """
    from simcollect import configfile
    from simcollect.cli.output import refuse, show, write
    from simcollect.staffing import StaffingParameters
    from simcollect.staffing import staff as make_plan

    refuse(out)
    params = configfile.load(assumptions, StaffingParameters) if assumptions else None
    plan = make_plan(_read(workload), _people(people) if people else None, params)
    typer.echo(repr(plan).strip("<>"))
    show(plan.summary())
    write(out, {"staffing": plan.table, "summary": plan.summary().reset_index()})


def _read(file: Path) -> pd.DataFrame:
    import pandas as pd

    from simcollect.errors import InputError, Problem

    try:
        table = pd.read_csv(file)
    except (OSError, ValueError) as error:
        rule = "cannot be read" if isinstance(error, OSError) else "is not a CSV"
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError([Problem(str(file), None, None, None, f"{rule} ({reason})", "check the path")]) from None
    if "minutes" in table and not pd.api.types.is_numeric_dtype(table["minutes"]):
        bad = pd.to_numeric(table["minutes"], errors="coerce").isna().to_numpy()
        rows = [(int(row) + 2, str(table["minutes"].iloc[row])) for row in bad.nonzero()[0]]
        rule = "must be a number"
        raise InputError([Problem(str(file), row, "minutes", value, rule, "correct it") for row, value in rows])
    return table


def _people(given: list[str]) -> dict[str, float]:
    out: dict[str, float] = {}
    for entry in given:
        team, _, count = entry.partition("=")
        try:
            out[team.strip()] = float(count)
        except ValueError:
            raise typer.BadParameter(f"{entry!r} must look like early=12", param_hint="--people") from None
    return out
