"""The venue of the compiled market: commands through risk monitor and book, and what follows.

As the event engine's exchange: all that a command does in the book comes first, then its row
on the tape, then its trades one by one, then the limits that these have passed.
"""

from lobsim.batch import columns as c
from lobsim.batch.accounts import COOLING, HALTED, REDUCE_ONLY, fill, renew, renew_ladder, value
from lobsim.batch.columns import Rows
from lobsim.batch.jit import SHARED, hot, jitted
from lobsim.batch.limits import act, look_after_trade, wake, withdraw
from lobsim.batch.orders import (
    best_price,
    crosses,
    group_room,
    has_ladders,
    match,
    open_lots,
    put,
    refresh,
)
from lobsim.batch.tape_rows import write_fill, write_order
from lobsim.market.units import Reason
from lobsim.rows import CANCEL, FILLED, IOC, OUTCOME_OF, REPLACE, REPLACED, RESTED, VANISHED

fee_of = SHARED["fee_of"]
LIMIT = 0  # the kind of row
NO_REASON = -1
STOPPED = OUTCOME_OF[Reason.HALTED]
INVENTORY_LIMIT, REDUCING = OUTCOME_OF[Reason.INVENTORY_LIMIT], OUTCOME_OF[Reason.REDUCE_ONLY]
ORDER_SIZE, WOULD_CROSS = OUTCOME_OF[Reason.ORDER_SIZE], OUTCOME_OF[Reason.WOULD_CROSS]
UNKNOWN_ID, SELF_TRADE = OUTCOME_OF[Reason.UNKNOWN_ID], OUTCOME_OF[Reason.SELF_TRADE]


@jitted
def renew_presences(k: Rows) -> None:
    best_bid, best_ask = best_price(k, c.BID), best_price(k, c.ASK)
    if has_ladders(k):
        for a in range(1, k[0, c.ACCOUNTS]):
            renew_ladder(k, a, best_bid, best_ask)
        return
    for a in range(1, k[0, c.ACCOUNTS]):
        renew(k, a, best_bid, best_ask)


@jitted
def admit(k: Rows, a: int, block: int, known: int, size: int) -> int:
    """Why an order of `size` may not go to the book, of which `known` lots rest already."""
    row, m = k[a], k[0]
    if row[c.STATE] == HALTED or row[c.STATE] == COOLING:
        return STOPPED
    growth = size - known
    if growth > 0:
        lots = row[c.LOTS] if block == c.BID else -row[c.LOTS]
        worst = lots + open_lots(k, a, block) + growth
        if worst > m[c.MAX_INVENTORY]:
            return INVENTORY_LIMIT
        if row[c.STATE] == REDUCE_ONLY and worst > 0:
            return REDUCING
        if row[c.GROUP] and growth > group_room(k, a, block):
            return INVENTORY_LIMIT
    return ORDER_SIZE if size > m[c.MAX_SIZE] else NO_REASON


@jitted
def submit(k: Rows, r: int, block: int) -> None:
    """What an account wants of the order in a row: through its risk monitor, then to the book."""
    row, m, a = k[r], k[0], k[r, c.OWNER]
    price, size, known = row[block + c.NEXT_PRICE], row[block + c.NEXT_SIZE], row[block + c.OPEN]
    order_id, side = row[block + c.NEXT_ID], 1 if block == c.BID else -1
    moves = row[block + c.ACT] == c.MOVE
    if row[block + c.ACT] == c.DROP:
        if known:
            withdraw(k, r, block)
        else:
            m[c.FED] += 1
            k[a, c.REFUSED] += 1
            write_order(k, order_id, a, CANCEL, 0, 0, 0, 0, 0, UNKNOWN_ID)
        return
    if moves and not known:  # it has traded since its owner looked; a stopped account may not say
        stopped = k[a, c.STATE] == HALTED or k[a, c.STATE] == COOLING
        reason = STOPPED if stopped else UNKNOWN_ID
    else:
        reason = NO_REASON if m[c.CALM] else admit(k, a, block, known, size)
        if reason == NO_REASON and m[c.CROSSING] != c.TRADE and crosses(k, block, price):
            joined = best_price(k, c.BID + c.ASK - block) - side
            if m[c.CROSSING] == c.JOIN and joined > 0:
                price = joined
            else:
                reason = WOULD_CROSS
    if reason != NO_REASON:
        m[c.FED] += 1 if reason == UNKNOWN_ID else 0  # by the book, not before it
        k[a, c.REFUSED] += 1
        if moves:
            write_order(k, order_id, a, REPLACE, 0, price, size, 0, 0, reason)
        else:
            write_order(k, order_id, a, LIMIT, side, price, size, 0, 0, reason)
        return
    m[c.FED] += 1
    row[block + c.ID] = order_id
    kind = REPLACE if moves else LIMIT
    if moves and price == row[block + c.PRICE] and size <= known:
        row[block + c.OPEN] = size
        write_order(k, order_id, a, kind, side, price, size, 0, size, REPLACED)
    elif crosses(k, block, price):
        row[block + c.OPEN] = 0
        refresh(k, block)
        trade(k, r, order_id, kind, side, price, size)
    else:
        put(k, r, block, price, size)
        outcome = REPLACED if moves else RESTED
        write_order(k, order_id, a, kind, side, price, size, 0, size, outcome)


