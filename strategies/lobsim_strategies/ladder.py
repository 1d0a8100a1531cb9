"""Quote several prices on each side, evenly spaced from the mid outward, whatever the inventory.

When to use: large orders come, and should pay more the further they reach; rungs further out wait
in the queue, and earn more per lot.
"""

from dataclasses import dataclass

import numpy as np

from lobsim import Market, QuoteTable, Strategy

MOST_RUNGS = 100


@dataclass
class Ladder(Strategy):
    """`rungs` bids and as many asks of `size` lots each: the best `half_spread` (currency) from
    the mid, each other `step` (currency) further.
    """

    half_spread: float
    step: float
    rungs: int = 3
    size: int = 1

    def __post_init__(self) -> None:
        for name in ("half_spread", "step"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name)}: must be above 0")
        if not 1 <= self.rungs <= MOST_RUNGS:
            raise ValueError(f"rungs = {self.rungs}: must be from 1 to {MOST_RUNGS}")
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def quote_table(self, market: Market) -> QuoteTable:
        depths = self.half_spread + self.step * np.arange(self.rungs)
        return QuoteTable([0.0], [0], [[depths]], [[depths]])
