"""Markets whose stylised facts are known: quotes and market orders as they are given."""

import numpy as np

from lobsim.data.messages import ADD, TRADE, Messages
from lobsim.data.record import record

BEGIN_S = 34_200


def messages_of(at_s, bid, width, come_s, side, size):
    """Messages and the book after each of them: quotes are set at `at_s` (prices in ticks, 100
    shares a side), and orders trade at the touch.
    """
    width = np.broadcast_to(width, len(at_s))
    time = np.concatenate([at_s, come_s])
    order = np.argsort(time, kind="stable")
    stands = np.searchsorted(at_s, come_s, side="right") - 1
    row = np.concatenate([np.arange(len(at_s)), stands])[order]
    ones = np.ones(len(time), np.int64)
    touch = bid[stands] + np.where(side == 1, width[stands], 0)
    messages = Messages(
        time_ns=np.rint((BEGIN_S + time[order]) * 1e9).astype(np.int64),
        kind=np.concatenate([np.full(len(at_s), ADD), np.full(len(come_s), TRADE)])[order],
        order_id=ones,
        size=np.concatenate([ones[: len(at_s)], size])[order],
        price=np.concatenate([bid, touch])[order],
        side=np.concatenate([ones[: len(at_s)], -side])[order].astype(np.int8),
        tick=0.01,
    )
    book = np.stack([(bid + width)[row], 100 * ones, bid[row], 100 * ones], axis=1)
    return messages, book[:, np.newaxis, :]


def market(at_s, bid, width, come_s, side, size=None):
    size = np.full(len(come_s), 100) if size is None else size
    return record("made", *messages_of(at_s, bid, width, come_s, side, size), lot=100)


def poisson_times(rng, rate, span_s):
    return np.sort(rng.uniform(0, span_s, rng.poisson(rate * span_s)))


def markov_signs(rng, count, stay):
    """The next order is of the same side with this probability: correlation (2 stay - 1)^lag."""
    flips = rng.random(count) >= stay
    return np.where((np.cumsum(flips) + rng.integers(2)) % 2, 1, -1)


def random_market(seed, *, span_s=2000, rate=0.5, stay=0.5, moves=None, clusters=1):
    """A mid that moves at every second, by 20 ticks on average; `clusters` orders come together."""
    rng = np.random.default_rng(seed)
    at = np.arange(0.0, span_s)
    moved = 20 * rng.standard_normal(len(at)) if moves is None else moves(rng, len(at))
    bid = np.rint(100_000 + np.cumsum(moved)).astype(np.int64)
    come = poisson_times(rng, rate / clusters, span_s)
    come = np.sort((come[:, np.newaxis] + 1e-3 * np.arange(clusters)).ravel())
    width = rng.integers(1, 6, len(at))
    side = markov_signs(rng, len(come), stay)
    return market(at, bid, width, come, side, 100 * rng.integers(1, 4, len(come)))


STAY = 0.7
CORRELATION = 2 * STAY - 1
TRUE = {  # of random_market(stay=STAY)
    "spread": 0.03,
    "spread, variation": np.sqrt(2) / 3,
    "market orders": 0.5,
    "size of an order": 2.0,
    "gaps, variation": 1.0,
    "signs, lag 1": CORRELATION,
    "signs, lags 2-10": np.mean(CORRELATION ** np.arange(2, 11)),
    "signs, lags 11-50": np.mean(CORRELATION ** np.arange(11, 51)),
    "sigma, 1 s": 0.2,
    "sigma, 10 s": 0.2,
    "sigma, 1 s over 60 s": 1.0,
    "moves, lag 1 of 1 s": 0.0,
    "moves, lag 1 of 10 s": 0.0,
    "moves, lag 1 of 60 s": 0.0,
    "kurtosis, 1 s": 3.0,
    "kurtosis, 10 s": 3.0,
    "kurtosis, 60 s": 3.0,
    "tail index, 60 s": 6.0,
    "|moves|, lags 1-10 of 1 s": 0.0,
    "|moves|, lags 1-10 of 10 s": 0.0,
    "|moves| with orders, 10 s": 0.0,
    "impact, after 1 order": 0.0,
    "impact, after 10 orders": 0.0,
    "impact, after 50 orders": 0.0,
}
