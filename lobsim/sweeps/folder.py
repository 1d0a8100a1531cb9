"""The folder of a sweep: what is finished as Parquet parts, and sweep.json, which says of what.

A part is written under another name, synced and renamed, and its own name holds its number and the
hash of its bytes.  So what is finished is known from the files alone, whenever a sweep is killed.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lobsim.arrow import named, table
from lobsim.errors import DamagedError, ScenarioError, StorageError, shown
from lobsim.folder import new_folder, write_bytes
from lobsim.report.frames import RUNS
from lobsim.report.leaves import leaves
from lobsim.seal import PART, intact, opened, part_name, sealed
from lobsim.summaries import NUMBERS, Summaries
from lobsim.sweeps.plan import FIXED, Plan
from lobsim.workers.batches import Found, count_of

MANIFEST, PARTS, LOCK = "sweep.json", "replications", "lock"


def write_manifest(folder: Path, value: dict[str, Any]) -> None:
    write_bytes(folder / MANIFEST, sealed(value).encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Raises StorageError where there is none, DamagedError where it has changed."""
    path = folder / MANIFEST
    try:
        value = opened(path.read_bytes().decode())
        del value["sha256"]  # of that text
        return value
    except FileNotFoundError:
        raise StorageError(f"{folder}: not a sweep: it has no {MANIFEST}") from None
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        good = sum(intact(part) for part in (folder / PARTS).glob("part-*.parquet"))
        raise DamagedError(
            f"{path}: damaged: {error}; {good} good parts are in {folder / PARTS}, each a Parquet "
            f"file with a row per replication"
        ) from None


def folder_of_sweep(name: str | None, out: Path | None, default: str) -> Path:
    """Where a sweep is to be resumed: `out`, or the latest of that name.  Raises StorageError."""
    if out is not None:
        return out
    stem = name or default
    found = []
    for path in RUNS.glob(f"{stem}*/{MANIFEST}"):
        more = path.parent.name.removeprefix(stem)
        if not more or (more[0] == "-" and more[1:].isdigit()):
            found.append((int(more[1:] or 1), path.parent))
    if not found:
        raise StorageError(f"no sweep '{stem}' in {RUNS.resolve()}: begin it without --resume")
    return max(found)[1]


def begin(name: str | None, out: Path | None, said: dict[str, Any]) -> Path:
    """A new folder for a sweep of which `said` is known.  Raises StorageError."""
    if out is not None and (out / MANIFEST).exists():
        raise StorageError(f"--out {out}: holds a sweep already; --resume goes on with it")
    folder = new_folder(name, out, f"sweep-{said['name']}")
    started = datetime.now(UTC).isoformat(timespec="microseconds")
    write_manifest(folder, {"state": "interrupted", "started": started, **said, "failures": []})
    return folder


def resumed(folder: Path, plan: Plan) -> Plan:
    """A plan as its folder began it.  Raises ScenarioError for that of another sweep."""
    before, now = read_manifest(folder), plan.as_dict()
    check_same(folder, {key: before[key] for key in FIXED}, {key: now[key] for key in FIXED})
    return plan._replace(task_reps=before["task_reps"])


def check_same(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    """Raises ScenarioError, naming all that differs between two sweeps' sayings."""
    old, new = (
        {key.removeprefix("scenario."): each for key, each in leaves(said).items()}
        for said in (before, now)
    )
    told = [
        f"{key} ({shown(new.get(key))}, was {shown(old.get(key))})"
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]
    if told:
        raise ScenarioError(f"{folder}: cannot be resumed: it differs in {', '.join(told)}")


class Locked:
    """One process at a time in a folder; a killed one leaves nothing locked."""

    def __init__(self, folder: Path) -> None:
        """Raises StorageError where another sweep is under way."""
        self._file: IO[str] | None = None
        try:
            import fcntl
        except ImportError:  # Windows has no such locks
            return
        try:
            file = (folder / LOCK).open("a+", encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{folder / LOCK}: {error.strerror}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            with file:
                raise StorageError(f"{folder}: in use by process {file.read().strip()}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def __enter__(self) -> "Locked":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def write_part(folder: Path, number: int, point: int, first: int, found: Found) -> None:
    """The summaries of one task's replications: a row per mode, strategy and replication."""
    modes, names = list(found), list(next(iter(found.values())))
    groups = [found[mode][name] for mode in modes for name in names]
    count = count_of(found)
    rows = len(groups) * count
    columns: dict[str, Any] = {
        "point": np.full(rows, point),
        "mode": named(modes, np.repeat(np.arange(len(modes)), len(names) * count)),
        "strategy": named(names, np.tile(np.repeat(np.arange(len(names)), count), len(modes))),
        "replication": np.tile(np.arange(first, first + count), len(groups)),
    }
    for figure in NUMBERS:
        columns[figure] = np.concatenate([group.column(figure) for group in groups])
    columns["problem"] = pa.array(
        [group.problems.get(i) for group in groups for i in range(count)], pa.string()
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table(columns), sink, compression="zstd")
    data = memoryview(sink.getvalue())
    write_bytes(folder / PARTS / part_name(number, data), data)


def read_part(part: Path, modes: Sequence[str], names: Sequence[str]) -> Found:
    """What was written, by mode and strategy.  Raises DamagedError."""
    if not intact(part):
        raise DamagedError(f"{part}: damaged: its bytes have changed since they were written")
    table = pq.read_table(part)
    count = table.num_rows // (len(modes) * len(names))
    columns = {figure: table[figure].to_numpy() for figure in NUMBERS}
    problems = table["problem"].to_pylist()
    found: Found = {mode: {} for mode in modes}
    for i, (mode, name) in enumerate((mode, name) for mode in modes for name in names):
        rows = slice(i * count, (i + 1) * count)
        told = {at: text for at, text in enumerate(problems[rows]) if text is not None}
        own = {figure: values[rows] for figure, values in columns.items()}
        found[mode][name] = Summaries(name, own, told)
    return found


def finished_parts(folder: Path) -> tuple[dict[int, Path], list[Path]]:
    """The good parts by their numbers, and whatever else is there."""
    good: dict[int, Path] = {}
    other = []
    for path in sorted((folder / PARTS).glob("*")):
        if PART.fullmatch(path.name) and intact(path):
            good[int(path.name.split("-")[1])] = path
        else:
            other.append(path)
    return good, other
