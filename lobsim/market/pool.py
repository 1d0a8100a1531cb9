"""Accounts held against limits together: those of one strategy in several assets, or of a group."""

from collections.abc import Callable, Sequence

from lobsim.market.equity_watch import EquityWatch, Limits, Transition
from lobsim.market.risk import RiskMonitor
from lobsim.market.units import Millis, Nanos

# VaR and CVaR of what is held now, until the end: in 1/1000 (unit x lot).
PoolExposure = Callable[[Nanos], tuple[Millis, Millis]]
PORTFOLIO, GROUP = "portfolio", "group"


class Pool(EquityWatch):
    """`kind` is PORTFOLIO or GROUP.

    The ticks of assets differ: of each member's equity a `weight` is told, in which its tick is
    so many units of the pool's.
    """

    def __init__(
        self,
        kind: str,
        members: Sequence[tuple[RiskMonitor, int]],
        limits: Limits,
        exposure: PoolExposure | None,
    ) -> None:
        self.kind = kind
        self.members = members
        self._exposure = exposure
        super().__init__(limits, self.worth())

    def worth(self) -> Millis:
        """The members' equity at their last marks."""
        return sum(weight * monitor.equity for monitor, weight in self.members)

    def look(self, now: Nanos) -> Transition | None:
        """Value all members; the transition that this calls for, if any."""
        transition = self.hold(self.worth())
        if transition is None and self._exposure is not None:
            transition = self.exposed(*self._exposure(now))
        return transition

    def told(self, transition: Transition, weight: int) -> Transition:
        """To a member: in its own ticks, and whose limit it was."""
        cause = transition.cause
        if transition.limit:
            cause = f"{self.kind} {cause}"
        return Transition(
            transition.state, cause, transition.figure // weight, transition.limit // weight
        )
