"""Facts of the moves of the mid over a sampling interval."""

import numpy as np

from lobsim.data.blocks import Blocks, Floats
from lobsim.data.correlation import correlation
from lobsim.data.record import Record
from lobsim.data.volatility import OFFSETS, moves

TAIL = 0.05  # share of the moves that are the tail
FINE = 5  # steps of a half-tick before the tail begins, or its shape is that of the ticks
NORMAL_TAIL = 5.998  # the tail index of normal moves there: TAIL / integral of P(|Z| > x) / x

Moves = list[
    tuple[Floats, Floats]
]  # when each begins (s) and how far it goes (currency), by offset


def moves_at(of: Record, interval_s: float) -> Moves:
    found = (moves(of.quotes, interval_s, interval_s * j / OFFSETS) for j in range(OFFSETS))
    return [(begins, of.tick * moved) for begins, moved in found]


def kurtosis(cut: Blocks, each: Moves) -> Floats:
    """(resamples,) mean fourth power over squared mean square; 3 for normal moves.

    A mid that mostly stands still has a large one, whatever its tails are.
    """
    n, second, fourth = (
        sum(cut.sums(begins, moved**power)[:, 0] for begins, moved in each) for power in (0, 2, 4)
    )
    return np.asarray(n * fourth / (second * second))


def tail_index(cut: Blocks, each: Moves, step: float) -> Floats:
    """(resamples,) Hill's, of the largest TAIL of the moves: P(|move| > x) falls as x^-index.

    The tail begins where it does in the whole sample, half way to the next of the values that
    moves can have (whole numbers of `step`); where these are too few to say, NaN.  Hill, "A simple
    general approach to inference about the tail of a distribution", Annals of Statistics 3, 1975.
    """
    begin = float(np.quantile(np.abs(np.concatenate([moved for _, moved in each])), 1 - TAIL))
    begin = (np.floor(begin / step + 1e-6) + 0.5) * step
    count, logs = np.zeros(len(cut.weights)), np.zeros(len(cut.weights))
    if begin < FINE * step:
        return np.full(len(cut.weights), np.nan)
    for begins, moved in each:
        far = np.abs(moved) > begin
        count += cut.sums(begins[far], np.ones(int(far.sum())))[:, 0]
        logs += cut.sums(begins[far], np.log(np.abs(moved[far]) / begin))[:, 0]
    return np.asarray(count / logs)


def with_volume(of: Record, cut: Blocks, each: Moves, interval_s: float) -> Floats:
    """(resamples,) correlation of |move| with the number of market orders in the interval."""
    time_s = of.orders.time_s
    pairs = []
    for begins, moved in each:
        ends = np.searchsorted(time_s, begins + interval_s)
        count = (ends - np.searchsorted(time_s, begins)).astype(float)
        pairs.append((begins, np.abs(moved), count))
    return correlation(cut, pairs)
