"""Lean against the inventory by the formula for a horizon that never comes.

When to use: trading goes on and on: no end is near, and the quotes depend on the inventory alone.

    depth = (1/g) ln(1 + g/k) + cost +- [(2q +- L)/2 - mu/(gamma sigma^2)] s,   g = gamma L
    s = sqrt(gamma sigma^2/(2 k A exp(-k cost) L) (1 + g/k)^(1 + k/g)),   + the bid and - the ask

L is the size of a quote, which every fill is taken to have; the cost of a lot is the maker's fee
(a rebate is below 0), and share times move where orders are informed.  Gueant, Lehalle and
Fernandez-Tapia, "Dealing with the inventory risk", Mathematics and Financial Economics 7, 2013,
section 4.
"""

from dataclasses import dataclass

import numpy as np

from lobsim import Market, QuoteTable, Strategy
from lobsim.policy import closed_forms

REACH = 100  # lots: how far the table goes; its outermost quotes hold beyond


@dataclass
class GLFT(Strategy):
    """`gamma` per currency, the risk aversion; every quote is for `size` lots."""

    gamma: float
    size: int = 1

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def quote_table(self, market: Market) -> QuoteTable:
        reach = min(REACH, market.max_inventory or REACH)
        inventories = np.arange(-reach, reach + 1)
        bid, ask = closed_forms.glft(
            inventories,
            A=market.A,
            k=market.k,
            gamma=self.gamma,
            sigma=market.sigma,
            mu=market.mu,
            fee=market.fill_cost,
            lot=self.size,
        )
        return QuoteTable([0.0], inventories, bid[np.newaxis], ask[np.newaxis])
