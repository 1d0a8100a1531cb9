"""The risk monitor: a pure state machine between one account and the book.

    ok <-> reduce_only -> halted (for good), or halted -> cooling -> ok

The inventory limit is hard: an order is refused if the account could pass the limit were
everything it has open to fill at once.  Drawdown and loss are watched at every mark, after
each mid move and each fill; past a limit the account is halted, before the next command.  In
`reduce_only` nothing may be open but orders that shrink the inventory.  After a cool-down the
limits count anew from the equity of that moment.
"""

from enum import StrEnum

from msgspec import Struct

from lobsim.market.ledger import Account
from lobsim.market.messages import Cancel, Command, Replace
from lobsim.market.open_orders import OpenOrders
from lobsim.market.units import LARGEST, AccountId, Lots, Millis, Nanos, Reason, Side

BUY, SELL = Side.BUY, Side.SELL


class State(StrEnum):
    OK = "ok"
    HALTED = "halted"
    COOLING = "cooling"
    REDUCE_ONLY = "reduce_only"


OK, HALTED, COOLING, REDUCE_ONLY = State


class Limits(Struct, frozen=True):
    """What an account may do; the defaults are no limit.

    Past `reduce_drawdown` or `reduce_loss` an account may only reduce its inventory.
    """

    max_inventory: Lots = LARGEST
    max_order_size: Lots = LARGEST
    max_drawdown: Millis = LARGEST
    max_loss: Millis = LARGEST
    reduce_drawdown: Millis = LARGEST
    reduce_loss: Millis = LARGEST
    max_var: Millis = LARGEST
    max_cvar: Millis = LARGEST
    flatten: bool = False  # at a halt, trade the inventory with the outside
    cooldown: Nanos | None = None  # how long a halt lasts; None: for good


class Transition(Struct, frozen=True):
    """A change of state, with the figure that caused it and the limit it was held against."""

    state: State
    cause: str
    figure: Millis = 0
    limit: Millis = 0


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
        self.state = OK
        self.stopped = False  # halted or cooling: nothing but cancels may pass
        self.start = self.peak = account.equity(mark)
        self.drawdown: Millis = 0  # the worst of the run so far
        # What the limits are held against: the same two, but counted anew after a cool-down.
        self._base = self._high = self.start
        self._max_inventory = limits.max_inventory
        self._max_order_size = limits.max_order_size
        self._first_drawdown = min(limits.max_drawdown, limits.reduce_drawdown)
        self._first_loss = min(limits.max_loss, limits.reduce_loss)

    # Commands

    def admit(self, command: Command) -> Reason | None:
        """Why a command may not go to the book; None if it may."""
        if type(command) is Cancel:
            return None
        if self.stopped:
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
            if self.state is REDUCE_ONLY and worst + growth > 0:
                return Reason.REDUCE_ONLY
        if command.size > self._max_order_size:
            return Reason.ORDER_SIZE
        return None

    # Marks

    def mark(self, mark: Millis) -> Transition | None:
        """Value the account; the transition that this calls for, if any."""
        account = self.account
        equity = 1000 * account.cash - account.fees + account.inventory * mark
        drawdown = self._high - equity
        if drawdown <= 0:
            self._high, drawdown = equity, 0
            if equity > self.peak:
                self.peak = equity
        elif self.peak - equity > self.drawdown:
            self.drawdown = self.peak - equity
        if (
            drawdown > self._first_drawdown
            or self._base - equity > self._first_loss
            or self.state is REDUCE_ONLY
        ):
            return self._judge(drawdown, self._base - equity)
        return None

    def _judge(self, drawdown: Millis, loss: Millis) -> Transition | None:
        if self.stopped:
            return None
        limits = self.limits
        if drawdown > limits.max_drawdown:
            return Transition(HALTED, "drawdown", drawdown, limits.max_drawdown)
        if loss > limits.max_loss:
            return Transition(HALTED, "loss", loss, limits.max_loss)
        if drawdown > limits.reduce_drawdown:
            wanted = Transition(REDUCE_ONLY, "drawdown", drawdown, limits.reduce_drawdown)
        elif loss > limits.reduce_loss:
            wanted = Transition(REDUCE_ONLY, "loss", loss, limits.reduce_loss)
        else:
            wanted = Transition(OK, "recovered")
        return None if wanted.state is self.state else wanted

    def exposed(self, var: Millis, cvar: Millis) -> Transition | None:
        """What the inventory could lose by the end, held against its limits."""
        limits = self.limits
        if self.stopped:
            return None
        if var > limits.max_var:
            return Transition(HALTED, "var", var, limits.max_var)
        if cvar > limits.max_cvar:
            return Transition(HALTED, "cvar", cvar, limits.max_cvar)
        return None

    # States

    def enter(self, state: State) -> None:
        self.state = state
        self.stopped = state is HALTED or state is COOLING

    def count_anew(self, mark: Millis) -> None:
        """After a cool-down drawdown and loss are held against their limits from here on."""
        self._base = self._high = self.account.equity(mark)

    def excess(self) -> list[Command]:
        """What to send so that all that stays open shrinks the inventory."""
        inventory = self.account.inventory
        room = {BUY: max(0, -inventory), SELL: max(0, inventory)}
        commands: list[Command] = []
        for order in self.orders.by_id.values():
            left = room[order.side]
            if not left:
                commands.append(Cancel(order.order_id, self.number))
            elif order.size > left:
                commands.append(Replace(order.order_id, self.number, order.price, left))
            room[order.side] = max(0, left - order.size)
        return commands
