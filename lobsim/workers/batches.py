"""What a worker does: some replications of a market in every mode, as summaries by strategy.

It gets a scenario and the paths of plugins, and prepares a market when it first meets it.
"""

import pickle
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lobsim.cells import cells
from lobsim.engines import COMPILED, EVENT
from lobsim.errors import LobsimError, PluginError
from lobsim.run import record
from lobsim.scenario.schema import Scenario
from lobsim.seats import Live, Seat
from lobsim.setup import Setup, prepare
from lobsim.simulate import simulate, world_of
from lobsim.summaries import Summaries
from lobsim.summary import Summary

if TYPE_CHECKING:
    from lobsim.batch.many import Player

MODES = {"isolated": ("isolated",), "shared": ("shared",), "both": ("isolated", "shared")}
# Replications of a batch: little memory, and in the event engine some seconds.
LARGEST, LARGEST_EVENT = 500, 25
PREPARED = 8  # markets that a worker has at hand
Found = dict[str, dict[str, Summaries]]  # by mode and strategy


@dataclass(frozen=True, slots=True)
class Given:
    """What all replications of one market have in common.

    `live` are pickled strategy objects, `files` the plugins' files with their hashes, `keep` is
    the folder for tapes, if they are kept.  `key` names the market; `unsendable` says why its
    objects cannot travel, if they cannot: then it is at hand in this process alone.
    """

    scenario: Scenario
    live: bytes
    files: tuple[tuple[str, str], ...]
    key: str
    seed: int
    chosen: tuple[str, ...]
    modes: tuple[str, ...]
    audited: bool
    compiled: bool
    keep: Path | None = None
    unsendable: str = ""


class Batch(NamedTuple):
    """Replications from `first` to before `last`."""

    given: Given
    first: int
    last: int


class Own(threading.local):
    """What a thread alone uses: arrays to play compiled replications on, of its last market."""

    market: tuple[object, ...] = ()
    player: "Player"


_prepared: dict[str, Setup] = {}
_preparing = threading.Lock()
_own = Own()


def given_of(
    scenario: Scenario,
    live: Live,
    files: Mapping[str, str],
    seed: int,
    chosen: Sequence[str],
    mode: str,
    *,
    audited: bool,
    compiled: bool,
    keep: Path | None = None,
) -> Given:
    """`files` are the plugins' with their hashes."""
    packed, why_not = packed_of(live)
    listed = tuple(sorted(files.items()))
    named = sha256(packed)
    named.update(repr((scenario.folder, listed, chosen, scenario.model_dump_json())).encode())
    place = None if keep is None else keep.resolve()  # workers may stand in another folder
    return Given(
        scenario, packed, listed, named.hexdigest(), seed, tuple(chosen), MODES[mode], audited,
        compiled, place, why_not,
    )  # fmt: skip


def packed_of(live: Live) -> tuple[bytes, str]:
    """Strategy objects as they travel; or a name for them, and why they cannot."""
    from cloudpickle import dumps

    try:
        return dumps(dict(live)), ""
    except Exception as error:
        return secrets.token_bytes(8), f"{type(error).__name__}: {error}"


def check_sendable(given: Given) -> None:
    """Raises PluginError for objects that cannot be sent to other processes."""
    if given.unsendable:
        raise PluginError(
            f"a strategy object cannot be sent to other processes: {given.unsendable}; use jobs=1, "
            f"or a plugin file"
        )


def at_hand(key: str, setup: Setup) -> None:
    """Let workers of this process find a market that is prepared already."""
    while len(_prepared) >= PREPARED:
        del _prepared[next(iter(_prepared))]
    _prepared[key] = setup


def setup_of(given: Given) -> Setup:
    """The market, prepared once.  Raises a LobsimError, also for a plugin that has changed."""
    with _preparing:
        if given.key not in _prepared:
            setup = prepare(given.scenario, pickle.loads(given.live), given.chosen)
            found = setup.registry.files
            changed = [path for path, digest in given.files if found.get(path) != digest]
            if changed:
                raise PluginError(
                    *(f"plugin '{path}': has changed since all began" for path in changed)
                )
            at_hand(given.key, setup)
        return _prepared[given.key]


def batches(given: Given, first: int, last: int) -> Iterator[Batch]:
    """Replications from `first`, where a cell begins, to before `last`: cells, or parts of them."""
    for cell in cells(first, last):
        step = LARGEST if given.compiled else min(LARGEST_EVENT, max(1, len(cell) // 5))
        for start in range(cell.start, cell.stop, step):
            yield Batch(given, start, min(start + step, cell.stop))


def in_cells(parts: Iterable[Found], first: int, last: int) -> Iterator[Found]:
    """Summaries from `first` to before `last`, in their order, put together to whole cells."""
    ends = {cell.stop for cell in cells(first, last)}
    waiting: list[Found] = []
    for part in parts:
        waiting.append(part)
        first += count_of(part)
        if first in ends:
            yield joined(waiting)
            waiting = []


def count_of(found: Found) -> int:
    return next(len(own) for by_name in found.values() for own in by_name.values())


def joined(parts: Sequence[Found]) -> Found:
    """One after another."""
    if len(parts) == 1:
        return parts[0]
    return {
        mode: {name: Summaries.joined([part[mode][name] for part in parts]) for name in by_name}
        for mode, by_name in parts[0].items()
    }


def play(batch: Batch) -> Found:
    """Raises a LobsimError that names the replication."""
    given, setup = batch.given, setup_of(batch.given)
    if given.compiled and given.keep is None:
        return player_of(given, setup).play(batch.first, batch.last - batch.first)
    seats = setup.choose(given.chosen)
    rows: dict[str, dict[str, list[Summary]]] = {
        mode: {name: [] for name in given.chosen} for mode in given.modes
    }
    for replication in range(batch.first, batch.last):
        try:
            play_one(setup, seats, replication, given, rows)
        except LobsimError as error:
            error.add_note(f"in replication {replication}: --seed {given.seed} --rep {replication}")
            raise
    return {
        mode: {name: Summaries.of(name, some) for name, some in by_name.items()}
        for mode, by_name in rows.items()
    }


def compile_first(batch: Batch) -> None:
    """Once for all threads; what is wrong with its market is told when it is played."""
    if batch.given.compiled:
        with suppress(LobsimError):
            play(batch._replace(last=batch.first))


def player_of(given: Given, setup: Setup) -> "Player":
    from lobsim.batch.many import Player  # numba, 0.5 s

    market = given.key, given.seed, given.chosen, given.modes
    if _own.market != market:
        _own.player = Player(setup, given.seed, setup.choose(given.chosen), given.modes)
        _own.market = market
    return _own.player


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
                if folder.exists():  # a worker was killed over it
                    shutil.rmtree(folder)
                folder.mkdir(parents=True)
                summaries = record(
                    setup, seed, replication, folder, seats=group, world=world, audited=audited,
                    engine=COMPILED if given.compiled else EVENT,
                )  # fmt: skip
            for summary in summaries:
                rows[mode][summary.strategy].append(summary)
