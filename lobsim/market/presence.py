"""How long an account quoted, how wide, and whether at the best price."""

from lobsim.market.open_orders import OpenOrders
from lobsim.market.units import Nanos, Side, Ticks

BUY = Side.BUY


class Presence:
    """Integrals over time, in whole ns and tick x ns, of the quotes last looked at.

    quoting  time with a quote on both sides
    width    the spread between its own best bid and ask, integrated over that time
    at_best  time at the best bid (alone or with others) plus time at the best ask
    """

    __slots__ = ("_orders", "_seen", "_sides_at_best", "_width", "at_best", "quoting", "width")

    def __init__(self, orders: OpenOrders) -> None:
        self._orders = orders
        self._seen: Nanos = 0
        self._sides_at_best = self._width = 0
        self.quoting: Nanos = 0
        self.width = 0
        self.at_best: Nanos = 0

    def renew(self, now: Nanos, best_bid: Ticks, best_ask: Ticks) -> None:
        """Count the time since the quotes were last seen, and see them as they stand now, in a
        book with these best prices (0 for none).
        """
        elapsed = now - self._seen
        self._seen = now
        if self._width:
            self.quoting += elapsed
            self.width += self._width * elapsed
        self.at_best += self._sides_at_best * elapsed
        bid = ask = 0
        for order in self._orders.by_id.values():
            price = order.price
            if order.side is BUY:
                if price > bid:
                    bid = price
            elif not ask or price < ask:
                ask = price
        at_best = 0
        if bid and bid == best_bid:
            at_best = 1
        if ask and ask == best_ask:
            at_best += 1
        self._sides_at_best = at_best
        self._width = ask - bid if bid and ask else 0
