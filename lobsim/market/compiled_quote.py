"""A strategy's compiled function: what it is called with, and how.

One C function by its address, for both engines: what it sees, what it keeps in mind, and where it
writes its depths.
"""

from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_double, c_int64
from math import nan
from typing import Any, NamedTuple

Doubles = Any  # an array of ctypes
SEEN = 5  # numbers of an observation
WIDEST = (
    10.0  # mean reaches of an order: where others' best prices are said to be if there are none
)
AS_C: Any = CFUNCTYPE(
    c_int64, POINTER(c_double), POINTER(c_double), c_int64, POINTER(c_double)
)  # fmt: skip


class CompiledQuote(NamedTuple):
    """`memory` is as every replication begins; `again` calls the function in Python, for its
    error's sake, and `kept` keeps the machine code.
    """

    address: int
    memory: tuple[float, ...]
    again: Callable[[Doubles, Doubles], None]
    kept: Any


class Asked:
    """A compiled function in one replication."""

    def __init__(self, compiled: CompiledQuote) -> None:
        self.observation: Doubles = (c_double * SEEN)()
        self._count = len(compiled.memory)
        self._memory: Doubles = (c_double * self._count)(*compiled.memory)
        self._depths: Doubles = (c_double * 2)()
        self._call = AS_C(compiled.address)
        self._again = compiled.again

    def answer(self) -> tuple[float, float]:
        """The depths that it answers what stands in `observation` with.

        Raises what the function raises.
        """
        before = type(self._memory).from_buffer_copy(self._memory)
        self._depths[:] = nan, nan
        if not self._call(self.observation, self._memory, self._count, self._depths):
            self._again(self.observation, before)
            raise ValueError("its compiled form raises an error that Python does not")
        return self._depths[0], self._depths[1]
