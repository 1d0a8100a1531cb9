"""What a scenario needs to know of a real market: sigma, A, k with intervals, sizes, clusters."""

from dataclasses import dataclass

import numpy as np

from lobsim.data.blocks import (
    BLOCKS,
    Blocks,
    Estimate,
    Floats,
    blocks,
    interval,
    log_interval,
    positive_interval,
)  # fmt: skip
from lobsim.data.clusters import Hawkes, hawkes
from lobsim.data.intensity import Agreement, agreement, deviations, likeliest, log_linear
from lobsim.data.quotes import MarketOrders, Quotes
from lobsim.data.sizes import Sizes, sizes
from lobsim.data.volatility import INTERVALS_S, two_scales, variances
from lobsim.errors import StorageError, figure

FEWEST = 20  # market orders, without which nothing can be said
DEEPEST = 30.0  # ticks: the depths that are fitted end here, or at three half-spreads if further
ONE_TICK = 0.9  # share of the time; a spread that is one tick for longer says nothing of k
NORMAL = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Fit:
    """A per second and side, k per tick: rate A exp(-k depth) over depths `low` to `high`.

    r2 is of the log intensity; where the fit is by likelihood there is none, but intervals from
    the information matrix too, and an agreement.
    """

    name: str
    A: Estimate
    k: Estimate
    low: float  # ticks
    high: float
    r2: float | None = None
    A_information: Estimate | None = None
    k_information: Estimate | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Volatility:
    """Ticks per sqrt(s), by sampling interval; and of two scales, if these are two."""

    intervals_s: tuple[int, ...]
    realised: tuple[Estimate, ...]
    two_scales: Estimate | None

    @property
    def best(self) -> Estimate:
        return self.two_scales or self.realised[-1]


@dataclass(frozen=True, slots=True)
class Calibration:
    """depths and intensity are those that the fits by depth were made on, per second and side."""

    tick: float
    mid: float  # mean over time, ticks
    span_s: float
    spread: float  # ticks
    median_half: float  # ticks
    one_tick: float  # share of the time
    orders: int
    without_quotes: int
    rate: Estimate
    at_touch: float  # share of the orders that reached no further than the best quote
    volatility: Volatility
    depths: Floats
    intensity: Floats
    plain: Fit | None
    tail: Fit | None
    likelihood: Fit | None
    shares: float  # mean size, in steps of it
    lot: int  # as many steps
    lots: Sizes
    lots_seen: tuple[Floats, Floats]  # sizes in lots, and how many
    hawkes: dict[str, Hawkes]
    size_step: float  # what sizes were counted in

    @property
    def chosen(self) -> Fit | None:
        """The fit for a scenario: makers are the best quotes there, as in the likelihood."""
        return self.likelihood or self.tail or self.plain


