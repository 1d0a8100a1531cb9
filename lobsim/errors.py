"""Errors that the command line prints in one line each, the exit code of each, and their words.

LobsimError
  UsageError      a command was called with arguments that make no sense together     2
  ScenarioError   a scenario says something impossible; holds every problem found     3
  PluginError     a strategy plugin cannot be used, or broke its contract             4
  StorageError    a file or folder cannot be read or written                          5
  AuditError      a rule of the market was violated: a defect of the simulator        6
  DamagedError    what was written is not what is read                                6
  WorkerError     some replications of a comparison could not be run                  7
"""

import difflib
import signal
import traceback
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

LONGEST = 60  # characters of a name or a value in a message
KINDS: dict[type, str] = {  # what a value is, the narrower type first
    bool: "a boolean", int: "a number", float: "a number", Decimal: "a number", str: "a string",
    dict: "a table", list: "a list", datetime: "a date and time", date: "a date", time: "a time",
}  # fmt: skip


class Interrupted(KeyboardInterrupt):
    """A signal has asked the program to end: Ctrl-C, SIGTERM or the terminal's closing."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def from_the_terminal(error: KeyboardInterrupt) -> bool:
    """Whether a signal caused this, and not a plugin's own `raise`.

    Under the command line signals raise Interrupted; under Python's own handler the two cannot
    be told apart.
    """
    ours = signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    return isinstance(error, Interrupted) or not ours


def reraise_interrupt(error: BaseException) -> None:
    """Let Ctrl-C and the like through where anything that a plugin raises is caught."""
    if isinstance(error, KeyboardInterrupt) and from_the_terminal(error):
        raise error


def text_of(value: Any, limit: int = 300) -> str:
    """How a value of a plugin shows itself, on one line, whatever it does when asked."""
    try:
        text = escaped(repr(value))
    except BaseException as error:  # it may raise anything
        text = f"<{type(value).__name__} whose text raises {type(error).__name__}>"
    return text if len(text) <= limit else f"{text[:limit]}..."


def one_line(error: BaseException) -> str:
    """The kind of an error and what it says."""
    try:
        said = " ".join(str(error).split())[:300]
    except BaseException:
        said = "its text cannot be had"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def lines_in(file: str | None, error: BaseException) -> list[str]:
    """The lines of a file that an error came through, outermost first: place, function, text."""
    name = (file or "").replace("\\", "/").rpartition("/")[2]
    return [
        f"{name}:{frame.lineno}, in {frame.name}: {frame.line or ''}"
        for frame in traceback.extract_tb(error.__traceback__)
        if file and frame.filename == file
    ]


def escaped(text: str) -> str:
    """Text in one line: line ends, control characters and ANSI escapes as Python writes them."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cut(text: str) -> str:
    text = escaped(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def shown(value: Any) -> str:
    """A value as a scenario may have it: "text", true, 1e30, nan, 1979-05-27."""
    if isinstance(value, str):
        return f'"{cut(value)}"'
    if isinstance(value, float | Decimal):
        return str(value).lower().replace("infinity", "inf").replace("e+", "e")
    return cut(str(value).lower() if isinstance(value, bool) else str(value))


def figure(value: float | Decimal) -> str:
    """1000, 333.333, 1e-07, 1e14."""
    return f"{float(value):.6g}".replace("e+", "e")


def kind_of(value: Any) -> str:
    return next(
        (kind for each, kind in KINDS.items() if isinstance(value, each)),
        f"a {type(value).__name__}",
    )


def nearest(word: str, known: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(word[:LONGEST], list(known), 1)), None)


def meant(word: str, known: Iterable[str]) -> str:
    """; did you mean 'this'? - or nothing, where no word is near."""
    near = nearest(word, known)
    return "" if near is None else f"; did you mean '{escaped(near)}'?"


def choices(word: str, known: Iterable[str], what: str) -> str:
    """The nearest of the known words, and all of them: `; did you mean 'x'? known: x, y`."""
    known = list(known)
    near = meant(word, known)
    return f"{near}{'' if near else ';'} {what}: {escaped(', '.join(known)) or 'none'}"


class LobsimError(Exception):
    """`problems` are printed one a line."""

    exit_code = 1

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(map(escaped, problems))
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> Any:
        """With its notes, so that it survives the way back from a worker."""
        notes = getattr(self, "__notes__", None)
        return type(self), self.problems, {"__notes__": notes} if notes else None


class UsageError(LobsimError):
    exit_code = 2


class ScenarioError(LobsimError):
    exit_code = 3


class PluginError(LobsimError):
    exit_code = 4


class StorageError(LobsimError):
    exit_code = 5


class AuditError(LobsimError):
    exit_code = 6


class DamagedError(LobsimError):
    exit_code = 6


class WorkerError(LobsimError):
    exit_code = 7
