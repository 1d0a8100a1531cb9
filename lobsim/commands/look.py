"""Commands that look into a run: fills, SQL, an order's life, what its profit is made of."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lobsim.arguments import BITS_32, listed, seconds, whole_number
from lobsim.commands.options import FormOption, Limit
from lobsim.errors import UsageError

FIRST = 40  # fills that a table shows where no limit is given
RunName = Annotated[
    str | None,
    typer.Argument(help="A run's folder, or its name: the latest of it.  [default: the latest]"),
]


def fills(
    run: RunName = None,
    where: Annotated[
        str | None, typer.Option(metavar="SQL", help="A condition: side = 'buy' and size > 1.")
    ] = None,
    group_by: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Sums by these columns.")
    ] = None,
    limit: Limit = None,
    form: FormOption = "table",
) -> None:
    """List the fills of the strategies in RUN, or sums over them.

    The other side of a trade with the outside is left out; `lobsim sql` has both.  CSV and JSON
    give all columns.  Means of queue and age are over the fills as maker.
    """
    from lobsim.console.look import say_which, show, show_fills
    from lobsim.console.write import say
    from lobsim.report.frames import open_run
    from lobsim.report.query import count_fills, grouped_fills, own_fills

    opened = open_run(run)
    columns = listed("--group-by", group_by)
    if columns is not None:
        names, rows = grouped_fills(opened, columns, where, limit)
    else:
        first = FIRST if limit is None and form == "table" else limit
        names, rows = own_fills(opened, where, first)
    say_which(opened, form)
    if form != "table" or (rows and columns is not None):
        show(names, rows, form)
    elif not rows:
        say("no fills")
    else:
        show_fills(names, rows)
        total = count_fills(opened, where)
        if total > len(rows):
            say(f"... {total - len(rows)} more fills: --limit {total} shows them all")


def sql(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[RUN] QUERY", help="A SELECT, in quotes; before it, which run."),
    ],
    form: FormOption = "table",
) -> None:
    """Ask a run in SQL (DuckDB's).

    There are fills, orders, mids, risk, notes and summary, and, computed when asked for, quotes
    (every strategy's best own bid and ask over time), equity (its account at every mark),
    attribution and measures; a column of fills named markout_1s or markout_100ms is what each was
    worth so much later.
    """
    from lobsim.console.look import say_which, show
    from lobsim.report.frames import open_run
    from lobsim.report.query import query

    if len(words) > 2:
        raise UsageError('give the query as one word: lobsim sql RUN "select ..."')
    opened = open_run(words[0] if len(words) == 2 else None)
    names, rows = query(opened, words[-1])
    say_which(opened, form)
    show(names, rows, form)


def export(
    run: RunName = None,
    to: Annotated[
        Literal["csv", "lobster", "hftbacktest"],
        typer.Option("--to", help="The tape's tables, or its book in another program's format."),
    ] = "csv",
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to.  [default: NAME-csv, as --to]")
    ] = None,
    levels: Annotated[
        int,
        typer.Option(parser=whole_number("--levels", 1, 1000), metavar="N", help="Of the book."),
    ] = 10,
) -> None:
    """Write RUN as files: every table of its tape as CSV, or its book.

    As LOBSTER's CSV it is messages and the first levels after each; as hftbacktest's npz, events
    by price (levels and trades) and events by order.  `lobsim replay` and `calibrate` read both.
    """
    from lobsim.console.write import say
    from lobsim.data.export import export
    from lobsim.report.frames import open_run

    opened = open_run(run)
    for path in export(opened, to, out or Path(f"{opened.folder.name}-{to}"), levels):
        say(str(path))


def explain(
    fill: Annotated[
        int,
        typer.Option(
            parser=whole_number("--fill", 1, BITS_32),
            metavar="N",
            help="Its number: the column `fill`.",
        ),
    ],
    run: RunName = None,
    form: FormOption = "table",
) -> None:
    """Tell the life of the order behind a fill."""
    from lobsim.console.look import say_which, tell
    from lobsim.report.frames import open_run
    from lobsim.report.story import story

    opened = open_run(run)
    told = story(opened, fill)
    say_which(opened, form)
    tell(told, form)


def attribution(
    run: RunName = None,
    by: Annotated[
        Literal["side", "time", "counterparty", "fill"] | None,
        typer.Option(help="A row for each of these.  [default: for the whole run]"),
    ] = None,
    form: FormOption = "table",
) -> None:
    """Split the profit of every strategy in RUN into its causes, to the last digit.

    Spread earned at the fills, moves of the mid on the inventory held (diffusion, drift, jumps,
    informed), fees (below 0 where paid) and closing add up to the profit.  By side, counterparty
    or fill each fill is charged with the moves from then until the end.
    """
    from lobsim.console.look import say_which, show_frame
    from lobsim.report.frames import open_run

    opened = open_run(run)
    frame = opened.attribution(by)
    say_which(opened, form)
    show_frame(frame, form)


def markouts(
    run: RunName = None,
    at: Annotated[
        str | None, typer.Option(metavar="S,S,...", help="Seconds later.  [default: 0.1,1,10]")
    ] = None,
    form: FormOption = "table",
) -> None:
    """Say what the fills of RUN were worth some time later, per lot, and who lost to whom.

    The half-spread at the fill (quoted) less that realised so much later is adverse selection.
    """
    from lobsim.console.look import say_which, show_frame
    from lobsim.console.write import say
    from lobsim.report.frames import HORIZONS, open_run

    opened = open_run(run)
    frame = opened.markout_summary(HORIZONS if at is None else seconds("--at", at))
    say_which(opened, form)
    if form != "table" or len(frame):
        show_frame(frame, form)
    else:
        say("no fills")
    if form == "table":
        say(opened.adverse_selection)


def measures(
    run: RunName = None,
    form: FormOption = "table",
) -> None:
    """Measure risk, inventory and activity of every strategy in RUN."""
    from lobsim.console.look import say_which, show_measures
    from lobsim.report.frames import open_run

    opened = open_run(run)
    frame = opened.measures()
    say_which(opened, form)
    show_measures(frame, form)
