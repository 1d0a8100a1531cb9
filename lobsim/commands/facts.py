"""The command `lobsim facts`: stylised facts of runs and of real data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lobsim.arguments import chosen_seed
from lobsim.commands.look import RunName
from lobsim.commands.options import (
    Columns,
    Form,
    FormOption,
    From,
    Instrument,
    QuotesFile,
    Seed,
    Sides,
    SizeStep,
)
from lobsim.commands.pages import checked_page
from lobsim.commands.real import Lot, Tick, opened
from lobsim.errors import UsageError

if TYPE_CHECKING:
    from lobsim.data.record import Record


def facts(
    run: RunName = None,
    data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A file of order messages, or of trades.")
    ] = None,
    book: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="LOBSTER's book of --data, a row a message."),
    ] = None,
    tick: Tick = 0.01,
    form_of: From = None,
    instrument: Instrument = None,
    size_step: SizeStep = None,
    columns: Columns = None,
    quotes: QuotesFile = None,
    sides: Sides = None,
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
    messages that `lobsim export` writes of it, from an empty book on.  The data may be in any
    format that `lobsim calibrate` reads.  The seed is that of the resampled blocks of time behind
    the intervals.
    """
    from lobsim.console.look import which
    from lobsim.data.record import record_of_files, record_of_run
    from lobsim.data.source import Source
    from lobsim.report.frames import open_run

    checked_page(report)
    if book is not None and data is None:
        raise UsageError("--book goes with --data: it is the book of those messages")
    if run is not None and Path(run).is_file():
        raise UsageError(f"{run}: is a file, not a run: give messages with --data")
    records, about = [], []
    if run is not None or data is None:
        kept = open_run(run)
        records.append(record_of_run(kept, asset))
        about.append(which(kept))
    if data is not None:
        source = Source(data, tick, form_of, size_step, instrument, columns, quotes, sides)
        records.append(record_of_files(data.name, opened(source, book), book, lot))
    say_facts(records, about, chosen_seed(seed, None), report, form)


def say_facts(
    records: list["Record"], about: list[str], seed: int, report: Path | None, form: Form
) -> None:
    from lobsim.console.facts import cautions, page_of, print_facts, rows_of
    from lobsim.console.write import aside, emit, say
    from lobsim.data.facts import facts
    from lobsim.folder import write_page
    from lobsim.report.page import OWN

    found = [facts(each, records, seed) for each in records]
    if form == "table":
        print_facts(found, about)
    else:
        aside(*about, *(f"warning: {line}" for line in cautions(found)))
        emit(rows_of(found), form)
    if report is not None:
        write_page(report, page_of(found, about), OWN)
        (say if form == "table" else aside)(f"saved {report}")
