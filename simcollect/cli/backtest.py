"""``simcollect backtest``: would the model have forecast the last months of this history?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcollect.cli.options import Out

MOST_MISSED = 8  # moves shown of those that the model misses; all are in the folder
MISSED = 0.5  # errors by which a move has to be missed to be shown: judgement


def backtest(
    history: Annotated[
        Path, typer.Argument(help="A CSV of monthly statuses, or a folder with months.csv.", show_default=False)
    ],
    mapping: Annotated[
        Path | None,
        typer.Option(help="YAML that translates the history's column names and codes.", show_default=False),
    ] = None,
    months: Annotated[int, typer.Option(min=1, help="Months held out, at the history's end.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the plays.")] = 0,
    out: Out = None,
) -> None:
    """Forecast your history's last months from those before.

    Stage shares, rolls and cures, ever 30+ and 90+ days late, and cash if the history has payments, with 95 % intervals
    and beside naive forecasts. It also says which moves between stages the model misses: allow for these when you read
    a simulation.

    \b
    Example:
      simcollect backtest history.csv --mapping our_history.yaml --months 12 --out back-test
    """
    import numpy as np

    from simcollect.calibration import History, back_test
    from simcollect.cli.output import refuse, show, write
    from simcollect.reporting import plot_back_test
    from simcollect.reporting.style import svg

    refuse(out)
    typer.echo("fitting and forecasting ...", err=True)
    given = History.read(history, mapping)
    for problem in given.problems:
        typer.echo(f"Problem: {problem}")
    found = back_test(given, months, seed=seed)
    table = found.table
    typer.echo(str(found))
    by = table.groupby("group", sort=False)[["inside", "inside_joint"]].agg(["sum", "size"])
    by.columns = ["inside 95 %", "figures", "inside joint", ""]
    show(by[["figures", "inside 95 %", "inside joint"]], "What happened, by group of figures")
    outside = table[~table["inside"]].drop(columns=["group", "inside"])
    if len(outside):
        show(outside.set_index("figure"), "Outside the 95 % interval; of twenty, one may be by chance")
    errors = found.errors()
    if len(errors):
        show(errors, "Mean error of the forecast, and of naive ones (cash: as a share)")
    missed = found.missed.assign(off=lambda rows: np.abs(np.log(rows["ratio"])) / rows["error"])
    missed = missed[missed["off"] >= MISSED].sort_values("off", ascending=False).drop(columns="off")
    if len(missed):
        show(missed.head(MOST_MISSED).set_index(["from", "to"]), "Moves that the model misses most")
    figure = plot_back_test(found).get_figure(root=True) if table["group"].eq("roll").any() else None
    write(out, {"figures": table, "missed": found.missed}, {"rolls.svg": svg(figure)} if figure is not None else {})
