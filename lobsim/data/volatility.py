"""How much the mid moves: realised volatility at several sampling intervals, and without noise."""

import numpy as np

from lobsim.data.blocks import Blocks, Floats
from lobsim.data.quotes import Quotes

INTERVALS_S = (1, 10, 60)
OFFSETS = 10  # shifts of the grid over which a figure is averaged


def moves(seen: Quotes, interval_s: float, offset_s: float = 0.0) -> tuple[Floats, Floats]:
    """When each interval begins, and how far the mid moves in it (ticks): a grid on whole seconds
    (tenths, hundredths ... where intervals are shorter), with the latest mid at each of its points.
    """
    unit = min(10.0 ** np.floor(np.log10(interval_s)), 1.0)
    first = np.floor(seen.first_s / unit) * unit + offset_s
    last = np.floor(seen.last_s / unit) * unit
    grid = first + interval_s * np.arange(int((last - first) / interval_s + 1e-9) + 1)
    at = np.maximum(np.searchsorted(seen.time_s, grid, side="right") - 1, seen.begin)
    return grid[:-1], np.diff(seen.mid[at])


def variances(seen: Quotes, blocks: Blocks, interval_s: float) -> Floats:
    """(resamples,) of the mid, ticks^2 per second, over all offsets."""
    total, count = np.zeros(len(blocks.weights)), np.zeros(len(blocks.weights))
    for j in range(OFFSETS):
        begin_s, moved = moves(seen, interval_s, interval_s * j / OFFSETS)
        total += blocks.sums(begin_s, moved * moved)[:, 0]
        count += blocks.sums(begin_s, np.ones(len(moved)))[:, 0]
    return total / (count * interval_s)


def two_scales(fast: Floats, fast_s: float, slow: Floats, slow_s: float) -> Floats:
    """The variance that both scales agree on, if noise adds as much to every move, however long.

    Zhang, Mykland and Ait-Sahalia, "A tale of two time scales", JASA 100(472), 2005: the slow
    scale averaged over offsets, less the fast one's share of noise, with the correction for small
    samples, 1 / (1 - fast_s / slow_s).
    """
    return np.asarray((slow_s * slow - fast_s * fast) / (slow_s - fast_s))
