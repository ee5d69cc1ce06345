"""``simcollect parameters``: every number of the borrower's behaviour, with its source."""

from __future__ import annotations

from typing import Annotated

import typer


def parameters(
    csv: Annotated[bool, typer.Option("--csv", help="Print as CSV, with nothing shortened.")] = False,
) -> None:
    """Print the numbers of the behaviour, with sources.

    Each has its value, unit, range, source, and how well it is known. The column "standing" tells what was read in
    a source, computed, or judged; what is judged is worth calibrating first.

    \b
    Example:
      simcollect parameters --csv > parameters.csv
    """
    from simcollect.behaviour import Behaviour

    table = Behaviour.default().table()
    if csv:
        from simcollect.study.tables import to_csv

        typer.echo(to_csv(table.reset_index() if table.index.name else table), nl=False)
        return
    import pandas as pd

    with pd.option_context("display.max_colwidth", 48, "display.width", 220):
        typer.echo(table.to_string(max_colwidth=48, justify="left"))
