"""A desk: what a trader knows and may do, in currency and seconds.

It builds commands and sends none; prices become ticks here, bids rounded down and asks up.
"""

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

from lobsim.compiled import ask_price, bid_price
from lobsim.market.book import Book
from lobsim.market.knowledge import Knowledge
from lobsim.market.messages import Cancel, Command, LimitOrder, MarketOrder, Replace
from lobsim.market.risk import RiskMonitor, State
from lobsim.market.sight import Sight
from lobsim.market.strategy import Market
from lobsim.market.units import (
    LARGEST,
    Lots,
    OrderId,
    Side,
    Ticks,
    TimeInForce,
)

BUY, SELL = Side.BUY, Side.SELL
REDUCE_ONLY = State.REDUCE_ONLY
# A price this close to a whole tick is that tick: 100.1 / 0.1 is 1000.9999999999999 in floats.
NEAR = 1e-6


class Desk(Sight):
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
        under_way = () if knowledge is None else knowledge.under_way
        super().__init__(risk, book, market, under_way, asset)
        # Own orders by id, as they are or will be once all that is under way has arrived.
        self._standing = risk.orders.by_id if knowledge is None else knowledge.expected
        self.quoted = self.saturated = 0  # quotes sent, and those beyond the flow's d0
        self.least_depth = math.inf  # of those beyond d0
        # Ids given to new quotes in answers that are still being collected (`Trader.catch_up`).
        self.unsent: set[OrderId] | None = None
        self._account_id = risk.number
        self.newest: OrderId = 0  # the last id that this desk gave
        self._take_id = new_id
        self._write_note = write_note
        self._new_random = new_random
        self._floor = -market.d0 / market.tick
        self._max_inventory = risk.limits.max_inventory
        self._bid_id: OrderId = 0
        self._ask_id: OrderId = 0

    def quote(self, *, bid_depth: float, ask_depth: float, size: Lots = 1) -> list[Command]:
        """Quote both sides at these depths from the mid (currency); inf for no quote.

        An order already right stays in its place in the queue, others are replaced.  A side is
        cut to what the inventory limit leaves, or to the inventory where it may only shrink.
        Raises ValueError for a depth that is no number, a size that is not whole, or a bid that
        is not below the ask.
        """
        if not (bid_depth > -math.inf and ask_depth > -math.inf):  # also false for NaN
            raise ValueError(f"a depth must be a number: bid {bid_depth}, ask {ask_depth}")
        return self.quote_at(bid_depth / self._tick, ask_depth / self._tick, whole(size))

    def quote_at(self, bid_depth: float, ask_depth: float, size: Lots) -> list[Command]:
        """`quote` with depths in ticks."""
        limit, inventory = self._max_inventory, self._account.inventory
        if self._risk.state is REDUCE_ONLY:
            limit = 0
        bid_size = size if size <= limit - inventory else limit - inventory
        ask_size = size if size <= limit + inventory else limit + inventory
        bid = ask = 0
        commands: list[Command] = []
        if bid_depth < math.inf and bid_size > 0:
            bid = bid_price(self.mid_ticks, bid_depth)
            self.quoted += 1
            if bid_depth < self._floor:
                self._saturate(bid_depth)
        if ask_depth < math.inf and ask_size > 0:
            ask = ask_price(self.mid_ticks, ask_depth)
            self.quoted += 1
            if ask_depth < self._floor:
                self._saturate(ask_depth)
            if bid >= ask:
                raise ValueError(
                    f"the bid {bid * self._tick:.12g} is not below the ask {ask * self._tick:.12g}"
                )
        self._bid_id = self._steer(self._bid_id, BUY, bid, bid_size, commands)
        self._ask_id = self._steer(self._ask_id, SELL, ask, ask_size, commands)
        return commands

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

    def _steer(
        self, order_id: OrderId, side: Side, price: Ticks, size: Lots, commands: list[Command]
    ) -> OrderId:
        """Bring the quote of one side to `price`, 0 for none; the id of its order."""
        order = self._standing.get(order_id)
        if order is None:
            unsent = self.unsent
            said = unsent is not None and order_id in unsent
            if not price:
                if said:
                    commands.append(Cancel(order_id, self._account_id))
                return 0
            if not said:
                order_id = self._new_id()
                if unsent is not None:
                    unsent.add(order_id)
            commands.append(LimitOrder(order_id, self._account_id, side, price, size))
        elif not price:
            commands.append(Cancel(order_id, self._account_id))
        elif order.price != price or order.size != size:
            commands.append(Replace(order_id, self._account_id, price, size))
        return order_id

    def _new_id(self) -> OrderId:
        self.newest = order_id = self._take_id()
        return order_id

    def _saturate(self, depth: float) -> None:
        """A quote further through the mid than any order's reach: closer is no more likely hit."""
        self.saturated += 1
        self.least_depth = min(self.least_depth, depth)

    def _ticks(self, price: float) -> float:
        if not 0 < price < math.inf:
            raise ValueError(f"a price must be a number above 0, is {price}")
        return price / self._tick


def whole(size: Any) -> Lots:
    """A size as a plain int; numpy's whole numbers are taken too."""
    if isinstance(size, bool) or not hasattr(size, "__index__") or not 1 <= size <= LARGEST:
        raise ValueError(f"a size must be a whole number of lots, 1 or more, is {size!r}")
    return int(size)
