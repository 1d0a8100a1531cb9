"""The audit: after every command, what the book did is held against what it said.

It keeps its own account of every resting order, from the events alone, and looks at the
heads of the queues and at running totals only, so that it can stay on in every run.
A violation is a defect of the simulator, never of a user.
"""

from collections.abc import Iterable
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
from lobsim.market.risk import RiskMonitor
from lobsim.market.units import Lots, Millis, OrderId, SelfTrade, Side, Ticks, TimeInForce

BUY = Side.BUY
Shadow = tuple[Side, Ticks, Lots]


class Audit:
    """`after` each command and `settled` after its trades; raises AuditError."""

    def __init__(self, book: Book, ledger: Ledger) -> None:
        self._book = book
        self._bids, self._asks = book.bids, book.asks
        self._ledger = ledger
        self._resting: dict[OrderId, Shadow] = {}
        self._open_bids = self._open_asks = 0
        self._last: Ticks = 0  # the price of the last trade of this command

    def after(self, command: Command, events: list[Event]) -> None:
        resting = self._resting
        traded = rested = 0
        touched = None
        for event in events:
            if type(event) is Replaced:
                touched = event.side
                old = resting.get(event.order_id)
                if old is None:
                    self._fail("I4 a replaced order did not rest", command, events)
                resting[event.order_id] = (touched, event.price, event.size)
                if event.size != old[2]:
                    self._grow(touched, event.size - old[2])
            elif type(event) is Trade:
                touched = self._trade(command, event, traded)
                traded += event.size
            elif type(event) is Rested:
                touched = event.side
                rested += event.size
                self._leave(event.order_id)
                resting[event.order_id] = (touched, event.price, event.size)
                self._grow(touched, event.size)
            elif type(event) is Cancelled and event.order_id in resting:
                touched = event.side
                self._leave(event.order_id)
        if type(command) is LimitOrder or type(command) is MarketOrder:
            self._sizes(command, events, traded, rested)
        bids, asks = self._bids, self._asks
        if bids.size != self._open_bids or asks.size != self._open_asks:
            self._fail("I2 what is open differs from what the events say", command, events)
        bid, ask = bids.best, asks.best
        if bid is not None and ask is not None and bid.price >= ask.price:
            self._fail("I1 the book is crossed", command, events)
        if touched is not None:
            self._head(touched, command, events)

    def _trade(self, command: Command, trade: Trade, before: Lots) -> Side:
        """Hold a trade against its maker, the taker's limit and the trade before it; the
        maker's side.
        """
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
        if before and trade.taker_side * (trade.price - self._last) < 0:
            self._fail("I8 a later trade of one order is at a better price", command, [trade])
        if trade.maker == trade.taker and self._book.self_trade is not SelfTrade.ALLOW:
            self._fail("I12 an account traded with itself", command, [trade])
        self._last = trade.price
        self._leave(trade.maker_id)
        if size > trade.size:
            self._resting[trade.maker_id] = (side, price, size - trade.size)
            self._grow(side, size - trade.size)
        taker = self._leave(trade.taker_id)  # a replaced order that trades
        if taker is not None and taker[2] > trade.size:
            self._resting[trade.taker_id] = (taker[0], taker[1], taker[2] - trade.size)
            self._grow(taker[0], taker[2] - trade.size)
        return side

    def _sizes(
        self,
        command: LimitOrder | MarketOrder,
        events: list[Event],
        traded: Lots,
        rested: Lots,
    ) -> None:
        """I7: taker size = traded + rested + cancelled; I10: who may rest and who may take."""
        if type(events[0]) is Rejected:
            if len(events) > 1:
                self._fail("I11 a refused command had an effect", command, events)
            return
        cancelled = 0
        last = events[-1]
        if type(last) is Cancelled and last.order_id == command.order_id:
            cancelled = last.size
        if traded + rested + cancelled != command.size:
            self._fail("I7 size is not traded + rested + cancelled", command, events)
        if type(command) is MarketOrder or command.time_in_force is not TimeInForce.GTC:
            if rested:
                self._fail("I10 an order that never rests rests", command, events)
        elif command.post_only and traded:
            self._fail("I10 a post-only order took", command, events)
        if cancelled and type(command) is LimitOrder and command.time_in_force is TimeInForce.FOK:
            self._fail("I10 a FOK traded in part", command, events)

    def _head(self, side: Side, command: Command, events: list[Event]) -> None:
        """I2, I3, I4 at the best price of a side that has changed."""
        half = self._bids if side is BUY else self._asks
        level = half.best
        if level is None:
            if half.size:
                self._fail("I5 a side with orders has no best price", command, events)
            return
        orders = level.orders
        if not orders:
            self._fail("I2 an empty level at the best price", command, events)
        head = orders[next(iter(orders))]
        if self._resting.get(head.order_id) != (side, level.price, head.open):
            self._fail("I4 the head of the queue is not what the events say", command, events)
        if len(orders) == 1:
            if level.size != head.open:
                self._fail("I2 a level's total is not its orders'", command, events)
        elif level.size <= head.open or head.place >= orders[next(reversed(orders))].place:
            self._fail("I3 a queue is out of order", command, events)

    def settled(self) -> None:
        """I13, I14: nothing was made or lost."""
        try:
            self._ledger.check()
        except AssertionError as error:
            raise AuditError(f"I13 {error}") from error

    def end(self, monitors: Iterable[RiskMonitor], mark: Millis) -> None:
        """The whole book, all accounts, profit that adds up, and inventories within their limits
        (I4, I13, I14, I17, I19, I21).
        """
        try:
            self._book.check()
            self._ledger.check()
            for monitor in monitors:
                account, equity = monitor.account, monitor.account.equity(mark)
                parts = account.spread + account.luck - account.fees
                assert equity - monitor.start == parts, "I17 profit is not the sum of its parts"
                assert monitor.peak >= equity, "I19 equity above its peak"
                assert monitor.drawdown >= monitor.peak - equity, "I19 drawdown above the worst"
                limit = monitor.limits.max_inventory
                assert max(account.high, -account.low) <= limit, "I21 past max_inventory"
                for order in monitor.orders.by_id.values():
                    resting = self._book.order(order.order_id)
                    assert resting is not None, "I4 an open order that does not rest"
                    assert (resting.price, resting.open) == (order.price, order.size), "I4"
        except AssertionError as error:
            raise AuditError(f"at the end of the run: {error}") from error

    def _leave(self, order_id: OrderId) -> Shadow | None:
        shadow = self._resting.pop(order_id, None)
        if shadow is not None:
            self._grow(shadow[0], -shadow[2])
        return shadow

    def _grow(self, side: Side, lots: Lots) -> None:
        if side is BUY:
            self._open_bids += lots
        else:
            self._open_asks += lots

    def _fail(self, rule: str, command: Command, events: list[Event]) -> NoReturn:
        raise AuditError(f"{rule}: {command} gave {events}")
