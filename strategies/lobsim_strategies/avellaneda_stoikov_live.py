"""Quote as avellaneda-stoikov does, with a volatility estimated from the mids that were seen.

When to use: sigma is not known, or changes; the order flow (k) and the end are known.

    sigma^2 = sum of w (move of the mid)^2 / sum of w (time it took),   w = 2^(-age / half_life)
    depth = (1/g) ln(1 + g/k) + cost + (L/2 +- q) gamma sigma^2 tau,   + for the bid, - for the ask

with g = gamma L, L the size of a quote and the cost of a lot as in avellaneda-stoikov.

It assumes that the mid moves without drift and without noise (moves add up in variance, as those of
a Brownian motion) and that sigma changes little within a half-life.  With moves a time h apart the
estimate of a constant sigma errs by sqrt(h ln(2) / (4 half_life)) of it, one standard error, once a
few half-lives have passed.  Until the mid has moved sigma counts as 0: no lean.

Avellaneda and Stoikov (2008); J.P. Morgan and Reuters, "RiskMetrics: technical document", 1996, for
the weights.
"""

import math
from dataclasses import dataclass, field

from lobsim import Answer, Desk, Strategy


@dataclass
class AvellanedaStoikovLive(Strategy):
    """`gamma` per currency; `horizon_s` is a constant tau, None the time to the market's end; `k`,
    where given, replaces the market's own.
    """

    gamma: float = 0.1
    half_life_s: float = 0.1
    horizon_s: float | None = None
    k: float | None = None
    size: int = 1
    sigma: float = field(default=0.0, init=False, repr=False)
    _moved: float = field(
        default=0.0, init=False, repr=False
    )  # weighted: squares of moves, and their times
    _passed: float = field(default=0.0, init=False, repr=False)
    _last: tuple[float, float] | None = field(
        default=None, init=False, repr=False
    )  # time and mid seen last

    def __post_init__(self) -> None:
        for name in ("gamma", "horizon_s"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < math.inf:
                raise ValueError(f"{name} = {value}: must be 0 or more")
        for name in ("half_life_s", "k"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ValueError(f"{name} = {value}: must be above 0")
        if self.size < 1:
            raise ValueError(f"size = {self.size}: must be 1 or more")

    def on_mid(self, desk: Desk) -> Answer:
        self._look(desk)
        return None

    def on_quote(self, desk: Desk) -> Answer:
        self._look(desk)
        k = desk.market.k if self.k is None else self.k
        tau = desk.time_left if self.horizon_s is None else self.horizon_s
        g = self.gamma * self.size
        level = (math.log1p(g / k) / g if g > 0 else 1 / k) + desk.market.fill_cost
        lean = self.gamma * self.sigma**2 * tau
        return desk.quote(
            bid_depth=level + (self.size / 2 + desk.inventory) * lean,
            ask_depth=level + (self.size / 2 - desk.inventory) * lean,
            size=self.size,
        )

    def _look(self, desk: Desk) -> None:
        """Count the mid's move since it was last seen."""
        time, mid = self._last or (desk.now, desk.mid)
        self._last = desk.now, desk.mid
        elapsed = desk.now - time
        fade = 0.5 ** (elapsed / self.half_life_s)
        self._moved = self._moved * fade + (desk.mid - mid) ** 2
        self._passed = self._passed * fade + elapsed
        if self._passed > 0:
            self.sigma = math.sqrt(self._moved / self._passed)
