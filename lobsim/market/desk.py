"""A desk: what a trader knows and may do, in currency and seconds.

It builds commands and sends none; prices become ticks here, bids rounded down and asks up.
"""

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

from lobsim.market.book import Book
from lobsim.market.knowledge import Knowledge
from lobsim.market.ladder import Depths, Sizes, ladder_of, whole
from lobsim.market.messages import Cancel, Command, LimitOrder, MarketOrder, Replace
from lobsim.market.quoting import Quoting
from lobsim.market.risk import RiskMonitor
from lobsim.market.strategy import Market
from lobsim.market.units import Lots, OrderId, Side, TimeInForce

BUY, SELL = Side.BUY, Side.SELL
# A price this close to a whole tick is that tick: 100.1 / 0.1 is 1000.9999999999999 in floats.
NEAR = 1e-6


class Desk(Quoting):
    """One account's desk: a trader's view of the market, and its verbs."""

    def __init__(
        self,
        risk: RiskMonitor,
        book: Book,
        market: Market,
        new_id: Callable[[], OrderId],
        write_note: Callable[[dict[str, Any]], None],
        new_random: Callable[[], Any],
        knowledge: Knowledge | None = None,
        asset: str = "asset",
    ) -> None:
        """`knowledge` is that of a trader far from the exchange: what it has under way."""
        super().__init__(risk, book, market, new_id, knowledge, asset)
        self._write_note = write_note
        self._new_random = new_random

    def quote(self, *, bid_depth: Depths, ask_depth: Depths, size: Sizes = 1) -> list[Command]:
        """Quote both sides at these depths from the mid (currency); inf for no quote.

        A sequence of depths, each more than the last, is a ladder: an order for each rung, of
        `size` lots or of its own where `size` is a sequence too.  A number is a ladder of one.

        An order already right stays in its place in the queue, others are replaced; rungs there
        are no more are withdrawn.  A side is cut to what the inventory limit leaves, or to the
        inventory where it may only shrink, its best rungs last.  Raises ValueError for a depth
        that is no number, a size that is not whole, a ladder that is none, or a bid that is not
        below the ask.
        """
        tick = self._tick
        if type(bid_depth) is float and type(ask_depth) is float and type(size) is int:
            if not (bid_depth > -math.inf and ask_depth > -math.inf):  # also false for NaN
                raise ValueError(f"a depth must be a number: bid {bid_depth}, ask {ask_depth}")
            return self.quote_at(bid_depth / tick, ask_depth / tick, whole(size))
        bids, asks, sizes = ladder_of(bid_depth, ask_depth, size)
        return self.ladder_at(
            [depth / tick for depth in bids], [depth / tick for depth in asks], sizes
        )

    def bid(self, price: float, size: Lots = 1, *, post_only: bool = False) -> Command:
        """A new order to buy at `price`, rounded down to the tick."""
        ticks = max(1, math.floor(self._ticks(price) + NEAR))
        return LimitOrder(
            self._new_id(), self._account_id, BUY, ticks, whole(size), post_only=post_only
        )

    def ask(self, price: float, size: Lots = 1, *, post_only: bool = False) -> Command:
        """A new order to sell at `price`, rounded up to the tick."""
        ticks = max(1, math.ceil(self._ticks(price) - NEAR))
        return LimitOrder(
            self._new_id(), self._account_id, SELL, ticks, whole(size), post_only=post_only
        )

    def take(self, side: Side, size: Lots = 1, *, limit: float | None = None) -> Command:
        """Trade at once with what rests in the book, not beyond `limit`; the rest is dropped."""
        if limit is None:
            return MarketOrder(self._new_id(), self._account_id, Side(side), whole(size))
        ticks = self._ticks(limit)
        price = math.floor(ticks + NEAR) if side == BUY else math.ceil(ticks - NEAR)
        return LimitOrder(
            self._new_id(),
            self._account_id,
            Side(side),
            max(1, price),
            whole(size),
            TimeInForce.IOC,
        )

    def cancel(self, order_id: OrderId | None = None) -> list[Command]:
        """Withdraw one order, or all of them."""
        if order_id is not None and type(order_id) is not int:
            raise ValueError(f"an order's id is a whole number, got {order_id!r}")
        ids = list(self._standing) if order_id is None else [order_id]
        return [Cancel(each, self._account_id) for each in ids]

    def note(self, **values: Any) -> None:
        """Put the reasons for a decision on the tape, at once."""
        self._write_note(values)

    @cached_property
    def random(self) -> Any:
        """The strategy's own random numbers: a numpy Generator, the stream of its name."""
        return self._new_random()

    def retreats(self, command: Command) -> bool:
        """Whether a command only moves away from the market: it is applied before the others."""
        if type(command) is Replace:
            order = self._standing.get(command.order_id)
            if order is None:
                return False
            worse = (order.price - command.price) * order.side
            return worse > 0 or (worse == 0 and command.size <= order.size)
        return type(command) is Cancel

    def _ticks(self, price: float) -> float:
        if not 0 < price < math.inf:
            raise ValueError(f"a price must be a number above 0, is {price}")
        return price / self._tick
