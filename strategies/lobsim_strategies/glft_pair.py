"""Lean against the inventories of all assets whose prices move together.

When to use: several correlated assets, no end in sight.  Being long one and short another that
moves with it is hardly a risk, and the quotes say so: only what does not cancel is traded away.

In one asset, and without correlation, it quotes as `glft` does.  The formula and its source are in
lobsim/policy/coupled.py.
"""

from dataclasses import dataclass, field

import numpy as np

from lobsim import Answer, Desk, Strategy
from lobsim.policy.coupled import Coupled, coupled


@dataclass
class GLFTPair(Strategy):
    """`gamma` per currency, the risk aversion; every quote is for `size` lots.

    `blind` leaves the correlation out of its sums, to see what it is worth.
    """

    gamma: float
    size: int = 1
    blind: bool = False
    _quotes: Coupled | None = field(default=None, init=False, repr=False)

    def on_start(self, desk: Desk) -> Answer:
        markets = [desk[asset].market for asset in desk.assets]
        covariance = np.array(desk.covariance)
        self._quotes = coupled(
            np.diag(np.diag(covariance)) if self.blind else covariance,
            A=[market.A for market in markets],
            k=[market.k for market in markets],
            gamma=self.gamma,
            mu=[market.mu for market in markets],
            fee=[market.fill_cost for market in markets],
            lot=self.size,
        )
        return ()

    def on_quote(self, desk: Desk) -> Answer:
        assert self._quotes is not None
        bids, asks = self._quotes.depths(desk.inventories)
        commands = []
        for asset, bid, ask in zip(desk.assets, bids.tolist(), asks.tolist(), strict=True):
            commands += desk[asset].quote(bid_depth=bid, ask_depth=ask, size=self.size)
        return commands
