"""A run's book as hftbacktest's events: by price in one file, by order in another.

By price, each change of the book tells how many lots its level has now.  By order, an execution is
a fill, and then a cancel where the order is gone or a modify where some of it is left.  Either has
every execution as a trade, before its change of the book.  Trades apart from the book are left out.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.data.hftbacktest import (
    ADDED,
    BUY,
    CANCELLED,
    DEPTH,
    EVENT,
    EXCHANGE,
    FILLED,
    LOCAL,
    MODIFIED,
    SELL,
    TRADED,
)
from lobsim.data.messages import ADD, CHANGES, REDUCE, TRADE, Messages

Ints = NDArray[np.int64]
DECIMALS = 12  # of a price, so that 10055 ticks of 0.01 are 100.55 and no more


def write_events(messages: Messages, folder: Path) -> list[Path]:
    """Both files, for `BacktestAsset().data([...])`.  OSError where they cannot be written."""
    made = []
    for name, events in (("price", by_price(messages)), ("order", by_order(messages))):
        made.append(folder / f"by_{name}.npz")
        np.savez_compressed(made[-1], data=events)
    return made


def by_price(messages: Messages) -> NDArray[Any]:
    row = np.flatnonzero(np.isin(messages.kind, CHANGES))
    change = np.where(messages.kind[row] == ADD, messages.size[row], -messages.size[row])
    order = np.lexsort((messages.price[row], messages.side[row]))  # stable: in turn at each level
    total = np.cumsum(change[order])
    level = messages.price[row][order] * messages.side[row][order]
    first = np.diff(level, prepend=0) != 0
    base = (total - change[order])[np.maximum.accumulate(np.where(first, np.arange(len(row)), 0))]
    lots = np.empty(len(row), np.int64)
    lots[order] = total - base
    depth = events(messages, row, DEPTH, lots, messages.side[row])
    return in_turn((trades(messages), depth))


def by_order(messages: Messages) -> NDArray[Any]:
    left, kind, side = messages.left(), messages.kind, messages.side
    came = np.flatnonzero(kind == ADD)
    filled = np.flatnonzero(kind == TRADE)
    fewer = np.flatnonzero(((kind == REDUCE) | (kind == TRADE)) & (left > 0))
    gone = np.flatnonzero(np.isin(kind, CHANGES) & (kind != ADD) & (left == 0))
    return in_turn(
        (
            trades(messages),
            events(messages, came, ADDED, messages.size[came], side[came]),
            events(messages, filled, FILLED, messages.size[filled], side[filled]),
            events(messages, fewer, MODIFIED, left[fewer], side[fewer]),
            events(messages, gone, CANCELLED, messages.size[gone], side[gone]),
        )
    )


def trades(messages: Messages) -> tuple[Ints, NDArray[Any]]:
    """Of the side that took."""
    row = np.flatnonzero(messages.kind == TRADE)
    row, made = events(messages, row, TRADED, messages.size[row], -messages.side[row])
    made["order_id"] = 0
    return row, made


def events(
    messages: Messages, row: Ints, kind: int, lots: Ints, side: NDArray[np.int8]
) -> tuple[Ints, NDArray[Any]]:
    """The messages that they are of, and the events, which everybody sees at once."""
    made = np.zeros(len(row), EVENT)
    made["ev"] = np.where(side > 0, BUY, SELL) | EXCHANGE | LOCAL | kind
    made["exch_ts"] = made["local_ts"] = messages.time_ns[row]
    made["px"] = np.round(messages.price[row] * messages.tick, DECIMALS)
    made["qty"], made["order_id"] = lots, messages.order_id[row]
    return row, made


def in_turn(parts: tuple[tuple[Ints, NDArray[Any]], ...]) -> NDArray[Any]:
    """Events of one message in the order of the parts."""
    row, made = (np.concatenate(each) for each in zip(*parts, strict=True))
    return made[np.argsort(row, kind="stable")]
