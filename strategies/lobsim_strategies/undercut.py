"""Quote one tick closer to the mid than the best of the others, but no closer than a limit.

When to use: to see what a maker earns, and takes from others, that watches their quotes.  No table
can express it: it is a compiled function, which both engines play.
"""

from dataclasses import dataclass
from typing import Any

from lobsim import Market, Strategy


@dataclass
class Undercut(Strategy):
    """Depths from `closest` to `furthest` (currency), moved by `lean` (currency) per lot held;
    `size` lots each.
    """

    closest: float
    furthest: float
    lean: float = 0.0
    size: int = 1

    def __post_init__(self) -> None:
        if not self.closest > 0:
            raise ValueError(f"closest = {self.closest}: must be above 0")
        if not self.furthest >= self.closest:
            raise ValueError(
                f"furthest = {self.furthest}: must be {self.closest} (closest) or more"
            )
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def quote_memory(self, market: Market) -> list[float]:
        return [self.closest, self.furthest, self.lean, market.tick]

    @staticmethod
    def compiled_quote(observation: Any, memory: Any, depths: Any) -> None:
        _, lots, _, bid, ask = observation
        closest, furthest, lean, tick = memory
        # Half a tick more, for prices are rounded away from the mid.
        depths[0] = min(max(bid - 1.5 * tick, closest), furthest) + lean * lots
        depths[1] = min(max(ask - 1.5 * tick, closest), furthest) - lean * lots
