"""Facts of market orders: the gaps between them, and how the mid follows them."""

import numpy as np

from lobsim.data.blocks import BLOCKS, Blocks, Floats
from lobsim.data.quotes import MarketOrders

CLASSES = 5  # of sizes, as many orders in each where sizes allow


def gap_cv(cut: Blocks, time_s: Floats, parts: int) -> Floats:
    """(resamples,) deviation over mean of the gaps between orders: 1 for a Poisson process.

    With several parts of the day each gap is measured by the mean gap of its part, so that a rate
    that changes slowly (busy mornings) is not taken for clustering.
    """
    gaps, begins = np.diff(time_s), time_s[:-1]
    part = cut.of(begins) * parts // BLOCKS
    total, count = np.bincount(part, gaps, parts), np.bincount(part, minlength=parts)
    gaps = gaps * (count / np.where(total > 0, total, 1))[part]
    n, first, second = (cut.sums(begins, gaps**power)[:, 0] for power in range(3))
    return np.asarray(np.sqrt(np.maximum(n * second / (first * first) - 1, 0)))


def distance_from_exponential(cut: Blocks, time_s: Floats) -> Floats:
    """(resamples,) Kolmogorov's: the largest distance between the distribution of the gaps and the
    exponential one of their mean.
    """
    gaps, block = np.diff(time_s), cut.of(time_s[:-1])
    order = np.argsort(gaps, kind="stable")
    gaps, block = gaps[order], block[order]
    found = np.empty(len(cut.weights))
    for i, weights in enumerate(cut.weights):  # one by one: all at once would be n x resamples
        each = weights[block]
        below = np.cumsum(each)
        law = -np.expm1(-gaps * below[-1] / (each @ gaps))
        above = below / below[-1] - law
        found[i] = max(above.max(), (each / below[-1] - above).max())
    return found


def exponential_distance(count: int) -> float:
    """What the distance of so many independent exponential gaps exceeds in one of 100 samples.

    Stephens, "EDF statistics for goodness of fit and some comparisons", JASA 69, 1974, table 1.4.
    """
    root = float(np.sqrt(count))
    return 1.308 / (root + 0.26 + 0.5 / root) + 0.2 / count


def response(cut: Blocks, orders: MarketOrders, lag: int) -> Floats:
    """(resamples,) the mean of sign x (mid just before the order `lag` later - mid just before this
    one), over the mean of half the spread just before them.
    """
    moved = orders.side[:-lag] * (orders.mid[lag:] - orders.mid[:-lag])
    begins = orders.time_s[:-lag]
    return np.asarray(cut.sums(begins, moved)[:, 0] / cut.sums(begins, orders.half[:-lag])[:, 0])


def impacts(cut: Blocks, orders: MarketOrders) -> tuple[Floats, Floats, Floats]:
    """(classes,) mean sizes (shares), (resamples, classes) the mid's mean move by the next order,
    in half-spreads, and (resamples,) b where a move is as size^b: concave below 1.

    b is from two means: of the orders that are larger than the median (as large, if it is the
    largest), and of the others; NaN where a mean move is not above 0, or all sizes are one.
    """
    size = orders.size[:-1]
    edges = np.unique(np.quantile(size, np.arange(1, CLASSES) / CLASSES))
    sizes, moves = by_class(cut, orders, np.searchsorted(edges, size))
    middle = np.median(size)
    large = (size > middle if (size > middle).any() else size == middle).astype(np.int64)
    if large.all():
        return sizes[0], moves, np.full(len(moves), np.nan)
    of_two, move = by_class(cut, orders, large)
    exponent = np.log(move[:, 1] / move[:, 0]) / np.log(of_two[:, 1] / of_two[:, 0])
    exponent[(move <= 0).any(axis=1) | ~np.isfinite(exponent)] = np.nan
    return sizes[0], moves, exponent


def by_class(
    cut: Blocks, orders: MarketOrders, classes: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> tuple[Floats, Floats]:
    """(resamples, classes) mean size, and mean move in half-spreads of all."""
    _, column = np.unique(classes, return_inverse=True)
    begins = orders.time_s[:-1]
    moved = orders.side[:-1] * np.diff(orders.mid)
    count = cut.sums(begins, np.ones(len(begins)), column)
    half = cut.sums(begins, orders.half[:-1]) / count.sum(axis=1, keepdims=True)
    size = cut.sums(begins, orders.size[:-1].astype(float), column) / count
    return size, cut.sums(begins, moved, column) / count / half
