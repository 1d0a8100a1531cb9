"""The orders of one account that rest in the book, as told by the book's events."""

from lobsim.market.messages import Cancelled, Event, Replaced, Rested
from lobsim.market.units import Lots, Nanos, OrderId, Side, Ticks

BUY = Side.BUY


class OpenOrder:
    """One resting order: since when it has its place, and how many lots were ahead then."""

    __slots__ = ("ahead", "order_id", "price", "side", "since", "size")

    def __init__(
        self, order_id: OrderId, side: Side, price: Ticks, size: Lots, since: Nanos, ahead: Lots
    ) -> None:
        self.order_id = order_id
        self.side = side
        self.price = price
        self.size = size
        self.since = since
        self.ahead = ahead


class OpenOrders:
    """`bids` and `asks` are the lots open on each side."""

    __slots__ = ("asks", "bids", "by_id")

    def __init__(self) -> None:
        self.by_id: dict[OrderId, OpenOrder] = {}
        self.bids: Lots = 0
        self.asks: Lots = 0

    def hear(self, event: Event, now: Nanos) -> None:
        """Follow an event other than a trade."""
        if type(event) is Replaced:
            order = self.by_id[event.order_id]
            size = event.size
            if size != order.size:
                self._grow(order.side, size - order.size)
                order.size = size
            order.price = event.price
            if event.ahead is not None:
                order.since, order.ahead = now, event.ahead
        elif type(event) is Rested:
            known = self.by_id.get(event.order_id)
            if known is None:
                self._grow(event.side, event.size)
            self.by_id[event.order_id] = OpenOrder(
                event.order_id, event.side, event.price, event.size, now, event.ahead
            )
        elif type(event) is Cancelled:
            gone = self.by_id.pop(event.order_id, None)
            if gone is not None:
                self._grow(gone.side, -gone.size)

    def traded(self, order_id: OrderId, size: Lots) -> OpenOrder | None:
        """An order traded; None if it never rested (the taker of a fresh order)."""
        order = self.by_id.get(order_id)
        if order is not None:
            order.size -= size
            if not order.size:
                del self.by_id[order_id]
            self._grow(order.side, -size)
        return order

    def _grow(self, side: Side, lots: Lots) -> None:
        if side is BUY:
            self.bids += lots
        else:
            self.asks += lots
