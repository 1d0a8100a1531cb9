"""Stylised facts of a market that was seen, each a figure for every resample of blocks of time.

What is meant by each is said at the function that finds it.  Sources: Cont, "Empirical properties
of asset returns: stylized facts and statistical issues", Quantitative Finance 1, 2001; Bouchaud,
Mezard and Potters, "Statistical properties of stock order books", Quantitative Finance 2, 2002;
Bouchaud, Gefen, Potters and Wyart, "Fluctuations and response in financial markets", Quantitative
Finance 4, 2004; Lillo and Farmer, "The long memory of the efficient market", Studies in Nonlinear
Dynamics & Econometrics 8, 2004; Gould et al., "Limit order books", Quantitative Finance 13, 2013;
Vyetrenko et al., "Get real: realism metrics for robust limit order book market simulations", 2019.
"""

from collections.abc import Sequence

import numpy as np

from lobsim.data.blocks import Blocks, Floats, blocks
from lobsim.data.correlation import autocorrelations
from lobsim.data.fact_figures import FAINT, MEAN_DIFFERENCE, SMALLEST, Curve, Facts
from lobsim.data.fact_flow import distance_from_exponential, gap_cv, impacts, response
from lobsim.data.fact_moves import Moves, kurtosis, moves_at, tail_index, with_volume
from lobsim.data.record import Record
from lobsim.data.volatility import variances
from lobsim.errors import StorageError, figure

STEPS = (1, 10, 60)  # sampling intervals, of the shortest; two at least
FEWEST = 50  # of 33 the 95 % intervals of kurtosis and tail held the truth in 79 and 85 %
SIGN_LAGS, MOVE_LAGS = 50, 20
RESPONSE_LAGS = (1, 2, 5, 10, 20, 50)


def facts(of: Record, with_others: Sequence[Record] = (), seed: int = 1) -> Facts:
    """Of one market, at the sampling intervals and levels that all have."""
    everyone = (of, *with_others)
    found = Facts(of, sampling_intervals(everyone))
    cut = blocks(of.quotes.first_s, of.quotes.last_s, seed)
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample may have no orders
        of_book(found, cut, min(each.levels for each in everyone))
        of_flow(found, cut)
        of_moves(found, cut)
        of_impact(found, cut)
    return found


def sampling_intervals(everyone: Sequence[Record]) -> tuple[float, ...]:
    """From a power of ten (s) on, in which the mid changes every other time or more often in every
    market: what is shorter shows when quotes were renewed.  The time holds FEWEST of the longest.

    Raises StorageError where one market is too short for the others' intervals.
    """
    shortest = min(everyone, key=lambda each: each.quotes.span_s)
    longest = shortest.quotes.span_s / FEWEST
    changing = max(each.quotes.span_s / len(each.mid_changes) for each in everyone)
    power = np.ceil(np.log10(changing / 2))
    possible = np.floor(np.log10(longest / STEPS[1]) + 1e-9)
    if power > possible and len(everyone) > 1:
        raise StorageError(
            f"{shortest.name}: {figure(shortest.quotes.span_s)} s are too short to compare moves "
            f"of the mid, which changes every {figure(changing)} s: must be "
            f"{figure(FEWEST * STEPS[1] * 10.0**power)} s or more"
        )
    made = [float(f"{10.0 ** min(power, possible) * step:.12g}") for step in STEPS]
    return tuple(each for each in made if each <= longest * (1 + 1e-9))


def of_book(found: Facts, cut: Blocks, levels: int) -> None:
    """Spread (currency) and depth (lots; the mean of both sides), over the time in which both
    sides were quoted.  The spread's variation is its deviation over its mean.
    """
    of, quotes = found.of, found.of.quotes
    lasting, spread = quotes.lasting_s, np.nan_to_num(2 * of.tick * quotes.half)
    seconds, first, second = (
        cut.sums(quotes.time_s, lasting * spread**power)[:, 0] for power in range(3)
    )
    mean = first / seconds
    found.add("spread", "currency", mean, ratio=True)
    variance = second / seconds / (mean * mean) - 1
    variance[variance < SMALLEST] = 0  # of a spread that is always the same
    found.add("spread, variation", "deviation/mean", np.sqrt(variance))
    if levels:  # else nobody says how many lots are at the quotes
        depth = [cut.sums(quotes.time_s, lasting * of.depth[:, i])[:, 0] for i in range(levels)]
        of_depth(found, np.stack(depth, axis=1) / seconds[:, np.newaxis])
    widths, stood = quotes.shares()
    found.curves["spread"] = Curve(
        2 * of.tick * widths, (np.cumsum(stood) / stood.sum())[np.newaxis]
    )


def of_depth(found: Facts, depth: Floats) -> None:
    """(resamples, levels) mean lots at each level."""
    levels = depth.shape[1]
    found.add("depth at the touch", "lots", depth[:, 0], ratio=True)
    if levels > 1:
        found.add(f"depth, levels 2-{levels}", "lots a level", depth[:, 1:].mean(1), ratio=True)
        behind = depth[:, 1:].mean(1) / depth[:, 0]
        found.add("depth behind the touch", "of that at it", behind)
        found.curves["depth"] = Curve(np.arange(1.0, levels + 1), depth)


