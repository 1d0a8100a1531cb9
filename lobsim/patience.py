"""Asked once to end, long work finishes what is under way; asked twice, it stops at once."""

import signal
import sys
from types import FrameType
from typing import Any

from lobsim.errors import Interrupted

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Patience:
    """While it is entered, a first signal is only noted: `error` is then what it asks for."""

    def __init__(self) -> None:
        self._asked: Interrupted | None = None
        self._before: dict[int, Any] = {}

    def error(self) -> Interrupted | None:
        return self._asked

    def __enter__(self) -> "Patience":
        for name in SIGNALS:
            if hasattr(signal, name):
                number = getattr(signal, name)
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _: FrameType | None) -> None:
        if self._asked is not None:
            raise Interrupted(number)
        self._asked = Interrupted(number)
        sys.stderr.write("finishing what is under way; once more stops at once\n")
