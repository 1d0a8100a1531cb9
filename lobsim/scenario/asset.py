"""What a scenario says of the asset: how its price moves, which orders come, what trading costs."""

from decimal import Decimal

from lobsim.scenario.flows import Flow
from lobsim.scenario.prices import Price
from lobsim.scenario.table import Positive, Real, Table


class Fees(Table):
    """Per lot and in basis points of what is paid for it, which add up; negative is a rebate."""

    maker: Real = Decimal(0)
    """Paid by the order that rested; currency per lot, negative is a rebate."""
    taker: Real = Decimal(0)
    """Paid by the order that came; currency per lot, negative is a rebate."""
    maker_bps: Real = Decimal(0)
    """As `maker`, on top of it; in bps, 1/10000 of the currency paid, negative is a rebate."""
    taker_bps: Real = Decimal(0)
    """As `taker`, on top of it; in bps, 1/10000 of the currency paid, negative is a rebate."""

    def maker_at(self, price: Decimal) -> Decimal:
        """Currency per lot of a trade at this price."""
        return self.maker + self.maker_bps * price / 10_000

    def taker_at(self, price: Decimal) -> Decimal:
        return self.taker + self.taker_bps * price / 10_000


class Asset(Table):
    """What is traded, and what comes from outside: prices and orders."""

    tick: Positive
    """The smallest step of a price; currency."""
    mid: Positive
    """The reference mid at the start; currency."""
    price: Price
    """How the reference mid moves."""
    flow: Flow
    """Which market orders come."""
    fees: Fees = Fees()
    """What trading costs."""
