"""Replications in batches: in this process, in worker processes, or in threads of compiled code."""

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from lobsim.engines import COMPILED, EVENT
from lobsim.errors import LobsimError, PluginError, WorkerError
from lobsim.run import record
from lobsim.scenario.schema import Scenario
from lobsim.seats import Live, Seat
from lobsim.setup import Setup, prepare
from lobsim.simulate import simulate, world_of
from lobsim.summaries import Summaries
from lobsim.summary import Summary

MODES = {"isolated": ("isolated",), "shared": ("shared",), "both": ("isolated", "shared")}
BATCHES_PER_JOB = 20  # enough for a progress bar and for uneven workers
LARGEST = 2000  # replications of a batch: what is kept of them before they are summed up is small


class Given(NamedTuple):
    """What all batches have in common; `keep` is the folder for their tapes, if they are kept."""

    seed: int
    chosen: Sequence[str]
    modes: Sequence[str]
    audited: bool
    keep: Path | None
    compiled: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """The summaries of `count` replications, by mode and strategy."""

    count: int
    found: dict[str, dict[str, Summaries]]


def played(setup: Setup, live: Live, reps: int, given: Given, jobs: int) -> Iterator[Batch]:
    """All replications, in batches in their order.

    Raises a LobsimError that names the replication; WorkerError where a worker is killed,
    PluginError where strategy objects cannot be sent to workers.
    """
    size = min(LARGEST, max(1, reps // (jobs * BATCHES_PER_JOB)))
    batches = [range(start, min(start + size, reps)) for start in range(0, reps, size)]
    if given.compiled and given.keep is None:
        return played_by_threads(setup, batches, given, jobs)
    if jobs == 1:
        return (play(setup, batch, given) for batch in batches)
    return played_by_workers(setup.scenario, live, batches, given, jobs)


def played_by_threads(
    setup: Setup, batches: Sequence[range], given: Given, jobs: int
) -> Iterator[Batch]:
    """Compiled code lets go of the interpreter's lock, so that threads are as good as processes."""
    from lobsim.batch.many import Player  # numba, 0.5 s

    seats = setup.choose(given.chosen)
    players: SimpleQueue[Player] = SimpleQueue()
    for _ in range(jobs):
        players.put(Player(setup, given.seed, seats, given.modes))

    def play_next(batch: range) -> Batch:
        player = players.get()
        try:
            return Batch(len(batch), player.play(batch.start, len(batch)))
        finally:
            players.put(player)

    players.put(first := players.get())
    first.play(0, 0)  # compiles, once for all threads
    with ThreadPoolExecutor(jobs) as pool:
        waiting = []
        try:
            for batch in batches:
                waiting.append(pool.submit(play_next, batch))
                if len(waiting) > 2 * jobs:  # no more in memory than are about to be taken
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            pool.shutdown(cancel_futures=True)


def played_by_workers(
    scenario: Scenario, live: Live, batches: Sequence[range], given: Given, jobs: int
) -> Iterator[Batch]:
    from cloudpickle import dumps
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        packed = dumps(dict(live))
    except Exception as error:
        raise PluginError(
            f"a strategy object cannot be sent to other processes: {type(error).__name__}: "
            f"{error}; use jobs=1, or a plugin file"
        ) from error
    pool = Parallel(n_jobs=jobs, return_as="generator")
    try:
        yield from pool(delayed(play_there)(scenario, packed, batch, given) for batch in batches)
    except TerminatedWorkerError as error:
        raise WorkerError(
            "a worker process was killed, likely for want of memory: use fewer --jobs"
        ) from error


def play(setup: Setup, replications: range, given: Given) -> Batch:
    """Some replications, one after another."""
    seats = setup.choose(given.chosen)
    rows: dict[str, dict[str, list[Summary]]] = {
        mode: {name: [] for name in given.chosen} for mode in given.modes
    }
    for replication in replications:
        try:
            play_one(setup, seats, replication, given, rows)
        except LobsimError as error:
            error.add_note(f"in replication {replication}: --seed {given.seed} --rep {replication}")
            raise
    found = {
        mode: {name: Summaries.of(name, some) for name, some in by_name.items()}
        for mode, by_name in rows.items()
    }
    return Batch(len(replications), found)


def play_one(
    setup: Setup,
    seats: Sequence[Seat],
    replication: int,
    given: Given,
    rows: dict[str, dict[str, list[Summary]]],
) -> None:
    """One replication in every market, its world made once; its summaries go to `rows`."""
    seed, keep, audited = given.seed, given.keep, given.audited
    world = list(world_of(setup, seed, replication).chunks())
    for mode in given.modes:
        for group in [[seat] for seat in seats] if mode == "isolated" else [seats]:
            if keep is None:
                summaries = simulate(
                    setup, seed, replication, seats=group, world=world, audited=audited
                )
            else:
                place = keep / mode / (group[0].spec.name if mode == "isolated" else "")
                folder = place / f"{replication:06}"
                folder.mkdir(parents=True)
                summaries = record(
                    setup, seed, replication, folder, seats=group, world=world, audited=audited,
                    engine=COMPILED if given.compiled else EVENT,
                )  # fmt: skip
            for summary in summaries:
                rows[mode][summary.strategy].append(summary)


def play_there(scenario: Scenario, live: bytes, replications: range, given: Given) -> Batch:
    """`play` in a worker, which gets the scenario, the paths of plugins, and copies of objects."""
    key = scenario.model_dump_json(), live
    if key not in _prepared:
        _prepared.clear()
        _prepared[key] = prepare(scenario, pickle.loads(live))
    return play(_prepared[key], replications, given)


_prepared: dict[tuple[str, bytes], Setup] = {}  # a worker's last
