"""What a command shows, and the tables that it writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import pandas as pd


def show(frame: pd.DataFrame, title: str | None = None) -> None:
    """Print a table as a person reads it.

    Examples
    --------
    >>> import pandas as pd
    >>> show(pd.DataFrame({"cash": [1234567.8, 0.12345]}, index=["a", "b"]))
            cash
    a  1,234,568
    b     0.1235
    """
    if title:
        typer.echo(f"\n{title}")
    typer.echo(frame.to_string(float_format=_number, na_rep="-"))


def write(out: Path | None, tables: dict[str, pd.DataFrame], texts: dict[str, str] | None = None) -> None:
    """Write tables as CSV, and texts, to a new folder, all or none, and say so; nothing if no folder was asked for.

    Raises
    ------
    InputError
        The folder is taken or cannot be written.
    """
    if out is None:
        return
    from simcollect.study.place import cannot_write, whole_folder
    from simcollect.study.tables import to_csv

    files = {f"{name}.csv": to_csv(frame) for name, frame in tables.items()} | (texts or {})
    try:
        with whole_folder(out) as folder:
            for name, text in files.items():
                (folder / name).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise cannot_write(out, error) from None
    typer.echo(f"\nWritten to {out}: {', '.join(files)}")


def refuse(out: Path | None) -> None:
    """Refuse a folder that is taken before any work is done.

    Raises
    ------
    InputError
        There is something already.
    """
    if out is not None:
        from simcollect.study.place import refuse_taken

        refuse_taken(out)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
