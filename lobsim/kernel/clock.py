"""The time at all exchanges of a market, and who is first at an instant."""

from lobsim.market.units import Nanos


class Clock:
    """One for all exchanges of a day."""

    __slots__ = ("_orders_met_at", "now")

    def __init__(self) -> None:
        self.now: Nanos = 0
        self._orders_met_at: Nanos = -1

    def first_at_this_instant(self) -> bool:
        """Whether no orders were met at this instant yet; from now on they have been."""
        first = self._orders_met_at != self.now
        self._orders_met_at = self.now
        return first
