"""Means, deviations and intervals over replications."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over n replications with its 95 % Student interval.

    `sd` is over n - 1.  With one replication deviation and interval are None.
    """

    n: int
    mean: float
    sd: float | None
    low: float | None
    high: float | None


def mean_of(values: ArrayLike) -> float:
    """Of (n,) values, one or more; in any order alike."""
    known = np.asarray(values, dtype=np.float64)
    return math.fsum(known.tolist()) / len(known)


def estimate(values: ArrayLike) -> Estimate:
    """Of (n,) values.  Raises ValueError for none.  Sums by `math.fsum`, so in any order alike."""
    known = np.asarray(values, dtype=np.float64)
    n = len(known)
    if not n:
        raise ValueError("no values to estimate from")
    mean = mean_of(known)
    if n == 1:
        return Estimate(1, mean, None, None, None)
    apart = known - mean
    sd = math.sqrt(math.fsum((apart * apart).tolist()) / (n - 1))
    half = float(stdtrit(n - 1, 0.975)) * sd / math.sqrt(n)
    return Estimate(n, mean, sd, mean - half, mean + half)
