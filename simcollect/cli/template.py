"""``simcollect template``: a tape to start from."""

from __future__ import annotations

import typer


def template() -> None:
    """Print a tape to start from: the header and two accounts.

    \b
    Example:
      simcollect template > accounts.csv
      simcollect check accounts.csv --as-of 2026-06-30
    """
    from simcollect.portfolio.schema import template_csv

    typer.echo(template_csv(), nl=False)
