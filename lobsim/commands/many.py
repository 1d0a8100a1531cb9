"""Commands that play a market many times: compare and sweep."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lobsim.arguments import chosen_seed, listed, typed
from lobsim.commands.options import (
    EngineOption,
    FormOption,
    Jobs,
    NoAudit,
    Plugins,
    Replications,
    ScenarioName,
    Seed,
    Settings,
    Strategies,
)
from lobsim.commands.pages import checked_page, save_comparison
from lobsim.errors import WorkerError

Mode = Annotated[
    Literal["shared", "isolated", "both"],
    typer.Option(help="All in one book, each alone in the same world, or both."),
]
Baseline = Annotated[
    str | None, typer.Option(metavar="NAME", help="Whom to set others against.  [default: first]")
]
Over = Annotated[
    list[str],
    typer.Option(
        "--over",
        metavar="KEY=VALUES",
        help="An axis: a.gamma=0.1,1 or from:to:count or log:from:to:count; a.gamma+b.gamma=... "
        "for both at once; strategies=a,b,a+b for who takes part.",
    ),
]
Plots = Annotated[
    list[str],
    typer.Option("--plot", metavar="X:Y", help="A picture: sd:profit, a.gamma:profit, X:Y:Z."),
]
Where = Annotated[
    Literal["threads", "loky", "dask"] | None,
    typer.Option("--backend", help="Where it runs.  [default: threads; for the event engine loky]"),
]
PageFile = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Make a page of it, in this file.")
]
Address = Annotated[str | None, typer.Option(metavar="tcp://...", help="Of dask's scheduler.")]


def compare(
    scenario: ScenarioName,
    mode: Mode = "both",
    reps: Replications = 200,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="HALF-WIDTH",
            help="As many replications as it takes to know differences so well: 0.05, or 1%sd.",
        ),
    ] = None,
    baseline: Baseline = None,
    seed: Seed = None,
    strategies: Strategies = None,
    settings: Settings = [],  # noqa: B006
    plugins: Plugins = [],  # noqa: B006
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the tape of every replication, under runs/.")
    ] = False,
    report: PageFile = None,
    jobs: Jobs = None,
    no_audit: NoAudit = False,
    engine: EngineOption = "auto",
    form: FormOption = "table",
) -> None:
    """Set the strategies of SCENARIO side by side, on common random numbers."""
    from lobsim.compare import compare as compare_strategies
    from lobsim.console.comparison import failures, print_comparison
    from lobsim.console.write import aside, emit, progress, warn
    from lobsim.folder import new_folder, write_json
    from lobsim.setup import open_scenario, prepare

    page = checked_page(report)
    loaded = open_scenario(scenario, settings, plugins)
    chosen = listed("--strategies", strategies)
    seed_used = chosen_seed(seed, loaded.seed)
    folder = None
    if keep:
        prepare(loaded, names=chosen)  # nothing is written for a bad scenario
        folder = new_folder(None, None, f"{loaded.name}-compare")
    with progress(loaded.name, reps, rate=True) as advance:
        result = compare_strategies(
            loaded, mode=mode, reps=reps, seed=seed_used, strategies=chosen, baseline=baseline,
            until=until, jobs=jobs, audited=not no_audit, keep=folder, engine=engine,
            progress=advance, tell=advance.tell,
        )  # fmt: skip
    warn(*result.warnings, *failures(result))
    if folder is not None:
        write_json(folder / "comparison.json", result.as_dicts())
        aside(f"saved {folder}")
    if page is not None:
        aside(f"saved {save_comparison(page, loaded, result)}")
    if form == "table":
        print_comparison(result, typed(scenario, seed, None, settings, plugins))
    else:
        emit(result.as_dicts(), form)


def sweep(
    scenario: ScenarioName,
    over: Over,
    mode: Mode = "both",
    reps: Replications = 200,
    baseline: Baseline = None,
    seed: Seed = None,
    strategies: Strategies = None,
    settings: Settings = [],  # noqa: B006
    plugins: Plugins = [],  # noqa: B006
    plots: Plots = [],  # noqa: B006
    jobs: Jobs = None,
    backend: Where = None,
    address: Address = None,
    name: Annotated[str | None, typer.Option(help="The sweep goes to runs/NAME.")] = None,
    out: Annotated[Path | None, typer.Option(help="The sweep goes to this new folder.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the latest sweep of that name.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="However long it takes.")] = False,
    engine: EngineOption = "auto",
    form: FormOption = "table",
) -> None:
    """Compare the strategies of SCENARIO at every combination of values of its keys."""
    from lobsim.console.sweep import confirmed, failures_of, print_sweep, save_page
    from lobsim.console.write import aside, emit, progress, say
    from lobsim.patience import Patience
    from lobsim.report.sweep_page import check_plots
    from lobsim.scenario.axes import axes_of
    from lobsim.sweeps.results import as_dicts
    from lobsim.sweeps.sweep import sweep as sweep_scenario

    check_plots(plots, [key for axis in axes_of(over) for key in axis.keys])
    with (
        Patience() as patience,
        progress("points", 1) as checked,
        progress("sweep", 1, rate=True) as advance,
    ):
        result = sweep_scenario(
            scenario, over, mode=mode, reps=reps,
            seed=None if seed is None else chosen_seed(seed, None),
            strategies=listed("--strategies", strategies), settings=settings, plugins=plugins,
            baseline=baseline, jobs=jobs, backend=backend, address=address, engine=engine,
            name=name, out=out, resume=resume,
            confirm=lambda size, long: confirmed(size, long, yes), checked=checked,
            progress=advance, tell=advance.tell, stopping=patience.error,
        )  # fmt: skip
    page = save_page(result, plots)
    if form == "table":
        print_sweep(result)
        say(f"saved {result.folder}", *([f"picture {page}"] if page else []))
    else:
        emit(as_dicts(result.results, result.axes), form)
        aside(f"saved {result.folder}")
    if result.failures:
        raise WorkerError(*failures_of(result))
