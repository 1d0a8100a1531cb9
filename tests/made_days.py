"""Days of a market whose sigma, A and k are known, as LOBSTER's messages and its best quotes.

The mid is Brownian; ten times a second the best quotes stand at a new random distance from it,
rounded to ticks; orders come as a Poisson process and trade if they reach the quote.
"""

import numpy as np

from lobsim.data.messages import ADD, TRADE, Messages

SIGMA, A, K = 2.0, 1.0, 0.3  # ticks per sqrt(s); per s and side; per tick
WIDEST = 20  # ticks of spread


def made_day(seed, span_s=1800, widest=WIDEST):
    """Messages and the book after each of them."""
    rng = np.random.default_rng(seed)
    at = np.arange(0, span_s, 0.1)
    mid = 10_000 + np.cumsum(SIGMA * np.sqrt(0.1) * rng.standard_normal(len(at)))
    width = rng.integers(1, widest + 1, len(at))
    bid = np.rint(mid - width / 2).astype(np.int64)
    come = np.sort(rng.uniform(0, span_s, rng.poisson(2 * A * span_s)))
    side = rng.choice((1, -1), len(come))
    stands = np.searchsorted(at, come, side="right") - 1
    trades = rng.exponential(1 / K, len(come)) >= width[stands] / 2
    come, side, stands = come[trades], side[trades], stands[trades]
    time = np.concatenate([at, come])
    order = np.argsort(time, kind="stable")
    row = np.concatenate([np.arange(len(at)), stands])[order]
    ones = np.ones(len(time), np.int64)
    touch = bid[stands] + np.where(side == 1, width[stands], 0)
    messages = Messages(
        time_ns=np.rint((34_200 + time[order]) * 1e9).astype(np.int64),
        kind=np.concatenate([np.full(len(at), ADD), np.full(len(come), TRADE)])[order],
        order_id=ones,
        size=np.concatenate([ones[: len(at)], 100 * rng.geometric(0.5, len(come))])[order],
        price=np.concatenate([bid, touch])[order],
        side=np.concatenate([ones[: len(at)], -side])[order],
        tick=0.01,
    )
    ask = bid + width
    book = np.stack([ask[row], 100 * ones, bid[row], 100 * ones], axis=1)
    return messages, book[:, np.newaxis, :]


def write_day(folder, seed, **settings):
    """The two files of a day, in LOBSTER's format."""
    messages, book = made_day(seed, **settings)
    columns = (
        messages.time_ns / 1e9, messages.kind, messages.order_id, messages.size,
        messages.price * 100, messages.side,
    )  # fmt: skip
    files = folder / "message_1.csv", folder / "orderbook_1.csv"
    np.savetxt(files[0], np.stack(columns, axis=1), "%.9f,%d,%d,%d,%d,%d")
    np.savetxt(files[1], book[:, 0] * (100, 1, 100, 1), "%d", ",")
    return files
