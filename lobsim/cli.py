"""The command line.  Each command reads its arguments, calls one function, prints."""

import errno
import io
import os
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from importlib import metadata
from typing import Annotated, Any

import typer

from lobsim.commands import check, facts, lists, look, make, many, pages, play, real, theory
from lobsim.errors import Interrupted, LobsimError, StorageError, escaped

MISREAD: Any = typer.BadParameter.__base__  # what cannot be read of a command line
OF_STDOUT = (errno.EPIPE, errno.ENOSPC, errno.EFBIG, errno.EIO)  # files are told by their names
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

app = typer.Typer(
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
    _debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """`main` looks for --debug itself, so that it may stand anywhere."""


for command in (
    play.run, many.compare, many.sweep, look.fills, look.sql, look.explain, look.attribution,
    look.markouts, look.measures, look.export, pages.report, theory.solve, theory.validate,
    real.replay, real.calibrate, facts.facts, check.check, check.verify, check.doctor,
    make.new_strategy, make.schema, lists.scenarios, lists.strategies,
):  # fmt: skip
    app.command()(command)


def interrupt(number: int, _: object) -> None:
    raise Interrupted(number)


def main() -> None:
    """Errors that are the user's to mend are printed one a line, each kind with its exit code."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    ready_streams()
    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        call(arguments or ["--help"])
        sys.stdout.flush()
        code = 0
    except BaseException as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        code = tell(error)
    silence_stdout()
    sys.exit(code)


def call(arguments: list[str]) -> None:
    command = typer.main.get_command(app)
    with suppress(typer.Exit), command.make_context("lobsim", arguments) as context:
        command.invoke(context)


def ready_streams() -> None:
    """A closed stream is one that nobody reads, and what it cannot encode is written escaped."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def silence_stdout() -> None:
    """What is still to be written cannot be, and is not tried again as Python ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(error: BaseException) -> int:
    """Print what ended the program, if there is anything to say; its exit code."""
    if isinstance(error, OSError) and error.filename is None and error.errno in OF_STDOUT:
        if error.errno == errno.EPIPE:
            return 0  # the reader has seen enough
        error = StorageError(f"stdout: {error.strerror}")
    if isinstance(error, MISREAD):
        return tell_misread(error)
    if isinstance(error, KeyboardInterrupt):
        tell_notes(error)
        return 128 + (error.number if isinstance(error, Interrupted) else signal.SIGINT)
    if isinstance(error, LobsimError):
        sys.stderr.writelines(f"error: {problem}\n" for problem in error.problems)
        tell_notes(error)
        return error.exit_code
    if not isinstance(error, Exception):
        raise error
    with tempfile.NamedTemporaryFile(
        "w", prefix="lobsim-", suffix=".txt", delete=False, errors="backslashreplace"
    ) as report:
        traceback.print_exception(error, file=report)
    sys.stderr.write(f"error: a defect of lobsim; the report is in {report.name}\n")
    return 1


def tell_misread(error: Any) -> int:
    usage = error.ctx.get_usage() if error.ctx else "Usage: lobsim COMMAND [OPTIONS] [ARGS]..."
    what = error.format_message().replace("Value error, ", "")
    sys.stderr.write(f"{usage}\nerror: {escaped(what)}\n")
    return 2


def tell_notes(error: BaseException) -> None:
    sys.stderr.writelines(f"{escaped(note)}\n" for note in getattr(error, "__notes__", ()))
