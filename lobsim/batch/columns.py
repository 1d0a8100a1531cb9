"""Where everything stands in the compiled market: one array of whole numbers, a row an account.

Row 0 is that of the outside, and of the market itself.  Each account has its best bid and ask in
its own row; further rungs of its ladders have rows of their own, after those of all accounts, with
nothing in them but orders and what these are decided by.  One array, because compiled functions
pass an array in 5 ns and a tuple of many in 200.  A column is what the event engine's attribute
of that name is; those that hold fractions are read through `k.view(np.float64)`, the same 64
bits as floats.
"""

from typing import Any

from lobsim.market.units import Crossing, SelfTrade

Array = Any  # of numpy
Rows = Any  # int64 (rows, COLUMNS): a market, called `k` for short; its row 0 is called `m`

# Of every account, the outside's too.
CASH, LOTS, FEES, SPREAD, FILLS, LOW, HIGH = range(7)

# Of a strategy's account, from 7 on; ANSWERED, MET and LISTED (four) are lists.
(
    STATE, START, PEAK, DRAWDOWN, BASE, CREST, HALTS, REFUSED,
    QUOTED, SATURATED, LEAST,
    SEEN, SIDES, WIDE, QUOTING, WIDTH, AT_BEST,
    DUE, CALLED, CAUSE, FIGURE, LIMIT, COOL_AT, COOL_TURN,
    SIZE, STARTS_AT, DEPTHS_AT, ROWS, LOWEST, LAST, ROW, PACE,
    TURN, STREAM, ANSWERED, MET, TRADED, LISTED,
) = (*range(7, 40), 40, 44, 45, 46, 47)  # fmt: skip
BID, ASK = 51, 62  # its two orders, of eleven columns each, numbered from there:
(ID, PRICE, OPEN, PLACE, PLACED, SINCE, AHEAD, ACT, NEXT_ID, NEXT_PRICE, NEXT_SIZE) = range(11)
# Whose the orders of a row are; of an account, where its outer rungs begin and how many there are.
OWNER, OUTER_AT, OUTERS = range(73, 76)
NOTHING, NEW, MOVE, DROP = range(4)  # what ACT may be; OPEN is 0 where no order rests
DESK = 76  # of one away from the exchange: the first of five rows more; 0 of all others
# Of one in a group: its number, and the limit to the inventories of all in it; of a desk the limit
# that its trader knows of.
GROUP, GROUP_LIMIT, KNOWN_LIMIT = 77, 78, 80
SHEET = 81  # where its sheet begins, if it quotes by no table; 0 of all others

# Of the market, from 7 on ...
(
    NOW, MID, MARK, IDS, PLACES, MAKER_TRADES, MET_AT, ROUND_DUE, ROUNDS_AT, ROUNDS,
    TIMER_AT, COOLS_AT, COOLINGS, HAPPENED, CALLS, FOUND, TOLD_CAUSE, TOLD_FIGURE, TOLD_LIMIT,
    OPENED, STATUS, AT, COUNT, BEST_BID, BEST_ASK, CALM, SEQ,
) = range(7, 34)  # fmt: skip
# ... the tape's tables, how many rows they have now and where they are in memory ...
ORDERS, FILLED, MIDS, RISKS = range(34, 38)
ROOM = 4  # columns on from there
# ... and its rules: how many accounts, and what never changes.
(
    ACCOUNTS, RECORDING, PART, DURATION, REQUOTE, CROSSING, SELF_TRADE, CLOSING, CLOSE_COST,
    FLATTEN, COOLDOWN, MAX_EVENTS, MAX_INVENTORY, MAX_SIZE, MAX_DRAWDOWN, MAX_LOSS,
    REDUCE_DRAWDOWN, REDUCE_LOSS, FIRST_DRAWDOWN, FIRST_LOSS, MAX_VAR, MAX_CVAR, EXPOSED, MU,
    SIGMA, TAIL_Z, TAIL_DENSITY, TAIL, MAKER_LOT, MAKER_TICK, MAKER_PER, TAKER_LOT, TAKER_TICK,
    TAKER_PER, FLOOR, MOST_LOTS, MOST_CASH, MOST_MID, ALONE, FAR, ORDER_ROWS, MOST_WIDTH,
) = (*range(42, 79), *range(80, 84), 87)  # fmt: skip
# When the next message arrives, the commands that market data have not told of yet, and those of
# the traders that have not arrived.
MESSAGE_AT, FED, UNDER_WAY = range(84, 87)
NUMBER = 79  # of the account whose a row is, row 0 too: as the tape has it
COLUMNS = 88  # whole lines of the cache

