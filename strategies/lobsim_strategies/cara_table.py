"""Quote what is best for constant absolute risk aversion, exactly.

When to use: the inventory's risk on the way counts, not only what is left at the end.  No quotes
have a higher certainty equivalent in the market of the theory; those of avellaneda-stoikov are an
approximation of these for the last moments.

    maximise  E[-exp(-gamma W_T)],   |q| <= Q
    bid depth = (1/g) ln(1 + g/k) + cost - (theta(t, q+L) - theta(t, q))/L,   ask with q-L

g = gamma L, and L is the size of a quote.  None of a side that would lead beyond Q = [risk]
max_inventory.  At gamma = 0 it is hjb-table without penalties.  Gueant, Lehalle and
Fernandez-Tapia, "Dealing with the inventory risk", Mathematics and Financial Economics 7, 2013,
theorem 1.

The cost of a lot is the maker's fee (a rebate is below 0), exactly.  Of the moves after informed
orders the mean counts as a cost, share times move, and the variance in sigma, but not that they
come with fills: that is exact at gamma = 0.  theta counts every fill as a whole one: it is exact
where no market order is smaller than L.
"""

from dataclasses import dataclass

import numpy as np

from lobsim import Market, QuoteTable, Strategy
from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem


@dataclass
class CARATable(Strategy):
    """`gamma` per currency, the risk aversion; every quote is for `size` lots."""

    gamma: float
    size: int = 1

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def quote_table(self, market: Market) -> QuoteTable:
        problem = MakerProblem(
            A_bid=market.A,
            A_ask=market.A,
            k=market.k,
            mu=market.mu,
            sigma=market.sigma,
            gamma=self.gamma,
            fee_bid=market.fill_cost,
            fee_ask=market.fill_cost,
            max_inventory=market.inventory_bound,
            lot=self.size,
            horizon_s=market.duration_s,
        )
        return solve(problem, np.arange(market.rows) * (market.duration_s / market.rows)).table(
            problem.horizon_s, market.inventory
        )
