"""Quote both sides at a fixed distance from the mid, whatever the inventory.

When to use: as the yardstick for the others; it is the simplest market maker there is.
"""

from dataclasses import dataclass

from lobsim import Market, QuoteTable, Strategy


@dataclass
class FixedSpread(Strategy):
    """A bid and an ask `half_spread` (currency) from the mid, `size` lots each."""

    half_spread: float
    size: int = 1

    def __post_init__(self) -> None:
        if not self.half_spread > 0:
            raise ValueError(f"half_spread = {self.half_spread}: must be above 0")
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def quote_table(self, market: Market) -> QuoteTable:
        return QuoteTable(
            times_s=[0.0],
            inventories=[0],
            bid_depth=[[self.half_spread]],
            ask_depth=[[self.half_spread]],
        )
