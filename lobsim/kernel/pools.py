"""What becomes of accounts that are held against limits together: portfolios and groups.

Their equity changes with moves of the mids and with fills.  Where all mids move at one instant it
is looked at when the last of them has: before that it would mix prices of two times.
"""

from collections.abc import Mapping, Sequence

from lobsim.kernel.exchange import Exchange
from lobsim.market.pool import PORTFOLIO, Pool
from lobsim.market.risk import RiskMonitor, State, Transition
from lobsim.market.units import AccountId
from lobsim.models.world import END, MOVE

HALTED = State.HALTED


class Pools:
    """Makes the transitions of all pools of a day, in the order given."""

    def __init__(self, pools: Sequence[Pool], exchanges: Sequence[Exchange]) -> None:
        self._pools = pools
        self._last = exchanges[-1]
        self._at: Mapping[AccountId, Exchange] = {
            number: exchange for exchange in exchanges for number in exchange.monitors
        }

    def moved(self, exchange: Exchange, kind: int) -> None:
        """A mid has moved; of several those of one instant do one after the other."""
        if exchange is self._last or kind not in (MOVE, END):
            self.look()

    def look(self) -> None:
        """Value all pools, and make the transitions that this calls for."""
        now = self._last.clock.now
        for pool in self._pools:
            transition = pool.look(now)
            if transition is not None:
                self._enter(pool, transition)

    def resumed(self, monitor: RiskMonitor) -> None:
        """An account's cool-down is over, and with it that of its portfolio."""
        for pool in self._pools:
            if pool.kind == PORTFOLIO and pool.stopped and has(pool, monitor):
                pool.enter(State.OK)
                pool.restart(pool.worth())

    def portfolio_of(self, monitor: RiskMonitor) -> Pool | None:
        """The pool of all accounts of a strategy; None where it has one alone."""
        own = (pool for pool in self._pools if pool.kind == PORTFOLIO and has(pool, monitor))
        return next(own, None)

    def _enter(self, pool: Pool, transition: Transition) -> None:
        pool.enter(transition.state)
        for_good = pool.kind != PORTFOLIO
        for monitor, weight in pool.members:
            if monitor.state is not HALTED:
                enforcement = self._at[monitor.number].enforcement
                enforcement.enter(monitor, pool.told(transition, weight), for_good=for_good)
        if for_good and transition.state is HALTED:
            for other in self._pools:
                if other.kind == PORTFOLIO and has(pool, other.members[0][0]):
                    other.enter(HALTED)


def has(pool: Pool, monitor: RiskMonitor) -> bool:
    return any(member is monitor for member, _ in pool.members)
