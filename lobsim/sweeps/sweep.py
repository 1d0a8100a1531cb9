"""A market at many points: every combination of values of its keys, replicated and summed up.

What is found depends on scenario, axes, seed and replications alone: neither on where and in how
many parts it is played, nor on whether it was stopped and resumed.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lobsim.engines import Wanted
from lobsim.seal import hash_of
from lobsim.sweeps.plan import Plan, Progress, planned
from lobsim.sweeps.points import Market
from lobsim.sweeps.results import (
    Result,
    digest_of,
    read_results,
    summed_up,
    write_results,
)
from lobsim.workers.batches import compile_first, play
from lobsim.workers.executors import carried_out
from lobsim.workers.pools import Backend, Pool, pool_of

Stopping = Callable[[], BaseException | None]


@dataclass(frozen=True, slots=True)
class Failure:
    """Replications from `first` to before `last` of a point, which could not be run."""

    point: int
    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is in a sweep's folder.  Points with failures have no results."""

    title: str
    folder: Path
    axes: tuple[str, ...]
    results: tuple[Result, ...]
    failures: tuple[Failure, ...]
    digest: str


def sweep(
    scenario: str | Path,
    over: Sequence[str],
    *,
    mode: str = "both",
    reps: int = 200,
    seed: int | None = None,
    strategies: Sequence[str] | None = None,
    settings: Sequence[str] = (),
    plugins: Sequence[str] = (),
    baseline: str | None = None,
    jobs: int | None = None,
    backend: Backend | None = None,
    address: str | None = None,
    engine: Wanted = "auto",
    name: str | None = None,
    out: Path | None = None,
    resume: bool = False,
    confirm: Callable[[str, bool], bool] = lambda _, __: True,
    checked: Progress = lambda _, __: None,
    progress: Progress = lambda _, __: None,
    tell: Callable[[str], None] = lambda _: None,
    stopping: Stopping = lambda: None,
) -> Sweep:
    """Compare the strategies of a scenario at every point of the axes `over`, as of `--over`.

    The table of results and every replication's summary go to runs/sweep-SCENARIO, or where `name`
    and `out` say; with `resume` what is there is kept and the rest is run.  `backend` is where:
    threads, loky (processes) or dask (`address` of its scheduler); None: threads for the compiled
    engine, else processes.  `confirm` is told what it will take, and whether that is long,
    `checked` and `progress` of points and of replications as they are done.  When `stopping` gives
    an error, it is raised as soon as what is under way is written.  Raises a LobsimError before
    anything runs; what fails afterwards is told in the sweep.
    """
    from joblib import cpu_count  # 0.1 s

    who = None if strategies is None else tuple(strategies)
    market = Market(str(scenario), tuple(settings), tuple(map(str, plugins)), who)
    jobs = cpu_count() if jobs is None else jobs
    plan = planned(market, over, mode, reps, seed, baseline, engine, jobs, confirm, checked)
    if backend is None:
        backend = "dask" if address else "threads" if plan.engine.compiled else "loky"
    pool = pool_of(backend, jobs, address)
    try:
        return swept(plan, pool, name, out, resume, progress, tell, stopping)
    finally:
        pool.close(at_once=True)


def swept(
    plan: Plan,
    pool: Pool,
    name: str | None,
    out: Path | None,
    resume: bool,
    progress: Progress,
    tell: Callable[[str], None],
    stopping: Stopping,
) -> Sweep:
    """Run a plan, or the rest of it."""
    from lobsim.sweeps import folder as files  # pyarrow, 0.1 s

    if resume:
        folder = files.folder_of_sweep(name, out, f"sweep-{plan.base.name}")
        plan = files.resumed(folder, plan)
    else:
        folder = files.begin(name, out, plan.as_dict())
    with files.Locked(folder):
        manifest = files.read_manifest(folder)
        if manifest["state"] == "complete":
            tell(f"{folder} is complete already: nothing is run")
        else:
            for line in plan.engine.told:
                tell(line)
            failures = run_rest(plan, folder, pool, progress, tell, stopping)
            manifest = finish(plan, folder, manifest, failures)
        return Sweep(
            plan.base.title or plan.base.name,
            folder,
            plan.axes,
            tuple(read_results(folder, plan.axes)),
            tuple(Failure(**each) for each in manifest["failures"]),
            manifest["digest"],
        )


def run_rest(
    plan: Plan,
    folder: Path,
    pool: Pool,
    progress: Progress,
    tell: Callable[[str], None],
    stopping: Stopping,
) -> list[Failure]:
    """Run and write what is not there yet; what could not be run."""
    from lobsim.sweeps.folder import finished_parts, write_part

    there, other = finished_parts(folder)
    if damaged := sum(path.suffix == ".parquet" for path in other):
        tell(f"{folder}: {damaged} damaged parts are run again")
    for path in other:
        path.unlink()
    total = plan.reps * len(plan.points)
    waiting = [number for number in range(plan.tasks * len(plan.points)) if number not in there]
    progress(total - sum(len(plan.task(number)[1]) for number in waiting), total)
    for number in waiting[:1]:
        compile_first(plan.batch(number))
    failures = []
    for outcome in carried_out(play, map(plan.batch, waiting), pool, lambda: bool(stopping())):
        number = waiting[outcome.number]
        point, own = plan.task(number)
        if outcome.value is not None:
            write_part(folder, number, point.number, own.start, outcome.value)
        elif outcome.error is not None:
            lines = *outcome.error.problems, *getattr(outcome.error, "__notes__", ())
            failures.append(Failure(point.number, own.start, own.stop, "; ".join(lines)))
        progress(len(own), total)
    if (error := stopping()) is not None:
        done = len(finished_parts(folder)[0])
        parts = f"{done} of {plan.tasks * len(plan.points)} parts"
        error.add_note(f"{parts} are finished and kept in {folder}; --resume goes on")
        raise error
    return failures


def finish(
    plan: Plan, folder: Path, manifest: dict[str, Any], failures: Sequence[Failure]
) -> dict[str, Any]:
    """Sum up all points that are whole, and write it; what sweep.json says in the end."""
    from lobsim.sweeps.folder import finished_parts, write_manifest

    parts, _ = finished_parts(folder)
    results = summed_up(plan, parts, {failure.point for failure in failures})
    files = write_results(folder, results, plan.axes)
    listed = {str(path.relative_to(folder)): listing(path) for path in (*parts.values(), *files)}
    manifest = manifest | {
        "state": "failed" if failures else "complete",
        "failures": [asdict(failure) for failure in failures],
        "rows": len(results),
        "digest": digest_of(results),
        "files": listed,
    }
    write_manifest(folder, manifest)
    return manifest


def listing(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": hash_of(path)}
