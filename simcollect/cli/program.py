"""The program `simcollect`: its commands, and the one place where an error becomes a message and an exit code.

Exit codes: 0 done; 1 an input cannot be used; 2 the command was not understood; 130 interrupted.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from simcollect.cli.backtest import backtest
from simcollect.cli.calibrate import calibrate
from simcollect.cli.check import check
from simcollect.cli.compare import compare
from simcollect.cli.demo import demo
from simcollect.cli.optimise import optimise
from simcollect.cli.parameters import parameters
from simcollect.cli.report import report
from simcollect.cli.rerun import rerun
from simcollect.cli.run import run
from simcollect.cli.simulate import simulate
from simcollect.cli.staff import staff
from simcollect.cli.stress import stress
from simcollect.cli.template import template
from simcollect.cli.versions import versions
from simcollect.errors import SimcollectError


class Program(TyperGroup):
    """Runs a command; what a user can cause becomes a message, so that a traceback is a defect of the package."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except SimcollectError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt as stop:
            typer.echo(f"\n{str(stop) or 'Interrupted. Nothing was written.'}", err=True)
            raise typer.Exit(130) from None

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order in which a newcomer meets them."""
        return list(self.commands)


app = typer.Typer(
    name="simcollect",
    cls=Program,
    help="Simulate, plan and staff the collection of overdue consumer and micro-business loans.",
    epilog="Start with: simcollect demo",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _command in (
    demo, template, check, run, rerun, report, simulate, compare, optimise, stress, staff, calibrate, backtest,
    parameters, versions,
):  # fmt: skip
    app.command()(_command)


def main() -> None:
    """Run the program; the entry point of the package."""
    app()
