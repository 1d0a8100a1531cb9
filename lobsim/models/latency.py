"""How long messages are under way: a constant time, a lognormal one, or times as measured.

A latency that is drawn takes one variate a message, of one kind, from a stream of its own.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from lobsim.compiled import lognormal_ns
from lobsim.market.units import Nanos
from lobsim.models.streams import Stream, Streams

Draw = Callable[[], Nanos]


@dataclass(frozen=True, slots=True)
class Constant:
    """Draws nothing."""

    time: Nanos

    def drawn(self, stream: Stream) -> Draw:
        return lambda: self.time


@dataclass(frozen=True, slots=True)
class Lognormal:
    """median * exp(sigma Z), to the nearest ns; the median in ns."""

    median: float
    sigma: float

    def drawn(self, stream: Stream) -> Draw:
        normal, median, sigma = stream.standard_normal, self.median, self.sigma
        return lambda: lognormal_ns(normal(), median, sigma)


@dataclass(frozen=True, slots=True)
class Empirical:
    """One of `times` (ns); `shares` are the chances that it is this one or one before."""

    times: tuple[Nanos, ...]
    shares: tuple[float, ...]

    def drawn(self, stream: Stream) -> Draw:
        uniform, times, shares = stream.random, self.times, self.shares
        last = len(times) - 1
        return lambda: times[min(bisect_right(shares, uniform()), last)]


Delay = Constant | Lognormal | Empirical
NONE = Constant(0)


class Draws(NamedTuple):
    """What gives the latency of each message on a wire; None on a direct one."""

    data: Draw | None
    orders: Draw | None
    acks: Draw | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Of a trader's wires: market data in, orders out, acknowledgements and fills back."""

    data: Delay
    orders: Delay
    acks: Delay

    def draws(self, streams: Streams, name: str) -> Draws:
        """Of the trader of this name."""

        def draw(delay: Delay, wire: str) -> Draw | None:
            return None if delay == NONE else delay.drawn(streams.named(f"latency/{name}/{wire}"))

        return Draws(draw(self.data, "data"), draw(self.orders, "orders"), draw(self.acks, "acks"))
