"""Named streams of random numbers, all derived from one seed and one replication number.

A stream depends on its own name only, not on which other streams exist or on the order in
which they are asked for.  So adding a strategy leaves the order flow as it was, and two
strategies can be compared in the same market (common random numbers; Law, Simulation
Modeling and Analysis, section 11.2).  A stream gives one kind of variate.
"""

import hashlib
from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import numpy as np

BLOCK = 256  # variates drawn at once


def generator(seed: int, replication: int, name: str) -> np.random.Generator:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in (0, 4))
    sequence = np.random.SeedSequence(seed, spawn_key=(replication, *key))
    return np.random.Generator(np.random.PCG64DXSM(sequence))


class Stream:
    """A generator's variates one at a time, under the generator's own names.

    They are drawn in blocks, which gives the same numbers in a sixth of the time of single
    draws from Python (53 against 328 ns).
    """

    __slots__ = ("random", "standard_exponential", "standard_normal")

    def __init__(self, rng: np.random.Generator) -> None:
        self.random = one_by_one(rng.random)
        self.standard_exponential = one_by_one(rng.standard_exponential)
        self.standard_normal = one_by_one(rng.standard_normal)


def one_by_one(draw: Callable[[int], Any]) -> Callable[[], float]:
    blocks = (draw(size).tolist() for size in repeat(BLOCK))
    return chain.from_iterable(blocks).__next__


class Streams:
    """Hands out a stream per name."""

    def __init__(self, seed: int, replication: int = 0) -> None:
        self.seed = seed
        self.replication = replication

    def named(self, name: str) -> Stream:
        return Stream(self.generator(name))

    def generator(self, name: str) -> np.random.Generator:
        return generator(self.seed, self.replication, name)
