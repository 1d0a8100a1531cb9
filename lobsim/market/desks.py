"""The desk of a trader in several assets: a desk for each, and what concerns all of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from lobsim.market.desk import Desk
from lobsim.market.messages import Command

Matrix = tuple[tuple[float, ...], ...]


class Desks:
    """`desk["eth"]` is the Desk of an asset: there are the mid, the orders and the verbs.

    assets      their names, in the scenario's order
    covariance  of the assets' mids per second, currency^2, as known before the market opens
    """

    def __init__(self, desks: Mapping[str, Desk], covariance: Matrix) -> None:
        self._desks = dict(desks)
        self._first = next(iter(self._desks.values()))
        self.assets = tuple(self._desks)
        self.covariance = covariance

    def __getitem__(self, asset: str) -> Desk:
        try:
            return self._desks[asset]
        except KeyError:
            known = ", ".join(self.assets)
            raise ValueError(f"no desk for the asset {asset!r}: there are {known}") from None

    def __getattr__(self, name: str) -> NoReturn:
        if not hasattr(Desk, name):
            raise AttributeError(f"a desk has no '{name}'")
        asset = self.assets[0]
        raise AttributeError(
            f"which asset's {name}? this desk is of {', '.join(self.assets)}: ask for "
            f'desk["{asset}"].{name}, or give the strategy one asset, as assets = ["{asset}"]'
        )

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self._first.now

    @property
    def now_ns(self) -> int:
        return self._first.now_ns

    @property
    def time_left(self) -> float:
        """Seconds to the end."""
        return self._first.time_left

    @property
    def inventories(self) -> tuple[int, ...]:
        """Lots held of each asset."""
        return tuple(desk.inventory for desk in self._desks.values())

    @property
    def cash(self) -> float:
        """Of all its accounts, less fees."""
        return sum(desk.cash for desk in self._desks.values())

    @property
    def equity(self) -> float:
        """Cash less fees, and the inventories at their mids."""
        return sum(desk.equity for desk in self._desks.values())

    @property
    def halted(self) -> bool:
        """Whether limits have stopped all its accounts."""
        return all(desk.halted for desk in self._desks.values())

    @property
    def reduce_only(self) -> bool:
        """Whether only orders that shrink an inventory may be sent."""
        return all(desk.reduce_only for desk in self._desks.values())

    @property
    def in_flight(self) -> list[Command]:
        """Commands sent whose reply has not come back."""
        return [command for desk in self._desks.values() for command in desk.in_flight]

    @property
    def random(self) -> Any:
        """The strategy's own random numbers: a numpy Generator, the stream of its name."""
        return self._first.random

    def cancel(self) -> list[Command]:
        """Withdraw all orders."""
        return [command for desk in self._desks.values() for command in desk.cancel()]

    def note(self, **values: Any) -> None:
        """Put the reasons for a decision on the tape, at once."""
        self._first.note(**values)


def covariance_of(sigmas: Sequence[float], correlation: Sequence[Sequence[float]]) -> Matrix:
    """rho_ij sigma_i sigma_j."""
    return tuple(
        tuple(rho * one * other for rho, other in zip(row, sigmas, strict=True))
        for row, one in zip(correlation, sigmas, strict=True)
    )
