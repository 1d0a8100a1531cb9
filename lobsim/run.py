"""A run: one replication whose tape is kept in a folder."""

import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from lobsim.models.world import Happening
from lobsim.report.frames import Run
from lobsim.rows import LAYOUTS
from lobsim.scenario.schema import Scenario
from lobsim.setup import Seat, Setup, open_scenario, prepare
from lobsim.simulate import Progress, simulate
from lobsim.summary import Summary
from lobsim.tape import Tape

LIBRARIES = ("lobsim", "numpy", "simpy", "sortedcontainers", "msgspec", "pluggy", "pyarrow")
RECORDS = {"all": frozenset(LAYOUTS), "fills": frozenset({"fills", "risk", "notes"})}


def run(
    scenario: Scenario | str | Path,
    *,
    seed: int | None = None,
    rep: int = 0,
    settings: Sequence[str] = (),
    plugins: Sequence[str] = (),
    name: str | None = None,
    out: Path | None = None,
    audited: bool = True,
) -> Run:
    """Run a scenario once and keep its tape in `out`, or under runs/; the run, to look into.

    `settings` are KEY=VALUE changes of the scenario, `plugins` files whose strategies join it.
    Raises a LobsimError; nothing is written before the scenario and its plugins are checked.
    """
    scenario = open_scenario(scenario, settings, plugins)
    setup = prepare(scenario)
    return keep_run(setup, seed_of(scenario, seed), rep, name=name, out=out, audited=audited)


def seed_of(scenario: Scenario, seed: int | None) -> int:
    """The seed asked for, else the scenario's, else 1."""
    if seed is not None:
        return seed
    return 1 if scenario.seed is None else scenario.seed


def keep_run(
    setup: Setup,
    seed: int,
    rep: int,
    *,
    name: str | None = None,
    out: Path | None = None,
    audited: bool = True,
    progress: Progress | None = None,
) -> Run:
    """Run one replication of a prepared market into a new folder."""
    from lobsim.folder import new_folder  # pyarrow, 0.1 s

    folder = new_folder(name, out, setup.scenario.name)
    record(setup, seed, rep, folder, audited=audited, progress=progress)
    return Run(folder)


def record(
    setup: Setup,
    seed: int,
    rep: int,
    folder: Path,
    *,
    seats: Sequence[Seat] | None = None,
    world: Iterable[list[Happening]] | None = None,
    audited: bool = True,
    progress: Progress | None = None,
) -> list[Summary]:
    """`simulate` with its tape in `folder`, which exists and is empty.

    run.json says "running" until the end; then "complete", "interrupted" or "failed".
    """
    from lobsim.folder import PartWriter, write_json

    seats = setup.seats if seats is None else seats
    names = [seat.spec.name for seat in seats]
    scenario = setup.scenario
    writer = PartWriter(folder, ["outside", *names], setup.market.tick, RECORDS[scenario.record])
    tape = Tape(writer)
    manifest: dict[str, Any] = {
        "state": "running",
        "scenario": scenario.model_dump(mode="json"),
        "name": scenario.name,
        "strategies": names,
        "seed": seed,
        "replication": rep,
        "engine": "event",
        "audited": audited,
        "versions": versions(),
        "plugins": {Path(path).name: digest for path, digest in setup.registry.files.items()},
    }
    write_json(folder / "run.json", manifest)
    start = time.monotonic()
    try:
        summaries = simulate(
            setup, seed, rep, seats=seats, world=world, tape=tape, audited=audited,
            progress=progress,
        )  # fmt: skip
        manifest["summary"] = [asdict(summary) for summary in summaries]
        manifest["state"] = "complete"
    except KeyboardInterrupt:
        manifest["state"] = "interrupted"
        raise
    except BaseException as error:
        manifest["state"] = "failed"
        manifest["problems"] = list(getattr(error, "problems", [repr(error)]))
        raise
    finally:
        manifest["seconds"] = round(time.monotonic() - start, 3)
        manifest["digest"] = tape.close()
        manifest["rows"] = writer.written
        write_json(folder / "run.json", manifest)
    return summaries


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {
        library: metadata.version(library) for library in LIBRARIES
    }
