"""A recorded book that shows a few levels only, with the messages of these levels alone.

What such a view cannot know is taken over from the record: the orders that rested before it began,
and levels as they come into view.  All else must agree, level by level.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lobsim.data.messages import ADD, Messages
from lobsim.market.book import Book
from lobsim.market.levels import HalfBook
from lobsim.market.messages import Cancel, Command, LimitOrder, Replace
from lobsim.market.units import Side

BUY, SELL = Side.BUY, Side.SELL
SIDES = {1: BUY, -1: SELL}
OWNER = 1  # the account that all orders are of
FAR = {BUY: 0, SELL: 2**62}  # an edge that no price is beyond: the whole side is in view
SHOWN = 5  # differences that are told in full


@dataclass
class Found:
    """What a replay has met.

    not_first   executions of orders that were not the first in the queue of the best price
    unknown     messages of orders that nobody has told of, or with more lots than these have
    refused     commands that the book has refused for any other reason
    crossed     messages after which the best bid was not below the best ask
    taken_over  orders and levels that the record knew and the messages had not told of
    seconds     what the book took for it
    rows        rows of the record that were compared, of which `equal` agreed
    """

    messages: int = 0
    changes: int = 0
    not_first: int = 0
    unknown: int = 0
    refused: int = 0
    crossed: int = 0
    taken_over: int = 0
    rows: int = 0
    equal: int = 0
    resting: int = 0
    seconds: float = 0.0
    digest: str = ""
    differences: list[str] = field(default_factory=list)

    def differ(self, number: int, level: int, ours: list[int], theirs: list[int]) -> None:
        """Keep the first few differences, in words."""
        if len(self.differences) < SHOWN:
            self.differences.append(
                f"message {number + 1}, level {level + 1}: {ours} in the book, {theirs} in the "
                f"record (price and size of ask and bid)"
            )


class View:
    """What is known of a book whose record shows its first levels, and whose messages are those
    of these levels alone.

    What rested before it began, and what comes into view, are lots that nobody has named: one
    order at each price.  Whoever is named later was among them.
    """

    def __init__(
        self, book: Book, messages: Messages, record: NDArray[np.int64], found: Found
    ) -> None:
        self._book, self._record, self._found = book, record, found
        self._messages = messages
        self._made = 0
        self._unnamed: dict[tuple[Side, int], int] = {}  # ids by side and price
        # The furthest price of each side that was in view: what is nearer is known.
        self._edge: dict[Side, int | None] = {BUY: None, SELL: None}
        self._out_of_sight: set[tuple[Side, int]] = set()  # levels that have been, for a while

    def took(self, number: int, kind: int, command: Command | None) -> bool:
        """Whether a message was of lots without a name, which has been carried out then."""
        if command is None or kind == ADD or self._book.order(command.order_id) is not None:
            return False
        side = SIDES[int(self._messages.side[number])]
        price, size = int(self._messages.price[number]), int(self._messages.size[number])
        if number == 0:  # the record begins after it
            return True
        order = self._book.order(self._unnamed.get((side, price), 0))
        if order is not None and order.open >= size:
            self._book.apply(Replace(order.order_id, OWNER, price, order.open - size))
        elif (side, price) in self._out_of_sight:
            # As many lots may have come there as went, by other names.
            level = self._half(side).level_at(price)
            if level is None or level.size < size:
                return False
            self._take_over(side, price, level.size - size)
        else:
            return False
        self._found.changes += 1
        return True

    def compare(self, number: int) -> None:
        """Hold what is known against the record, and take over what has come into view."""
        row, agrees = self._record[number], True
        for side, column, half in ((SELL, 0, self._book.asks), (BUY, 2, self._book.bids)):
            theirs = {int(price): int(size) for price, size in row[:, column : column + 2] if size}
            ours = {level.price: level.size for level in half.levels()}
            edge, known = (max if side is SELL else min)(theirs, default=None), self._edge[side]
            full = len(theirs) == len(row)
            for price in sorted({*ours, *theirs}):
                here, there = ours.get(price, 0), theirs.get(price, 0)
                if full and edge is not None and beyond(price, edge, side):
                    self._out_of_sight.add((side, price))
                    continue
                if here == there:
                    continue
                if known is not None and not beyond(price, known, side):
                    agrees = False
                    self._found.differ(number, column // 2, [price, here], [price, there])
                self._take_over(side, price, there)
            self._edge[side] = edge if full else (None if edge is None else FAR[side])
        self._found.rows += 1
        self._found.equal += agrees

    def _half(self, side: Side) -> HalfBook:
        return self._book.bids if side is BUY else self._book.asks

    def _take_over(self, side: Side, price: int, size: int) -> None:
        """Let a level be what the record says: its orders are no longer known by name."""
        level = self._half(side).level_at(price)
        for order_id in [] if level is None else list(level.orders):
            self._book.apply(Cancel(order_id, OWNER))
        if size:
            self._made -= 1  # ids of real orders are above 0
            self._unnamed[side, price] = self._made
            self._book.apply(LimitOrder(self._made, OWNER, side, price, size))
            self._found.taken_over += 1


def beyond(price: int, edge: int, side: Side) -> bool:
    """Whether a price is further from the market than the edge of the view."""
    return price > edge if side is SELL else price < edge
