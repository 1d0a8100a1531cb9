"""The command line.  Each command reads its arguments, calls one function, prints."""

import sys
import tempfile
import traceback
from importlib import metadata
from typing import Annotated

import typer

from lobsim.commands import lists, play
from lobsim.errors import LobsimError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An event-driven limit-order-book market in which market-making strategies compete.",
)


def version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lobsim {metadata.version('lobsim')}")
        raise typer.Exit


@app.callback()
def main_options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = debug


for command in (play.run, play.compare, lists.scenarios, lists.strategies):
    app.command()(command)


def main() -> None:
    """Errors that are the user's to mend are printed one a line, each kind with its exit code."""
    debug = "--debug" in sys.argv
    try:
        app()
    except LobsimError as error:
        if debug:
            traceback.print_exc()
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        for note in getattr(error, "__notes__", ()):
            typer.echo(note, err=True)
        sys.exit(error.exit_code)
    except Exception:
        if debug:
            raise
        with tempfile.NamedTemporaryFile(
            "w", prefix="lobsim-", suffix=".txt", delete=False
        ) as report:
            traceback.print_exc(file=report)
        typer.echo(f"error: a defect of lobsim; the report is in {report.name}", err=True)
        sys.exit(1)
