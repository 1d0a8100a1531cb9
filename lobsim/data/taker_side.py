"""Who took, where a recording of trades and quotes does not say: Lee and Ready's rule.

A trade above the mid just before it is a buyer's, one below a seller's; at the mid, or where there
is none, it goes as the last change of price went.  C. Lee and M. Ready, "Inferring Trade Direction
from Intraday Data", Journal of Finance 46 (1991); the quotes are those just before, not older ones.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lobsim.data.messages import HIDDEN, TRADE
from lobsim.data.recording import Recording

Ints = NDArray[np.int64]


def lee_ready(recording: Recording) -> Recording:
    """Trades whose side nobody says get one; those that the rule says nothing of are left out."""
    messages, book = recording.messages, recording.book
    rows = np.flatnonzero(messages.kind == TRADE)
    lacking = messages.side[rows] == 0
    if book is None or not lacking.any():
        return recording
    ask, ask_size, bid, bid_size = np.concatenate([[[0, 0, 0, 0]], book[:-1, 0]])[rows].T
    known = (ask > bid) & (ask_size > 0) & (bid_size > 0)
    by_quotes = np.where(known, np.sign(2 * messages.price[rows] - ask - bid), 0)
    by_ticks = last_change(messages.price[rows])
    taker = np.where(by_quotes == 0, by_ticks, by_quotes)
    side, kind = messages.side.copy(), messages.kind.copy()
    side[rows[lacking]] = -taker[lacking]
    kind[rows[lacking & (taker == 0)]] = HIDDEN
    counts = [
        int((lacking & which).sum())
        for which in (by_quotes != 0, (by_quotes == 0) & (by_ticks != 0), taker == 0)
    ]
    note = (
        f"sides by Lee and Ready's rule: {counts[0]:,} trades by the quotes, {counts[1]:,} by the "
        f"last change of price, {counts[2]:,} left out"
    )
    told = replace(messages, side=side, kind=kind)
    return replace(recording, messages=told, notes=(*recording.notes, note))


def last_change(price: Ints) -> Ints:
    """1 after a rise, -1 after a fall, 0 before the first of either."""
    sign = np.sign(np.diff(price, prepend=price[:1]))
    latest = np.maximum.accumulate(np.where(sign != 0, np.arange(len(price)), 0))
    return np.asarray(sign[latest])
