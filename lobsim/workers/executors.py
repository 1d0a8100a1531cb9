"""Tasks carried out by workers, wherever these are.

What a task gives depends on its argument alone, so that where it is carried out changes nothing.
A killed worker costs the tasks that were under way one more try, each by itself; what is lost
again is told in its place, and nothing waits for it.
"""

import pickle
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lobsim.errors import LobsimError, WorkerError
from lobsim.workers.pools import Pool

Task = TypeVar("Task", contravariant=True)
Value = TypeVar("Value", covariant=True)
SPREAD = 4  # tasks per worker that may be under way or done before the oldest is
LOOK_S = 1.0  # between two looks whether a cluster is still there
LONELY_S = 60  # without a worker before a cluster is given up


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Value]):
    """What became of the task of that number: a value, or the error that took its place."""

    number: int
    value: Value | None = None
    error: LobsimError | None = None


def attempt(function: Callable[[Any], Any], task: Any) -> tuple[Any, LobsimError | None]:
    """A user's error comes back as a value: it ends this task, not the worker."""
    try:
        return function(task), None
    except LobsimError as error:
        return None, error
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:  # what cannot travel is told as text
            raise RuntimeError(traceback.format_exc()) from None
        raise


def carried_out(
    function: Callable[[Task], Value],
    tasks: Iterable[Task],
    pool: Pool | None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Outcome[Value]]:
    """Every task's outcome, as soon as it is there; once `stopping`, of those under way alone.

    Without a pool they are carried out here, one after another.
    """
    if pool is None:
        for number, task in enumerate(tasks):
            if stopping():
                return
            yield Outcome(number, *attempt(function, task))
        return
    at_once = True
    try:
        yield from Round(function, tasks, pool, stopping).outcomes()
        at_once = False
    finally:
        pool.close(at_once=at_once)


def in_order(outcomes: Iterable[Outcome[Value]]) -> Iterator[Value]:
    """Their values by number.  Raises the first error among them when its turn comes."""
    early: dict[int, Outcome[Value]] = {}
    due = 0
    for outcome in outcomes:
        early[outcome.number] = outcome
        while due in early:
            found = early.pop(due)
            if found.error is not None:
                raise found.error
            due += 1
            yield found.value  # type: ignore[misc]


class Round(Generic[Task, Value]):
    """Tasks on their way through a pool."""

    def __init__(
        self,
        function: Callable[[Task], Value],
        tasks: Iterable[Task],
        pool: Pool,
        stopping: Callable[[], bool],
    ) -> None:
        self._function, self._pool, self._stopping = function, pool, stopping
        self._waiting = enumerate(tasks)
        self._under_way: dict[Future[Any], tuple[int, Task]] = {}
        self._executor = pool.open()
        self._next, self._lonely_s = 0, 0.0

    def outcomes(self) -> Iterator[Outcome[Value]]:
        while True:
            if self._stopping():
                for future in list(self._under_way):
                    if future.cancel():
                        del self._under_way[future]
            else:
                self._submit()
            if not self._under_way:
                return
            done, _ = wait(self._under_way, LOOK_S, FIRST_COMPLETED)
            lost, broken = [], self._is_lonely(bool(done))
            for future in sorted(done, key=lambda each: self._under_way[each][0]):
                number, task = self._under_way.pop(future)
                try:
                    value, error = future.result()
                except self._pool.lost as loss:
                    lost.append((number, task))
                    broken = broken or isinstance(loss, BrokenExecutor)
                else:
                    yield Outcome(number, value, error)
            if broken:
                lost += self._under_way.values()
                self._under_way.clear()
            for number, task in sorted(lost, key=lambda each: each[0]):
                if not self._stopping():
                    yield self._by_itself(number, task)
            if broken:
                self._executor = self._pool.open()

    def _submit(self) -> None:
        """Let each worker have its next task at hand, but none run far ahead of the oldest."""
        workers = self._pool.workers
        while len(self._under_way) < 2 * workers:
            oldest = min((number for number, _ in self._under_way.values()), default=self._next)
            if self._next - oldest > SPREAD * workers:
                return
            found = next(self._waiting, None)
            if found is None:
                return
            try:
                future = self._executor.submit(attempt, self._function, found[1])
            except RuntimeError:  # it broke, or was shut down, since it was last looked at
                future = Future()
                future.set_exception(BrokenExecutor())
            self._under_way[future] = found
            self._next += 1

    def _is_lonely(self, busy: bool) -> bool:
        if busy or self._pool.present():
            self._lonely_s = 0.0
        else:
            self._lonely_s += LOOK_S
        return self._lonely_s > LONELY_S

    def _by_itself(self, number: int, task: Task) -> Outcome[Value]:
        if self._lonely_s > LONELY_S:
            return Outcome(number, error=WorkerError("no worker is left"))
        try:
            future = self._pool.alone().submit(attempt, self._function, task)
            return Outcome(number, *future.result())
        except self._pool.lost as error:
            return Outcome(number, error=WorkerError(f"worker killed{why(error)}"))


def why(error: BaseException) -> str:
    """The signal that ended a worker, where it is known."""
    found = re.search(r"SIG\w+\(-(\d+)\)", str(error))
    if found is None:
        return ", likely out of memory"
    likely = "; likely out of memory" if found.group(1) == "9" else ""
    return f" (signal {found.group(1)}{likely})"
