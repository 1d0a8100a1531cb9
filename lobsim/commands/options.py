"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lobsim.arguments import BITS_32, CORES, whole_number

Form = Literal["table", "csv", "json"]
ScenarioName = Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.")]
Settings = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a key: asset.tick=0.1.")
]
Plugins = Annotated[
    list[str], typer.Option("--with", metavar="FILE", help="A plugin whose strategies join.")
]
Seed = Annotated[str | None, typer.Option(help="A whole number, or 'random'.  [default: 1]")]
Strategies = Annotated[
    str | None, typer.Option(metavar="A,B,...", help="Keep only these strategies.")
]
Replication = Annotated[
    int,
    typer.Option(parser=whole_number("--rep", 0, BITS_32), metavar="N", help="Which replication."),
]
Replications = Annotated[
    int, typer.Option(parser=whole_number("--reps", 1, BITS_32), metavar="N", help="Replications.")
]
Jobs = Annotated[
    int | None,
    typer.Option(
        parser=whole_number("--jobs", 1, 256, CORES),
        metavar="N",
        help="Processes.  [default: one a core]",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(parser=whole_number("--limit", 1, BITS_32), metavar="N", help="At most so many."),
]
NoAudit = Annotated[bool, typer.Option("--no-audit", help="Skip the audit of every command.")]
FormOption = Annotated[Form, typer.Option("--format", help="How tables are printed.")]
EngineOption = Annotated[
    Literal["auto", "event", "compiled"],
    typer.Option("--engine", help="The same tape; compiled is faster where it can serve."),
]
WithoutRisk = Annotated[
    bool, typer.Option("--without-risk", help="The same path with no risk limits.")
]
WithReport = Annotated[bool, typer.Option("--report", help="Make its pages, too.")]
MARKS = "databento and hftbacktest by their marks"
From = Annotated[
    Literal["lobster", "databento", "hftbacktest", "csv"] | None,
    typer.Option(
        "--from", help=f"Its format.  [default: csv with --columns; {MARKS}; else lobster]"
    ),
]
FromOrders = Annotated[
    Literal["lobster", "databento", "hftbacktest"] | None,
    typer.Option("--from", help=f"Its format.  [default: {MARKS}; else lobster]"),
]
Instrument = Annotated[
    str | None,
    typer.Option(
        metavar="ID|ID:PUBLISHER|SYMBOL", help="Of a file with several (databento): which."
    ),
]
SizeStep = Annotated[
    float | None,
    typer.Option(
        "--size-step", metavar="SIZE", help="The smallest step of a size (hftbacktest, csv): 0.001."
    ),
]
Columns = Annotated[
    Path | None, typer.Option(metavar="FILE.toml", help="Of a plain CSV: which columns are what.")
]
QuotesFile = Annotated[
    Path | None,
    typer.Option(
        "--quotes", metavar="FILE", help="The quotes of a plain CSV, if not in the same file."
    ),
]
Sides = Annotated[
    Literal["lee-ready"] | None,
    typer.Option(help="Who took, where nobody says: by the mid just before, else the last change."),
]
