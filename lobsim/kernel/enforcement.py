"""What becomes of accounts whose risk monitors call for it: halts, cool-downs, flattening.

A transition that a mid move calls for is made at once; one that a fill calls for, when all
trades of that command are done.  Either way it acts before the next command.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from lobsim.compiled import close_price
from lobsim.errors import AuditError
from lobsim.market.messages import Cancel
from lobsim.market.risk import RiskMonitor, State, Transition
from lobsim.market.units import AccountId, Nanos
from lobsim.models.exposure import Exposure

if TYPE_CHECKING:
    from lobsim.kernel.exchange import Exchange

HALTED = State.HALTED


class Enforcement:
    """Makes the transitions of the accounts of one exchange."""

    def __init__(self, exchange: "Exchange", close_cost: float, exposure: Exposure | None) -> None:
        self.halts = dict.fromkeys(exchange.monitors, 0)  # by account, those of limits
        self.called_for: dict[AccountId, Transition] = {}  # not yet made
        # Sees to it that an account comes back to `resume` after a cool-down.
        self.cool_down: Callable[[Enforcement, AccountId, Nanos], None] = lambda *_: None
        self._exchange = exchange
        self._monitors = exchange.monitors
        self._close_cost = close_cost  # ticks
        self._exposure = exposure
        self.watches_exposure = exposure is not None

    def exposed(self, monitor: RiskMonitor) -> Transition | None:
        """Hold VaR and CVaR of an inventory against their limits."""
        assert self._exposure is not None
        exchange = self._exchange
        var, cvar = self._exposure(exchange.clock.now, exchange.mid, monitor.account.inventory)
        return monitor.exposed(math.ceil(1000 * var), math.ceil(1000 * cvar))

    def traded(self, account: AccountId) -> None:
        """Value an account after its fill."""
        monitor = self._monitors[account]
        if monitor.stopped and self._exchange.audit is not None:
            raise AuditError(f"I22: account {account} traded after its halt")
        transition = monitor.mark(self._exchange.mark)
        if transition is None and self.watches_exposure:
            transition = self.exposed(monitor)
        if transition is not None:
            known = self.called_for.get(account)
            if known is None or known.state is not HALTED:
                self.called_for[account] = transition

    def act(self) -> None:
        """Make what was called for, in the order of the accounts."""
        called_for, self.called_for = self.called_for, {}
        for account in sorted(called_for):
            self.enter(self._monitors[account], called_for[account])

    def enter(
        self, monitor: RiskMonitor, transition: Transition, *, for_good: bool = False
    ) -> None:
        """Make a transition, and withdraw what the new state does not allow.

        A halt `for_good` has no cool-down.
        """
        account = monitor.number
        self._record(monitor, transition)
        if transition.state is State.REDUCE_ONLY:
            for command in monitor.excess():
                self._exchange.carry_out(command, account)
        elif transition.state is HALTED:
            self.halts[account] += 1
            self._remove(account)
            if monitor.limits.flatten:
                self.close_out(account)
            if monitor.limits.cooldown is not None and not for_good:
                self._record(monitor, Transition(State.COOLING, transition.cause))
                self.cool_down(self, account, monitor.limits.cooldown)

    def resume(self, account: AccountId) -> None:
        """An account's cool-down is over."""
        monitor = self._monitors[account]
        if monitor.state is not State.COOLING:
            return  # it was taken out of the market meanwhile
        self._record(monitor, Transition(State.OK, "cooled"))
        monitor.count_anew(self._exchange.mark)
        if self._exchange.pools is not None:
            self._exchange.pools.resumed(monitor)

    def bench(self, account: AccountId) -> None:
        """Take an account out of the market for good: its strategy cannot go on."""
        self._record(self._monitors[account], Transition(HALTED, "plugin"))
        self._remove(account)

    def withdraw_all(self, account: AccountId) -> None:
        for order_id in list(self._exchange.orders[account].by_id):
            self._exchange.carry_out(Cancel(order_id, account), account)

    def close_out(self, account: AccountId) -> None:
        """Trade an account's inventory with the outside, at the mid worse by the closing cost."""
        exchange = self._exchange
        inventory = exchange.ledger.accounts[account].inventory
        if not inventory:
            return
        price = close_price(exchange.mid, self._close_cost, inventory > 0)
        trade = exchange.ledger.close_out(account, exchange.new_id(), price, exchange.mark)
        if exchange.tape is not None:
            exchange.tape.close_out(
                exchange.clock.now, trade, exchange.mid, exchange.ledger.accounts
            )
        # Nothing is left to stop: what this mark calls for is not made.
        self._monitors[account].mark(exchange.mark)
        if (wire := exchange.wires[account]) is not None:
            wire.send(trade)
        if exchange.audit is not None:
            exchange.audit.settled()

    def _record(self, monitor: RiskMonitor, transition: Transition) -> None:
        monitor.enter(transition.state)
        exchange = self._exchange
        if exchange.tape is not None:
            exchange.tape.risk(exchange.clock.now, monitor.number, transition)
        if (wire := exchange.wires[monitor.number]) is not None:
            wire.send(transition)

    def _remove(self, account: AccountId) -> None:
        self.withdraw_all(account)
        self._exchange.presences[account].renew(self._exchange.clock.now, 0, 0)
