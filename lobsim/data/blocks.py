"""Intervals by the block bootstrap: stretches of time are drawn again, with all that was in them.

Every estimate here is a function of sums over blocks, so a resample is a row of weights.  Blocks
keep the clustering of orders and of volatility that is shorter than they are (Kuensch, 1989).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BLOCKS = 20
RESAMPLES = 500
LEVEL = 0.95
LARGEST_LOG = 700.0  # of a float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def scaled(self, factor: float) -> "Estimate":
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Blocks:
    """A span of time in equal parts, and the weights of resamples; the first is what was seen."""

    first_s: float
    last_s: float
    weights: Floats  # (1 + resamples, blocks)

    @property
    def length_s(self) -> float:
        return (self.last_s - self.first_s) / BLOCKS

    def of(self, time_s: Floats) -> NDArray[np.int64]:
        """The block that each time is in."""
        place = (time_s - self.first_s) / self.length_s
        return np.clip(place.astype(np.int64), 0, BLOCKS - 1)

    def sums(
        self, time_s: Floats, values: Floats, columns: NDArray[np.int64] | None = None
    ) -> Floats:
        """(resamples, columns) sums of values, each in the block of its time and in its column."""
        if columns is None:
            columns = np.zeros(len(time_s), np.int64)
        width = int(columns.max(initial=0)) + 1
        cells = np.bincount(
            self.of(time_s) * width + columns, weights=values, minlength=BLOCKS * width
        )
        return self.weights @ cells.reshape(BLOCKS, width)


def blocks(first_s: float, last_s: float, seed: int) -> Blocks:
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(BLOCKS, np.full(BLOCKS, 1 / BLOCKS), RESAMPLES)
    return Blocks(first_s, last_s, np.vstack([np.ones((1, BLOCKS)), drawn]).astype(float))


def interval(resampled: Floats) -> Estimate:
    """About the first of `resampled`, by the deviation of the others and Student's t.

    So few blocks make percentiles too narrow: the deviation is that of a mean of `BLOCKS`.
    """
    value, reach = float(resampled[0]), student() * deviation(resampled)
    return Estimate(value, value - reach, value + reach)


def deviation(resampled: Floats) -> float:
    """The standard error of the first."""
    return float(np.nanstd(resampled[1:])) * float(np.sqrt(BLOCKS / (BLOCKS - 1)))


def positive_interval(resampled: Floats) -> Estimate:
    """The same on the logarithm, of a figure above 0; resamples that are not are left out."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(resampled)
    return log_interval(np.where(np.isfinite(logs), logs, np.nan))


def log_interval(logs: Floats) -> Estimate:
    """Of the figure that these are the logarithms of."""
    found = interval(logs)
    return Estimate(
        *(math.exp(min(each, LARGEST_LOG)) for each in (found.value, found.low, found.high))
    )


def student(lines: int = 1, freedom: float = BLOCKS - 1) -> float:
    """How many standard errors an interval reaches; of `lines` intervals that all hold at once
    (Bonferroni).
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - (1 - LEVEL) / (2 * lines)))
