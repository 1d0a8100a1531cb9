"""An estimate of the volatility from the moves of the mid, old ones fading out."""

import math

from lobsim.compiled import compiled
from lobsim.market.units import SECOND, Nanos


@compiled
def faded(squared: float, move: float, elapsed: int, time_constant: int) -> float:
    """The mean of squared moves per second after a move over `elapsed` ns."""
    x = elapsed / time_constant
    weight = -math.expm1(-x) / x if x > 0 else 1.0
    per_second = move * move * SECOND / time_constant
    return squared * math.exp(-x) + per_second * weight


@compiled
def scale_of(squared: float, normal: float) -> float:
    if squared <= normal:
        return 1.0
    return math.sqrt(normal / squared)


class Volatility:
    """The root of the exponentially weighted mean of squared moves per second.

    A move x over h seconds counts as x^2 / h for that time; one in no time (a jump) as what it
    adds to the sum.  Source: J.P. Morgan, RiskMetrics Technical Document, 1996, section 5.2, in
    continuous time.
    """

    def __init__(self, sigma: float, mid: float, time_constant: Nanos) -> None:
        """Begins at `sigma`, ticks per sqrt(s), which is also what is held to be normal."""
        self._normal = self._squared = sigma * sigma
        self._mid, self._moved = mid, 0
        self._time_constant = time_constant

    def hear(self, now: Nanos, mid: float) -> None:
        """The mid has moved."""
        move, elapsed = mid - self._mid, now - self._moved
        self._mid, self._moved = mid, now
        self._squared = faded(self._squared, move, elapsed, self._time_constant)

    @property
    def scale(self) -> float:
        """How much smaller than usual a position must be to risk as much as usual; at most 1."""
        return scale_of(self._squared, self._normal)
