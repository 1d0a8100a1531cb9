"""The process that waits for what comes from outside and hands it on."""

from collections.abc import Callable, Generator, Iterable, Sequence

from simpy import Environment, Event

from lobsim.kernel.exchange import Exchange
from lobsim.kernel.instants import OUTSIDE, at
from lobsim.models.world import Happening


def outside(
    env: Environment,
    world: Iterable[list[Happening]],
    exchanges: Sequence[Exchange],
    after_chunk: Callable[[list[Happening]], None],
) -> Generator[Event, None, None]:
    """Hand on each happening at its time; `after_chunk` hears of each chunk that is done."""
    for chunk in world:
        for happening in chunk:
            yield at(env, happening.time, OUTSIDE)
            exchanges[happening.asset].meet(happening)
        after_chunk(chunk)