@jitted
def trade(k: Rows, r: int, order_id: int, kind: int, side: int, price: int, size: int) -> None:
    """An order that meets the other side of the book: it trades, and a strategy's rest waits in
    the row `r`, which is 0 for the outside.
    """
    m, a = k[0], k[r, c.OWNER] if r else 0
    rest, dropped = match(k, a, side, price, size)
    if rest and a:
        put(k, r, c.BID if side == 1 else c.ASK, price, rest)
    met = c.ASK if side == 1 else c.BID
    for i in range(1, m[c.FOUND] + 1):
        size_met = k[k[i, c.MET], c.TRADED]
        if size_met < 0:
            own_id = k[k[i, c.MET], met + c.ID]
            write_order(k, own_id, a, CANCEL, -side, 0, -size_met, 0, 0, SELF_TRADE)
    outcome = FILLED
    if dropped:
        outcome = SELF_TRADE
    elif rest:
        outcome = RESTED if a else VANISHED
    filled = size - rest - dropped
    write_order(k, order_id, a, kind, side, price, size, filled, rest if a else 0, outcome)
    traded = False
    for i in range(1, m[c.FOUND] + 1):
        if k[k[i, c.MET], c.TRADED] > 0:
            traded = True
            settle(k, a, order_id, side, k[i, c.MET], met)
    if traded and (k[0, c.REQUOTE] or not m[c.OPENED]):
        renew_presences(k)
    if m[c.CALLS]:
        act(k)


@hot
def fee(m: Rows, at: int, size: int, price: int) -> int:
    """Of the maker or taker, whose fee begins `at` a column."""
    lot, tick = m[at], m[at + c.MAKER_TICK - c.MAKER_LOT]
    if lot == 0 and tick == 0:
        return 0
    paid: int = fee_of(size, price, lot, tick, m[at + c.MAKER_PER - c.MAKER_LOT])
    return paid


@jitted
def settle(k: Rows, taker: int, taker_id: int, side: int, r: int, met: int) -> None:
    """One trade of the command in hand with the order of a row: cash, lots and fees, its row on
    the tape, and who is told.
    """
    m, maker = k[0], k[r, c.OWNER]
    size, price = k[r, c.TRADED], k[r, met + c.PRICE]
    maker_fee, taker_fee = fee(m, c.MAKER_LOT, size, price), fee(m, c.TAKER_LOT, size, price)
    fill(k, taker, size * side, price, taker_fee)
    fill(k, maker, -size * side, price, maker_fee)
    if taker and taker != maker:
        k[0, c.MAKER_TRADES] += 1
    write_fill(
        k, k[r, met + c.ID], taker_id, maker, taker, side, price, size, maker_fee, taker_fee,
        k[r, met + c.AHEAD], k[0, c.NOW] - k[r, met + c.SINCE],
    )  # fmt: skip
    lower, upper = min(maker, taker), max(maker, taker)
    if lower:
        tell(k, lower)
    if upper != lower:
        tell(k, upper)


@hot
def tell(k: Rows, a: int) -> None:
    """An account has traded: value it, and ask it again where makers are asked after fills."""
    if value(k, a):
        look_after_trade(k, a)
    wake(k, a)


@jitted
def take(k: Rows, side: int, limit: int, size: int) -> None:
    """A market order from outside, which trades within its limit or vanishes."""
    k[0, c.IDS] += 1
    order_id, block = k[0, c.IDS], c.BID if side == 1 else c.ASK
    if crosses(k, block, limit):
        k[0, c.FED] += 1
        trade(k, 0, order_id, IOC, side, limit, size)
    else:
        write_order(k, order_id, 0, IOC, side, limit, size, 0, 0, VANISHED)


@hot
def take_alone(k: Rows, side: int, limit: int, size: int) -> None:
    """`take` in a batch, where one account is all that it can meet: the outside is not told."""
    row, m = k[1], k[0]
    met = c.ASK if side == 1 else c.BID
    price, traded = row[met + c.PRICE], min(size, row[met + c.OPEN])
    if not traded or (price - limit) * side > 0:
        return
    row[met + c.OPEN] -= traded
    fill(k, 1, -traded * side, price, fee(m, c.MAKER_LOT, traded, price))
    tell(k, 1)
    if m[c.CALLS]:
        act(k)
