"""The best quotes of a market told level by level: at this price there are so many lots now."""

from collections.abc import Iterable
from heapq import heappop, heappush

BUY, SELL = 1, -1


class Levels:
    """One side: its lots by price, and the best of its prices that have any."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.lots: dict[int, int] = {}
        self._near: list[int] = []  # prices, nearest first; some have nothing left

    def put(self, price: int, lots: int) -> None:
        if not lots:
            self.lots.pop(price, None)
            return
        if price not in self.lots:
            heappush(self._near, -self.side * price)
        self.lots[price] = lots

    def clear(self, to: int | None) -> None:
        """All levels; or those from the best to this price, which goes too."""
        for price in list(self.lots):
            if to is None or self.side * price >= self.side * to:
                del self.lots[price]

    def best(self) -> int:
        """0 where there is none."""
        near = self._near
        while near and -self.side * near[0] not in self.lots:
            heappop(near)
        return -self.side * near[0] if near else 0


class Ladder:
    """Both sides, told in turn."""

    def __init__(self) -> None:
        self.asks, self.bids = Levels(SELL), Levels(BUY)

    def tell(self, rows: Iterable[tuple[int, int, int, bool]]) -> list[tuple[int, int]]:
        """Best ask and bid after each row: side (0: both), price, lots, whether it clears levels
        from the best to that price (0: all).
        """
        asks, bids, found = self.asks, self.bids, []
        for side, price, lots, clears in rows:
            if clears:
                for levels in (asks, bids):
                    if side in (0, levels.side):
                        levels.clear(price if side and price else None)
            elif side == BUY:
                bids.put(price, lots)
            else:
                asks.put(price, lots)
            found.append((asks.best(), bids.best()))
        return found
