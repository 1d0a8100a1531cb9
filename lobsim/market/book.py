"""The limit order book: commands in, events out.

The book has no clock, no randomness and no I/O.  Its state is a function of the commands
applied so far, so one list of commands always gives one list of events.  The rules where
venues differ are numbered D1 to D20 in the README.
"""

import hashlib
from collections.abc import Callable

from lobsim.market.levels import HalfBook, Resting
from lobsim.market.matching import can_fill, match
from lobsim.market.messages import (
    Cancel,
    Cancelled,
    Command,
    Event,
    LimitOrder,
    MarketOrder,
    Rejected,
    Replace,
    Replaced,
    Rested,
)
from lobsim.market.units import (
    LARGEST,
    Lots,
    OrderId,
    Reason,
    SelfTrade,
    Side,
    Ticks,
    TimeInForce,
)

BUY, SELL = Side.BUY, Side.SELL
GTC, IOC, FOK = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK


class Book:
    """Resting orders, matched by price first and by time of arrival second."""

    def __init__(self, self_trade: SelfTrade = SelfTrade.ALLOW) -> None:
        self.self_trade = self_trade
        self.bids = HalfBook(BUY)
        self.asks = HalfBook(SELL)
        self._resting: dict[OrderId, Resting] = {}
        # order(order_id): the resting order of an id; None if there is none.
        self.order: Callable[[OrderId], Resting | None] = self._resting.get
        self._places = 0

    def apply(self, command: Command) -> list[Event]:
        """Carry out one command and return what happened, in order."""
        if type(command) is LimitOrder:
            return self._limit(command)
        if type(command) is Replace:
            return self._replace(command)
        if type(command) is Cancel:
            return self._cancel(command)
        if type(command) is MarketOrder:
            return self._market(command)
        return [Rejected(-1, -1, Reason.BAD_OP)]

    def best(self, side: Side) -> Ticks | None:
        """The best price of a side; None while it is empty."""
        level = self.bids.best if side == BUY else self.asks.best
        return None if level is None else level.price

    def reaches(self, side: Side, price: Ticks) -> bool:
        """Whether an order at `price` would trade with the other side."""
        if side is BUY:
            level = self.asks.best
            return level is not None and level.price <= price
        level = self.bids.best
        return level is not None and level.price >= price

    def depth(self, side: Side) -> list[tuple[Ticks, list[tuple[OrderId, Lots]]]]:
        """The levels of a side, best first: price, and its orders in queue order (id, open)."""
        return [
            (level.price, [(order.order_id, order.open) for order in level.orders.values()])
            for level in (self.bids if side == BUY else self.asks).levels()
        ]

    def digest(self) -> str:
        """A name of the state: equal for equal books, in all that can matter to what follows."""
        rows = [
            (o.order_id, o.account, int(o.side), o.price, o.open, o.post_only)
            for half in (self.bids, self.asks)
            for level in half.levels()
            for o in level.orders.values()
        ]
        return hashlib.blake2b(repr(rows).encode(), digest_size=16).hexdigest()

    def check(self) -> None:
        """Assert the whole invariant, walking every level."""
        bid, ask = self.bids.best, self.asks.best
        assert bid is None or ask is None or bid.price < ask.price, "the book is crossed"
        seen = self.bids.check(self._resting) + self.asks.check(self._resting)
        assert seen == len(self._resting), "an order in the index but in no level"

    # The commands.  Each is refused as a whole, before anything changes.

    def _limit(self, command: LimitOrder) -> list[Event]:
        order_id, account, side = command.order_id, command.account, command.side
        price, size, time_in_force = command.price, command.size, command.time_in_force
        # `type(...) is int` also keeps out True, 1.0 and numpy's numbers, which would become
        # keys of the price levels.
        if not (
            type(size) is type(price) is type(order_id) is int
            and 0 < size <= LARGEST
            and 0 < price <= LARGEST
            and order_id not in self._resting
            and (side is BUY or side is SELL)
        ):
            return [Rejected(order_id, account, self._refusal(order_id, side, price, size))]
        own, other = (self.bids, self.asks) if side is BUY else (self.asks, self.bids)
        best = other.best
        crosses = best is not None and (best.price <= price if side is BUY else best.price >= price)
        rests = time_in_force is GTC
        if not rests:
            if command.post_only or (time_in_force is not IOC and time_in_force is not FOK):
                return [Rejected(order_id, account, Reason.BAD_OP)]
            if time_in_force is FOK and not can_fill(account, other, price, size, self.self_trade):
                return [Rejected(order_id, account, Reason.FOK_UNFILLABLE)]
        elif crosses:
            if command.post_only:
                return [Rejected(order_id, account, Reason.WOULD_CROSS)]
        elif (
            own.size > LARGEST - size
            and (level := own.level_at(price)) is not None
            and level.size > LARGEST - size
        ):
            return [Rejected(order_id, account, Reason.LEVEL_FULL)]
        events: list[Event] = []
        if crosses:
            size = match(
                order_id, account, other, price, size, self._resting, self.self_trade, events
            )
        if size and rests:
            self._places += 1
            order = Resting(order_id, account, side, price, size, self._places, command.post_only)
            self._resting[order_id] = order
            events.append(Rested(order_id, account, side, price, size, own.add(order)))
        elif size:
            events.append(Cancelled(order_id, account, side, size, Reason.IOC_REST))
        return events

    def _market(self, command: MarketOrder) -> list[Event]:
        order_id, account = command.order_id, command.account
        side, size = command.side, command.size
        if not (
            type(size) is type(order_id) is int
            and 0 < size <= LARGEST
            and order_id not in self._resting
            and (side is BUY or side is SELL)
        ):
            return [Rejected(order_id, account, self._refusal(order_id, side, 1, size))]
        other, limit = (self.asks, LARGEST) if side is BUY else (self.bids, 1)
        events: list[Event] = []
        rest = match(order_id, account, other, limit, size, self._resting, self.self_trade, events)
        if rest:
            events.append(Cancelled(order_id, account, side, rest, Reason.NO_LIQUIDITY))
        return events

    def _refusal(self, order_id: OrderId, side: Side, price: Ticks, size: Lots) -> Reason:
        """Why a new order cannot be taken, whatever is in the book."""
        if type(size) is not int or not 0 < size <= LARGEST:
            return Reason.BAD_SIZE
        if type(price) is not int or not 0 < price <= LARGEST:
            return Reason.BAD_PRICE
        if type(order_id) is int and order_id in self._resting:
            return Reason.DUPLICATE_ID
        return Reason.BAD_OP

    def _cancel(self, command: Cancel) -> list[Event]:
        order = self._resting.get(command.order_id) if type(command.order_id) is int else None
        if order is None or order.account != command.account:
            return [Rejected(command.order_id, command.account, Reason.UNKNOWN_ID)]
        return self._withdraw(order)

    def _withdraw(self, order: Resting) -> list[Event]:
        side, order_id = order.side, order.order_id
        del self._resting[order_id]
        (self.bids if side is BUY else self.asks).remove(order)
        return [Cancelled(order_id, order.account, side, order.open, Reason.REQUESTED)]

    def _replace(self, command: Replace) -> list[Event]:
        order_id, account = command.order_id, command.account
        price, size = command.price, command.size
        order = self._resting.get(order_id) if type(order_id) is int else None
        if order is None or order.account != account:
            return [Rejected(order_id, account, Reason.UNKNOWN_ID)]
        if type(size) is not int or not 0 <= size <= LARGEST:
            return [Rejected(order_id, account, Reason.BAD_SIZE)]
        if type(price) is not int or not 1 <= price <= LARGEST:
            return [Rejected(order_id, account, Reason.BAD_PRICE)]
        if size == 0:
            return self._withdraw(order)
        side = order.side
        own, other = (self.bids, self.asks) if side is BUY else (self.asks, self.bids)
        if price == order.price and size <= order.open:
            own.shrink(order, size)
            return [Replaced(order_id, account, side, price, size)]
        best = other.best
        crossing = best is not None and (
            best.price <= price if side is BUY else best.price >= price
        )
        if crossing and order.post_only:
            return [Rejected(order_id, account, Reason.WOULD_CROSS)]
        if own.size > LARGEST - size and (level := own.level_at(price)) is not None:
            others = level.size - (order.open if price == order.price else 0)
            if others > LARGEST - size:
                return [Rejected(order_id, account, Reason.LEVEL_FULL)]
        self._places += 1
        order.place = self._places
        if not crossing:
            return [Replaced(order_id, account, side, price, size, own.move(order, price, size))]
        own.remove(order)
        del self._resting[order_id]
        events: list[Event] = [Replaced(order_id, account, side, price, size, 0)]
        rest = match(order_id, account, other, price, size, self._resting, self.self_trade, events)
        if rest:
            order.price, order.open = price, rest
            self._resting[order_id] = order
            events.append(Rested(order_id, account, side, price, rest, own.add(order)))
        return events
