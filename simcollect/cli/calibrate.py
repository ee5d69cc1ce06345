"""``simcollect calibrate``: the borrowers' parameters from a lender's own history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcollect.cli.options import AsOf, Country, Currency, Out

SHOWN = 12  # rows of a learned table that still read well on a screen; longer ones are in the folder: judgement


def calibrate(
    history: Annotated[
        Path,
        typer.Argument(
            help="A CSV of the history, or a folder with any of months.csv, loans.csv, events.csv, rates.csv.",
            show_default=False,
        ),
    ],
    tape: Annotated[
        Path | None,
        typer.Option(
            help="Tape of the same accounts, CSV or Parquet: risk bands get figures of their own.", show_default=False
        ),
    ] = None,
    tape_mapping: Annotated[
        Path | None, typer.Option(help="YAML that translates the tape's column names and codes.", show_default=False)
    ] = None,
    as_of: AsOf = None,
    currency: Currency = None,
    country: Country = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="YAML that translates the history's column names and codes.", show_default=False),
    ] = None,
    out: Out = None,
) -> None:
    """Learn the borrowers' behaviour from your history.

    Says for each number what the history shows, how sure it is, and what it cannot show. The folder gets the tables and
    parameters.yaml, which simulate, compare, optimise, stress and studies take with --parameters; and beside it
    parameters_draws.csv, how else the borrowers may be, which --draws takes: how sure is a decision?

    \b
    Example:
      simcollect calibrate history.csv --mapping our_history.yaml --out calibrated
      simcollect calibrate history.csv --tape accounts.csv --as-of 2026-06-30
      simcollect optimise accounts.csv --as-of 2026-06-30 --parameters calibrated/parameters.yaml --draws 20
    """
    from simcollect.calibration import calibrate as learn
    from simcollect.cli.output import refuse, show, write
    from simcollect.portfolio import Portfolio
    from simcollect.study.draws import LEARNED, draws_text
    from simcollect.study.inputs import slug
    from simcollect.study.parameters import parameters_text

    refuse(out)
    typer.echo("calibrating ...", err=True)
    book = None
    if tape is not None:
        day = as_of.date() if as_of is not None else None
        book = Portfolio.read(tape, tape_mapping, as_of=day, currency=currency, country=country)
    found = learn(history, book, mapping)
    typer.echo(found.summary())
    if len(found.table):
        show(found.table.set_index("parameter").drop(columns="why"), "What was estimated")
    for name, learned in found.learned.items():
        if len(learned) <= SHOWN:
            show(learned.set_index(learned.columns[0]), f"Learned {name}")
    texts = {"parameters.yaml": parameters_text(found.behaviour)}
    drawn = draws_text(found.draws(LEARNED))
    if drawn.strip():  # nothing was estimated, nothing differs
        texts["parameters_draws.csv"] = drawn
    write(
        out,
        {"estimates": found.table, "kept": found.kept, "problems": found.broken}
        | {f"learned_{slug(name)}": table for name, table in found.learned.items()},
        texts,
    )
