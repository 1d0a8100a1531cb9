"""Commands for real data: messages through the book."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lobsim.commands.options import FormOption
from lobsim.errors import DamagedError, UsageError

Tick = Annotated[float, typer.Option(help="The smallest step of a price, currency.")]


def replay(
    messages: Annotated[Path, typer.Argument(help="A file of LOBSTER's order messages.")],
    book: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The recorded book, a row a message.")
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Messages that the rows of --book are of, if fewer."),
    ] = None,
    tick: Tick = 0.01,
    engine: Annotated[
        Literal["event", "compiled"], typer.Option(help="Which book; compiled compares no rows.")
    ] = "event",
    form: FormOption = "table",
) -> None:
    """Carry out real order MESSAGES in lobsim's book, and hold it against the recorded one.

    Executions are by order id, hidden ones beside the book.  Where the messages are of a few
    levels only, as LOBSTER sells them, what comes into view is taken over from the record; with
    --rows they are all there were, and every level must agree.
    """
    from dataclasses import asdict

    from lobsim.console.real import print_replay
    from lobsim.console.write import emit, progress
    from lobsim.data.lobster import read_book, read_messages
    from lobsim.data.replay import places, replay, replay_compiled

    if rows is not None and book is None:
        raise UsageError("--rows goes with --book: it says which messages the book's rows are of")
    if engine == "compiled" and book is not None:
        raise UsageError("--engine compiled compares no rows: leave --book out, or the engine")
    read = read_messages(messages, tick)
    record = None if book is None else read_book(book, tick)
    at = None if rows is None else places(read, read_messages(rows, tick))
    if engine == "compiled":
        found = replay_compiled(read)
    else:
        with progress(messages.name, len(read)) as advance:
            found = replay(read, record, at, advance)
    if form == "table":
        print_replay(read, found)
    else:
        emit([asdict(found) | read.counts()], form)
    if found.rows > found.equal or found.crossed:
        raise DamagedError(*found.differences, f"{found.rows - found.equal} rows differ")
