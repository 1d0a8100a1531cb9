"""The command that plays a market once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lobsim.arguments import chosen_seed, listed, typed
from lobsim.commands.options import (
    EngineOption,
    FormOption,
    NoAudit,
    Plugins,
    Replication,
    ScenarioName,
    Seed,
    Settings,
    Strategies,
    WithoutRisk,
    WithReport,
)
from lobsim.commands.pages import save_pages
from lobsim.errors import LobsimError

if TYPE_CHECKING:
    from lobsim.compare import Comparison
    from lobsim.engines import Engine
    from lobsim.report.frames import Run
    from lobsim.scenario.schema import Scenario
    from lobsim.setup import Setup


def run(
    scenario: ScenarioName,
    seed: Seed = None,
    rep: Replication = 0,
    strategies: Strategies = None,
    settings: Settings = [],  # noqa: B006
    plugins: Plugins = [],  # noqa: B006
    name: Annotated[str | None, typer.Option(help="The run goes to runs/NAME.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run goes to this new folder.")] = None,
    without_risk: WithoutRisk = False,
    no_audit: NoAudit = False,
    engine: EngineOption = "auto",
    form: FormOption = "table",
    report: WithReport = False,
) -> None:
    """Run SCENARIO once, keep its tape, and say how each strategy fared."""
    from lobsim.console.comparison import print_replications
    from lobsim.console.run import oddities, print_next, print_run
    from lobsim.console.write import aside, emit, progress, say, warn
    from lobsim.engines import choose
    from lobsim.run import keep_run
    from lobsim.setup import open_scenario, prepare, without_limits

    loaded = open_scenario(scenario, settings, plugins)
    played = without_limits(loaded) if without_risk else loaded
    chosen, seed_used = listed("--strategies", strategies), chosen_seed(seed, loaded.seed)
    setup = prepare(played, names=chosen)
    using = choose(engine, setup, setup.seats, markets=1)
    warn(*setup.warnings)
    with progress(loaded.name, setup.plan.duration) as advance:
        for line in using.told:
            advance.tell(line)
        kept = keep_run(
            setup, seed_used, rep, name=name, out=out, audited=not no_audit,
            engine=using, progress=steps_of(advance),
        )  # fmt: skip
    saved = [f"saved {kept.folder}", *(f"page {each}" for each in pages_of(kept, report))]
    warn(*oddities(kept.manifest))
    if form != "table":
        emit(kept.manifest["summary"], form)
        aside(*saved)
        return
    over = replicated(played, seed_used, chosen, not no_audit) if loaded.summary_reps else None
    print_run(kept)
    if without_risk or kept.manifest["rows"]["risk"]:
        other = prepare(loaded if without_risk else without_limits(loaded), names=chosen)
        print_counterpart(kept, other, using, kept_is_free=without_risk)
    if over is not None:
        print_replications(over)
    again = typed(scenario, seed, strategies, settings, plugins)
    path = f"lobsim run {again}{' --without-risk' if without_risk else ''} --rep"
    there = kept.folder if out else kept.folder.name
    print_next(
        {
            f"lobsim compare {again}": "each alone, and all together",
            f"lobsim fills {there} --limit 5": "who traded with whom",
            f"{path} {rep + 1}": "another path",
        }
    )
    say(*saved)


def pages_of(kept: "Run", wanted: bool) -> Sequence[Path]:
    return save_pages(kept.folder) if wanted else ()


def steps_of(advance: Callable[[int], None]) -> Callable[[int], None]:
    """What tells a progress bar of the simulated time reached."""
    at = 0

    def reached(now: int) -> None:
        nonlocal at
        advance(now - at)
        at = now

    return reached


def print_counterpart(
    kept: "Run",
    other: "Setup",
    engine: "Engine",
    *,
    kept_is_free: bool,
) -> None:
    """Play the path of a run again in the market with, or without, limits, and compare."""
    from lobsim.console.run import print_saved
    from lobsim.console.write import warn
    from lobsim.summary import Summary

    manifest = kept.manifest
    own = [Summary(**row) for row in manifest["summary"]]
    try:
        others = engine.simulate(
            other, manifest["seed"], manifest["replication"], seats=other.seats,
            audited=manifest["audited"],
        )  # fmt: skip
    except LobsimError as error:
        how = "with its limits" if kept_is_free else "without limits"
        warn(f"the same path {how} could not be played: {error.problems[0]}")
        return
    print_saved(*((others, own) if kept_is_free else (own, others)))


def replicated(
    scenario: "Scenario", seed: int, strategies: list[str] | None, audited: bool
) -> "Comparison":
    """The replications that a scenario wants to be summarised beside a run."""
    from lobsim.compare import compare as compare_strategies
    from lobsim.console.write import progress

    with progress("replications", scenario.summary_reps) as advance:
        return compare_strategies(
            scenario, mode="shared", reps=scenario.summary_reps, seed=seed, strategies=strategies,
            audited=audited, progress=advance,
        )  # fmt: skip
