"""Commands of the theory: what a strategy's quotes come to, and whether the simulator agrees."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lobsim.arguments import chosen_seed
from lobsim.commands.options import FormOption, Plugins, ScenarioName, Seed, Settings
from lobsim.errors import LobsimError


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

    both = [strategy] if against is None else [strategy, against]
    solved, *others = [solve_for(each, scenario, settings, plugins, both) for each in both]
    other = others[0] if others else None
    name = f"{solved.name}-{solved.scenario.name}"
    saved, page = save_policy(solved.table, page_of(solved, other), name, out)
    if form == "json":
        sys.stdout.write(json.dumps(as_dict(solved), allow_nan=False) + "\n")
        aside(f"saved {saved} and {page}")
        return
    print_solved(solved, other)
    say("", f'play it: plugin = "saved-table", params = {{ table = "{saved}" }}')
    say(f"saved {saved} and {page}")


def validate(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer replications.")] = False,
    seed: Seed = None,
    form: FormOption = "table",
) -> None:
    """The scorecard: theory against its literature, and the simulator against the theory."""
    from lobsim.console.scorecard import as_dicts, print_lines, print_verdict
    from lobsim.console.write import emit, progress
    from lobsim.validate.scorecard import PARTS, theory_lines
    from lobsim.validate.simulated import replications, simulated_lines

    with progress("theory", len(PARTS)) as advance:
        lines = theory_lines(lambda done, total, name: advance(min(done, 1)))
    if form == "table":
        print_lines(lines)
    with progress("simulation", replications(quick)) as advance:
        found = simulated_lines(quick, chosen_seed(seed, None), lambda count, name: advance(count))
    if form == "table":
        print_lines(found)
        print_verdict([*lines, *found])
    else:
        emit(as_dicts([*lines, *found]), form)
    failed = [line for line in (*lines, *found) if not line.passed]
    if failed:
        raise LobsimError(f"{len(failed)} of {len(lines) + len(found)} lines failed")
