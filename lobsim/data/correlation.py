"""Correlations of what follows on what, for every resample of blocks of time."""

from collections.abc import Sequence

import numpy as np

from lobsim.data.blocks import BLOCKS, Blocks, Floats

Series = Sequence[tuple[Floats, Floats]]  # times (s) and values, of one series or more


def correlation(cut: Blocks, pairs: Sequence[tuple[Floats, Floats, Floats]]) -> Floats:
    """(resamples,) Pearson's correlation of pairs (times, x, y), each in the block of its time."""
    cells = np.zeros((BLOCKS, 6))
    for time_s, x, y in pairs:
        block = cut.of(time_s)
        for column, values in enumerate((np.ones(len(x)), x, y, x * x, y * y, x * y)):
            cells[:, column] += np.bincount(block, values, BLOCKS)
    n, x, y, xx, yy, xy = (cut.weights @ cells).T
    return np.asarray((n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y)))


def autocorrelations(cut: Blocks, series: Series, lags: int) -> Floats:
    """(resamples, lags) of each value with that 1, 2, ... later; a pair is in its first's block."""
    return np.stack(
        [
            correlation(cut, [(t[:-lag], x[:-lag], x[lag:]) for t, x in series])
            for lag in range(1, lags + 1)
        ],
        axis=1,
    )
