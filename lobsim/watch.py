"""The time a plugin takes: whoever answers a question is watched by the clock on the wall.

A timer interrupts the main thread ten times a second, which reaches a plugin that computes as
well as one that sleeps or waits.  Where there is no such timer (Windows, other threads) a
question may take any time.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

LOOK_S = 0.1
SLOW = 0.5  # of a run's time, for one strategy: worth a warning
LEAST_LOOKS = 20  # before that is said


class TookTooLongError(BaseException):
    """Raised in the middle of a question; no plugin's `except Exception` stops it."""


class Watch:
    """`answering` is the strategy that is being asked; `answers` counts the questions."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.answering: str | None = None
        self.answers = 0
        self._looks = 0
        self._seen: dict[str, int] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        main = threading.current_thread() is threading.main_thread()
        if not main or not hasattr(signal, "setitimer"):
            yield
            return
        seen, since = -1, 0.0

        def look(_: int, __: FrameType | None) -> None:
            nonlocal seen, since
            self._looks += 1
            if self.answering is None:
                return
            self._seen[self.answering] = self._seen.get(self.answering, 0) + 1
            now = time.monotonic()
            if self.answers != seen:
                seen, since = self.answers, now
            elif now - since > self.timeout_s:
                raise TookTooLongError

        every = min(LOOK_S, self.timeout_s / 4)
        handler = signal.signal(signal.SIGALRM, look)
        left, interval = signal.setitimer(signal.ITIMER_REAL, every, every)
        began = time.monotonic()
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
            if left:  # somebody else's timer
                left = max(0.001, left - (time.monotonic() - began))
                signal.setitimer(signal.ITIMER_REAL, left, interval)

    def slow(self) -> dict[str, float]:
        """Strategies that took most of the time, and their share of it."""
        if self._looks < LEAST_LOOKS:
            return {}
        shares = {name: seen / self._looks for name, seen in self._seen.items()}
        return {name: round(share, 2) for name, share in shares.items() if share > SLOW}
