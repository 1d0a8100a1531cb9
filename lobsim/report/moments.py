"""Moments of one column or two, from sums that are added to cell by cell.

Powers are summed about a fixed value of the column itself, the middle one of its first cell: near
the mean no digits are lost, and equal values have a deviation of exactly 0.  Floats are summed by
`math.fsum` inside a cell, then cell after cell; whole numbers exactly.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.report.statistics import CONFIDENCE, UNKNOWN, Interval, normal, student

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Total:
    """A running sum in two floats, so that the number of cells costs no digits.

    Source: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
    ZAMM 54, 1974.
    """

    __slots__ = ("_rest", "_sum")

    def __init__(self) -> None:
        self._sum = self._rest = 0.0

    def add(self, cell: Floats) -> None:
        value = math.fsum(cell.tolist())
        total = self._sum + value
        larger, smaller = self._sum, value
        if abs(larger) < abs(smaller):
            larger, smaller = smaller, larger
        self._rest += (larger - total) + smaller
        self._sum = total

    @property
    def value(self) -> float:
        return self._sum + self._rest


def middle(cell: Floats) -> float:
    """A value of the cell with about half of the others below it."""
    return float(np.sort(cell)[len(cell) // 2])


class Powers:
    """Sums of the powers 1 to `order` of a column about a fixed value."""

    def __init__(self, order: int) -> None:
        self.n = 0
        self.about = 0.0
        self._sums = [Total() for _ in range(order)]

    def add(self, cell: Floats) -> Floats:
        """(values,) the cell less the fixed value."""
        if not self.n:
            self.about = middle(cell)
        apart = cell - self.about
        power = apart
        for each in self._sums:
            each.add(power)
            power = power * apart
        self.n += len(cell)
        return apart

    def raw(self, power: int) -> float:
        """The mean of a power of what is left above the fixed value."""
        return self._sums[power - 1].value / self.n

    @property
    def mean(self) -> float:
        return self.about + self.raw(1)

    @property
    def variance(self) -> float | None:
        """Over n - 1; None of one value."""
        if self.n < 2:
            return None
        first = self.raw(1)
        return max(0.0, (self.raw(2) - first * first) * (self.n / (self.n - 1)))

    @property
    def sd(self) -> float | None:
        variance = self.variance
        return None if variance is None else math.sqrt(variance)

    @property
    def error(self) -> float | None:
        """The standard error of the mean."""
        sd = self.sd
        return None if sd is None else sd / math.sqrt(self.n)

    @property
    def fourth(self) -> float:
        """The mean fourth power of what is left above the mean, of order 4."""
        m1, m2, m3, m4 = (self.raw(power) for power in (1, 2, 3, 4))
        return max(0.0, m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4)

    @property
    def variance_of_variance(self) -> float:
        """Of n - 1, for any law: (m4 - sd^4 (n - 3) / (n - 1)) / n; of two values or more."""
        variance, n = self.variance or 0.0, self.n
        return max(0.0, (self.fourth - variance**2 * (n - 3) / (n - 1)) / n)

    def sd_reach(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """How far an interval of the deviation goes below and above it; of two values or more.

        By the delta method on its logarithm, so that it is never below 0, with the correction for
        few values of Bonett, "Approximate confidence interval for standard deviation of nonnormal
        distributions", Computational Statistics and Data Analysis 50, 2006; Student's quantile
        stands for his normal one, the plain fourth moment for his trimmed one.
        """
        sd, n = self.sd, self.n
        if not sd:
            return 0.0, 0.0
        larger = n / (n - min(n / 2, normal(confidence)))
        error = larger * math.sqrt(self.variance_of_variance) / (2 * sd * sd)
        # Two values at the levels of many comparisons say nothing: exp would overflow.
        factor = math.exp(min(50.0, student(n - 1, confidence) * error))
        middle = sd * math.sqrt(larger)
        return max(0.0, sd - middle / factor), middle * factor - sd

    def sd_interval(self, confidence: float = CONFIDENCE) -> Interval:
        sd = self.sd
        if sd is None:
            return UNKNOWN
        below, above = self.sd_reach(confidence)
        return Interval(sd - below, sd + above)


class Products:
    """Sums of products of powers of two columns, each about its fixed value."""

    def __init__(self, x: Powers, y: Powers) -> None:
        """Of order 4 both; to be added to before, or after, this."""
        self._x, self._y = x, y
        self._sums = {power: Total() for power in ((1, 1), (2, 1), (1, 2), (2, 2))}

    def add(self, x: Floats, y: Floats) -> None:
        """(values,) a cell of each column less its fixed value."""
        product = x * y
        self._sums[1, 1].add(product)
        self._sums[2, 1].add(product * x)
        self._sums[1, 2].add(product * y)
        self._sums[2, 2].add(product * product)

    def _raw(self, x: int, y: int) -> float:
        return self._sums[x, y].value / self._x.n

    @property
    def covariance(self) -> float | None:
        """Over n - 1; None of one value."""
        n = self._x.n
        if n < 2:
            return None
        return (self._raw(1, 1) - self._x.raw(1) * self._y.raw(1)) * (n / (n - 1))

    @property
    def covariance_of_variances(self) -> float:
        """Of n - 1, for any law; of two pairs or more.

        (m22 - variances' product) / n + 2 covariance^2 / (n (n - 1)): of a column and itself this
        is the variance of its variance.
        """
        n, x, y = self._x.n, self._x, self._y
        a, b, covariance = x.raw(1), y.raw(1), self.covariance or 0.0
        m22 = (
            self._raw(2, 2) - 2 * b * self._raw(2, 1) - 2 * a * self._raw(1, 2)
            + b * b * x.raw(2) + a * a * y.raw(2) + 4 * a * b * self._raw(1, 1)
            - 3 * a * a * b * b
        )  # fmt: skip
        variances = (x.variance or 0.0) * (y.variance or 0.0)
        return (m22 - variances + 2 * covariance**2 / (n - 1)) / n


@dataclass(slots=True)
class WholePowers:
    """Sums of whole numbers and of their squares, exactly."""

    n: int = 0
    sums: list[int] = field(default_factory=lambda: [0, 0])

    def add(self, cell: NDArray[Any]) -> None:
        self.n += len(cell)
        self.sums[0] += whole_sum(cell)
        self.sums[1] += whole_sum(cell, squares=True)

    @property
    def mean(self) -> float:
        return self.sums[0] / self.n

    @property
    def sd(self) -> float | None:
        """Over n - 1; None of one value."""
        n, (total, squares) = self.n, self.sums
        if n < 2:
            return None
        return math.sqrt((n * squares - total * total) / (n * (n - 1)))


def whole_sum(cell: NDArray[Any], *, squares: bool = False) -> int:
    """Exactly: in 64 bits where that is enough, which takes a hundredth of the time."""
    largest = max(int(cell.max()), -int(cell.min()))
    if len(cell) * (largest * largest if squares else largest) < 2**62:
        return int(np.dot(cell, cell) if squares else cell.sum())
    values: list[int] = cell.tolist()
    return sum(value * value for value in values) if squares else sum(values)
