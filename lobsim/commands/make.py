"""Commands that make files to start from: a strategy's, and the schema of scenarios."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from lobsim.commands.options import Plugins


def new_strategy(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and dashes.")],
    package: Annotated[
        bool, typer.Option("--package", help="Make a folder NAME that pip can install.")
    ] = False,
    compiled: Annotated[
        bool, typer.Option("--compiled", help="It quotes by a function that both engines call.")
    ] = False,
) -> None:
    """Write a strategy that runs as it is, and a scenario to run it in."""
    from lobsim.console.write import say
    from lobsim.plugins.scaffold import make_package, make_plugin
    from lobsim.scenario.schema import RESERVED, Scenario

    reserved = {*RESERVED, *Scenario.model_fields}
    files = (make_package if package else make_plugin)(name, reserved, compiled=compiled)
    code, scenario = files[:2]
    if package:
        steps = {
            f"pip install ./{name}": "then `lobsim strategies` lists it",
            f"lobsim run {scenario}": "one path, and a summary of many",
            f"lobsim compare {scenario}": "each alone, and all together",
        }
    else:
        steps = {
            f"lobsim compare quickstart --with {code}": "each alone, and all together",
            f"lobsim check {code}": "does it keep its contract?",
            f"lobsim run {scenario}": "one path, and a summary of many",
        }
    width = max(map(len, steps))
    lines = [f"      {step:<{width}}   {what}" for step, what in steps.items()]
    say(f"wrote {', '.join(map(str, files))}", "", f"next{lines[0][4:]}", *lines[1:])


def schema(plugins: Plugins = []) -> None:  # noqa: B006
    """Print the JSON Schema of scenario files, for editors.

    Kept as scenario.schema.json, it is used where a scenario's first line is
    "#:schema ./scenario.schema.json".
    """
    import json

    from lobsim.plugins.parameter_schema import parameter_schema
    from lobsim.plugins.registry import Registry
    from lobsim.scenario.json_schema import scenario_schema

    with redirect_stdout(sys.stderr):  # what a plugin prints is no part of the schema
        registry = Registry()
        for path in plugins:
            registry.add_file(Path(path))
    known = sorted(registry.strategies.items())
    parameters = {name: parameter_schema(name, kind) for name, kind in known}
    sys.stdout.write(json.dumps(scenario_schema(parameters), indent=2) + "\n")
