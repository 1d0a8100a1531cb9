"""Quote what earns most on average, less a penalty for the inventory left at the end.

When to use: a known end, a price for what is left then, and no fear of the way there.  The best
of all quotes where the market is the one of the theory; sigma does not matter to it.

    maximise  E[W_T - phi q_T^2 - phi_r int q_t^2 dt],   |q| <= Q
    bid depth = 1/k + fee - (v(t, q+1) - v(t, q)),   ask depth = 1/k + fee - (v(t, q-1) - v(t, q))

None of a side that would lead beyond Q = [risk] max_inventory; v solves the Hamilton-Jacobi-Bellman
equation of quotes that fill at A exp(-k depth), exactly, to the market's end.  Cartea, Jaimungal
and Penalva, "Algorithmic and High-Frequency Trading", 2015, section 10.2.
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

    def quote_table(self, market: Market) -> QuoteTable:
        problem = MakerProblem(
            A_bid=market.A,
            A_ask=market.A,
            k=market.k,
            mu=market.mu,
            fee_bid=market.maker_fee,
            fee_ask=market.maker_fee,
            terminal_penalty=self.terminal_penalty,
            running_penalty=self.running_penalty,
            max_inventory=market.inventory_bound,
            lot=self.size,
            horizon_s=market.duration_s,
        )
        return solve(problem, np.arange(market.rows) * (market.duration_s / market.rows)).table(
            problem.horizon_s, market.inventory
        )
