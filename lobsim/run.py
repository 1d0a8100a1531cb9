"""A run: one replication whose tape is kept in a folder."""

import platform
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lobsim.engines import EVENT, Engine, Wanted, choose
from lobsim.errors import LobsimError, StorageError, UsageError
from lobsim.market.strategy import Strategy
from lobsim.models.world import Happening
from lobsim.prints import Prints
from lobsim.report.frames import Run
from lobsim.rows import LAYOUTS
from lobsim.scenario.schema import Scenario
from lobsim.scenario.workload import BYTES_PER_EVENT, expected_events
from lobsim.seats import Seat, with_live
from lobsim.setup import Setup, open_scenario, prepare
from lobsim.simulate import Progress, simulate
from lobsim.summary import Summary
from lobsim.tape import Tape
from lobsim.watch import Watch

if TYPE_CHECKING:
    from lobsim.part_writer import PartWriter

LIBRARIES = (
    "lobsim", "numpy", "numba", "simpy", "sortedcontainers", "msgspec", "pluggy", "pyarrow",
)  # fmt: skip
RECORDS = {"all": frozenset(LAYOUTS), "fills": frozenset({"fills", "risk", "notes"})}


def run(
    scenario: Scenario | str | Path,
    *,
    seed: int | None = None,
    rep: int = 0,
    strategies: Sequence[str | Strategy] | None = None,
    settings: Sequence[str] = (),
    plugins: Sequence[str] = (),
    name: str | None = None,
    out: Path | None = None,
    audited: bool = True,
    engine: Wanted = "auto",
) -> Run:
    """Run a scenario once and keep its tape in `out`, or under runs/; the run, to look into.

    `strategies` are who takes part, None all of the scenario: names of its accounts, and
    strategy objects, which join under the names of their classes.  `settings` are KEY=VALUE
    changes of the scenario, `plugins` files whose strategies join it.
    Raises a LobsimError; nothing is written before the scenario and its plugins are checked.
    """
    scenario = open_scenario(scenario, settings, plugins)
    scenario, live, names = with_live(scenario, strategies)
    setup = prepare(scenario, live, names)
    if type(rep) is not int or not 0 <= rep < 2**32:
        raise UsageError(f"rep {rep!r}: must be a whole number from 0 to 2^32 - 1")
    seats = setup.seats
    return keep_run(
        setup, seed_of(scenario, seed), rep, seats=seats, name=name, out=out, audited=audited,
        engine=choose(engine, setup, seats, markets=1),
    )  # fmt: skip


def seed_of(scenario: Scenario, seed: int | None) -> int:
    """The seed asked for, else the scenario's, else 1.  Raises UsageError."""
    if seed is None:
        return 1 if scenario.seed is None else scenario.seed
    if type(seed) is not int or not 0 <= seed < 2**64:
        raise UsageError(f"seed {seed!r}: must be a whole number from 0 to 2^64 - 1")
    return seed


def keep_run(
    setup: Setup,
    seed: int,
    rep: int,
    *,
    seats: Sequence[Seat] | None = None,
    name: str | None = None,
    out: Path | None = None,
    audited: bool = True,
    engine: Engine = EVENT,
    progress: Progress | None = None,
) -> Run:
    """Run one replication of a prepared market into a new folder.

    An error says where what was recorded until then is kept.
    """
    from lobsim.folder import check_space, new_folder  # pyarrow, 0.1 s

    folder = new_folder(name, out, setup.scenario.name)
    try:
        if setup.scenario.record == "all":
            check_space(folder, int(BYTES_PER_EVENT * expected_events(setup.scenario)))
        record(
            setup, seed, rep, folder, seats=seats, audited=audited, engine=engine,
            progress=progress,
        )  # fmt: skip
    except (LobsimError, KeyboardInterrupt) as error:
        if any(folder.iterdir()):
            error.add_note(f"what was recorded until then is in {folder}")
        else:
            folder.rmdir()
        raise
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
    engine: Engine = EVENT,
    progress: Progress | None = None,
) -> list[Summary]:
    """`simulate`, or its compiled twin, with its tape in `folder`, which exists and is empty.

    run.json says "interrupted" until the run is "complete", or "failed".  What plugins print goes
    to prints.txt.
    """
    from lobsim.folder import write_manifest
    from lobsim.part_writer import PartWriter

    seats = setup.seats if seats is None else seats
    names = [seat.spec.name for seat in seats]
    scenario, folder = setup.scenario, folder.resolve()
    writer = PartWriter(folder, names, setup.ticks, RECORDS[scenario.record])
    tape, watch, prints = Tape(writer), Watch(setup.timeout_s), Prints(folder)
    manifest = manifest_of(setup, names, seed, rep, audited and not engine.compiled, engine)
    write_manifest(folder, manifest)
    start = time.monotonic()
    try:
        if engine.compiled:
            from lobsim.batch.engine import simulate_compiled  # numba, 0.5 s

            summaries = simulate_compiled(
                setup, seed, rep, seats=seats, tape=tape, progress=progress
            )
        else:
            summaries = simulate(
                setup, seed, rep, seats=seats, world=world, tape=tape, audited=audited,
                progress=progress, watch=watch, prints=prints,
            )  # fmt: skip
        summed = [asdict(summary) for summary in summaries]
        manifest |= {"summary": summed, **ended(tape, writer, prints), "state": "complete"}
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):
            manifest["state"] = "failed"
            manifest["problems"] = list(getattr(error, "problems", [repr(error)]))
            manifest["problems"] += getattr(error, "__notes__", [])
        with suppress(StorageError):  # the disk may be what failed
            manifest |= ended(tape, writer, prints)
        manifest.pop("digest", None)  # it names a whole tape
        raise
    finally:
        manifest["seconds"] = round(time.monotonic() - start, 3)
        manifest["slow"] = watch.slow()
        manifest |= {"orders_through_the_mid": tape.through, "orders_under_way": tape.under_way}
        if manifest["state"] == "complete":
            write_manifest(folder, manifest)
        else:
            with suppress(StorageError):  # what stopped the run is told, not this
                write_manifest(folder, manifest)
    return summaries


def ended(tape: Tape, writer: "PartWriter", prints: Prints) -> dict[str, Any]:
    """Write what is left; what run.json says of it.  Raises StorageError."""
    listed = prints.finish()
    digest = tape.close()
    writer.close()
    return {"digest": digest, "rows": writer.written, "files": writer.files | listed}


def manifest_of(
    setup: Setup, names: list[str], seed: int, rep: int, audited: bool, engine: Engine
) -> dict[str, Any]:
    """What run.json says before the run."""
    return {
        "state": "interrupted",
        "started": datetime.now(UTC).isoformat(timespec="microseconds"),
        "scenario": setup.scenario.model_dump(mode="json"),
        "name": setup.scenario.name,
        "strategies": names,
        "seed": seed,
        "replication": rep,
        "engine": engine.name,
        "audited": audited,
        "versions": versions(),
        "plugins": {Path(path).name: digest for path, digest in setup.registry.files.items()},
        "quote_tables": {
            seat.spec.name: seat.table_digest for seat in setup.choose(names) if seat.table_digest
        },
    }


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {
        library: metadata.version(library) for library in LIBRARIES
    }
