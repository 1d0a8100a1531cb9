"""A disk that fails, for tools/faults.py: each call of a run to its folder can be the one."""

import errno
import io
import math
import os
import random
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cut_off import Outcomes, clear, faults_of, frames, play, state_of

from lobsim.errors import StorageError

ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EROFS)
HEARD = ("mkdir", "open", "replace", "statvfs", "unlink")  # functions of os that take a path
FREE = {"read", "open to read", "close unchanged", "statvfs", "unlink"}  # fail by EIO alone


class Raw(io.FileIO):
    """An open file whose calls a Disk hears of."""

    disk: "Disk"
    kind: str
    changed = False

    def write(self, data: Any) -> int:
        if self.disk.called("write", self.kind):
            data = memoryview(data)[: len(data) // 2]
        self.changed = True
        return super().write(data)

    def readinto(self, buffer: Any) -> int:
        self.disk.called("read", self.kind)
        return super().readinto(buffer)

    def close(self) -> None:
        last = not self.closed
        super().close()
        if last:
            self.disk.called("close" if self.changed else "close unchanged", self.kind)


class Disk:
    """Counts the calls of a run to its folder, and fails at one of them, or from it on.

    `at` is the first that may fail.  `short`: if it writes, it writes a half and the next fails.
    """

    def __init__(
        self,
        folder: Path,
        at: float = math.inf,
        code: int = errno.EIO,
        *,
        forever: bool = False,
        short: bool = False,
    ) -> None:
        self.folder, self.at, self.code = str(folder), at, code
        self.forever, self.short = forever, short
        self.calls: list[str] = []
        self.failed: list[str] = []

    def __str__(self) -> str:
        often = "from then on" if self.forever else "once"
        return f"{errno.errorcode[self.code]} {often} from call {self.at}: {self.failed[:1]}"

    def called(self, what: str, kind: str = "") -> bool:
        """Whether the call, to that kind of file, is to be cut short.  Raises OSError."""
        self.calls.append(f"{what} {kind}")
        past = self.failed and not self.forever
        if len(self.calls) < self.at or past or (what in FREE and self.code != errno.EIO):
            return False
        if what == "write" and self.short:
            self.short = False
            return True
        self.failed.append(f"{what} {kind}")
        raise OSError(self.code, os.strerror(self.code))

    def hearing(self, what: str) -> Callable[..., Any]:
        call = getattr(os, what)
        named = "open to read" if what == "open" else what

        def heard(path: Any, *given: Any, **options: Any) -> Any:
            ours = not isinstance(path, int) and os.fspath(path).startswith(self.folder)
            if ours and not (what == "mkdir" and os.path.exists(path)):
                self.called(named, Path(path).suffix)
            return call(path, *given, **options)

        return heard

    def opening(self) -> Callable[..., Any]:
        original = Path.open

        def opened(
            path: Path, mode: str = "r", buffering: int = -1, *text: Any, **named: Any
        ) -> Any:
            if not str(path).startswith(self.folder):
                return original(path, mode, buffering, *text, **named)
            reading = "r" in mode
            self.called("open to read" if reading else "open", path.suffix)
            raw = Raw(path, mode.replace("b", ""))
            raw.disk, raw.kind = self, path.suffix
            if not buffering:
                return raw
            file = io.BufferedReader(raw) if reading else io.BufferedWriter(raw)
            return file if "b" in mode else io.TextIOWrapper(file, *text, **named)

        return opened

    @contextmanager
    def heard(self) -> Iterator[None]:
        with ExitStack() as stack:
            for what in HEARD:
                stack.enter_context(patch.object(os, what, self.hearing(what)))
            stack.enter_context(patch.object(os, "fsync", lambda _: self.called("fsync")))
            stack.enter_context(patch.object(Path, "open", self.opening()))
            yield


def writes(
    count: int, place: Path, seed: int = 1, codes: Sequence[int] = ERRORS, spared: str = "none"
) -> Outcomes:
    """An error of the operating system at any call of a run to its folder.

    It begins with no call to a file whose name ends with `spared`.
    """
    rng = random.Random(seed)
    whole = frames(play(place / "whole"))
    counted = Disk(place / "counted")
    with counted.heard():
        play(place / "counted")
    for number in range(count):
        folder = place / f"write-{number}"
        disk = Disk(
            folder,
            at_random(rng, counted.calls, spared),
            rng.choice(codes),
            forever=rng.random() < 0.5,
            short=rng.random() < 0.5,
        )
        problems = list(untold(disk, folder)) + list(faults_of(folder, whole))
        yield state_of(folder), [f"{folder}: {disk}: {problem}" for problem in problems]
        if not problems:
            clear(folder)


def at_random(rng: random.Random, calls: Sequence[str], spared: str) -> int:
    """The number of a call: each kind as likely as any other."""
    kind = rng.choice(sorted({call for call in calls if not call.endswith(spared)}))
    return rng.choice([number for number, call in enumerate(calls, 1) if call == kind])


def untold(disk: Disk, folder: Path) -> Iterator[str]:
    """Play a run on that disk; how it failed to tell the error as it should have."""
    try:
        with disk.heard():
            play(folder)
    except StorageError as error:
        for problem in error.problems:
            if "\n" in problem or str(folder) not in problem:
                yield f"wrong: told as {problem!r}"
        if error.exit_code != 5:
            yield f"wrong: exit code {error.exit_code}"
    except Exception as error:
        trace = traceback.extract_tb(error.__traceback__)
        last = [frame for frame in trace if "/lobsim/" in frame.filename][-1]
        where = f"{Path(last.filename).name}, in {last.name}"
        yield f"wrong: {type(error).__name__}: {error} ({where})"
    else:
        if disk.failed:
            yield "wrong: passed over in silence"
