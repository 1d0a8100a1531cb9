"""Post and cancel orders around the mid, for no reason: depth, and queues to stand in.

When to use: as the book that makers quote into.  Alone with few others a maker is at the front of
every queue, which flatters it.

On each side orders come to each of `levels` prices as a Poisson process, and each is cancelled at a
constant rate: the zero-intelligence order flow of Smith, Farmer, Gillemot and Krishnamurthy,
"Statistical theory of the continuous double auction", Quantitative Finance 3, 2003, and of Cont,
Stoikov and Talreja, "A stochastic model for order book dynamics", Operations Research 58, 2010, who
let arrivals thin out as a power of the distance.  Left to itself the number of orders at a level is
Poisson of mean arrival_rate / cancel_rate, from the start on.

What is not as there: the mid is the scenario's, not that of the book, and an order that it comes
within `nearest` of is withdrawn.  The trader is asked when the mid moves, and draws what happened
since: how many orders have come and are still there, which of the old ones are gone (exact laws).
What came and went in between is left out, and what came is put around the mid of now, at the end
of the queue of now.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from lobsim import Answer, Command, Desk, Side, Strategy

MOST = 400  # orders on average: one answer may replace them all, and holds 1,000 commands


@dataclass
class Background(Strategy):
    """`arrival_rate` orders per second, side and level; level i (1, 2, ...) has i^-thinning of
    that.  `cancel_rate` per second and order.  The first level is the first tick further than
    `nearest` (currency) from the mid, the others are a tick apart.  Sizes are geometric with mean
    `mean_size`.

    Open orders count towards [risk] max_inventory: leave it out, or make it large.
    """

    arrival_rate: float = 4.0
    cancel_rate: float = 2.0
    levels: int = 10
    nearest: float = 0.0
    thinning: float = 0.0
    mean_size: float = 1.0
    _since: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        for name, low in (("arrival_rate", 0.0), ("nearest", 0.0), ("thinning", 0.0)):
            value = getattr(self, name)
            if not low <= value < math.inf:
                raise ValueError(f"{name} = {value}: must be {low:g} or more")
        if not 0 < self.cancel_rate < math.inf:
            raise ValueError(f"cancel_rate = {self.cancel_rate}: must be above 0")
        if not 1 <= self.levels <= MOST:
            raise ValueError(f"levels = {self.levels}: must be from 1 to {MOST}")
        if not 1 <= self.mean_size < math.inf:
            raise ValueError(f"mean_size = {self.mean_size}: must be 1 or more")
        self._mean = np.arange(1, self.levels + 1) ** -self.thinning
        self._mean *= self.arrival_rate / self.cancel_rate
        if 2 * self._mean.sum() > MOST:
            raise ValueError(
                f"arrival_rate = {self.arrival_rate}: {2 * self._mean.sum():.0f} orders would rest "
                f"on average, must be {MOST} at most"
            )

    def on_start(self, desk: Desk) -> Answer:
        return self._come(desk, math.inf)

    def on_mid(self, desk: Desk) -> Answer:
        elapsed, self._since = desk.now - self._since, desk.now
        return [*self._go(desk, elapsed), *self._come(desk, elapsed)]

    def _go(self, desk: Desk, elapsed: float) -> list[Command]:
        """Cancel each with its probability, and those that the mid has come too near to."""
        orders, (bid, ask) = desk.orders, self._first(desk)
        stays = desk.random.random(len(orders)) < math.exp(-self.cancel_rate * elapsed)
        commands: list[Command] = []
        for order, stay in zip(orders, stays, strict=True):
            if not stay or (order.price > bid if order.side is Side.BUY else order.price < ask):
                commands += desk.cancel(order.order_id)
        return commands

    def _come(self, desk: Desk, elapsed: float) -> list[Command]:
        """What has come in this time and is still there."""
        random, tick, (bid, ask) = desk.random, desk.market.tick, self._first(desk)
        staying = -math.expm1(-self.cancel_rate * elapsed)
        bids, asks = random.poisson(self._mean * staying, (2, self.levels))
        sizes = iter(random.geometric(1 / self.mean_size, bids.sum() + asks.sum()).tolist())
        commands = []
        for price in np.repeat(bid - np.arange(self.levels), bids).tolist():
            if price >= 1:
                commands.append(desk.bid(price * tick, next(sizes), post_only=True))
        for price in np.repeat(ask + np.arange(self.levels), asks).tolist():
            commands.append(desk.ask(price * tick, next(sizes), post_only=True))
        return commands

    def _first(self, desk: Desk) -> tuple[int, int]:
        """The prices of the first levels, in ticks."""
        tick = desk.market.tick
        bid = math.ceil(round((desk.mid - self.nearest) / tick, 6)) - 1
        ask = math.floor(round((desk.mid + self.nearest) / tick, 6)) + 1
        return bid, ask
