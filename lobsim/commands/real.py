"""Commands for real data: messages through the book, and runs beside it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lobsim.arguments import chosen_seed, whole_number
from lobsim.commands.look import RunName
from lobsim.commands.options import FormOption, Seed
from lobsim.commands.pages import checked_page
from lobsim.errors import DamagedError, UsageError

Tick = Annotated[float, typer.Option(help="The smallest step of a price, currency.")]
Lot = Annotated[
    int,
    typer.Option(parser=whole_number("--lot", 1, 10**9), metavar="N", help="Shares in a lot."),
]


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


def calibrate(
    messages: Annotated[Path, typer.Argument(help="A file of LOBSTER's order messages.")],
    book: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The recorded book, a row a message; without it the messages are carried out.",
        ),
    ] = None,
    tick: Tick = 0.01,
    lot: Lot = 100,
    seed: Seed = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a scenario of it, a new .toml file.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write pictures of it, a new .html file.")
    ] = None,
    form: FormOption = "table",
) -> None:
    """sigma, A and k of real order MESSAGES, with 95 % intervals, as a scenario.

    The mid is half way between the best quotes; all visible executions of one time and side are
    one market order.  The seed is that of the resampled blocks of time behind the intervals.
    """
    from lobsim.console.calibration import page_of, print_calibration
    from lobsim.console.write import aside, emit, say
    from lobsim.data.calibrate import calibrate
    from lobsim.data.calibrated_scenario import scenario_text
    from lobsim.data.findings import rows, warnings
    from lobsim.data.lobster import read_book, read_messages
    from lobsim.data.quotes import carried_out_quotes, market_orders, recorded_quotes
    from lobsim.folder import check_new_file, write_bytes

    for option, path, suffix in (("--out", out, ".toml"), ("--report", report, ".html")):
        if path is not None:
            check_new_file(option, path, suffix)
    read = read_messages(messages, tick)
    seen = recorded_quotes(read, read_book(book, tick)) if book else carried_out_quotes(read)
    found = calibrate(seen, market_orders(read, seen), tick, lot, chosen_seed(seed, None))
    files = [messages.name, book.name] if book else [messages.name]
    scenario = scenario_text(found, files) if out is not None else ""
    if form == "table":
        print_calibration(found)
    else:
        emit([row._asdict() for row in rows(found)], form)
        aside(*(f"warning: {line}" for line in warnings(found)))
    if out is not None:
        write_bytes(out, scenario.encode())
    if report is not None:
        write_bytes(report, page_of(found, messages.name).encode())
    saved = [str(path) for path in (out, report) if path is not None]
    if saved:
        (say if form == "table" else aside)(f"saved {' and '.join(saved)}")


def facts(
    run: RunName = None,
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file of LOBSTER's order messages.")
    ] = None,
    book: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The recorded book of --data, a row a message."),
    ] = None,
    tick: Tick = 0.01,
    lot: Lot = 100,
    asset: Annotated[str | None, typer.Option(help="Of a run with several.")] = None,
    seed: Seed = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write pictures of it, an .html file.")
    ] = None,
    form: FormOption = "table",
) -> None:
    """Stylised facts of RUN beside those of data, pass or FAIL; or of one of them alone.

    With --data but no RUN the facts are those of the data, without --data those of the run; either
    is then held against what is known of nearly all markets.  A run is seen as data are: by the
    messages that `lobsim export` writes of it, from an empty book on.  --tick and --lot are of the
    data.  The seed is that of the resampled blocks of time behind the intervals.
    """
    from lobsim.console.facts import cautions, page_of, print_facts, rows_of
    from lobsim.console.look import which
    from lobsim.console.write import aside, emit, say
    from lobsim.data.facts import facts
    from lobsim.data.record import record_of_files, record_of_run
    from lobsim.folder import write_page
    from lobsim.report.frames import open_run
    from lobsim.report.page import OWN

    checked_page(report)
    if book is not None and data is None:
        raise UsageError("--book goes with --data: it is the book of those messages")
    if run is not None and Path(run).is_file():
        raise UsageError(f"{run}: is a file, not a run: give messages with --data")
    records, about = [], []
    if run is not None or data is None:
        opened = open_run(run)
        records.append(record_of_run(opened, asset))
        about.append(which(opened))
    if data is not None:
        records.append(record_of_files(data, book, tick, lot))
    chosen = chosen_seed(seed, None)
    found = [facts(each, records, chosen) for each in records]
    if form == "table":
        print_facts(found, about)
    else:
        aside(*about, *(f"warning: {line}" for line in cautions(found)))
        emit(rows_of(found), form)
    if report is not None:
        write_page(report, page_of(found, about), OWN)
        (say if form == "table" else aside)(f"saved {report}")
