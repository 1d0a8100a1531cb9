"""A trader away from the exchange: its three wires, and what happens at their ends."""

from collections.abc import Callable
from typing import Any

from simpy import Environment

from lobsim.kernel.exchange import Exchange
from lobsim.kernel.trader import Post, Trader
from lobsim.kernel.wire import LateWire, Wire
from lobsim.market.knowledge import Knowledge, Picture, Reply
from lobsim.market.messages import Command, Event, Trade
from lobsim.market.risk import Transition
from lobsim.market.units import AccountId, Nanos
from lobsim.models.latency import Draw, Draws


class Remote:
    """Market data come in by one wire, orders go out by another, replies come by a third.

    The book is a function of the commands applied to it, so the data are these commands, and the
    mid after every move: the trader's own copy of the book follows, late.  All that becomes of
    one command is one reply; what others do to the account's orders is one each.
    """

    def __init__(
        self,
        account: AccountId,
        exchange: Exchange,
        latency: Draws,
        env: Environment,
        end: Nanos,
    ) -> None:
        self._env, self._end = env, end
        self._exchange = exchange
        self._monitor = exchange.monitors[account]
        self._told: list[Event] | None = None  # of the command that is being carried out
        self._trader: Trader | None = None
        self._asset = exchange.name
        self.knowledge = Knowledge(self._monitor, exchange.mark)
        self._orders: Wire[Command] = self._wire(latency.orders, self._arrive)
        self._replies: Wire[Reply] = self._wire(latency.acks, self._hear)
        self.sees: Exchange | Picture = exchange
        if latency.data is not None:
            self.sees = Picture(exchange.mid, exchange.book.self_trade)
            data: Wire[Command | float] = self._wire(latency.data, self._follow)
            exchange.feeds.append(data.send)

    def _wire(self, latency: Draw | None, deliver: Callable[[Any], None]) -> Wire[Any]:
        if latency is None:
            return Wire(deliver)

        def arrive(message: Any) -> None:
            self._exchange.clock.now = int(self._env.now)
            deliver(message)

        return LateWire(self._env, latency, arrive, self._end)

    def under_way(self) -> int:
        """How many commands have not arrived."""
        wire = self._orders
        return wire.sent - wire.arrived if isinstance(wire, LateWire) else 0

    def seat(self, trader: Trader, post: Post) -> Wire[Event | Transition]:
        """Let a trader use these wires at its post; the exchange's end of the one to it."""
        self._trader = trader
        post.send, post.under_way = self.send, self.under_way
        return Wire(self._tell)

    # At the trader

    def send(self, command: Command) -> None:
        self.knowledge.sent(command)
        self._orders.send(command)

    def _hear(self, reply: Reply) -> None:
        self.knowledge.hear(reply)
        assert self._trader is not None
        for event in reply.events:
            self._trader.hear(event)

    def _follow(self, data: Command | float) -> None:
        assert self._trader is not None
        if isinstance(data, float | int):
            self.sees.mid = data
            self._trader.hear_public(self._asset, None)
            return
        for event in self.sees.book.apply(data):
            if type(event) is Trade:
                self._trader.hear_public(self._asset, event)

    # At the exchange

    def _arrive(self, command: Command) -> None:
        exchange = self._exchange
        told: list[Event] = []
        self._told = told
        exchange.submit(command)
        exchange.renew_presences()
        self._told = None
        self._reply(command, told)

    def _tell(self, event: Event | Transition) -> None:
        events = [] if isinstance(event, Transition) else [event]
        if self._told is not None:
            self._told += events
        else:
            self._reply(None, events)

    def _reply(self, command: Command | None, events: list[Event]) -> None:
        monitor, now = self._monitor, self._exchange.clock.now
        account = monitor.account
        self._replies.send(
            Reply(
                command, tuple(events), now,
                account.cash, account.inventory, account.fees, monitor.state,
            )
        )  # fmt: skip
