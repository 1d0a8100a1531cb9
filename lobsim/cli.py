"""The command line.  Each command reads its arguments, calls one function, prints."""

import signal
import sys
import tempfile
import traceback
from importlib import metadata
from typing import Annotated

import typer

from lobsim.commands import check, lists, look, make, play
from lobsim.errors import Interrupted, LobsimError

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": 100},
    help="An event-driven limit-order-book market in which market-making strategies compete.",
)


def version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lobsim {metadata.version('lobsim')}")
        raise typer.Exit


@app.callback()
def main_options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = debug


for command in (
    play.run, play.compare, look.fills, look.sql, look.explain, check.check, check.verify,
    make.new_strategy, make.schema, lists.scenarios, lists.strategies,
):  # fmt: skip
    app.command()(command)


def interrupt(number: int, _: object) -> None:
    raise Interrupted(number)


def exit_if_interrupted(ended: SystemExit) -> None:
    """typer makes one exit code of every interrupt; signals have one each."""
    error = getattr(ended.__context__, "__cause__", None)
    if isinstance(error, Interrupted):
        tell_notes(error)
        sys.exit(128 + error.number)


def tell_notes(error: BaseException) -> None:
    for note in getattr(error, "__notes__", ()):
        typer.echo(note, err=True)


def main() -> None:
    """Errors that are the user's to mend are printed one a line, each kind with its exit code."""
    debug = "--debug" in sys.argv
    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        app()
    except SystemExit as ended:
        exit_if_interrupted(ended)
        raise
    except LobsimError as error:
        if debug:
            traceback.print_exc()
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        tell_notes(error)
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
