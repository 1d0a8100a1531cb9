"""A and k of orders that come at rate A exp(-k distance from the mid), two ways.

By the depth that they reach, with least squares on the log intensity, as the field does; and by
the likelihood of when they came, where the distance is that of the best quote at that time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lobsim.data.blocks import Floats

LONGEST = 500  # what k times the range of distances may be; more is a k that nothing determines
CLASSES = 10  # of distance, for the comparison of what came with what was expected


@dataclass(frozen=True, slots=True)
class Line:
    """The log intensity as a line of the depth, for each resample: log A - k depth, and R^2."""

    log_A: Floats
    k: Floats
    r2: Floats


def log_linear(depths: Floats, counts: Floats, seconds: Floats) -> Line:
    """Least squares on log(counts / (2 seconds)), counts (resamples, depths) of both sides that
    reach a depth; depths that none reached are left out; NaN where fewer than three are left.
    """
    seen = counts > 0
    points = seen.sum(axis=1)
    y = np.log(np.where(seen, counts, 1)) - np.log(2 * seconds)[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_x = (seen * depths).sum(axis=1) / points
        mean_y = (seen * y).sum(axis=1) / points
        dx = seen * (depths - mean_x[:, np.newaxis])
        dy = seen * (y - mean_y[:, np.newaxis])
        k = -(dx * dy).sum(axis=1) / (dx * dx).sum(axis=1)
        left = ((dy + k[:, np.newaxis] * dx) ** 2).sum(axis=1)
        r2 = 1 - left / (dy * dy).sum(axis=1)
    good = points >= 3
    return Line(*(np.where(good, each, np.nan) for each in (mean_y + k * mean_x, k, r2)))


def likeliest(
    halves: Floats, seconds: Floats, orders: Floats, distance: Floats
) -> tuple[Floats, Floats]:
    """(log A, k) for each resample that maximise  sum log intensity - integral of intensity dt.

    `seconds` (resamples, halves) is how long the best quotes were at each distance, `orders` how
    many came, of both sides, and `distance` the sum of the distances that they found.  The k of
    the maximum makes the mean distance that is expected equal to the one found; that mean falls
    with k, so k is found by halving.  NaN where all distances are alike.
    """
    away = halves - halves[0]
    span = away[-1] if len(away) > 1 else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = distance / orders - halves[0]
        low = np.full(len(orders), -LONGEST / span if span else np.nan)
        high = -low
        for _ in range(80):
            k = (low + high) / 2
            weight = seconds * np.exp(-k[:, np.newaxis] * away)
            above = (weight * away).sum(axis=1) / weight.sum(axis=1) > wanted
            low, high = np.where(above, k, low), np.where(above, high, k)
        k = np.where(abs(k) * span < 0.99 * LONGEST, k, np.nan)
        weight = seconds * np.exp(-k[:, np.newaxis] * away)
        return np.log(orders / (2 * weight.sum(axis=1))) + k * halves[0], k


def deviations(
    halves: Floats, seconds: Floats, orders: float, log_A: float, k: float
) -> tuple[float, float]:
    """Of (log A, k), from the information matrix of the likelihood."""
    weight = seconds * np.exp(log_A - k * halves)
    weight /= weight.sum()
    mean = float((weight * halves).sum())
    variance = float((weight * (halves - mean) ** 2).sum())
    return float(np.sqrt((1 + mean * mean / variance) / orders)), float(
        1 / np.sqrt(orders * variance)
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many orders came at each class of distance, against how many the likelihood expects."""

    up_to: Floats  # ticks: where each class ends
    ratio: Floats
    p: float  # chi-squared: of orders that come one by one


def agreement(halves: Floats, seconds: Floats, orders: Floats, log_A: float, k: float) -> Agreement:
    """Classes of distance in which about as many orders are expected; `orders` (halves,)."""
    from scipy.special import chdtrc

    expected = 2 * seconds * np.exp(log_A - k * halves)
    place = classes(expected)
    hoped, came = np.bincount(place, weights=expected), np.bincount(place, weights=orders)
    ends = np.array([halves[place == each].max() for each in range(len(hoped))])
    free = max(len(hoped) - 2, 1)
    return Agreement(
        ends, came / hoped, float(chdtrc(free, float(((came - hoped) ** 2 / hoped).sum())))
    )


def classes(expected: Floats) -> NDArray[np.int64]:
    """The class of each value: of values that follow each other, a tenth of all or more in each."""
    wanted = expected.sum() / CLASSES
    place, number, held = np.zeros(len(expected), np.int64), 0, 0.0
    for i, each in enumerate(expected.tolist()):
        place[i] = number
        held += each
        if held >= wanted:
            number, held = number + 1, 0.0
    return np.minimum(place, max(number - 1, 0))  # too few are left at the end for one more
