"""The rows of the compiled book: what it is told, what it answers, and what it is made of.

Commands and events are numbered as on the tape (`lobsim.rows`), reasons among its outcomes.
"""

import numpy as np

from lobsim.market.units import Reason, SelfTrade
from lobsim.rows import KINDS, OUTCOME_OF

# Commands.  Beyond the kinds of the tape: an order that makes no sense, and what is no command.
LIMIT, IOC, FOK, POST_ONLY, MARKET, CANCEL, REPLACE = range(7)
NONSENSE, NO_COMMAND = len(KINDS), len(KINDS) + 1
COMMAND = np.dtype(
    {
        "names": ["kind", "side", "account", "order_id", "price", "size"],
        "formats": ["u1", "i1", "<i2", "<i8", "<i8", "<i8"],
        "offsets": [0, 1, 2, 8, 16, 24],
        "itemsize": 32,
    }
)

# Events.  `order_id` and `account` are the taker's of a trade, `side` is the taker's.
RESTED, TRADE, REPLACED, CANCELLED, REJECTED = range(5)
KEPT = -1  # `ahead` of an order that kept its place in the queue
EVENT = np.dtype(
    {
        "names": [
            "kind", "side", "reason", "account", "maker", "order_id", "price", "size",
            "other",  # the maker's id of a trade; of Rested and Replaced the lots ahead
        ],
        "formats": ["u1", "i1", "u1", "<i2", "<i2", "<i8", "<i8", "<i8", "<i8"],
        "offsets": [0, 1, 2, 4, 6, 8, 16, 24, 32],
        "itemsize": 40,
    }
)  # fmt: skip

# A node is an order, or a price level: the two ends of its queue, and the sum of what is open.
# A node with nothing open is an id without an order, or an empty level.  One row of levels
# serves both sides, for no price has bids and asks at once.  Node 0 and node `end`, below and
# above all prices, each keep a side: its best level, and in `open` how many levels it has.
NODE = np.dtype(
    {
        "names": ["open", "next", "prev", "level", "account", "side", "post_only"],
        "formats": ["<i8", "<u4", "<u4", "<u4", "<i2", "i1", "?"],
        "offsets": [0, 8, 12, 16, 20, 22, 23],
        "itemsize": 24,
    }
)
# A book's facts.  After the levels there are nodes for blocks of levels, in `open` how many of
# them have orders, and then the nodes of orders.
BOOK = np.dtype(
    [
        ("end", "<i8"), ("blocks", "<i8"), ("first", "<i8"), ("low_id", "<i8"),
        ("low_price", "<i8"), ("self_trade", "<i8"), ("touched", "<i8"),
    ]
)  # fmt: skip
RESTING = np.dtype(
    [
        ("order_id", "<i8"), ("account", "<i2"), ("side", "i1"), ("price", "<i8"),
        ("open", "<i8"), ("post_only", "?"),
    ]
)  # fmt: skip
BLOCK = 8  # levels are counted in blocks of 2**8
LOOK_AHEAD = 16  # commands: that long before its turn an order is fetched from memory
SPARE = 3  # events: room that is left before a command, and before each trade

BAD_OP, BAD_PRICE, BAD_SIZE = (
    OUTCOME_OF[reason] for reason in (Reason.BAD_OP, Reason.BAD_PRICE, Reason.BAD_SIZE)
)
DUPLICATE_ID, UNKNOWN_ID = OUTCOME_OF[Reason.DUPLICATE_ID], OUTCOME_OF[Reason.UNKNOWN_ID]
WOULD_CROSS, LEVEL_FULL = OUTCOME_OF[Reason.WOULD_CROSS], OUTCOME_OF[Reason.LEVEL_FULL]
FOK_UNFILLABLE = OUTCOME_OF[Reason.FOK_UNFILLABLE]
REQUESTED, IOC_REST = OUTCOME_OF[Reason.REQUESTED], OUTCOME_OF[Reason.IOC_REST]
NO_LIQUIDITY, SELF_TRADE = OUTCOME_OF[Reason.NO_LIQUIDITY], OUTCOME_OF[Reason.SELF_TRADE]

ALLOW, CANCEL_MAKER, CANCEL_TAKER, CANCEL_BOTH = range(4)
SELF_TRADES = tuple(SelfTrade)
