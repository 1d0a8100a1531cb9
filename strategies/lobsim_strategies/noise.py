"""Take a side at random, now and then, for no reason.

When to use: to have trades that do not depend on the distance of the quotes from the mid, as the
order flow of a scenario does.  It pays the spread, so the others earn it.

Orders come as a Poisson process, each to buy or to sell with probability 1/2, at whatever price
rests in the book.  They are sent at the next move of the mid: several at once where it moves
less often than they come.
"""

import math
from dataclasses import dataclass, field

from lobsim import Answer, Desk, Side, Strategy


@dataclass
class Noise(Strategy):
    """`rate` orders per second, both sides together, of `size` lots each."""

    rate: float = 10.0
    size: int = 1
    _since: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.rate < math.inf:
            raise ValueError(f"rate = {self.rate}: must be 0 or more")
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def on_mid(self, desk: Desk) -> Answer:
        elapsed, self._since = desk.now - self._since, desk.now
        buys = desk.random.random(desk.random.poisson(self.rate * elapsed)) < 0.5
        return [desk.take(Side.BUY if buy else Side.SELL, self.size) for buy in buys]
