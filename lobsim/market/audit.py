"""The audit: after every command, what the book did is held against what it said.

It keeps its own account of every resting order, from the events alone, and looks at the
heads of the queues and at running totals only, so that it can stay on in every run.
A violation is a defect of the simulator, never of a user.
"""

from typing import NoReturn

from lobsim.errors import AuditError
from lobsim.market.book import Book
from lobsim.market.ledger import Ledger
from lobsim.market.messages import (
    Cancelled,
    Command,
    Event,
    LimitOrder,
    MarketOrder,
    Rejected,
    Replaced,
    Rested,
    Trade,
)
from lobsim.market.units import Lots, OrderId, SelfTrade, Side, Ticks, TimeInForce

BUY, SELL = Side.BUY, Side.SELL
Shadow = tuple[Side, Ticks, Lots]


class Audit:
    """`after` each command and each settlement; raises AuditError."""

    def __init__(self, book: Book, ledger: Ledger) -> None:
        self._book = book
        self._ledger = ledger
        self._resting: dict[OrderId, Shadow] = {}
        self._open = {BUY: 0, SELL: 0}
        self._last: Ticks = 0  # the price of the last trade of this command
        self.commands = 0

    def after(self, command: Command, events: list[Event]) -> None:
        self.commands += 1
        self._last = 0
        traded = 0
        for event in events:
            if type(event) is Trade:
                self._trade(command, event)
                traded += event.size
            elif type(event) is Rested:
                self._leave(event.order_id)
                self._enter(event.order_id, event.side, event.price, event.size)
            elif type(event) is Replaced:
                if self._leave(event.order_id) is None:
                    self._fail("I4 a replaced order did not rest", command, events)
                self._enter(event.order_id, event.side, event.price, event.size)
            elif type(event) is Cancelled:
                self._leave(event.order_id)
        self._sizes(command, events, traded)
        self._heads(command, events)

    def _trade(self, command: Command, trade: Trade) -> None:
        shadow = self._resting.get(trade.maker_id)
        if shadow is None:
            self._fail("I4 the maker of a trade did not rest", command, [trade])
        side, price, size = shadow
        if side is trade.taker_side:
            self._fail("I8 both parties of a trade are on one side", command, [trade])
        if price != trade.price:
            self._fail("I8 a trade is not at the maker's price", command, [trade])
        if not 0 < trade.size <= size:
            self._fail("I7 a maker traded more than was open", command, [trade])
        limit = None if type(command) is MarketOrder else getattr(command, "price", None)
        if limit is not None and trade.taker_side * (trade.price - limit) > 0:
            self._fail("I8 a trade is beyond the taker's limit", command, [trade])
        if self._last and trade.taker_side * (trade.price - self._last) < 0:
            self._fail("I8 a later trade of one order is at a better price", command, [trade])
        if trade.maker == trade.taker and self._book.self_trade is not SelfTrade.ALLOW:
            self._fail("I12 an account traded with itself", command, [trade])
        self._last = trade.price
        self._leave(trade.maker_id)
        if size > trade.size:
            self._enter(trade.maker_id, side, price, size - trade.size)
        taker = self._leave(trade.taker_id)  # a replaced order that trades
        if taker is not None and taker[2] > trade.size:
            self._enter(trade.taker_id, taker[0], taker[1], taker[2] - trade.size)

    def _sizes(self, command: Command, events: list[Event], traded: Lots) -> None:
        """I7: taker size = traded + rested + cancelled; I10: who may rest and who may take."""
        if type(command) is not LimitOrder and type(command) is not MarketOrder:
            return
        if type(events[0]) is Rejected:
            if len(events) > 1:
                self._fail("I11 a refused command had an effect", command, events)
            return
        rested = cancelled = 0
        for event in events:
            if type(event) is Rested:
                rested += event.size
            elif type(event) is Cancelled and event.order_id == command.order_id:
                cancelled += event.size
        if traded + rested + cancelled != command.size:
            self._fail("I7 size is not traded + rested + cancelled", command, events)
        if type(command) is MarketOrder or command.time_in_force is not TimeInForce.GTC:
            if rested:
                self._fail("I10 an order that never rests rests", command, events)
        elif command.post_only and traded:
            self._fail("I10 a post-only order took", command, events)
        if (
            type(command) is LimitOrder
            and command.time_in_force is TimeInForce.FOK
            and traded != command.size
        ):
            self._fail("I10 a FOK traded in part", command, events)

    def _heads(self, command: Command, events: list[Event]) -> None:
        """I1, I2, I3, I5 at the heads of both sides."""
        best = {}
        for side in (BUY, SELL):
            half = self._book.half(side)
            if half.size != self._open[side]:
                self._fail("I2 what is open differs from what the events say", command, events)
            level = half.best
            if level is None:
                if half.size:
                    self._fail("I5 a side with orders has no best price", command, events)
                continue
            orders = level.orders
            head = orders[next(iter(orders))] if orders else None
            tail = orders[next(reversed(orders))] if orders else None
            if head is None or tail is None or head.open < 1 or level.size < head.open:
                self._fail("I2 an empty level or order at the best price", command, events)
            if head.place > tail.place:
                self._fail("I3 a queue is out of order", command, events)
            if self._resting.get(head.order_id) != (side, level.price, head.open):
                self._fail("I4 the head of the queue is not what the events say", command, events)
            best[side] = level.price
        if len(best) == 2 and best[BUY] >= best[SELL]:
            self._fail("I1 the book is crossed", command, events)

    def settled(self) -> None:
        """I13, I14: nothing was made or lost."""
        try:
            self._ledger.check()
        except AssertionError as error:
            raise AuditError(f"I13 {error}") from error

    def _enter(self, order_id: OrderId, side: Side, price: Ticks, size: Lots) -> None:
        self._resting[order_id] = (side, price, size)
        self._open[side] += size

    def _leave(self, order_id: OrderId) -> Shadow | None:
        shadow = self._resting.pop(order_id, None)
        if shadow is not None:
            self._open[shadow[0]] -= shadow[2]
        return shadow

    def _fail(self, rule: str, command: Command, events: list[Event]) -> NoReturn:
        raise AuditError(f"{rule}: {command} gave {events}")
