"""``simcollect versions``: what is at work."""

from __future__ import annotations

import typer


def versions() -> None:
    """Print the versions, for a report of a fault.

    \b
    Example:
      simcollect versions
    """
    from simcollect.versions import show_versions

    typer.echo(show_versions())
