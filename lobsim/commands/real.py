"""Commands for real data: messages through the book, and figures of them for a scenario."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lobsim.arguments import chosen_seed, whole_number
from lobsim.commands.options import (
    Columns,
    Form,
    FormOption,
    From,
    FromOrders,
    Instrument,
    QuotesFile,
    Seed,
    Sides,
    SizeStep,
)
from lobsim.errors import DamagedError, UsageError

if TYPE_CHECKING:
    from lobsim.data.recording import Recording
    from lobsim.data.source import Source

Tick = Annotated[float, typer.Option(help="The smallest step of a price, currency.")]
Lot = Annotated[
    int,
    typer.Option(
        parser=whole_number("--lot", 1, 10**9), metavar="N", help="Shares, or steps, in a lot."
    ),
]


def opened(source: "Source", book: Path | None) -> "Recording":
    """What a file says; aside, the format it was taken for and what should be known of it."""
    from dataclasses import replace

    from lobsim.console.write import aside
    from lobsim.data.source import NAMES

    form = source.form or source.recognised()
    if source.form is None and form != "lobster":
        aside(f"{source.path.name} is taken for {NAMES[form]} (--from {form})")
    if book is not None and form != "lobster":
        raise UsageError(f"--book: not for {NAMES[form]} (--from {form})")
    found = replace(source, form=form).read()
    aside(*(f"note: {note}" for note in found.notes))
    return found


def replay(
    messages: Annotated[Path, typer.Argument(help="A file of order messages.")],
    book: Annotated[
        Path | None, typer.Option(metavar="FILE", help="LOBSTER's recorded book, a row a message.")
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Messages that the rows of --book are of, if fewer."),
    ] = None,
    tick: Tick = 0.01,
    form_of: FromOrders = None,
    instrument: Instrument = None,
    size_step: SizeStep = None,
    engine: Annotated[
        Literal["event", "compiled"], typer.Option(help="Which book; compiled compares no rows.")
    ] = "event",
    form: FormOption = "table",
) -> None:
    """Carry out real order MESSAGES in lobsim's book, and hold it against the recorded one.

    They are LOBSTER's (packed or not), Databento's market by order as CSV, or hftbacktest's.
    Executions are by order id, hidden ones beside the book.  Where the messages are of a few
    levels only, as LOBSTER sells them, what comes into view is taken over from the record; with
    --rows they are all there were, and every level must agree.
    """
    from dataclasses import asdict

    from lobsim.console.real import print_replay
    from lobsim.console.write import emit, progress
    from lobsim.data.lobster import read_book, read_messages
    from lobsim.data.replay import places, replay, replay_compiled
    from lobsim.data.source import Source

    if rows is not None and book is None:
        raise UsageError("--rows goes with --book: it says which messages the book's rows are of")
    if engine == "compiled" and book is not None:
        raise UsageError("--engine compiled compares no rows: leave --book out, or the engine")
    source = Source(messages, tick, form_of, size_step=size_step, instrument=instrument)
    recording = opened(source, book)
    if recording.book is not None:
        raise UsageError(f"{messages}: has no orders, only prices: `lobsim calibrate` reads it")
    read = recording.messages
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


def calibrate(
    messages: Annotated[Path, typer.Argument(help="A file of order messages, or of trades.")],
    book: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="LOBSTER's recorded book, a row a message; without it the messages are carried "
            "out.",
        ),
    ] = None,
    tick: Tick = 0.01,
    form_of: From = None,
    instrument: Instrument = None,
    size_step: SizeStep = None,
    columns: Columns = None,
    quotes: QuotesFile = None,
    sides: Sides = None,
    lot: Lot = 100,
    seed: Seed = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a scenario of it, a new .toml file.")
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Make its page, too: beside --out, or else here.")
    ] = False,
    form: FormOption = "table",
) -> None:
    """sigma, A and k of real order MESSAGES or trades, with 95 % intervals, as a scenario.

    They are LOBSTER's (packed or not), Databento's market by order as CSV, hftbacktest's, or
    plain CSV with a map of columns (the README has one).  The mid is half way between the best
    quotes; all visible executions of one time and side are one market order.  The seed is that of
    the resampled blocks of time behind the intervals.
    """
    from lobsim.data.source import Source
    from lobsim.folder import check_new_file

    stem = Path(messages.name.partition(".")[0]) if out is None else out
    page = stem.with_suffix(".html") if report else None
    for option, path, suffix in (("--out", out, ".toml"), ("--report", page, ".html")):
        if path is not None:
            check_new_file(option, path, suffix)
    source = Source(messages, tick, form_of, size_step, instrument, columns, quotes, sides)
    say_calibration(source, book, lot, chosen_seed(seed, None), out, page, form)


def say_calibration(
    source: "Source",
    book: Path | None,
    lot: int,
    seed: int,
    out: Path | None,
    report: Path | None,
    form: Form,
) -> None:
    from lobsim.console.calibration import page_of, print_calibration
    from lobsim.console.write import aside, emit, say
    from lobsim.data.calibrate import calibrate
    from lobsim.data.calibrated_scenario import scenario_text
    from lobsim.data.findings import rows, warnings
    from lobsim.data.lobster import read_book
    from lobsim.data.quotes import market_orders, quotes_of, recorded_quotes
    from lobsim.folder import write_bytes

    recording = opened(source, book)
    read, tick = recording.messages, source.tick
    seen = recorded_quotes(read, read_book(book, tick)) if book else quotes_of(recording)
    found = calibrate(seen, market_orders(read, seen), tick, lot, seed, source.size_step or 1.0)
    files = [path.name for path in (source.path, book, source.quotes) if path is not None]
    again = shlex.join(
        ["--data", source.path.name]
        + ([] if book is None else ["--book", book.name])
        + source.words()
        + ([] if lot == 100 else ["--lot", str(lot)])
    )
    scenario = scenario_text(found, files, again) if out is not None else ""
    if form == "table":
        print_calibration(found)
    else:
        emit([row._asdict() for row in rows(found)], form)
        aside(*(f"warning: {line}" for line in warnings(found)))
    if out is not None:
        write_bytes(out, scenario.encode())
    if report is not None:
        write_bytes(report, page_of(found, source.path.name).encode())
    saved = [str(path) for path in (out, report) if path is not None]
    if saved:
        (say if form == "table" else aside)(f"saved {' and '.join(saved)}")
