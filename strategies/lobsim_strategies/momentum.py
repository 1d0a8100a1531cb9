"""Take in the direction in which the mid has moved.

When to use: to have others who lean on makers at the worst moment, when quotes are late.  Where the
mid is a martingale it earns nothing from it, and pays the spread.

When the mid has moved by more than `threshold` within the last `window_s` it takes `size` lots that
way, at whatever price rests in the book, and waits for a new such move from there.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from lobsim import Answer, Desk, Side, Strategy


@dataclass
class Momentum(Strategy):
    """`threshold` in currency."""

    window_s: float = 0.1
    threshold: float = 0.5
    size: int = 1
    _path: deque[tuple[float, float]] = field(default_factory=deque, init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("window_s", "threshold"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise ValueError(f"{name} = {value}: must be above 0")
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def on_start(self, desk: Desk) -> Answer:
        self._path.append((desk.now, desk.mid))
        return None

    def on_mid(self, desk: Desk) -> Answer:
        path, since = self._path, desk.now - self.window_s
        path.append((desk.now, desk.mid))
        # The first entry stays the mid as it stood when the window began.
        while len(path) > 1 and path[1][0] <= since:
            path.popleft()
        move = desk.mid - path[0][1]
        if abs(move) <= self.threshold:
            return None
        path.clear()
        path.append((desk.now, desk.mid))
        return [desk.take(Side.BUY if move > 0 else Side.SELL, self.size)]
