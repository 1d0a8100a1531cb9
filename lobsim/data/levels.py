"""The best quotes of a market told level by level: at this price there are so many lots now."""

from collections.abc import Iterable
from heapq import heappop, heappush

BUY, SELL = 1, -1


class Levels:
    """One side: its lots by price, and the best of its prices that have any (0: none has)."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.lots: dict[int, int] = {}
        self.best = 0
        self._near: list[int] = []  # prices, nearest first; some have nothing left

    def put(self, price: int, lots: int) -> None:
        if lots:
            if price not in self.lots:
                heappush(self._near, -self.side * price)
                if not self.best or self.side * price > self.side * self.best:
                    self.best = price
            self.lots[price] = lots
        elif self.lots.pop(price, None) and price == self.best:
            self._find_best()

    def clear(self, to: int) -> None:
        """The levels from the best to this price, which goes too; 0: all."""
        for price in list(self.lots):
            if not to or self.side * price >= self.side * to:
                del self.lots[price]
        self._find_best()

    def _find_best(self) -> None:
        near = self._near
        while near and -self.side * near[0] not in self.lots:
            heappop(near)
        self.best = -self.side * near[0] if near else 0


class Ladder:
    """Both sides, told in turn."""

    def __init__(self) -> None:
        self.asks, self.bids = Levels(SELL), Levels(BUY)

    def tell(self, rows: Iterable[tuple[int, int, int, bool]]) -> list[int]:
        """Best ask and its lots, best bid and its lots after each row, in turn.

        Rows: side (0: both), price, lots, and whether it clears the levels from the best to that
        price (0: all).
        """
        asks, bids = self.asks, self.bids
        found: list[int] = []
        for side, price, lots, clears in rows:
            if clears:
                for levels in (asks, bids):
                    if side in (0, levels.side):
                        levels.clear(price if side else 0)
            else:
                (bids if side == BUY else asks).put(price, lots)
            ask, bid = asks.best, bids.best
            found += ask, asks.lots.get(ask, 0), bid, bids.lots.get(bid, 0)
        return found