def calibrate(
    seen: Quotes,
    orders: MarketOrders,
    tick: float,
    lot: int = 100,
    seed: int = 1,
    size_step: float = 1.0,
) -> Calibration:
    """Raises StorageError where too little happened."""
    if len(orders) < FEWEST:
        raise StorageError(f"{len(orders)} market orders: must be {FEWEST} or more to calibrate")
    if seen.span_s < BLOCKS:
        raise StorageError(f"{figure(seen.span_s)} s of quotes: must be {BLOCKS} s or more")
    cut = blocks(seen.first_s, seen.last_s, seed)
    halves, seconds = seen.shares()
    spans = cut.sums(seen.time_s, seen.lasting_s)[:, 0]
    counts = cut.sums(orders.time_s, np.ones(len(orders)))[:, 0]
    one_tick = float(seconds[halves == 0.5].sum() / seconds.sum())
    depths, reached = depth_counts(seen, orders, cut)
    fitted = one_tick < ONE_TICK
    lots = -(-orders.size // lot)
    values, number = np.unique(lots, return_counts=True)
    return Calibration(
        tick=tick,
        mid=float((seen.mid * seen.lasting_s).sum() / seen.lasting_s.sum()),
        span_s=seen.span_s,
        spread=seen.mean_spread,
        median_half=seen.median_half,
        one_tick=one_tick,
        orders=len(orders),
        without_quotes=orders.without_quotes,
        rate=positive_interval(counts / (2 * spans)),
        at_touch=float((orders.reach <= orders.half).mean()),
        volatility=volatility(seen, cut),
        depths=depths,
        intensity=reached[0] / (2 * spans[0]),
        plain=by_depth("depths", depths, reached, spans) if fitted else None,
        tail=by_depth("tail", *tail(depths, reached, seen), spans) if fitted else None,
        likelihood=by_likelihood(seen, orders, cut) if fitted else None,
        shares=float(orders.size.mean()),
        lot=lot,
        lots=sizes(lots),
        lots_seen=(values.astype(float), number.astype(float)),
        hawkes={
            name: hawkes(orders.time_s[orders.side == side] - seen.first_s, seen.span_s)
            for side, name in ((1, "buys"), (-1, "sells"))
            if (orders.side == side).sum() >= FEWEST
        },
        size_step=size_step,
    )


def volatility(seen: Quotes, cut: Blocks) -> Volatility:
    """At intervals that a block holds."""
    used = tuple(each for each in INTERVALS_S if each <= cut.length_s)
    found = [variances(seen, cut, each) for each in used]
    if not found[0][0]:
        raise StorageError("the mid does not move: there is no sigma to find")
    both = None
    if len(used) > 1:
        variance = two_scales(found[0], used[0], found[-1], used[-1])
        # Where long moves are no larger than short ones, noise is all there is.
        both = positive_interval(np.sqrt(np.maximum(variance, 0))) if variance[0] > 0 else None
    return Volatility(used, tuple(positive_interval(np.sqrt(each)) for each in found), both)


def depth_counts(seen: Quotes, orders: MarketOrders, cut: Blocks) -> tuple[Floats, Floats]:
    """(depths,) from half a tick on, and (resamples, depths) how many orders reached each."""
    column = np.floor(orders.reach - 0.5).astype(np.int64)
    good = column >= 0
    ended = cut.sums(orders.time_s[good], np.ones(int(good.sum())), column[good])
    reached = np.cumsum(ended[:, ::-1], axis=1)[:, ::-1]
    depths = 0.5 + np.arange(reached.shape[1], dtype=np.float64)
    fitted = depths <= max(DEEPEST, 1.5 * seen.mean_spread)
    return depths[fitted], reached[:, fitted]


def tail(depths: Floats, reached: Floats, seen: Quotes) -> tuple[Floats, Floats]:
    """From the last depth that is not beyond the mean half-spread."""
    far = depths > seen.mean_spread / 2 - 1
    return depths[far], reached[:, far]


def by_depth(name: str, depths: Floats, reached: Floats, spans: Floats) -> Fit | None:
    if not len(depths):
        return None
    line = log_linear(depths, reached, spans)
    if not line.k[0] > 0:
        return None
    return Fit(
        name, log_interval(line.log_A), interval(line.k),
        float(depths[0]), float(depths[-1]), r2=float(line.r2[0]),
    )  # fmt: skip


def by_likelihood(seen: Quotes, orders: MarketOrders, cut: Blocks) -> Fit | None:
    """None where the spread says nothing of k, or orders come the more the wider it is."""
    halves, seconds = seen.shares()
    known = ~np.isnan(seen.half)
    column = np.searchsorted(halves, seen.half[known])
    lasted = cut.sums(seen.time_s[known], seen.lasting_s[known], column)
    counts = cut.sums(orders.time_s, np.ones(len(orders)))[:, 0]
    log_A, k = likeliest(halves, lasted, counts, cut.sums(orders.time_s, orders.half)[:, 0])
    if not k[0] > 0:
        return None
    one, other = deviations(halves, seconds, counts[0], log_A[0], k[0])
    found = np.searchsorted(halves, orders.half)
    came = np.bincount(found, minlength=len(halves)).astype(float)
    factor = float(np.exp(NORMAL * one))
    A = float(np.exp(log_A[0]))
    return Fit(
        "likelihood", log_interval(log_A), interval(k),
        float(halves[0]), float(halves[-1]),
        A_information=Estimate(A, A / factor, A * factor),
        k_information=Estimate(float(k[0]), k[0] - NORMAL * other, k[0] + NORMAL * other),
        agreement=agreement(halves, seconds, came, float(log_A[0]), float(k[0])),
    )  # fmt: skip
