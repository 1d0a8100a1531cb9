"""The maker in C, compiled and called: the raw limit of a batch, and the law of what it earns."""

import ctypes
import math
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from lobsim.setup import Setup

SOURCE = Path(__file__).with_name("maker.c")
GAMMA = 0.1


class Law(NamedTuple):
    """What a maker earns: mean and deviation over so many paths."""

    mean: float
    sd: float
    paths: float

    def apart(self, other: "Law") -> float:
        """How many standard errors the means or the deviations are apart, whichever is more."""
        error = self.sd * math.sqrt(1 / self.paths + 1 / other.paths)
        return max(abs(self.mean - other.mean), math.sqrt(2) * abs(self.sd - other.sd)) / error


Maker = Callable[[Setup, int, Any], int]


def c_maker() -> Maker:
    """Plays so many paths, returns the number of orders, fills in sums of profit and its square."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "maker.so"
        fast = ["-O3", "-march=native", "-shared", "-fPIC"]  # numba too compiles for this machine
        subprocess.run(["cc", *fast, "-o", library, SOURCE, "-lm"], check=True)
        maker = ctypes.CDLL(str(library)).maker  # stays loaded when the file has gone
    maker.restype = ctypes.c_int64
    maker.argtypes = [*[ctypes.c_double] * 6, ctypes.c_uint64, ctypes.c_int64, ctypes.c_void_p]

    def play(setup: Setup, paths: int, sums: Any) -> int:
        market = setup.only.market
        rates = market.sigma, market.k, setup.only.market.A, market.d0
        return int(maker(GAMMA, *rates, market.duration_s, 1, paths, sums.ctypes.data))

    return play
