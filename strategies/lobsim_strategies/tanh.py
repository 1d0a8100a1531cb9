"""Lean against the inventory by a formula that is right near the end and far from it.

When to use: a formula is wanted instead of a table, or max_inventory is far away.  It is
avellaneda-stoikov for the last moments and glft for a long horizon.

    depth = (1/g) ln(1 + g/k) + cost + (L/2 +- q) s,   + for the bid and - for the ask
    s = 1/(k L) sqrt(alpha/eta) tanh(2 sqrt(alpha eta) tau),   tau = time left,   g = gamma L
    alpha = k L gamma sigma^2/2,   eta = A exp(-k cost) (1 + g/k)^-(1 + k/g)

L is the size of a quote, which every fill is taken to have; the cost of a lot is the maker's fee
(a rebate is below 0), and share times move where orders are informed.  It follows from the
equations of cara-table where ln w is taken as quadratic in the inventory.
"""

from dataclasses import dataclass

import numpy as np

from lobsim import Market, QuoteTable, Strategy
from lobsim.policy.closed_forms import closure

REACH = 100  # lots: how far the table goes; its outermost quotes hold beyond


@dataclass
class Tanh(Strategy):
    """`gamma` per currency, the risk aversion; every quote is for `size` lots."""

    gamma: float
    size: int = 1

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def quote_table(self, market: Market) -> QuoteTable:
        times = np.arange(market.rows) * (market.duration_s / market.rows)
        reach = min(REACH, market.max_inventory or REACH)
        inventories = np.arange(-reach, reach + 1)
        bid, ask = closure(
            inventories,
            market.duration_s - times[:, np.newaxis],
            A=market.A,
            k=market.k,
            gamma=self.gamma,
            sigma=market.sigma,
            fee=market.fill_cost,
            lot=self.size,
        )
        return QuoteTable(times, inventories, bid, ask, horizon_s=market.duration_s)
