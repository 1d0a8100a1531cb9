"""Damage to a finished run, for tools/faults.py: every kind must be found by all who read."""

import random
from collections.abc import Iterator
from pathlib import Path

from cut_off import TABLES, Outcomes, play

from lobsim.errors import DamagedError, LobsimError, StorageError
from lobsim.report.frames import Run
from lobsim.report.verify import verify

Files = dict[Path, bytes]  # by their paths in the folder
Hurt = tuple[str, Files, set[Path]]  # what was done; the files as they are then; those gone


def files_of(folder: Path) -> Files:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in sorted(found)}


def target(rng: random.Random, good: Files) -> Path:
    """Any file; in one of five cases run.json, in one of ten what was printed."""
    chance = rng.random()
    if chance < 0.3:
        return Path("run.json" if chance < 0.2 else "prints.txt")
    return rng.choice([path for path in good if path.suffix == ".parquet"])


# One function a kind: what to do to the files of `good`, with those of another run at hand


def bit(rng: random.Random, good: Files, _: Files) -> Hurt:
    path = target(rng, good)
    data, at = bytearray(good[path]), rng.randrange(len(good[path]))
    data[at] ^= 1 << rng.randrange(8)
    return f"a bit of byte {at} of {path} flipped", {path: bytes(data)}, set()


def byte(rng: random.Random, good: Files, _: Files) -> Hurt:
    path = target(rng, good)
    data, at = bytearray(good[path]), rng.randrange(len(good[path]))
    data[at] = (data[at] + rng.randrange(1, 256)) % 256
    return f"byte {at} of {path} changed to {data[at]}", {path: bytes(data)}, set()


def zeros(rng: random.Random, good: Files, _: Files) -> Hurt:
    path = target(rng, good)
    data, at = bytearray(good[path]), rng.randrange(len(good[path]))
    at = at // 512 * 512
    data[at : at + 512] = bytes(len(data[at : at + 512]))
    return f"zeros from byte {at} of {path} on", {path: bytes(data)}, set()


def cut(rng: random.Random, good: Files, _: Files) -> Hurt:
    path = target(rng, good)
    left = rng.randrange(len(good[path]))
    return f"{path} cut off after {left} bytes", {path: good[path][:left]}, set()


def longer(rng: random.Random, good: Files, _: Files) -> Hurt:
    path = target(rng, good)
    more = rng.choice((b"\n", b"\0", b" ", rng.randbytes(rng.randint(1, 100))))
    return f"{more!r} appended to {path}", {path: good[path] + more}, set()


def swap(rng: random.Random, good: Files, _: Files) -> Hurt:
    path = target(rng, good)
    other = rng.choice([each for each in good if good[each] != good[path]])
    return f"{path} and {other} swapped", {path: good[other], other: good[path]}, set()


def gone(rng: random.Random, good: Files, _: Files) -> Hurt:
    path = target(rng, good)
    return f"{path} deleted", {}, {path}


def renamed(rng: random.Random, good: Files, _: Files) -> Hurt:
    path = rng.choice([path for path in good if path.suffix == ".parquet"])
    start, number, digest = path.name.split("-")
    new = path.with_name(f"{start}-{int(number) + rng.randint(1, 99):05}-{digest}")
    return f"{path} renamed to {new}", {new: good[path]}, {path}


def foreign(rng: random.Random, good: Files, other: Files) -> Hurt:
    """A file of another run: beside ours, or in place of it."""
    path = target(rng, good)
    same = [each for each in other if each.parent == path.parent and each.suffix == path.suffix]
    theirs = rng.choice(same)
    place = rng.choice((path, theirs))
    return f"{theirs} of another run as {place}", {place: other[theirs]}, set()


KINDS = (bit, bit, byte, byte, zeros, cut, longer, swap, gone, renamed, foreign)


def flips(count: int, place: Path, seed: int = 1) -> Outcomes:
    rng = random.Random(seed)
    folder = place / "whole"
    good, other = files_of(play(folder).folder), files_of(play(place / "other", seed=2).folder)
    for _ in range(count):
        kind = rng.choice(KINDS)
        what, changed, lost = kind(rng, good, other)
        changed = {path: data for path, data in changed.items() if data != good.get(path)}
        for path in lost:
            (folder / path).unlink()
        for path, data in changed.items():
            (folder / path).write_bytes(data)
        touched = {*changed, *lost}
        problems = list(unfound(folder, touched)) if touched else []
        yield kind.__name__, [f"{folder}: {what}: {problem}" for problem in problems]
        for path in touched:
            if path in good:
                (folder / path).write_bytes(good[path])
            else:
                (folder / path).unlink()
    if verify(folder).problems or files_of(folder) != good:
        yield "restored", [f"{folder}: wrong: it was not put back as it was"]


def unfound(folder: Path, touched: set[Path]) -> Iterator[str]:
    """Who took for good what is not."""
    try:
        found = verify(folder).problems
    except LobsimError as error:
        found = error.problems
    except Exception as error:
        yield f"wrong: verify: {type(error).__name__}: {error}"
        return
    if not found:
        yield "misread: verify found nothing"
    if any("\n" in line or str(folder) not in line for line in found):
        yield f"wrong: told as {found}"
    for table in TABLES:
        if any(path.parts[0] in (table, "run.json") for path in touched):
            try:
                yield f"misread: {len(getattr(Run(folder), table))} rows of {table}"
            except DamagedError:
                pass
            except Exception as error:
                if not isinstance(error, StorageError) or (folder / "run.json").exists():
                    yield f"wrong: {table}: {type(error).__name__}: {error}"
