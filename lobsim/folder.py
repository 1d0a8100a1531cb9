"""Run folders: the tape's tables as Parquet parts, and run.json, which says what they are.

A file is written under another name, synced and renamed, so a reader sees the old file or the
new one, never a mixture.
"""

import errno
import json
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from lobsim.errors import StorageError, UsageError, cut
from lobsim.report.frames import RUNS
from lobsim.seal import sealed

DEVICE = r"(?i:CON|PRN|AUX|NUL|COM\d|LPT\d)(?:\.|\Z)"  # of Windows, whatever their ending
NAME = re.compile(rf"(?!{DEVICE})[A-Za-z0-9][A-Za-z0-9._-]{{0,79}}(?<!\.)")


def new_folder(name: str | None, out: Path | None, default: str) -> Path:
    """Make the folder of a run: `out` itself, or runs/NAME, NAME-2, ...  Nothing is overwritten."""
    if name is not None and out is not None:
        raise UsageError("give --name or --out, not both")
    if name is not None and not NAME.fullmatch(name):
        allowed = "must be letters, digits, dots, dashes and underscores, at most 80"
        raise StorageError(f"--name '{cut(name)}': {allowed}; the run goes to {RUNS}/NAME")
    try:
        if out is not None:
            if os.path.exists(out):
                raise StorageError(f"--out {out}: exists already; nothing is overwritten")
            if os.fsencode(out).decode(errors="replace") != str(out):
                raise StorageError(f"--out {out}: not UTF-8")  # pyarrow could not read it
            out = out.resolve() if ".." in out.parts else out  # of a/../b only b is to be made
            out.mkdir(parents=True)
            _sync_folder(out.parent)
            return out
        RUNS.mkdir(parents=True, exist_ok=True)
        stem = name or default
        count = 1
        while True:
            folder = RUNS / (stem if count == 1 else f"{stem}-{count}")
            try:
                folder.mkdir()
            except FileExistsError:
                count += 1
            else:
                _sync_folder(RUNS)
                return folder
    except OSError as error:
        raise StorageError(obstacle(out or RUNS, error)) from None


def obstacle(place: Path, error: OSError) -> str:
    dead = os.path.islink(place) and not os.path.exists(place)
    what = f"a link to {os.readlink(place)}, which is not there" if dead else error.strerror
    return f"{place.absolute() if place == RUNS else place}: cannot write here: {what}"


def check_new_file(option: str, path: Path, suffix: str) -> None:
    """Raises StorageError where it cannot be made anew."""
    if path.suffix != suffix:
        raise StorageError(f"{option} {path}: must end in {suffix}")
    if not path.parent.is_dir():
        raise StorageError(f"{option} {path}: there is no folder {path.parent}")
    check_absent(option, path)


def check_absent(option: str, path: Path) -> None:
    """Raises StorageError where something has this name."""
    if os.path.lexists(path):
        raise StorageError(f"{option} {path}: exists already; nothing is overwritten")


def check_space(folder: Path, wanted: int) -> None:
    """Raises StorageError where a disk has less room than a tape is sure to need."""
    if (free := shutil.disk_usage(folder).free) < wanted:
        needs = f"the tape needs {wanted / 1e6:,.0f} MB at least, {free / 1e6:,.0f} are free"
        raise StorageError(f'{folder}: {needs}; free some, use another --out, or record = "fills"')


def write_json(path: Path, value: Any) -> None:
    write_bytes(path, f"{json.dumps(value, indent=1, allow_nan=False)}\n".encode())


def write_manifest(folder: Path, value: dict[str, Any]) -> None:
    write_bytes(folder / "run.json", sealed(value).encode())


def write_page(path: Path, page: str, own: str) -> None:
    """A page, in the place of an older one, which has `own` near its beginning; of nothing else.

    Raises StorageError.
    """
    if os.path.lexists(path):
        with suppress(OSError), path.open("rb") as file:
            if own.encode() in file.read(1000):
                return write_bytes(path, page.encode())
        raise StorageError(f"{path}: exists already, and is no page of lobsim's; move it away")
    return write_bytes(path, page.encode())


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """All of a file or nothing of it; an older one stays until then.  Raises StorageError."""
    partial = path.with_name(path.name + ".tmp")
    try:
        if not path.parent.exists():
            path.parent.mkdir(exist_ok=True)
            _sync_folder(path.parent.parent)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        what = f"{error.strerror}; {len(data):,} bytes were wanted"
        with suppress(OSError):
            what += f", {shutil.disk_usage(path.parents[1]).free:,} are free"
        if error.errno == errno.EFBIG:
            what = "larger than this process may write (ulimit -f)"
        raise StorageError(f"{path}: {what}") from None


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows opens no folders
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
