"""What a scenario says of an asset: how its price moves, which orders come, what trading costs."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Discriminator, StringConstraints, Tag

from lobsim.scenario.flows import Flow
from lobsim.scenario.prices import Price
from lobsim.scenario.table import Lots, NotNegative, Positive, Real, Table

NAME = r"^[a-z][a-z0-9-]*$"


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


class AssetRisk(Table):
    """Limits of each account in this asset; absent is what [risk] says."""

    max_inventory: Lots | None = None
    """Lots, long or short; open orders count, so that it cannot be passed."""
    max_order_size: Lots | None = None
    """Lots of one order."""
    close_cost: NotNegative | None = None
    """How much worse than the mid the outside trades, to flatten and to close; currency per lot."""


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
    risk: AssetRisk = AssetRisk()
    """What differs for this asset from the limits of [risk]."""


def how_many(given: Any) -> str:
    """Whether a table is one asset, or has a table for each of several."""
    if not isinstance(given, dict) or not given or given.keys() & Asset.model_fields.keys():
        return "one"
    return "several" if all(isinstance(each, dict | Asset) for each in given.values()) else "one"


AssetName = Annotated[str, StringConstraints(pattern=NAME)]
Assets = Annotated[
    Annotated[Asset, Tag("one")] | Annotated[dict[AssetName, Asset], Tag("several")],
    Discriminator(how_many),
]
