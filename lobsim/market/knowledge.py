"""What a trader far from the exchange knows: of its own affairs by replies, of the market by data.

All of it is late.  What it has sent itself it knows at once, so it steers by its orders as they
will be once all that is under way has arrived.
"""

from collections import deque

from msgspec import Struct

from lobsim.market.book import Book
from lobsim.market.ledger import Account
from lobsim.market.messages import Cancel, Command, Event, LimitOrder, Replace, Trade
from lobsim.market.open_orders import OpenOrder, OpenOrders
from lobsim.market.risk import RiskMonitor, State
from lobsim.market.units import Cash, Lots, Millis, Nanos, OrderId, SelfTrade, TimeInForce

GTC = TimeInForce.GTC


class Reply(Struct, frozen=True, gc=False):
    """What became of a trader's command, and how its account stands.

    `command` is None where others traded with its orders, or the monitor acted.
    """

    command: Command | None
    events: tuple[Event, ...]
    time: Nanos
    cash: Cash
    inventory: Lots
    fees: Millis
    state: State


class Knowledge:
    """Of one account: `risk` is the monitor with its account and orders as they were.

    `expected` are its orders as they will be, `under_way` its commands without a reply.
    """

    def __init__(self, monitor: RiskMonitor, mark: Millis) -> None:
        account = Account(monitor.account.cash, monitor.account.inventory)
        self.risk = RiskMonitor(monitor.number, account, OpenOrders(), monitor.limits, mark)
        self.expected: dict[OrderId, OpenOrder] = {}
        self.under_way: deque[Command] = deque()

    def sent(self, command: Command) -> None:
        self.under_way.append(command)
        self._expect(command)

    def hear(self, reply: Reply) -> None:
        if reply.command is not None:
            self.under_way.popleft()  # no wire lets a message overtake another
        risk = self.risk
        account, orders = risk.account, risk.orders
        account.cash, account.inventory = reply.cash, reply.inventory
        account.fees = reply.fees
        if risk.state is not reply.state:
            risk.enter(reply.state)
        for event in reply.events:
            if type(event) is not Trade:
                orders.hear(event, reply.time)
                continue
            if event.maker == risk.number:
                orders.traded(event.maker_id, event.size)
            if event.taker == risk.number:
                orders.traded(event.taker_id, event.size)
        self.expected.clear()
        self.expected.update(orders.by_id)
        for command in self.under_way:
            self._expect(command)

    def _expect(self, command: Command) -> None:
        expected, order_id = self.expected, command.order_id
        if type(command) is LimitOrder:
            if command.time_in_force is GTC:
                expected[order_id] = OpenOrder(
                    order_id, command.side, command.price, command.size, 0, 0
                )
        elif type(command) is Cancel:
            expected.pop(order_id, None)
        elif type(command) is Replace:
            order = expected.pop(order_id, None)
            if order is not None and command.size:
                expected[order_id] = OpenOrder(
                    order_id, order.side, command.price, command.size, order.since, order.ahead
                )


class Picture:
    """The market as it was when the data left: the mid, and a book that follows from afar."""

    def __init__(self, mid: float, self_trade: SelfTrade) -> None:
        self.mid = mid
        self.book = Book(self_trade)
