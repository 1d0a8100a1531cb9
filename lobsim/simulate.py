"""Composition: the parts of one market put together, and run once."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

from lobsim.assembly import exchanges_of, trader_of
from lobsim.errors import ScenarioError
from lobsim.kernel.trading_day import TradingDay
from lobsim.market.units import Nanos
from lobsim.models import joint_world
from lobsim.models.streams import Streams
from lobsim.models.world import Happening, World
from lobsim.seats import Seat
from lobsim.setup import Setup
from lobsim.summary import Summary, summaries_of
from lobsim.tape import Tape
from lobsim.watch import Watch, kept_apart

Progress = Callable[[Nanos], None]


def world_of(setup: Setup, seed: int, replication: int) -> World:
    return joint_world.world_of(setup.plan, Streams(seed, replication))


def simulate(
    setup: Setup,
    seed: int,
    replication: int,
    *,
    seats: Sequence[Seat] | None = None,
    world: Iterable[list[Happening]] | None = None,
    tape: Tape | None = None,
    audited: bool = True,
    progress: Progress | None = None,
    watch: Watch | None = None,
    prints: TextIO | io.TextIOBase | None = None,
) -> list[Summary]:
    """Run one replication, with all strategies or with `seats` only; a summary for each.

    `world` may be given where several runs share it; `prints` is where what plugins print goes,
    stderr by default.  Raises PluginError, ScenarioError or AuditError.
    """
    if seats is None:
        seats = setup.seats
    if world is None:
        world = world_of(setup, seed, replication).chunks()
    if watch is None:
        watch = Watch(setup.timeout_s)
    exchanges = exchanges_of(setup, seats, tape, audited)
    day = TradingDay(
        exchanges,
        setup.plan.duration,
        setup.requote,
        close=setup.scenario.end.inventory == "close",
        bench=setup.scenario.on_plugin_error == "bench",
    )
    streams = Streams(seed, replication)
    with kept_apart(prints):
        for number, seat in enumerate(seats, 1):
            day.admit(trader_of(setup, number, seat, exchanges, day, streams, tape, watch))
    events, allowed = 0, setup.scenario.max_events

    def after_chunk(chunk: list[Happening]) -> None:
        nonlocal events
        events += len(chunk)
        if events > allowed:
            raise ScenarioError(
                f"max_events = {allowed}: passed at {chunk[-1].time} ns of {setup.plan.duration}; "
                f"raise it, or lower asset.flow.A or duration_s"
            )
        if tape is not None:
            tape.through += sum(happening.through for happening in chunk)
            tape.breathe()
        if progress is not None:
            progress(chunk[-1].time)

    with kept_apart(prints), watch.watching():
        day.run(world, after_chunk)
    for exchange in exchanges:
        exchange.end_audit()
    return summaries_of(setup, exchanges, day)
