"""What traders may say to the venue, and all that the venue may answer.

Commands and events are immutable and compare by kind and content: whoever receives one may
keep it.  A command that is not answered with `Rejected` was accepted.
"""

from typing import TypeAlias, final

from msgspec import Struct

from lobsim.market.units import AccountId, Lots, OrderId, Reason, Side, Ticks, TimeInForce


@final
class LimitOrder(Struct, frozen=True, gc=False):
    """Trade at `price` or better; what is left rests (GTC) or is dropped (IOC).

    A FOK trades wholly or not at all.  A `post_only` order never takes.
    """

    order_id: OrderId
    account: AccountId
    side: Side
    price: Ticks
    size: Lots
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False


@final
class MarketOrder(Struct, frozen=True, gc=False):
    """Trade at any price; what is left is dropped."""

    order_id: OrderId
    account: AccountId
    side: Side
    size: Lots


@final
class Cancel(Struct, frozen=True, gc=False):
    order_id: OrderId
    account: AccountId


@final
class Replace(Struct, frozen=True, gc=False):
    """Give a resting order a new price and a new open size.

    It keeps its place in the queue unless the price changes or the size grows.
    """

    order_id: OrderId
    account: AccountId
    price: Ticks
    size: Lots


Command: TypeAlias = LimitOrder | MarketOrder | Cancel | Replace


@final
class Rested(Struct, frozen=True, gc=False):
    """`size` lots now wait at `price`, behind `ahead` lots of others."""

    order_id: OrderId
    account: AccountId
    side: Side
    price: Ticks
    size: Lots
    ahead: Lots


@final
class Cancelled(Struct, frozen=True, gc=False):
    """`size` lots of an order are gone without trading."""

    order_id: OrderId
    account: AccountId
    side: Side
    size: Lots
    reason: Reason


@final
class Replaced(Struct, frozen=True, gc=False):
    """The order now is for `size` lots at `price`.

    `ahead` is None where it kept its place.  A replaced order that crosses trades next: then
    the `Trade`s follow, and `Rested` if anything is left.
    """

    order_id: OrderId
    account: AccountId
    side: Side
    price: Ticks
    size: Lots
    ahead: Lots | None = None


@final
class Rejected(Struct, frozen=True, gc=False):
    """Nothing was done."""

    order_id: OrderId
    account: AccountId
    reason: Reason


@final
class Trade(Struct, frozen=True, gc=False):
    """`size` lots changed hands at the maker's price."""

    maker_id: OrderId
    taker_id: OrderId
    maker: AccountId
    taker: AccountId
    taker_side: Side
    price: Ticks
    size: Lots


Event: TypeAlias = Rested | Cancelled | Replaced | Rejected | Trade
