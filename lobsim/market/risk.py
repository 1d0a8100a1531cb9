"""The risk monitor: a pure state machine between one account and the book.

The inventory limit is hard: an order is refused if the account could pass the limit were
everything it has open to fill at once.  Drawdown and loss are watched at every mark, after
each mid move and each fill; past a limit the account is halted, before the next command.
"""

from enum import StrEnum

from msgspec import Struct

from lobsim.market.ledger import Account
from lobsim.market.messages import Cancel, Command, Replace
from lobsim.market.open_orders import OpenOrders
from lobsim.market.units import LARGEST, AccountId, Lots, Millis, Reason, Side

BUY = Side.BUY


class State(StrEnum):
    OK = "ok"
    HALTED = "halted"


class Limits(Struct, frozen=True):
    """What an account may do; the defaults are no limit."""

    max_inventory: Lots = LARGEST
    max_drawdown: Millis = LARGEST
    max_loss: Millis = LARGEST
    flatten: bool = False  # at a halt, trade the inventory with the outside


class Breach(Struct, frozen=True):
    """The figure that passed a limit."""

    cause: str
    figure: Millis
    limit: Millis


class RiskMonitor:
    """Admits an account's commands and watches its equity at the mark."""

    def __init__(
        self,
        number: AccountId,
        account: Account,
        orders: OpenOrders,
        limits: Limits,
        mark: Millis,
    ) -> None:
        self.number = number
        self.account = account
        self.orders = orders
        self.limits = limits
        self.state = State.OK
        self.start = self.peak = account.equity(mark)
        self.drawdown: Millis = 0  # the worst so far
        self._max_inventory = limits.max_inventory
        self._max_drawdown = limits.max_drawdown
        self._max_loss = limits.max_loss

    def admit(self, command: Command) -> Reason | None:
        """Why a command may not go to the book; None if it may."""
        if type(command) is Cancel:
            return None
        if self.state is State.HALTED:
            return Reason.HALTED
        if type(command) is Replace:
            order = self.orders.by_id.get(command.order_id)
            if order is None:
                return None  # the book refuses it
            # Of a replace the larger of old and new counts, and the old is counted already.
            side, growth = order.side, command.size - order.size
        else:
            side, growth = command.side, command.size
        if growth > 0:
            inventory = self.account.inventory
            worst = inventory + self.orders.bids if side is BUY else self.orders.asks - inventory
            if worst + growth > self._max_inventory:
                return Reason.INVENTORY_LIMIT
        return None

    def moved(self, change: Millis, mark: Millis) -> Breach | None:
        """The mark has moved by `change`: whoever holds inventory gains or loses."""
        account = self.account
        account.luck += account.inventory * change
        return self.mark(mark)

    def mark(self, mark: Millis) -> Breach | None:
        """Value the account; the breach that this reveals, if it does."""
        account = self.account
        equity = 1000 * account.cash - account.fees + account.inventory * mark
        if equity >= self.peak:
            self.peak = equity
            return None
        drawdown = self.peak - equity
        if drawdown > self.drawdown:
            self.drawdown = drawdown
        if self.state is State.OK:
            if drawdown > self._max_drawdown:
                return Breach("drawdown", drawdown, self._max_drawdown)
            if self.start - equity > self._max_loss:
                return Breach("loss", self.start - equity, self._max_loss)
        return None
