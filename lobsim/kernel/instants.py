"""Waiting for an instant, and who comes first within it."""

from simpy import Environment, Event

from lobsim.market.units import Nanos

# Ranks at one instant, as SimPy priorities: the world; messages in flight; timers; and last,
# those who are due to be asked.
OUTSIDE, MESSAGE, TIMER, ROUND = 0, 1, 2, 3


class at(Event):  # noqa: N801  it is used as a verb: yield at(env, time, rank)
    """Happens at a time, in the order of its rank; equal ranks in the order they were asked for."""

    def __init__(self, env: Environment, time: Nanos, rank: int) -> None:
        # Set directly, as simpy.Timeout does: one is made for every happening.
        self.env = env
        self.callbacks = []
        self._value = None
        self._ok = True
        env.schedule(self, rank, time - env.now)  # type: ignore[arg-type]
