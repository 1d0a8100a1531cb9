"""What a scenario says of the asset: how its price moves, which orders come, what trading costs."""

from decimal import Decimal

from lobsim.scenario.flows import Flow
from lobsim.scenario.prices import Price
from lobsim.scenario.table import Positive, Real, Table


class Fees(Table):
    """Currency per lot; negative is a rebate."""

    maker: Real = Decimal(0)
    """Paid by the order that rested; currency per lot, negative is a rebate."""
    taker: Real = Decimal(0)
    """Paid by the order that came; currency per lot, negative is a rebate."""


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
