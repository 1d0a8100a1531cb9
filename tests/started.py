"""Worker processes that are started in one of Python's own ways."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from lobsim.workers.pools import LOST


class Started:
    """A pool as `lobsim.workers.pools` has them: of "fork", "forkserver" or "spawn"."""

    def __init__(self, method, jobs):
        self.workers, self.lost = jobs, LOST
        self._context = multiprocessing.get_context(method)

    def open(self):
        self._executor = ProcessPoolExecutor(self.workers, mp_context=self._context)
        return self._executor

    alone = open

    def present(self):
        return True

    def close(self, *, at_once):
        self._executor.shutdown(wait=not at_once, cancel_futures=True)
