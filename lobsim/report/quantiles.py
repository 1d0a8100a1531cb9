"""Quantiles of a stream of values with 95 % intervals over batches of it, in flat memory.

Up to BLOCK values all are kept: the estimate is the quantile of them all, its error that of the
quantiles of 2 to 20 batches about it ("sectioning": Asmussen and Glynn, "Stochastic Simulation",
2007, section III.5; Nakayama, 2014).  Beyond, it is the mean of the quantiles of batches of one
size, with Student's interval over batches (Law, "Simulation Modeling and Analysis", on quantiles;
the method of batch means): batches of FINE values, and of BLOCK as soon as there are 20 of those.

Bias: the quantile of a batch of m is off by some 1/m, and no number of batches mends that.  The
median-unbiased rule of Hyndman and Fan (1996) leaves little: of normal values the 5 % quantile is
off by about 0.8/m deviations, a fifth of its standard error at 400,000 values in batches of FINE,
and a sixtieth at a million in batches of BLOCK.
"""

import math
from typing import NamedTuple

import numpy as np

from lobsim.report.moments import Floats, Powers
from lobsim.report.statistics import UNKNOWN, around

LEVELS = 0.05, 0.5, 0.95
FEWEST = 40  # values, below which nothing is said
SMALLEST = 20  # values of a batch: fewer have no 5 % quantile of their own
BATCHES = 20  # of kept values, at most
FINE = 2_000  # values of a batch
BLOCK = 20_000


class Quantile(NamedTuple):
    """An estimate with its interval; all None where there are too few values."""

    value: float | None
    low: float | None
    high: float | None


class Quantiles:
    """The quantiles LEVELS of all values added, however they were cut."""

    def __init__(self) -> None:
        self.n = 0
        self._recent: list[Floats] = []  # since the last whole block
        self._held = 0
        self._fine = [Powers(2) for _ in LEVELS]
        self._coarse = [Powers(2) for _ in LEVELS]

    def add(self, values: Floats) -> None:
        self.n += len(values)
        while len(values):
            taken = values[: BLOCK - self._held]
            self._recent.append(taken.copy())
            self._held += len(taken)
            values = values[len(taken) :]
            if self._held == BLOCK:
                block = self.recent
                add_batches(self._fine, block, FINE)
                add_batches(self._coarse, block, BLOCK)
                self._recent, self._held = [], 0

    @property
    def recent(self) -> Floats:
        """(values,) since the last whole block: all that were added, if fewer than BLOCK."""
        return np.concatenate(self._recent) if self._recent else np.zeros(0)

    @property
    def estimates(self) -> tuple[Quantile, ...]:
        """One for each of LEVELS."""
        if self.n < FEWEST:
            return tuple(Quantile(None, *UNKNOWN) for _ in LEVELS)
        if self.n < BLOCK:
            return sectioned(self.recent)
        if self.n >= BATCHES * BLOCK:
            return tuple(batched(each) for each in self._coarse)
        whole = self._held // FINE * FINE
        rest = quantiles_of(self.recent[:whole].reshape(-1, FINE)) if whole else None
        return tuple(
            batched(each, None if rest is None else rest[level])
            for level, each in enumerate(self._fine)
        )


def quantiles_of(batches: Floats) -> Floats:
    """(levels, batches) of (batches, values)."""
    found: Floats = np.quantile(batches, LEVELS, axis=1, method="median_unbiased")
    return found


def add_batches(sums: list[Powers], values: Floats, size: int) -> None:
    for each, found in zip(sums, quantiles_of(values.reshape(-1, size)), strict=True):
        each.add(found)


def batched(sums: Powers, rest: Floats | None = None) -> Quantile:
    """From the quantiles of batches; `rest` are those of batches not in the sums."""
    n, mean, squares = sums.n, sums.mean, (sums.variance or 0.0) * (sums.n - 1)
    if rest is not None:
        n += len(rest)
        apart = rest - mean
        moved = math.fsum(apart.tolist()) / n
        squares += (sums.n * moved * moved) + math.fsum(((apart - moved) ** 2).tolist())
        mean += moved
    return Quantile(mean, *around(mean, math.sqrt(squares / (n - 1) / n), n))


def sectioned(values: Floats) -> tuple[Quantile, ...]:
    """From values that are all kept; those that fill no batch are in the estimate alone."""
    count = min(BATCHES, len(values) // SMALLEST)
    size = len(values) // count
    whole = quantiles_of(values[np.newaxis])[:, 0]
    batches = quantiles_of(values[: count * size].reshape(count, size))
    found = []
    for value, each in zip(whole.tolist(), batches, strict=True):
        squares = math.fsum(((each - value) ** 2).tolist())
        error = math.sqrt(squares / (count - 1) / count)
        found.append(Quantile(value, *around(value, error, count)))
    return tuple(found)
