"""How long an account quoted, how wide, and whether at the best price."""

from lobsim.market.book import Book
from lobsim.market.open_orders import OpenOrders
from lobsim.market.units import Nanos, Side

BUY, SELL = Side.BUY, Side.SELL


class Presence:
    """Integrals over time, in whole ns and tick x ns, of the quotes last looked at.

    quoting  time with a quote on both sides
    width    the spread between its own best bid and ask, integrated over that time
    at_best  time at the best bid (alone or with others) plus time at the best ask
    """

    __slots__ = ("_both", "_orders", "_sides_at_best", "_width", "at_best", "quoting", "width")

    def __init__(self, orders: OpenOrders) -> None:
        self._orders = orders
        self._both = self._sides_at_best = self._width = 0
        self.quoting: Nanos = 0
        self.width = 0
        self.at_best: Nanos = 0

    def look(self, book: Book) -> None:
        """See the quotes as they stand; they hold until looked at again."""
        bid = ask = 0
        for order in self._orders.by_id.values():
            price = order.price
            if order.side is BUY:
                if price > bid:
                    bid = price
            elif not ask or price < ask:
                ask = price
        self._both = 1 if bid and ask else 0
        self._width = ask - bid if self._both else 0
        self._sides_at_best = (1 if bid and bid == book.best(BUY) else 0) + (
            1 if ask and ask == book.best(SELL) else 0
        )

    def pass_time(self, elapsed: Nanos) -> None:
        self.quoting += self._both * elapsed
        self.width += self._width * elapsed
        self.at_best += self._sides_at_best * elapsed
