"""Student's intervals over replications, and Bonferroni's over several figures.

Sources: Law, "Simulation Modeling and Analysis" (Student's interval over replications, and
Bonferroni's inequality for several comparisons).
"""

from functools import cache
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """From `low` to `high`; both None where nothing is known."""

    low: float | None
    high: float | None


UNKNOWN = Interval(None, None)


@cache
def student(freedom: int, confidence: float = CONFIDENCE) -> float:
    """How many standard errors to either side hold the share `confidence` of Student's law."""
    from scipy.special import stdtrit  # 0.1 s; scipy.stats takes 0.6

    return float(stdtrit(freedom, (1 + confidence) / 2))


@cache
def normal(confidence: float = CONFIDENCE) -> float:
    """How many deviations to either side hold the share `confidence` of the normal law."""
    from scipy.special import ndtri

    return float(ndtri((1 + confidence) / 2))


def each_of(comparisons: int) -> float:
    """The confidence of each of several intervals, so that all of them hold with 95 %.

    Bonferroni's inequality: chances of error add up at most, whatever depends on what.
    """
    return 1 - (1 - CONFIDENCE) / comparisons


def around(middle: float, error: float | None, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Student's interval about an estimate of n values, `error` its standard error."""
    if error is None or n < 2:
        return UNKNOWN
    half = student(n - 1, confidence) * error
    return Interval(middle - half, middle + half)
