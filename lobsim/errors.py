"""Errors that the command line prints in one line each, and the exit code of each.

LobsimError
  UsageError      a command was called with arguments that make no sense together     2
  ScenarioError   a scenario says something impossible; holds every problem found     3
  PluginError     a strategy plugin cannot be used, or broke its contract             4
  StorageError    a file or folder cannot be read or written                          5
  AuditError      a rule of the market was violated: a defect of the simulator        6
  DamagedError    what was written is not what is read                                6
  WorkerError     some replications of a comparison could not be run                  7
"""

import signal
import traceback
from typing import Any


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


def lines_in(file: str | None, error: BaseException) -> list[str]:
    """The lines of a file that an error came through, outermost first: place, function, text."""
    name = (file or "").replace("\\", "/").rpartition("/")[2]
    return [
        f"{name}:{frame.lineno}, in {frame.name}: {frame.line or ''}"
        for frame in traceback.extract_tb(error.__traceback__)
        if file and frame.filename == file
    ]


class LobsimError(Exception):
    """`problems` are printed one a line."""

    exit_code = 1

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

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
