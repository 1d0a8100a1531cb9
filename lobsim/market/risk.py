"""The risk monitor: stands between one account and the book, and watches its equity.

The inventory limit is hard: an order is refused if the account could pass the limit were
everything it has open to fill at once.  Drawdown and loss are watched at every mark, after
each mid move and each fill; past a limit the account is halted, before the next command.  In
`reduce_only` nothing may be open but orders that shrink the inventory.
"""

from lobsim.market.equity_watch import (
    EquityWatch,
    Limits,
    State,
    Transition,
)
from lobsim.market.ledger import Account
from lobsim.market.messages import Cancel, Command, Replace
from lobsim.market.open_orders import OpenOrders
from lobsim.market.units import AccountId, Lots, Millis, Reason, Side

__all__ = ["InventoryPool", "Limits", "RiskMonitor", "State", "Transition"]

BUY, SELL = Side.BUY, Side.SELL
REDUCE_ONLY = State.REDUCE_ONLY


class InventoryPool:
    """A limit to the inventory of an asset that several accounts have in common, open orders
    counted: all that any of them may buy (or sell) could be filled at once.
    """

    def __init__(self, limit: Lots, monitors: list["RiskMonitor"]) -> None:
        self._limit = limit
        self._monitors = monitors

    def room(self, side: Side) -> Lots:
        """How many lots more may be open on a side."""
        if side is BUY:
            worst = sum(each.account.inventory + each.orders.bids for each in self._monitors)
        else:
            worst = sum(each.orders.asks - each.account.inventory for each in self._monitors)
        return self._limit - worst


class RiskMonitor(EquityWatch):
    """Admits an account's commands and watches its equity at the mark."""

    def __init__(
        self,
        number: AccountId,
        account: Account,
        orders: OpenOrders,
        limits: Limits,
        mark: Millis,
    ) -> None:
        super().__init__(limits, account.equity(mark))
        self.number = number
        self.account = account
        self.orders = orders
        self.pool: InventoryPool | None = None
        self.max_inventory = limits.max_inventory  # as it is now
        self._max_order_size = limits.max_order_size

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
            if worst + growth > self.max_inventory:
                return Reason.INVENTORY_LIMIT
            if self.state is REDUCE_ONLY and worst + growth > 0:
                return Reason.REDUCE_ONLY
            if self.pool is not None and growth > self.pool.room(side):
                return Reason.INVENTORY_LIMIT
        if command.size > self._max_order_size:
            return Reason.ORDER_SIZE
        return None

    def pooled(self, bids: Lots, asks: Lots) -> tuple[Lots, Lots]:
        """How many lots may be open on each side, where others share a limit: its own count."""
        pool, orders = self.pool, self.orders
        if pool is None:
            return bids, asks
        return min(bids, pool.room(BUY) + orders.bids), min(asks, pool.room(SELL) + orders.asks)

    def mark(self, mark: Millis) -> Transition | None:
        """Value the account; the transition that this calls for, if any."""
        account = self.account
        return self.hold(1000 * account.cash - account.fees + account.inventory * mark)

    def count_anew(self, mark: Millis) -> None:
        self.restart(self.account.equity(mark))

    def excess(self, limit: Lots) -> list[Command]:
        """What to send so that the inventory stays within a limit if all that is open is filled;
        or, where it is past that now, so that it can only shrink.
        """
        inventory = self.account.inventory
        room = {BUY: max(0, limit - inventory), SELL: max(0, limit + inventory)}
        commands: list[Command] = []
        for order in self.orders.by_id.values():
            left = room[order.side]
            if not left:
                commands.append(Cancel(order.order_id, self.number))
            elif order.size > left:
                commands.append(Replace(order.order_id, self.number, order.price, left))
            room[order.side] = max(0, left - order.size)
        return commands
