"""Commands of the theory: a strategy's quotes and what they come to, without a simulation."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lobsim.commands.options import Plugins, ScenarioName, Settings


def solve(
    strategy: Annotated[str, typer.Argument(help="A strategy of the scenario, or any plugin.")],
    scenario: ScenarioName,
    against: Annotated[
        str | None, typer.Option(metavar="STRATEGY", help="Show the difference to this one.")
    ] = None,
    settings: Settings = [],  # noqa: B006
    plugins: Plugins = [],  # noqa: B006
    out: Annotated[
        Path | None,
        typer.Option(help="The new .npz file; the picture stands beside it.  [default: tables/]"),
    ] = None,
    form: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How figures are printed.")
    ] = "table",
) -> None:
    """The quotes of STRATEGY, alone in SCENARIO: exact figures, a table file, a heat map."""
    import json
    import sys

    from lobsim.console.solved import as_dict, page_of, print_solved
    from lobsim.console.write import aside, say
    from lobsim.solved import solve_for
    from lobsim.tables import save_policy

    solved = solve_for(strategy, scenario, settings, plugins)
    other = None if against is None else solve_for(against, scenario, settings, plugins)
    name = f"{solved.name}-{solved.scenario.name}"
    saved, page = save_policy(solved.table, page_of(solved, other), name, out)
    if form == "json":
        sys.stdout.write(json.dumps(as_dict(solved), allow_nan=False) + "\n")
        aside(f"saved {saved} and {page}")
        return
    print_solved(solved, other)
    say("", f'play it: plugin = "saved-table", params = {{ table = "{saved}" }}')
    say(f"saved {saved} and {page}")
