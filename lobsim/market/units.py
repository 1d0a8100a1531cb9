"""The units of the market.  Every quantity is a whole number of its unit.

    time    nanoseconds since the start of the run
    price   ticks; what a tick is worth in currency is for the edges to say
    size    lots
    cash    tick x lot, so that a trade moves exactly price x size
    fees    1/1000 of a tick x lot
    mark    the reference mid in 1/1000 ticks, at which inventory is valued

The names are aliases, for readers; a sum of Ticks is an int to the type checker too.
"""

from enum import IntEnum, StrEnum
from typing import TypeAlias

Nanos: TypeAlias = int
Ticks: TypeAlias = int
Lots: TypeAlias = int
Cash: TypeAlias = int
Millis: TypeAlias = int  # 1/1000 of a tick, or of a tick x lot
OrderId: TypeAlias = int
AccountId: TypeAlias = int

LARGEST = 2**63 - 1  # of any price, size or level: what 64 bits hold
LARGEST_VALUE = 10**15  # of one command, price x size: a thousand fit in 64 bits with marks
SECOND = 1_000_000_000  # in nanoseconds
OUTSIDE: AccountId = 0  # the account of everyone who is not a strategy


class Side(IntEnum):
    """The sign of the change in inventory that a fill brings."""

    BUY = 1
    SELL = -1


class TimeInForce(StrEnum):
    """How long an order may wait: till it is cancelled, or not at all."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class Reason(StrEnum):
    """Why a command was refused, or an order left the book without trading."""

    BAD_OP = "bad_op"
    BAD_PRICE = "bad_price"
    BAD_SIZE = "bad_size"
    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_ID = "unknown_id"
    WOULD_CROSS = "would_cross"
    FOK_UNFILLABLE = "fok_unfillable"
    LEVEL_FULL = "level_full"
    INVENTORY_LIMIT = "inventory_limit"
    HALTED = "halted"
    # of a cancelled order
    REQUESTED = "requested"
    IOC_REST = "ioc_rest"
    NO_LIQUIDITY = "no_liquidity"
    SELF_TRADE = "self_trade"
    # of a refused command, again: the tape numbers them in this order
    ORDER_SIZE = "order_size"
    REDUCE_ONLY = "reduce_only"


class SelfTrade(StrEnum):
    """What happens when an order meets one of its own account."""

    ALLOW = "allow"
    CANCEL_MAKER = "cancel_maker"
    CANCEL_TAKER = "cancel_taker"
    CANCEL_BOTH = "cancel_both"


class Crossing(StrEnum):
    """What happens to a quote that would trade with the other side of the book."""

    JOIN = "join"  # it is placed one tick short of it
    TRADE = "trade"
    REFUSE = "refuse"
