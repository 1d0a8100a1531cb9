"""Runs that are cut off, for tools/faults.py: how they are played, and what must be left."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow.parquet as pq

import lobsim
from lobsim import folder as folders
from lobsim import part_writer, tape
from lobsim.errors import LobsimError
from lobsim.models import world
from lobsim.report.frames import Run
from lobsim.report.verify import verify
from lobsim.seal import intact

TABLES = ("orders", "fills", "mids", "risk", "notes")
SETTINGS = (
    "duration_s=0.15", "asset.flow.A=400", "asset.price.step_ms=2", "risk.max_drawdown=3",
    "risk.reduce_at=0.1", "risk.cooldown_s=0.001",
)  # fmt: skip
ROWS, RECORDS = 20, 40  # in a part, and in a chunk of the world: some thirty parts in all
NOISY = """\
from lobsim import Strategy, hookimpl
class Noisy(Strategy):
    def on_mid(self, desk):
        print("the mid is", desk.mid, "." * 100)
        desk.note(mid=desk.mid)
@hookimpl
def lobsim_strategies():
    return {"noisy": Noisy}
"""
QUIET = NOISY.replace("print(", "str((").replace("100)\n", "100))\n")
Frames = dict[str, Any]
Outcomes = Iterator[tuple[str, list[str]]]  # what became of each case, and what is wrong with it


def log_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.log")


def play(folder: Path, seed: int = 1) -> Run:
    """A run in some dozens of parts.  The files that it has finished are told in FOLDER.log.

    noisy.py beside it is the plugin, NOISY if there is none.
    """
    plugin = folder.parent / "noisy.py"
    if not plugin.exists():
        plugin.write_text(NOISY)
    write_bytes = folders.write_bytes

    def telling(path: Path, data: bytes | memoryview) -> None:
        write_bytes(path, data)
        with open(log_of(folder), "a", encoding="utf-8") as log:
            log.write(f"{path.relative_to(folder)}\n")

    with (
        patch.object(tape, "PART", ROWS),
        patch.object(world, "CHUNK", RECORDS),
        patch.object(folders, "write_bytes", telling),
        patch.object(part_writer, "write_bytes", telling),
    ):
        return lobsim.run(
            "quickstart", settings=SETTINGS, plugins=[str(plugin)], seed=seed, out=folder
        )


def frames(run: Run) -> Frames:
    return {table: getattr(run, table) for table in TABLES}


def faults_of(folder: Path, whole: Frames) -> Iterator[str]:
    """What is wrong with the folder of a run that was cut off; `whole` is the undisturbed one."""
    log = log_of(folder)
    for name in log.read_text().splitlines() if log.exists() else ():
        if not (folder / name).is_file():
            yield f"lost: {name} was finished"
    parts = {table: sorted((folder / table).glob("part-*.parquet")) for table in TABLES}
    for table, of_it in parts.items():
        if [int(part.name.split("-")[1]) for part in of_it] != list(range(len(of_it))):
            yield f"lost: the parts of {table} have a gap: {[part.name for part in of_it]}"
        yield from (f"misread: {part} is damaged" for part in of_it if not intact(part))
    if not (folder / "run.json").exists():
        if any(parts.values()):
            yield "wrong: parts, and no run.json"
        return
    try:
        run = Run(folder)
        problems, read = verify(folder).problems, frames(run)
    except Exception as error:
        yield f"wrong: {type(error).__name__}: {error}"
        return
    yield from (f"wrong: verify: {problem}" for problem in problems)
    for table, frame in read.items():
        there = sum(pq.read_metadata(part).num_rows for part in parts[table])
        if len(frame) != there:
            yield f"lost: {there - len(frame)} rows of {table}"
        if len(frame) and not frame.equals(whole[table].iloc[: len(frame)]):
            yield f"misread: {table} is not as the undisturbed run began"
        if run.manifest["state"] == "complete" and len(frame) != len(whole[table]):
            yield f"misread: complete, with {len(frame)} of {len(whole[table])} rows of {table}"


def state_of(folder: Path) -> str:
    if not (folder / "run.json").exists():
        return "not begun"
    try:
        return str(Run(folder).manifest["state"])
    except LobsimError:
        return "unreadable"


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    log_of(folder).unlink(missing_ok=True)
