"""The command line: ``simcollect COMMAND``, files in and files out."""

from simcollect.cli.program import app, main

__all__ = ["app", "main"]
