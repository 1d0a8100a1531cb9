"""The time a plugin takes: whoever answers a question is watched by the clock on the wall.

A timer interrupts the main thread ten times a second, which reaches a plugin that computes as
well as one that sleeps or waits.  Where there is no such timer (Windows, other threads) an
answer that comes too late is only refused.
"""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from types import FrameType
from typing import Any, TextIO

LOOK_S = 0.1
SLOW = 0.5  # of a run's time, for one strategy: worth a warning
LEAST_LOOKS = 20  # before that is said


class TookTooLongError(BaseException):
    """Raised in the middle of a question; no plugin's `except Exception` stops it."""


class Watch:
    """Between `begin` and `end` a plugin answers."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._answering: str | None = None
        self._since = 0.0
        self._looks = 0
        self._seen: dict[str, int] = {}

    def begin(self, name: str) -> None:
        self._since = time.monotonic()
        self._answering = name

    def end(self) -> bool:
        """The answer is there, or its error; whether it came in time."""
        self._answering = None
        return time.monotonic() - self._since <= self.timeout_s

    @contextmanager
    def watching(self) -> Iterator[None]:
        main = threading.current_thread() is threading.main_thread()
        if not main or not hasattr(signal, "setitimer"):
            yield
            return
        every = min(LOOK_S, self.timeout_s / 4)
        handler = signal.signal(signal.SIGALRM, self._look)
        left, interval = signal.setitimer(signal.ITIMER_REAL, every, every)
        began, traced = time.monotonic(), sys.gettrace()
        try:
            yield
        finally:
            self._answering = None
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
            if sys.gettrace() is insist:
                sys.settrace(traced)
            if left:  # somebody else's timer
                left = max(0.001, left - (time.monotonic() - began))
                signal.setitimer(signal.ITIMER_REAL, left, interval)

    def _look(self, _: int, frame: FrameType | None) -> None:
        self._looks += 1
        name = self._answering
        if name is None:
            return
        self._seen[name] = self._seen.get(name, 0) + 1
        late = time.monotonic() - self._since - self.timeout_s
        if late > 0:
            if late > self.timeout_s and frame is not None:
                # It has caught the error and goes on: raise at every line of that function.
                frame.f_trace = insist
                sys.settrace(insist)
            raise TookTooLongError

    def slow(self) -> dict[str, float]:
        """Strategies that took most of the time, and their share of it."""
        if self._looks < LEAST_LOOKS:
            return {}
        shares = {name: seen / self._looks for name, seen in self._seen.items()}
        return {name: round(share, 2) for name, share in shares.items() if share > SLOW}


def insist(frame: FrameType, event: str, arg: Any) -> Any:
    """A trace function for a plugin that swallows what it is told."""
    if event == "line" and frame.f_trace is insist:
        raise TookTooLongError
    return None


@contextmanager
def kept_apart(prints: TextIO | io.TextIOBase | None = None) -> Iterator[None]:
    """What plugins print is no part of a table or of JSON; where they go, we do not follow."""
    here = os.getcwd()
    try:
        with redirect_stdout(prints or sys.stderr):
            yield
    finally:
        if os.getcwd() != here:
            os.chdir(here)
