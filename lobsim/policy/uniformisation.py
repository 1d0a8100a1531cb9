"""w' = M w for a tridiagonal M with nothing negative off its diagonal, by uniformisation:

    exp(M h) = exp(-s h) sum_n ((M + s I) h)^n / n!,   s = -min diag M

No term is below 0, so nothing cancels and every component of w keeps its full relative
accuracy, however small it is beside the others.  w is kept as a logarithm, its scale apart.
Sources: Jensen 1953 (the series); Grassmann 1977 (its accuracy component by component).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHORT = 16.0  # the most r h of one series: its terms stay below exp(16)


@dataclass(frozen=True, slots=True)
class Tridiagonal:
    """M_{q,q+1} = up, M_{q,q-1} = down, both >= 0; the diagonal is of shape (n,)."""

    up: float
    down: float
    diagonal: Floats

    @property
    def shift(self) -> float:
        """s: what makes M + s I nowhere negative, and 0 in at least one place of its diagonal."""
        return -float(self.diagonal.min())

    @property
    def rate(self) -> float:
        """r: the largest row sum of M + s I."""
        return float(self.diagonal.max()) + self.shift + self.up + self.down

    def growth(self, logs: Floats) -> float:
        """The largest row sum of D^-1 (M + s I) D, D = diag(exp(logs)): s + max w'_q / w_q.

        It never rises while w evolves: the series for D^-1 exp(M h) D may be cut by it for
        every later w too.
        """
        return float(np.max(sum(self.conjugate(logs))))

    def conjugate(self, logs: Floats) -> tuple[Floats, Floats, Floats]:
        """The diagonal of D^-1 (M + s I) D, and what is right and left of it (0 at the ends)."""
        right, left = np.zeros(len(logs)), np.zeros(len(logs))
        slope = np.diff(logs)
        right[:-1], left[1:] = _scaled(self.up, slope), _scaled(self.down, -slope)
        return self.diagonal + self.shift, right, left


def _scaled(hop: float, slope: Floats) -> Floats:
    """hop exp(slope), inf only where that is beyond the floats, and 0 for a hop of 0."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        steep: Floats = np.exp(np.log(hop) + slope)
        scaled: Floats = np.where(slope < 700, hop * np.exp(np.minimum(slope, 700)), steep)
    return scaled


class Logs(NamedTuple):
    """ln w = shape + scale: a vector and the scale that is common to its components."""

    shape: Floats
    scale: float


def series(matrix: Tridiagonal, start: Floats, h: float) -> Logs:
    """The sum itself, for r h <= SHORT, whatever the start: even one that spans e^100000.

    The way from j to q takes d = |q - j| hops at least, and all ways together weigh between 1
    and exp(r h) times (hop h)^d / d!.  So b_q = max_j (start_j + ln((hop h)^d / d!)) is ln w_q
    but for a factor that does no harm; the sum is taken of w / exp(b).
    """
    n, mean = len(start), max(matrix.rate * h, 1e-300)
    hops = np.arange(n)
    weights = np.concatenate(([0.0], np.cumsum(np.log(hops[1:]))))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_up, log_down = np.log([matrix.up, matrix.down]) + math.log(h)
        up = np.where(hops > 0, hops * log_up, 0.0) - weights
        down = np.where(hops > 0, hops * log_down, 0.0) - weights
    lag = hops - hops[:, np.newaxis]  # row q, column j
    reach = np.where(lag > 0, up[np.maximum(lag, 0)], down[np.maximum(-lag, 0)]) + start
    best = reach.max(axis=1)
    small = mean + math.log(n) + 40  # e^-40 is below half of the last digit
    farthest = int(np.abs(lag)[reach > best[:, np.newaxis] - small].max())
    # The most that these can be, were it not for the rounding of a huge ln w.
    most = math.log(max(n, mean**2)) + 1
    middle = (matrix.diagonal + matrix.shift) * h
    right = np.exp(np.minimum(log_up + np.diff(best), most))
    left = np.exp(np.minimum(log_down - np.diff(best), most))
    term = np.exp(start - best)
    total = term.copy()
    for i in range(1, farthest + _terms(mean) + 1):
        following = middle * term
        following[:-1] += right * term[1:]
        following[1:] += left * term[:-1]
        term = following / i
        total += term
    logs = best + np.log(total)
    top = float(logs.max())
    return Logs(logs - top, top - matrix.shift * h)


def _terms(mean: float) -> int:
    """How many terms of sum mean^n / n! leave a remainder below 1e-17."""
    count, log_term = 1, math.log(mean)
    while log_term > -40 or count < 2 * mean:
        count += 1
        log_term += math.log(mean / count)
    return count
