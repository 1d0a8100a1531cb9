"""Quote around a reservation price that leans against the inventory.

When to use: to compare with the literature, or with little time left.  With more it leans too
hard, and cara-table earns more at the same deviation.

Avellaneda and Stoikov, "High-frequency trading in a limit order book", Quantitative Finance
8(3), 2008, equations (29) and (30).  With tau seconds left, inventory q, risk aversion gamma
and a mid of volatility sigma, where a quote at depth d is hit at rate A exp(-k d):

    bid depth = (1/g) ln(1 + g/k) + cost + (L/2 + q) gamma sigma^2 tau,   g = gamma L
    ask depth = (1/g) ln(1 + g/k) + cost + (L/2 - q) gamma sigma^2 tau

Long means a deeper bid and a nearer ask.  The formula is an expansion for small tau; depths
may be negative.  At gamma = 0 it is its limit, 1/k + cost on both sides.  The paper has L = 1 and
no cost: L is the size of a quote, which every fill is taken to have, and the cost of a lot is the
maker's fee (a rebate is below 0), and share times move where orders are informed.
"""

import math
from dataclasses import dataclass

import numpy as np

from lobsim import Market, QuoteTable, Strategy

REACH = 100  # lots: how far the table goes; its outermost quotes hold beyond


@dataclass
class AvellanedaStoikov(Strategy):
    """`gamma` per currency; `horizon_s` is a constant tau, None the time to the market's end;
    `sigma` and `k`, where given, replace the market's own.
    """

    gamma: float
    horizon_s: float | None = None
    sigma: float | None = None
    k: float | None = None
    size: int = 1

    def __post_init__(self) -> None:
        for name, low in (("gamma", 0.0), ("horizon_s", 0.0), ("sigma", 0.0)):
            value = getattr(self, name)
            if value is not None and not low <= value < math.inf:
                raise ValueError(f"{name} = {value}: must be {low:g} or more")
        if self.k is not None and not 0 < self.k < math.inf:
            raise ValueError(f"k = {self.k}: must be above 0")
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def quote_table(self, market: Market) -> QuoteTable:
        sigma = market.sigma if self.sigma is None else self.sigma
        k = market.k if self.k is None else self.k
        if self.horizon_s is None:
            times = np.arange(market.rows) * (market.duration_s / market.rows)
            tau = market.duration_s - times
        else:
            times = np.zeros(1)
            tau = np.array([self.horizon_s])
        reach = min(REACH, market.max_inventory or REACH)
        inventory = np.arange(-reach, reach + 1)
        g = self.gamma * self.size
        level = (math.log1p(g / k) / g if g > 0 else 1 / k) + market.fill_cost
        lean = self.gamma * sigma**2 * tau[:, np.newaxis]
        return QuoteTable(
            times_s=times,
            inventories=inventory,
            bid_depth=level + (self.size / 2 + inventory) * lean,
            ask_depth=level + (self.size / 2 - inventory) * lean,
        )
