"""Commands that list what there is: scenarios and strategies."""

import sys
import textwrap
from pathlib import Path

from lobsim.commands.options import FormOption, Plugins


def scenarios(form: FormOption = "table") -> None:
    """List the shipped scenarios and what each asks."""
    from lobsim.console.write import emit, say
    from lobsim.scenario.load import shipped

    rows = []
    for name, path in shipped().items():
        question = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        rows.append({"scenario": name, "question": question})
    if form == "table":
        for row in rows:
            say(f"{row['scenario']:<32} {row['question']}")
    else:
        emit(rows, form)


def strategies(plugins: Plugins = [], form: FormOption = "table") -> None:  # noqa: B006
    """List the installed strategies: what they do, when to use them, their parameters."""
    from lobsim.console.write import emit, say
    from lobsim.plugins.parameters import described
    from lobsim.plugins.registry import Registry

    registry = Registry()
    for path in plugins:
        registry.add_file(Path(path))
    rows = []
    for name, kind in sorted(registry.strategies.items()):
        about = (sys.modules[kind.__module__].__doc__ or kind.__doc__ or "").strip()
        rows.append(
            {
                "strategy": name,
                "about": about.partition("\n")[0],
                "when_to_use": when_to_use(about),
                "parameters": described(kind),
                "origin": registry.origins[name],
            }
        )
    if form != "table":
        emit(rows, form)
        return
    for row in rows:
        say(f"{row['strategy']:<24} {row['about']}")
        if row["when_to_use"]:
            say(*indented(f"when to use: {row['when_to_use']}"))
        say(*indented(f"parameters: {row['parameters'] or 'none'}"), "")


def when_to_use(about: str) -> str:
    """The paragraph of a plugin's docstring that begins so, as one line; "" if there is none."""
    _, found, after = about.partition("\nWhen to use: ")
    return " ".join(after.partition("\n\n")[0].split()) if found else ""


def indented(text: str) -> list[str]:
    return textwrap.wrap(text, 98, initial_indent=" " * 25, subsequent_indent=" " * 27)
