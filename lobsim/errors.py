"""Errors that the command line prints in one line each, and the exit code of each.

LobsimError
  UsageError      a command was called with arguments that make no sense together     2
  ScenarioError   a scenario says something impossible; holds every problem found     3
  PluginError     a strategy plugin cannot be used, or broke its contract             4
  StorageError    a file or folder cannot be read or written                          5
  AuditError      a rule of the market was violated: a defect of the simulator        6
  WorkerError     some replications of a comparison could not be run                  7
"""


class LobsimError(Exception):
    """`problems` are printed one a line."""

    exit_code = 1

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        return type(self), self.problems  # so that it survives the way back from a worker


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


class WorkerError(LobsimError):
    exit_code = 7