# Where assets are several, or limits held in common or moving, a market's rows begin with a head,
# which has the market's columns that all assets have in common (COMMON: they are lent to the
# asset that acts) and these of its own ...
ASSETS, SEATS, POOLS = range(3)
# ... then one for each asset, which says where its own rows are: a market as any other;
(
    FIRST_ROW, PAST_ROW, ANSWERS, TOP_BID, LOW_ASK, HEARD_AT, WINDOW, HEARD_MID, SQUARED, NORMAL,
    MOST_HELD, LOSS_SIGMA, LOSS_MU,
) = range(13)  # fmt: skip
# one for each strategy, and one for each member of each pool;
AT_ASSET, AT_ROW, WEIGHT = range(3)
# and one for each pool, which has an account's and a market's columns that concern limits.
KIND, FIRST_MEMBER, PAST_MEMBER = range(3)
PORTFOLIO, TOGETHER = range(2)  # what KIND may be
COMMON = (
    NOW, IDS, ROUND_DUE, COOLS_AT, COOLINGS, OPENED, STATUS, CALM, SEQ, ORDERS, FILLED, MIDS,
    RISKS, MESSAGE_AT, UNDER_WAY,
)  # fmt: skip
LENT = (
    *COMMON, RECORDING, PART, ORDERS + ROOM, FILLED + ROOM, MIDS + ROOM, RISKS + ROOM,
)  # fmt: skip

# The five rows of one away: its desk, which has the columns of an account as its owner knows it
# (orders as they will be) and of the market the MID; its three wires; and replies not yet sent.
DATA_WIRE, ORDER_WIRE, REPLY_WIRE, REPLIES, FAR_ROWS = range(1, 6)
# Of a wire; its STREAM stands where that of an account does.  Its messages are listed from OLDEST
# to NEWEST; commands stay until they are replied to, and ARRIVING is the next to arrive.
LAW, TIME, MEDIAN, DEVIATION, TIMES_AT, TIMES, ARRIVED_AT, OLDEST, NEWEST, ARRIVING = range(10)
DIRECT, CONSTANT, LOGNORMAL, EMPIRICAL = range(4)  # what LAW may be
# Of the replies: how many, and whether the owner's command is being carried out, and trades.
WAITING, SERVED, TRADES, FIRST_REPLY = range(4)
# What a reply says: whether of a fill, and how the account stands, with ID, PRICE and OPEN of both
# orders.  There are at most six of one account before they are sent.
SAID_FILL, SAID_LOTS, SAID_STATE, SAID_BID, SAID_ASK, REPLY = 0, 1, 2, 3, 6, 9

# How a market stands.  Whatever does not come to be DONE is for the event engine to tell.
# FULL waits for its tape's rows to be taken, ASKED for its agent's answer; both go on.
RUNNING, DONE, FULL, FAULT, STUCK, OVERFLOW, TOO_MANY, WORLD, ASKED = range(9)
UNWATCHED, ARITHMETIC, GEOMETRIC = range(3)  # what EXPOSED may be
NO_ASK = NO_LIMIT = 2**62  # past all prices, and all lots
JOIN, TRADE, REFUSE = range(3)
ALLOW, CANCEL_MAKER, CANCEL_TAKER, CANCEL_BOTH = range(4)
CROSSINGS, SELF_TRADES = tuple(Crossing), tuple(SelfTrade)
LARGEST_FIGURE = 2.0**62  # of what an inventory could lose
