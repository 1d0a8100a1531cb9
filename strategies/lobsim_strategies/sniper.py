"""Take quotes that the mid has left behind.

When to use: beside makers on a timer.  Without a sniper a quote that has become stale costs its
maker only what the order flow happens to take, and slow quoting looks cheaper than it is.

A quote is stale when the mid has passed it by more than `beyond_ticks`.  At every move of the mid
the sniper sends one order, immediate or cancel, for `size` lots at most, whose limit no quote but a
stale one is within.  What its inventory may be is up to [risk].  Makers who requote continuously
are asked before it trades, and lose nothing to it.
"""

import math
from dataclasses import dataclass, field

from lobsim import Answer, Desk, Side, Strategy


@dataclass
class Sniper(Strategy):
    """`beyond_ticks` are what a trade must be worth to it, per lot; fees, for instance."""

    beyond_ticks: float = 0.0
    size: int = 1
    _mid: float = field(default=math.nan, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.beyond_ticks < math.inf:
            raise ValueError(f"beyond_ticks = {self.beyond_ticks}: must be 0 or more")
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def on_mid(self, desk: Desk) -> Answer:
        if desk.mid == self._mid:  # two moves at one instant, or one by nothing
            return None
        self._mid = desk.mid
        tick = desk.market.tick
        mid = round(desk.mid / tick, 6)
        # In ticks: the highest ask and the lowest bid that are stale.
        ask, bid = math.ceil(mid - self.beyond_ticks) - 1, math.floor(mid + self.beyond_ticks) + 1
        if desk.best_ask is not None and desk.best_ask < (ask + 0.5) * tick:
            return [desk.take(Side.BUY, self.size, limit=ask * tick)]
        if desk.best_bid is not None and desk.best_bid > (bid - 0.5) * tick:
            return [desk.take(Side.SELL, self.size, limit=bid * tick)]
        return None
