"""Workers of other machines, through dask: all that an address of its scheduler leads to.

They must have lobsim and its libraries in the same versions, and plugins' files in the same
places; the first is looked at before anything is sent.
"""

from concurrent.futures import CancelledError, Executor
from contextlib import suppress
from typing import Any

from lobsim.errors import UsageError, one_line
from lobsim.run import versions
from lobsim.run import versions as here

ANSWER_S = 10  # the longest that a scheduler may take to answer


class Cluster:
    """A dask scheduler's workers.  A task is lost when dask has given it up."""

    def __init__(self, address: str | None) -> None:
        """Raises UsageError."""
        if address is None:
            raise UsageError("--backend dask: needs its scheduler's --address tcp://HOST:8786")
        try:
            import distributed
        except ImportError:
            need = "--backend dask: needs dask.distributed: pip install 'lobsim[cluster]'"
            raise UsageError(need) from None
        connect: Any = distributed.Client
        try:
            self._client = connect(address, timeout=ANSWER_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            what = f"no scheduler answers: {one_line(error)}"
            raise UsageError(f"--address {address}: {what}") from None
        self.lost: tuple[type[BaseException], ...] = distributed.KilledWorker, CancelledError
        self.workers = sum(self._client.nthreads().values())
        if problems := self._problems(address):
            self.close(at_once=True)
            raise UsageError(*(f"--address {address}: {problem}" for problem in problems))

    def _problems(self, address: str) -> list[str]:
        """Why these workers cannot serve."""
        if not self.workers:
            return [f"has no workers: start one with dask worker {address}"]
        try:
            found: dict[str, dict[str, str]] = self._client.run(versions)
        except Exception as error:
            return [f"a worker cannot run lobsim: {one_line(error)}"]
        return [
            f"worker {worker} has {name} {theirs.get(name)}, here is {version}"
            for worker, theirs in found.items()
            for name, version in here().items()
            if theirs.get(name) != version
        ]

    def open(self) -> Executor:
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    alone = open

    def present(self) -> bool:
        """Whether any worker is there."""
        return bool(self._client.nthreads())

    def close(self, *, at_once: bool) -> None:
        with suppress(TimeoutError):
            self._client.close(timeout=1 if at_once else ANSWER_S)
