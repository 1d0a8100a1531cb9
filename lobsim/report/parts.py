"""The files of a run folder, held against what was written: nothing damaged is read as good."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lobsim.errors import DamagedError, StorageError
from lobsim.seal import hash_of, intact, opened

PARTS = "part-*.parquet"


def read_manifest(folder: Path) -> dict[str, Any]:
    """run.json.  Raises StorageError where there is none, DamagedError where it has changed."""
    path = folder / "run.json"
    try:
        return opened(path.read_bytes().decode())
    except FileNotFoundError:
        raise StorageError(f"{folder}: not a run: it has no run.json") from None
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise DamagedError(
            f"{path}: damaged: {error}; lobsim verify {folder} says what is left of the run"
        ) from None


def parts_of(folder: Path, manifest: dict[str, Any], table: str) -> list[Path]:
    """A table's parts in order, every byte of them checked.  Raises DamagedError."""
    problems = list(faults(folder, manifest, f"{table}/"))
    if problems:
        raise DamagedError(*problems)
    return sorted((folder / table).glob(PARTS))


def faults(folder: Path, manifest: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """What is wrong with the files whose paths begin so, a line each.

    A run that was cut off lists no files; its parts are then known by their names alone.
    """
    listed: dict[str, dict[str, Any]] = manifest.get("files", {})
    for name, said in listed.items():
        if name.startswith(prefix):
            path = folder / name
            if not path.is_file():
                yield f"{path}: is missing"
            elif path.stat().st_size != said["bytes"]:
                yield f"{path}: damaged: {path.stat().st_size:,} of {said['bytes']:,} bytes"
            elif not (hash_of(path) == said["sha256"] if "sha256" in said else intact(path)):
                yield f"{path}: damaged: its bytes have changed since they were written"
    numbers: dict[str, int] = {}
    for path in sorted(folder.glob(f"*/{PARTS}")):
        name = f"{path.parent.name}/{path.name}"
        if not name.startswith(prefix) or name in listed:
            continue
        if manifest["state"] == "complete":
            yield f"{path}: is not of this run: run.json does not list it"
        elif not intact(path):
            yield f"{path}: damaged: its bytes have changed since they were written"
        expected = numbers.get(path.parent.name, 0)
        numbers[path.parent.name] = expected + 1
        cut_off = not listed and manifest["state"] != "complete"
        if cut_off and not path.name.startswith(f"part-{expected:05}-"):
            yield f"{path}: should be part {expected} of its table: one is missing, or there twice"
