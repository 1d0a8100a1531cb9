"""A desk: what a trader knows and may do, in currency and seconds.

It builds commands and sends none; prices become ticks here, bids rounded down and asks up.
"""

import math
from collections.abc import Callable
from typing import Any

from lobsim.compiled import ask_price, bid_price
from lobsim.market.book import Book
from lobsim.market.ledger import Account
from lobsim.market.messages import Cancel, Command, LimitOrder, MarketOrder, Replace
from lobsim.market.open_orders import OpenOrder, OpenOrders
from lobsim.market.risk import RiskMonitor, State
from lobsim.market.strategy import Market
from lobsim.market.units import (
    LARGEST,
    SECOND,
    AccountId,
    Lots,
    Nanos,
    OrderId,
    Side,
    Ticks,
    TimeInForce,
)

BUY, SELL = Side.BUY, Side.SELL
# A price this close to a whole tick is that tick: 100.1 / 0.1 is 1000.9999999999999 in floats.
NEAR = 1e-6


class Desk:
    """One account's desk.  `market` says what is known of the market before it opens."""

    def __init__(
        self,
        account_id: AccountId,
        account: Account,
        orders: OpenOrders,
        risk: RiskMonitor,
        book: Book,
        market: Market,
        new_id: Callable[[], OrderId],
        write_note: Callable[[dict[str, Any]], None],
    ) -> None:
        self.market = market
        self.now_ns: Nanos = 0
        self.mid_ticks: float = 0.0
        self.quoted = self.saturated = 0  # quotes sent, and those beyond the flow's d0
        self.least_depth = math.inf  # of those beyond d0
        self._account_id = account_id
        self._account = account
        self._orders = orders
        self._risk = risk
        self._book = book
        self._new_id = new_id
        self._write_note = write_note
        self._tick = market.tick
        self._floor = -market.d0 / market.tick
        self._max_inventory = risk.limits.max_inventory
        self._bid_id: OrderId = 0
        self._ask_id: OrderId = 0

    # What it knows

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self.now_ns / SECOND

    @property
    def time_left(self) -> float:
        """Seconds to the end."""
        return self.market.duration_s - self.now_ns / SECOND

    @property
    def mid(self) -> float:
        """The reference mid."""
        return self.mid_ticks * self._tick

    @property
    def best_bid(self) -> float | None:
        """The best bid in the book, own orders included; None while there is none."""
        return self._currency(self._book.best(BUY))

    @property
    def best_ask(self) -> float | None:
        return self._currency(self._book.best(SELL))

    @property
    def rival_bid(self) -> float | None:
        """The best bid of all others; None while there is none."""
        return self._rival(BUY)

    @property
    def rival_ask(self) -> float | None:
        return self._rival(SELL)

    @property
    def book_mid(self) -> float | None:
        """Half way between the best prices; None while a side is empty."""
        bid, ask = self._book.best(BUY), self._book.best(SELL)
        return None if bid is None or ask is None else (bid + ask) / 2 * self._tick

    def depth(self, side: Side) -> list[tuple[float, Lots]]:
        """The levels of a side, best first: price and lots."""
        return [
            (price * self._tick, sum(size for _, size in orders))
            for price, orders in self._book.depth(side)
        ]

    @property
    def orders(self) -> list[OpenOrder]:
        """Own resting orders, as copies (prices in ticks)."""
        return [
            OpenOrder(o.order_id, o.side, o.price, o.size, o.since, o.ahead)
            for o in self._orders.by_id.values()
        ]

    @property
    def in_flight(self) -> int:
        """Commands sent whose answer has not come back; without latency there are none."""
        return 0

    @property
    def inventory(self) -> Lots:
        return self._account.inventory

    @property
    def cash(self) -> float:
        """Cash less fees."""
        return (self._account.cash - self._account.fees / 1000) * self._tick

    @property
    def equity(self) -> float:
        """Cash less fees, and the inventory at the mid."""
        return self.cash + self._account.inventory * self.mid

    @property
    def halted(self) -> bool:
        return self._risk.state is State.HALTED

    # What it may do

    def quote(self, *, bid_depth: float, ask_depth: float, size: Lots = 1) -> list[Command]:
        """Quote both sides at these depths from the mid (currency); inf for no quote.

        An order already right stays in its place in the queue, others are replaced.  A side is
        cut to what the inventory limit leaves.  Raises ValueError for a depth that is no
        number, a size that is not whole, or a bid that is not below the ask.
        """
        if not (bid_depth > -math.inf and ask_depth > -math.inf):  # also false for NaN
            raise ValueError(f"a depth must be a number: bid {bid_depth}, ask {ask_depth}")
        return self.quote_at(bid_depth / self._tick, ask_depth / self._tick, whole(size))

    def quote_at(self, bid_depth: float, ask_depth: float, size: Lots) -> list[Command]:
        """`quote` with depths in ticks."""
        room = self._max_inventory - self._account.inventory
        bid_size = size if size <= room else room
        room = self._max_inventory + self._account.inventory
        ask_size = size if size <= room else room
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
        ids = list(self._orders.by_id) if order_id is None else [order_id]
        return [Cancel(each, self._account_id) for each in ids]

    def note(self, **values: Any) -> None:
        """Put the reasons for a decision on the tape, at once."""
        self._write_note(values)

    def retreats(self, command: Command) -> bool:
        """Whether a command only moves away from the market: it is applied before the others."""
        if type(command) is Replace:
            order = self._orders.by_id.get(command.order_id)
            if order is None:
                return False
            worse = (order.price - command.price) * order.side
            return worse > 0 or (worse == 0 and command.size <= order.size)
        return type(command) is Cancel

    def _steer(
        self, order_id: OrderId, side: Side, price: Ticks, size: Lots, commands: list[Command]
    ) -> OrderId:
        """Bring the quote of one side to `price`, 0 for none; the id of its order."""
        order = self._orders.by_id.get(order_id)
        if order is None:
            if not price:
                return 0
            order_id = self._new_id()
            commands.append(LimitOrder(order_id, self._account_id, side, price, size))
        elif not price:
            commands.append(Cancel(order_id, self._account_id))
        elif order.price != price or order.size != size:
            commands.append(Replace(order_id, self._account_id, price, size))
        return order_id


    def _saturate(self, depth: float) -> None:
        """A quote further through the mid than any order's reach: closer is no more likely hit."""
        self.saturated += 1
        self.least_depth = min(self.least_depth, depth)

    def _ticks(self, price: float) -> float:
        if not 0 < price < math.inf:
            raise ValueError(f"a price must be a number above 0, is {price}")
        return price / self._tick

    def _currency(self, price: Ticks | None) -> float | None:
        return None if price is None else price * self._tick

    def _rival(self, side: Side) -> float | None:
        own = self._orders.by_id
        for price, orders in self._book.depth(side):
            if any(order_id not in own for order_id, _ in orders):
                return price * self._tick
        return None


def whole(size: Any) -> Lots:
    """A size as a plain int; numpy's whole numbers are taken too."""
    if isinstance(size, bool) or not hasattr(size, "__index__") or not 1 <= size <= LARGEST:
        raise ValueError(f"a size must be a whole number of lots, 1 or more, is {size!r}")
    return int(size)
