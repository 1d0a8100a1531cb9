"""The exchange of one asset: puts book, ledger and risk monitors in time.

It serves one command at a time and tells whom it concerns; what a command does is the
market's business.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lobsim.compiled import mark_of
from lobsim.errors import AuditError
from lobsim.kernel.clock import Clock
from lobsim.kernel.enforcement import Enforcement
from lobsim.kernel.wire import Wire
from lobsim.market.audit import Audit
from lobsim.market.book import Book
from lobsim.market.crossing import crossing_side, uncross
from lobsim.market.ledger import Ledger
from lobsim.market.messages import (
    Command,
    Event,
    LimitOrder,
    Rejected,
    Trade,
)
from lobsim.market.open_orders import OpenOrders
from lobsim.market.presence import Presence
from lobsim.market.risk import RiskMonitor, Transition
from lobsim.market.units import (
    AccountId,
    Crossing,
    OrderId,
    Side,
    TimeInForce,
)
from lobsim.models.exposure import Exposure
from lobsim.models.world import ORDER, Happening
from lobsim.tape import Tape

if TYPE_CHECKING:
    from lobsim.kernel.pools import Pools

BUY, SELL = Side.BUY, Side.SELL
IOC = TimeInForce.IOC
TRADE = Crossing.TRADE


class Exchange:
    """One asset's venue.  Accounts are numbered on from the outside's, in the scenario's order."""

    def __init__(
        self,
        clock: Clock,
        asset: int,
        name: str,
        book: Book,
        ledger: Ledger,
        monitors: list[RiskMonitor],
        mid: float,
        crossing: Crossing,
        close_cost: float,
        exposure: Exposure | None,
        new_id: Callable[[], OrderId],
        tape: Tape | None,
        audit: Audit | None,
    ) -> None:
        self.clock = clock
        self.asset, self.name = asset, name
        self.book = book
        self.ledger = ledger
        self.outside = ledger.outside
        self.mid = mid
        self.mark = mark_of(mid)
        self.maker_trades = 0  # trades between two strategies
        # All by account.
        self.monitors = {monitor.number: monitor for monitor in monitors}
        self.refused = dict.fromkeys(self.monitors, 0)  # commands, by the monitor or for crossing
        self.orders = {self.outside: OpenOrders()}
        self.orders |= {monitor.number: monitor.orders for monitor in monitors}
        self.presences = {monitor.number: Presence(monitor.orders) for monitor in monitors}
        # To the traders who listen.
        self.wires: dict[AccountId, Wire[Event | Transition] | None]
        self.wires = dict.fromkeys(self.monitors)
        # Market data for those far away: the mid after each move, each command carried out.
        self.feeds: list[Callable[[Command | float], None]] = []
        # Continuous requoting: asks the makers.  Their quotes are then those they give when
        # they are asked: what is filled they would restore at once, and they are asked again
        # when it matters.
        self.before_orders: Callable[[], None] | None = None
        # Trades, by the name of the asset; None: a move of its mid.
        self.on_public: list[Callable[[str, Trade | None], None]] = []
        self._crossing = crossing
        self.new_id = new_id
        self.tape = tape
        self.audit = audit
        self.enforcement = Enforcement(self, close_cost, exposure)
        self.pools: Pools | None = None  # accounts held against limits together

    # From outside

    def meet(self, happening: Happening) -> None:
        """The mid moves; where it is an order that came, the makers are asked and it trades."""
        self.clock.now = now = happening.time
        self._move(happening)
        if happening.kind == ORDER:
            if self.clock.first_at_this_instant() and self.before_orders is not None:
                self.before_orders()
            side, outside = BUY if happening.side == 1 else SELL, self.outside
            order_id, limit, size = self.new_id(), happening.limit, happening.size
            if self.book.reaches(side, limit):
                self.carry_out(LimitOrder(order_id, outside, side, limit, size, IOC), outside)
            elif self.tape is not None:
                # Most orders meet no quote within their reach; what the book would answer is
                # known without asking it.
                self.tape.vanished(now, order_id, outside, side, limit, size)

    def _move(self, happening: Happening) -> None:
        self.mid = happening.mid
        mark = mark_of(happening.mid)
        if self.tape is not None:
            self.tape.mid(happening.time, happening.kind, self.asset, happening.mid)
        change, self.mark = mark - self.mark, mark
        for monitor in self.monitors.values():
            # Without inventory a mark changes nothing.
            if monitor.account.inventory:
                monitor.account.luck += monitor.account.inventory * change
                transition = monitor.mark(mark)
                if transition is None and self.enforcement.watches_exposure:
                    transition = self.enforcement.exposed(monitor)
                if transition is not None:
                    self.enforcement.enter(monitor, transition)
        if self.pools is not None:
            self.pools.moved(self, happening.kind)
        for tell in self.on_public:
            tell(self.name, None)
        for feed in self.feeds:
            feed(happening.mid)

    def renew_presences(self) -> None:
        """Quotes have changed: count the time that the old ones stood, and see the new ones."""
        bid, ask = self.book.bids.best, self.book.asks.best
        best_bid = 0 if bid is None else bid.price
        best_ask = 0 if ask is None else ask.price
        for presence in self.presences.values():
            presence.renew(self.clock.now, best_bid, best_ask)

    # From the traders

    def submit(self, command: Command) -> None:
        """A trader's command: through its risk monitor, then to the book."""
        account = command.account
        refusal = self.monitors[account].admit(command)
        if refusal is None and self._crossing is not TRADE:
            side = crossing_side(command, self.book)
            if side is not None:
                command, refusal = uncross(command, side, self.book, self._crossing)
        if refusal is None:
            self.carry_out(command, account)
            return
        self.refused[account] += 1
        event = Rejected(command.order_id, account, refusal)
        if self.tape is not None:
            self.tape.order(self.clock.now, command, [event])
        if (wire := self.wires[account]) is not None:
            wire.send(event)

    def end_audit(self) -> None:
        if self.audit is not None:
            self.audit.end(self.monitors.values(), self.mark)

    # What follows

    def carry_out(self, command: Command, account: AccountId) -> None:
        events = self.book.apply(command)
        if self.tape is not None:
            self.tape.order(self.clock.now, command, events)
        if self.audit is not None:
            self.audit.after(command, events)
        for feed in self.feeds:
            feed(command)
        traded = False
        for event in events:
            if type(event) is Trade:
                traded = True
                self._settle(event)
            elif account != self.outside:
                # Other events concern the sender alone: self-trade prevention does too.
                self.orders[account].hear(event, self.clock.now)
                if type(event) is Rejected:
                    self.refused[account] += 1
                if (wire := self.wires[account]) is not None:
                    wire.send(event)
        if traded:
            if self.audit is not None:
                self.audit.settled()
            if self.before_orders is None:
                self.renew_presences()
        if self.enforcement.called_for:
            self.enforcement.act()
        if traded and self.pools is not None:
            self.pools.look()

    def _settle(self, trade: Trade) -> None:
        maker, taker = trade.maker, trade.taker
        order = self.orders[maker].traded(trade.maker_id, trade.size)
        if order is None:
            raise AuditError(f"I4: the maker of {trade} had no such order")
        fees = self.ledger.settle(trade, self.mark)
        if taker != self.outside:
            self.orders[taker].traded(trade.taker_id, trade.size)
            self.maker_trades += maker != taker
        if self.tape is not None:
            self.tape.trade(self.clock.now, trade, self.mid, fees, self.ledger.accounts, order)
        for account in sorted({maker, taker}):
            if account != self.outside:
                self.enforcement.traded(account)
                if (wire := self.wires[account]) is not None:
                    wire.send(trade)
        for tell in self.on_public:
            tell(self.name, trade)
