"""``simcollect check``: is the tape sound?"""

from __future__ import annotations

import typer

from simcollect.cli.options import AsOf, Country, Currency, MappingFile, Tape


def check(
    tape: Tape, mapping: MappingFile = None, as_of: AsOf = None, currency: Currency = None, country: Country = None
) -> None:
    """Check a tape and list everything that is wrong with it.

    Each problem names the line, the column, what was found, the rule, and how to mend it. Nothing is changed. The
    exit code is 0 for a sound tape (which is summed up in one line) and 1 otherwise.

    \b
    Example:
      simcollect check accounts.csv --mapping our_bank.yaml --as-of 2026-06-30
    """
    from simcollect.errors import InputError
    from simcollect.portfolio import Portfolio

    try:
        book = Portfolio.read(tape, mapping, as_of=as_of.date() if as_of else None, currency=currency, country=country)
    except InputError as error:
        if not error.problems:
            raise
        for problem in error.problems:
            typer.echo(str(problem))
        count = len(error.problems)
        typer.echo(f"Error: {tape} cannot be used: {count} problem{'s' if count != 1 else ''}, listed above.", err=True)
        raise typer.Exit(1) from None
    typer.echo(repr(book).strip("<>").removeprefix("Portfolio "))
