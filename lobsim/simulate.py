"""Composition: the parts of one market put together, and run once."""

import io
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from lobsim.compiled import mark_of
from lobsim.errors import ScenarioError
from lobsim.kernel.answers import Answers
from lobsim.kernel.exchange import Exchange
from lobsim.kernel.remote import Remote
from lobsim.kernel.trader import Trader
from lobsim.kernel.trading_day import TradingDay
from lobsim.kernel.wire import Wire
from lobsim.market.audit import Audit
from lobsim.market.book import Book
from lobsim.market.desk import Desk
from lobsim.market.knowledge import Picture
from lobsim.market.ledger import Ledger
from lobsim.market.open_orders import OpenOrders
from lobsim.market.risk import RiskMonitor
from lobsim.market.units import OUTSIDE, Nanos
from lobsim.models import rich_world
from lobsim.models.exposure import exposure_of
from lobsim.models.streams import Streams
from lobsim.models.world import Happening, World
from lobsim.seats import Seat
from lobsim.setup import Setup
from lobsim.summary import Summary, summary_of
from lobsim.tape import Tape
from lobsim.watch import Watch, kept_apart

Progress = Callable[[Nanos], None]


def world_of(setup: Setup, seed: int, replication: int) -> World:
    return rich_world.world_of(setup.plan, Streams(seed, replication))


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
    exchange = exchange_of(setup, seats, tape, audited)
    day = TradingDay(
        exchange,
        setup.plan.duration,
        setup.requote,
        close=setup.scenario.end.inventory == "close",
        bench=setup.scenario.on_plugin_error == "bench",
    )
    streams = Streams(seed, replication)
    with kept_apart(prints):
        for number, seat in enumerate(seats, 1):
            day.admit(trader_of(setup, seat, number, exchange, day, streams, tape, watch))
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
    if exchange.audit is not None:
        exchange.audit.end(exchange.monitors, exchange.mark)
    return [
        summary_of(setup, exchange, trader, day.benched.get(trader.name)) for trader in day.traders
    ]


def exchange_of(setup: Setup, seats: Sequence[Seat], tape: Tape | None, audited: bool) -> Exchange:
    book = Book(setup.scenario.self_trade)
    ledger = Ledger(
        [(seat.cash, seat.inventory) for seat in seats], setup.maker_fee, setup.taker_fee
    )
    mark, risk = mark_of(setup.plan.mid), setup.scenario.risk
    return Exchange(
        book,
        ledger,
        [
            RiskMonitor(number, account, OpenOrders(), setup.limits, mark)
            for number, account in enumerate(ledger.accounts)
            if number != OUTSIDE
        ],
        setup.plan.mid,
        setup.scenario.crossing,
        setup.close_cost,
        exposure_of(setup.plan, float(risk.var_level)) if risk.max_var or risk.max_cvar else None,
        itertools.count(1).__next__,
        tape,
        Audit(book, ledger) if audited else None,
    )


def trader_of(
    setup: Setup,
    seat: Seat,
    number: int,
    exchange: Exchange,
    day: TradingDay,
    streams: Streams,
    tape: Tape | None,
    watch: Watch,
) -> Trader:
    name = seat.spec.name

    def write_note(values: dict[str, Any]) -> None:
        if tape is not None:
            tape.note(exchange.now, number, values)

    remote = remote_of(setup, seat, number, exchange, day, streams)
    sees: Exchange | Picture = exchange if remote is None else remote.sees
    knowledge = None if remote is None else remote.knowledge
    monitor = exchange.monitors[number - 1] if knowledge is None else knowledge.risk
    desk = Desk(
        monitor, sees.book, setup.market, exchange.new_id, write_note,
        lambda: streams.generator(f"strategy/{name}"), knowledge,
    )  # fmt: skip
    strategy = setup.new_strategy(seat)
    trader = Trader(
        name,
        number,
        strategy,
        desk,
        monitor,
        sees,
        exchange.submit,
        Answers(name, strategy, desk, monitor, watch, lambda: tape.events if tape else 0),
        streams.named(f"turn/{name}").random,
        day.wake,
        seat.table,
        seat.sizes,
        quote_after_fills=setup.requote is not None,
    )
    if remote is not None:
        exchange.wires.append(remote.seat(trader))
    else:
        exchange.wires.append(Wire(trader.hear) if trader.listens else None)
    return trader


def remote_of(
    setup: Setup, seat: Seat, number: int, exchange: Exchange, day: TradingDay, streams: Streams
) -> Remote | None:
    """The wires of a trader who is away from the exchange; None of one beside it."""
    latency = setup.latency(seat)
    if latency is None:
        return None
    draws = latency.draws(streams, seat.spec.name)
    return Remote(number, exchange, draws, day.env, setup.plan.duration)
