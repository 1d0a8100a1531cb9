"""What the market showed and who took it: best quotes over time, and market orders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lobsim.data.messages import TRADE, Messages
from lobsim.data.recording import Recording
from lobsim.data.replay import carry_out, steps
from lobsim.data.replay import seen as first_levels
from lobsim.data.view import Found
from lobsim.errors import StorageError, UsageError
from lobsim.market.book import Book

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quotes:
    """The best quotes after each message, of a market that is known from the first that has both.

    time_s     since midnight
    half       half the spread; NaN where a side is empty or the quotes are crossed
    mid        half way between the best quotes; where there are none, what it was before
    begin      the first message after which there is a mid
    """

    time_s: Floats
    half: Floats  # ticks
    mid: Floats  # ticks
    begin: int

    @property
    def first_s(self) -> float:
        return float(self.time_s[self.begin])

    @property
    def last_s(self) -> float:
        return float(self.time_s[-1])

    @property
    def span_s(self) -> float:
        return self.last_s - self.first_s

    @property
    def lasting_s(self) -> Floats:
        """(n,) how long the quotes after a message stood; 0 where there were none."""
        seconds = np.diff(self.time_s, append=self.time_s[-1])
        return np.where(np.isnan(self.half), 0.0, seconds)

    @property
    def mean_spread(self) -> float:
        """Over time, ticks."""
        return float(2 * np.nansum(self.half * self.lasting_s) / self.lasting_s.sum())

    @property
    def median_half(self) -> float:
        """Half of the time half the spread is no larger; ticks."""
        values, seconds = self.shares()
        return float(values[np.searchsorted(np.cumsum(seconds), seconds.sum() / 2)])

    def shares(self) -> tuple[Floats, Floats]:
        """All values of half the spread (ticks), and how many seconds each stood."""
        known = ~np.isnan(self.half)
        values, where = np.unique(self.half[known], return_inverse=True)
        return values, np.bincount(where.ravel(), self.lasting_s[known]).astype(float)


@dataclass(frozen=True, slots=True)
class MarketOrders:
    """All visible executions of one time and side are one market order.

    side   1 buys: minus that of the resting orders
    reach  from the mid just before it to the furthest price of its executions, ticks
    half   half the spread just before it, ticks
    mid    just before it, ticks
    """

    time_s: Floats
    side: Ints
    size: Ints
    reach: Floats
    half: Floats
    mid: Floats
    without_quotes: int  # so many more are left out, which came where a side was empty

    def __len__(self) -> int:
        return len(self.time_s)


def quotes_of(recording: Recording) -> Quotes:
    """As it tells them, or of the book that its orders make.  Raises UsageError, StorageError."""
    if recording.book is None:
        return carried_out_quotes(recording.messages)
    return recorded_quotes(recording.messages, recording.book)


def recorded_quotes(messages: Messages, book: Ints) -> Quotes:
    """Of the first level of a recorded book, a row a message.  Raises UsageError, StorageError."""
    if len(book) != len(messages):
        raise UsageError(
            f"{len(book)} rows of --book for {len(messages)} messages: must be as many"
        )
    best = book[:, 0]
    return quotes(messages, np.where(best[:, 1] > 0, best[:, 0], 0), best[:, 2] * (best[:, 3] > 0))


def carried_out_book(messages: Messages, levels: int) -> Ints:
    """(n, levels, 4) as a recorded book has them, of one that begins empty and has all messages.

    Raises UsageError.
    """
    book, found = Book(), Found(messages=len(messages))
    rows = np.zeros((len(messages), levels, 4), np.int64)
    for i, kind, command in steps(messages):
        if command is not None:
            carry_out(book, kind, command, found)
        rows[i] = first_levels(book, levels)
    if lost := found.unknown + found.refused:
        raise UsageError(
            f"{lost} of {len(messages)} messages are of orders that no message has brought, or of "
            f"other lots: these messages do not begin with an empty book: give --book (LOBSTER's), "
            f"or a file that begins with all orders"
        )
    return rows


def carried_out_quotes(messages: Messages) -> Quotes:
    """Of a book that begins empty and has all messages.  Raises UsageError, StorageError."""
    return recorded_quotes(messages, carried_out_book(messages, levels=1))


def quotes(messages: Messages, ask: Ints, bid: Ints) -> Quotes:
    """Of the best prices after each message, 0 where a side is empty."""
    for side, name in ((ask, "ask"), (bid, "bid")):
        if not side.any():
            raise StorageError(f"no {name} in any row of the book: both sides are needed")
    good = (ask > bid) & (bid > 0)
    if not good.any():
        raise StorageError("no row of the book has both a bid and an ask above it")
    latest = np.maximum.accumulate(np.where(good, np.arange(len(good)), 0))
    return Quotes(
        time_s=messages.time_ns / 1e9,
        half=np.where(good, (ask - bid) / 2, np.nan),
        mid=((ask + bid) / 2)[latest],
        begin=int(np.argmax(good)),
    )


def market_orders(messages: Messages, seen: Quotes) -> MarketOrders:
    """All from the first quotes on, in order of time.  Raises StorageError if there are none."""
    rows = np.flatnonzero(messages.kind == TRADE)
    if not len(rows):
        raise StorageError("no executions: there are no market orders to look at")
    keys = np.stack([messages.time_ns[rows], -messages.side[rows].astype(np.int64)], axis=1)
    keys, first, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    side, before = keys[:, 1], rows[first] - 1
    furthest = np.full(len(keys), np.iinfo(np.int64).min)
    np.maximum.at(furthest, which.ravel(), messages.price[rows] * side[which.ravel()])
    size = np.bincount(which.ravel(), weights=messages.size[rows]).astype(np.int64)
    known = (before >= seen.begin) & ~np.isnan(seen.half[before])
    return MarketOrders(
        time_s=(keys[:, 0] / 1e9)[known],
        side=side[known],
        size=size[known],
        reach=(furthest - side * seen.mid[before])[known],
        half=seen.half[before][known],
        mid=seen.mid[before][known],
        without_quotes=int((~known).sum()),
    )
