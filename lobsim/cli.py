"""The command line.  Each command reads its arguments, calls one function, prints."""

import sys
import tempfile
import traceback
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

import typer

from lobsim.arguments import chosen_seed, listed, typed
from lobsim.errors import LobsimError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An event-driven limit-order-book market in which market-making strategies compete.",
)

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


def version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lobsim {metadata.version('lobsim')}")
        raise typer.Exit


@app.callback()
def main_options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = debug


@app.command()
def run(
    scenario: ScenarioName,
    seed: Seed = None,
    rep: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Which replication.")] = 0,
    strategies: Strategies = None,
    settings: Settings = [],  # noqa: B006
    plugins: Plugins = [],  # noqa: B006
    name: Annotated[str | None, typer.Option(help="The run goes to runs/NAME.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run goes to this new folder.")] = None,
    no_audit: NoAudit = False,
    form: FormOption = "table",
) -> None:
    """Run SCENARIO once, keep its tape, and say how each strategy fared."""
    import lobsim.console as console
    from lobsim.compare import compare as compare_strategies
    from lobsim.run import keep_run
    from lobsim.setup import open_scenario, prepare

    loaded = open_scenario(scenario, settings, plugins)
    setup = prepare(loaded)
    seats = setup.choose(listed(strategies))
    chosen = chosen_seed(seed, loaded.seed)
    console.warn(*setup.warnings)
    at = 0
    with console.progress(loaded.name, setup.plan.duration) as advance:

        def reached(now: int) -> None:
            nonlocal at
            advance(now - at)
            at = now

        kept = keep_run(
            setup, chosen, rep, seats=seats, name=name, out=out, audited=not no_audit,
            progress=reached,
        )  # fmt: skip
    console.warn(*console.oddities(kept.manifest["summary"]))
    if form != "table":
        console.emit(kept.manifest["summary"], form)
        typer.echo(f"saved {kept.folder}", err=True)
        return
    over = None
    if loaded.summary_reps:
        with console.progress("replications", loaded.summary_reps) as advance:
            over = compare_strategies(
                loaded, mode="shared", reps=loaded.summary_reps, seed=chosen,
                strategies=listed(strategies), audited=not no_audit, progress=advance,
            )  # fmt: skip
    console.print_run(kept, over)
    again = typed(scenario, seed, strategies, settings, plugins)
    both, other = f"lobsim compare {again}", f"lobsim run {again} --rep {rep + 1}"
    width = max(len(both), len(other))
    console.say(
        "",
        f"next  {both:<{width}}   each alone, and all together",
        f"      {other:<{width}}   another path",
        f"saved {kept.folder}",
    )


@app.command()
def compare(
    scenario: ScenarioName,
    mode: Annotated[
        Literal["shared", "isolated", "both"],
        typer.Option(help="All in one book, each alone in the same world, or both."),
    ] = "both",
    reps: Annotated[int, typer.Option(min=1, max=2**32 - 1, help="Replications.")] = 200,
    seed: Seed = None,
    strategies: Strategies = None,
    settings: Settings = [],  # noqa: B006
    plugins: Plugins = [],  # noqa: B006
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the tape of every replication, under runs/.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes.  [default: one a core]")
    ] = None,
    no_audit: NoAudit = False,
    form: FormOption = "table",
) -> None:
    """Set the strategies of SCENARIO side by side, on common random numbers."""
    import lobsim.console as console
    from lobsim.compare import compare as compare_strategies
    from lobsim.folder import new_folder, write_json
    from lobsim.setup import open_scenario, prepare

    loaded = open_scenario(scenario, settings, plugins)
    chosen = listed(strategies)
    seed_used = chosen_seed(seed, loaded.seed)
    folder = None
    if keep:
        prepare(loaded).choose(chosen)  # nothing is written for a bad scenario
        folder = new_folder(None, None, f"{loaded.name}-compare")
    with console.progress(loaded.name, reps) as advance:
        result = compare_strategies(
            loaded, mode=mode, reps=reps, seed=seed_used, strategies=chosen,
            jobs=jobs, audited=not no_audit, keep=folder, progress=advance,
        )  # fmt: skip
    console.warn(*result.warnings)
    if folder is not None:
        write_json(folder / "comparison.json", result.as_dicts())
        typer.echo(f"saved {folder}", err=True)
    if form == "table":
        console.print_comparison(result)
    else:
        console.emit(result.as_dicts(), form)


@app.command()
def scenarios(form: FormOption = "table") -> None:
    """List the shipped scenarios and what each asks."""
    import lobsim.console as console
    from lobsim.scenario.load import shipped

    rows = []
    for name, path in shipped().items():
        question = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        rows.append({"scenario": name, "question": question})
    if form == "table":
        for row in rows:
            console.say(f"{row['scenario']:<32} {row['question']}")
    else:
        console.emit(rows, form)


@app.command()
def strategies(plugins: Plugins = [], form: FormOption = "table") -> None:  # noqa: B006
    """List the installed strategies and their parameters."""
    import lobsim.console as console
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
                "parameters": described(kind),
                "origin": registry.origins[name],
            }
        )
    if form != "table":
        console.emit(rows, form)
        return
    for row in rows:
        console.say(f"{row['strategy']:<24} {row['about']}", f"{'':<24} {row['parameters']}")


def main() -> None:
    """Errors that are the user's to mend are printed one a line, each kind with its exit code."""
    debug = "--debug" in sys.argv
    try:
        app()
    except LobsimError as error:
        if debug:
            traceback.print_exc()
        for problem in error.problems:
            typer.echo(f"error: {problem}", err=True)
        for note in getattr(error, "__notes__", ()):
            typer.echo(note, err=True)
        sys.exit(error.exit_code)
    except Exception:
        if debug:
            raise
        with tempfile.NamedTemporaryFile(
            "w", prefix="lobsim-", suffix=".txt", delete=False
        ) as report:
            traceback.print_exc(file=report)
        typer.echo(f"error: a defect of lobsim; the report is in {report.name}", err=True)
        sys.exit(1)
