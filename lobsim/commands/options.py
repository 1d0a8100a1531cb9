"""Options that several commands share."""

from typing import Annotated, Literal

import typer

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
NoAudit = Annotated[bool, typer.Option("--no-audit", help="Skip the audit of every command.")]
FormOption = Annotated[Form, typer.Option("--format", help="How tables are printed.")]
