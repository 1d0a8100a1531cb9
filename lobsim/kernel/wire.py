"""A one-way connection between a trader and the exchange: late, never out of order."""

from collections.abc import Callable
from typing import Generic, TypeVar

from simpy import Environment

from lobsim.kernel.instants import MESSAGE, at
from lobsim.market.units import Nanos

T = TypeVar("T")


class Wire(Generic[T]):
    """Without latency, sending is the delivery itself: a direct call, no event."""

    __slots__ = ("send",)

    def __init__(self, deliver: Callable[[T], None]) -> None:
        self.send = deliver


class LateWire(Wire[T]):
    """Each message takes a time of its own, but none overtakes the one before it.

    What would arrive at the end of the day or later never does.
    """

    __slots__ = ("_deliver", "_end", "_env", "_latency", "_newest", "arrived", "sent")

    def __init__(
        self,
        env: Environment,
        latency: Callable[[], Nanos],
        deliver: Callable[[T], None],
        end: Nanos,
    ) -> None:
        """`latency` is asked once for every message."""
        super().__init__(self._send)
        self.sent = self.arrived = 0
        self._env = env
        self._latency = latency
        self._deliver = deliver
        self._end = end
        self._newest: Nanos = 0  # the arrival of the last message sent

    def _send(self, message: T) -> None:
        self.sent += 1
        arrival = max(int(self._env.now) + self._latency(), self._newest)
        self._newest = arrival
        if arrival >= self._end:
            return

        def arrive(_: object) -> None:
            self.arrived += 1
            self._deliver(message)

        at(self._env, arrival, MESSAGE).callbacks.append(arrive)
