"""The workers there can be: threads of this process, processes of this machine, a cluster.

Each kind opens an executor as of `concurrent.futures`, and a new one when that has broken.
"""

import os
import signal
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Executor, ThreadPoolExecutor
from typing import Any, Literal, Protocol

Backend = Literal["threads", "loky", "dask"]
IDLE_S = 300  # that workers wait for more to do: joblib's 10 s may end as it comes
LOOK_S = 0.5  # between two looks of a worker whether its parent is there
LOST: tuple[type[BaseException], ...] = BrokenExecutor, CancelledError


class Pool(Protocol):
    """Workers, so many; new ones after they broke, one alone for what may break them again.

    `lost` are the errors that say that a task's worker is gone.
    """

    workers: int
    lost: tuple[type[BaseException], ...]

    def open(self) -> Executor: ...
    def alone(self) -> Executor: ...
    def present(self) -> bool: ...
    def close(self, *, at_once: bool) -> None: ...


class Threads:
    """Threads of this process: for compiled code, which lets go of the interpreter's lock."""

    def __init__(self, jobs: int) -> None:
        self.lost = LOST
        self.workers = jobs
        self._executor = ThreadPoolExecutor(jobs)

    def open(self) -> Executor:
        return self._executor

    alone = open

    def present(self) -> bool:
        return True

    def close(self, *, at_once: bool) -> None:
        self._executor.shutdown(wait=not at_once, cancel_futures=True)


class Processes:
    """Worker processes of this machine (loky); they leave Ctrl-C to their parent."""

    def __init__(self, jobs: int) -> None:
        self.lost = LOST
        self.workers = jobs
        self._executor: Any = None

    def open(self) -> Executor:
        return self._of(self.workers)

    def alone(self) -> Executor:
        return self._of(1)

    def _of(self, jobs: int) -> Executor:
        from joblib.externals.loky import get_reusable_executor

        self._executor = get_reusable_executor(
            jobs, timeout=IDLE_S, initializer=begin_worker, initargs=(os.getpid(),)
        )
        executor: Executor = self._executor
        return executor

    def present(self) -> bool:
        return True

    def close(self, *, at_once: bool) -> None:
        """Workers that are not killed wait some minutes for the next pool."""
        if at_once and self._executor is not None:
            self._executor.shutdown(wait=False, kill_workers=True)
        self._executor = None


def begin_worker(parent: int) -> None:
    """Ctrl-C is the parent's to hear; and a worker whose parent was killed does not live on."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def pool_of(backend: Backend, jobs: int, address: str | None) -> Pool:
    """Raises UsageError for a cluster that cannot be reached or cannot serve."""
    if backend == "threads":
        return Threads(jobs)
    if backend == "loky":
        return Processes(jobs)
    from lobsim.workers.cluster import Cluster  # dask, 0.6 s

    return Cluster(address)