def of_flow(found: Facts, cut: Blocks) -> None:
    """Market orders (all executions of one time and side): how many, how large, which share goes
    through the touch, their gaps, and the autocorrelation of their signs.
    """
    of, orders = found.of, found.of.orders
    ones = np.ones(len(orders))
    count = cut.sums(orders.time_s, ones)[:, 0]
    seconds = cut.sums(of.quotes.time_s, of.quotes.lasting_s)[:, 0]
    found.add("market orders", "per s", count / seconds, ratio=True)
    lots = cut.sums(orders.time_s, orders.size / of.lot)[:, 0] / count
    found.add("size of an order", "lots", lots, ratio=True)
    through = cut.sums(orders.time_s, (orders.reach > orders.half + 1e-6).astype(float))[:, 0]
    found.add("orders through the touch", "share", through / count)
    whole, quarters = gap_cv(cut, orders.time_s, 1), gap_cv(cut, orders.time_s, 4)
    found.add("gaps, variation", "deviation/mean", whole, ratio=True)
    found.add("gaps, within quarters", "deviation/mean", quarters, ratio=True)
    away = distance_from_exponential(cut, orders.time_s)
    found.add("gaps, from exponential", "largest distance", away)
    signs = autocorrelations(cut, [(orders.time_s, orders.side.astype(float))], SIGN_LAGS)
    found.add("signs, lag 1", "correlation", signs[:, 0])
    near, far = signs[:, 1:10].mean(1), signs[:, 10:].mean(1)
    found.add("signs, lags 2-10", "correlation", near, matters=MEAN_DIFFERENCE)
    found.add("signs, lags 11-50", "correlation", far, matters=FAINT)
    found.curves["signs"] = Curve(np.arange(1.0, SIGN_LAGS + 1), signs)
    gaps = np.sort(np.diff(orders.time_s))
    at = np.linspace(0, len(gaps) - 1, min(len(gaps), 300)).astype(int)
    found.curves["gaps"] = Curve(gaps[at] / gaps.mean(), (1 - at / len(gaps))[np.newaxis])


def of_moves(found: Facts, cut: Blocks) -> None:
    """Moves of the mid (half way between the best quotes) over sampling intervals, from all of ten
    offsets: how large, how far in the tails, and what follows on what.
    """
    of, seen = found.of, found.of.quotes
    changes = np.ones(len(of.mid_changes))
    often = cut.sums(of.mid_changes, changes) / cut.sums(seen.time_s, seen.lasting_s)
    found.add("mid changes", "per s", often[:, 0], ratio=True)
    names = [f"{each:g} s" for each in found.intervals_s]
    each_moves = [moves_at(of, each) for each in found.intervals_s]
    sigma = [of.tick * np.sqrt(variances(seen, cut, each)) for each in found.intervals_s]
    for name, value in zip(names, sigma, strict=True):
        found.add(f"sigma, {name}", "currency per sqrt(s)", value, ratio=True)
    rough = f"sigma, {names[0]} over {names[-1]}"
    found.add(rough, "ratio", sigma[0] / sigma[-1], ratio=True)
    found.curves["sigma"] = Curve(np.array(found.intervals_s), np.stack(sigma, axis=1))
    for name, moves in zip(names, each_moves, strict=True):
        after = autocorrelations(cut, moves, 1)[:, 0]
        found.add(f"moves, lag 1 of {name}", "correlation", after)
    for name, moves in zip(names, each_moves, strict=True):
        found.add(f"kurtosis, {name}", "normal: 3", kurtosis(cut, moves), ratio=True)
    for name, moves in zip(names[1:], each_moves[1:], strict=True):
        found.add(
            f"tail index, {name}", "normal: 6", tail_index(cut, moves, of.tick / 2), ratio=True
        )
    for name, moves, which in zip(names, each_moves, ("short", "middle"), strict=False):
        after = autocorrelations(cut, [(t, np.abs(x)) for t, x in moves], MOVE_LAGS)
        found.add(
            f"|moves|, lags 1-10 of {name}", "correlation", after[:, :10].mean(1),
            matters=MEAN_DIFFERENCE,
        )  # fmt: skip
        found.curves[f"|moves| {which}"] = Curve(np.arange(1.0, MOVE_LAGS + 1), after)
    both = with_volume(of, cut, each_moves[1], found.intervals_s[1])
    found.add(f"|moves| with orders, {names[1]}", "correlation", both)
    found.curves["moves"] = Curve(
        np.arange(1.0, MOVE_LAGS + 1), autocorrelations(cut, each_moves[0], MOVE_LAGS)
    )
    found.curves["tail"] = tail_curve(each_moves[1])


def tail_curve(moves: Moves) -> Curve:
    """The share of moves that are larger than so many deviations."""
    sizes = np.sort(np.abs(np.concatenate([x for _, x in moves])))
    at = np.unique(len(sizes) - np.geomspace(1, len(sizes), 200).astype(int))
    deviations = sizes[at] / np.sqrt(np.mean(sizes**2))
    return Curve(deviations, ((len(sizes) - at) / len(sizes))[np.newaxis])


def of_impact(found: Facts, cut: Blocks) -> None:
    """The response function of Bouchaud et al. (2004), in half-spreads, and how it grows with the
    size of the order.
    """
    orders = found.of.orders
    lags = [lag for lag in RESPONSE_LAGS if lag < len(orders)]
    after = np.stack([response(cut, orders, lag) for lag in lags], axis=1)
    for lag in (1, 10, 50):
        what = "1 order" if lag == 1 else f"{lag} orders"
        found.add(f"impact, after {what}", "half-spreads", after[:, lags.index(lag)])
    found.curves["impact"] = Curve(np.array(lags, float), after)
    sizes, by_size, exponent = impacts(cut, orders)
    found.add("impact, power of size", "exponent", exponent)
    found.curves["impact by size"] = Curve(sizes / found.of.lot, by_size)
