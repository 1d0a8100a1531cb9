"""Quote what earns most on average, less a penalty for the inventory left at the end.

When to use: a known end, a price for what is left then, and no fear of the way there.  The best
of all quotes where the market is the one of the theory; sigma does not matter to it.

    maximise  E[W_T - phi q_T^2 - phi_r int q_t^2 dt],   |q| <= Q
    bid depth = 1/k + cost - (v(t, q+L) - v(t, q))/L,   ask depth the same with q-L

None of a side that would lead beyond Q = [risk] max_inventory; v solves the Hamilton-Jacobi-Bellman
equation of quotes that fill at A exp(-k depth), exactly, to the market's end.  Cartea, Jaimungal
and Penalva, "Algorithmic and High-Frequency Trading", 2015, section 10.2.

The cost of a lot is the maker's fee (a rebate is below 0), and what moves after informed orders
take: share times move, as both sides have them alike; exactly while no quote is through the mid.
L is the size of a quote, and v counts every fill as a whole one: it is exact where no market order
is smaller.  Between two multiples of L, where smaller ones lead, the quotes are of the nearer one
outward.
"""

from dataclasses import dataclass

import numpy as np

from lobsim import Market, QuoteTable, Strategy
from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem


@dataclass
class HJBTable(Strategy):
    """`terminal_penalty` phi in currency per lot^2, `running_penalty` phi_r in currency per
    lot^2 and second; every quote is for `size` lots.
    """

    terminal_penalty: float
    running_penalty: float = 0.0
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
            fee_bid=market.fill_cost,
            fee_ask=market.fill_cost,
            terminal_penalty=self.terminal_penalty,
            running_penalty=self.running_penalty,
            max_inventory=market.inventory_bound,
            lot=self.size,
            horizon_s=market.duration_s,
        )
        return solve(problem, np.arange(market.rows) * (market.duration_s / market.rows)).table(
            problem.horizon_s, market.inventory
        )
