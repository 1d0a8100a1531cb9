"""Equity held against limits: drawdown from its peak, loss from its start, VaR and CVaR.

    ok <-> reduce_only -> halted (for good), or halted -> cooling -> ok

After a cool-down the limits count anew from the equity of that moment.
"""

from enum import StrEnum

from msgspec import Struct

from lobsim.market.units import LARGEST, Lots, Millis, Nanos


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


class EquityWatch:
    """Watches one equity: an account's, or that of several together."""

    def __init__(self, limits: Limits, equity: Millis) -> None:
        self.limits = limits
        self.state = OK
        self.stopped = False  # halted or cooling: nothing but cancels may pass
        self.equity = self.start = self.peak = equity
        self.drawdown: Millis = 0  # the worst of the run so far
        # What the limits are held against: the same two, but counted anew after a cool-down.
        self._base = self._high = equity
        self._first_drawdown = min(limits.max_drawdown, limits.reduce_drawdown)
        self._first_loss = min(limits.max_loss, limits.reduce_loss)
        # Without limits of its own it may be told to reduce, and does not judge when to stop.
        self._judges = min(self._first_drawdown, self._first_loss) < LARGEST

    def hold(self, equity: Millis) -> Transition | None:
        """Take note of the equity; the transition that this calls for, if any."""
        self.equity = equity
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
            or (self.state is REDUCE_ONLY and self._judges)
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

    def enter(self, state: State) -> None:
        self.state = state
        self.stopped = state is HALTED or state is COOLING

    def restart(self, equity: Millis) -> None:
        """After a cool-down drawdown and loss are held against their limits from here on."""
        self._base = self._high = equity
