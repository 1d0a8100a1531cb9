"""The book of a market of quote tables: each rung has one bid and one ask at most.

So the book is a column of the rows, matched by price first and place second, as
`lobsim.market.book` does for any number of orders.  Whatever changes a side of it brings the
side's best price up to date.
"""

from typing import Any

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.jit import hot, jitted


@jitted
def first(k: Rows, block: int) -> int:
    """The row whose order on a side (BID or ASK) trades first; 0 if there is none."""
    found = 0
    best = best_price(k, block)
    if not best:
        return 0
    for a in range(1, k[0, c.ORDER_ROWS]):
        if (
            k[a, block + c.OPEN]
            and k[a, block + c.PRICE] == best
            and (not found or before(k, a, found, block))
        ):
            found = a
    return found


@hot
def before(k: Rows, a: int, other: int, block: int) -> bool:
    """Whether an order is ahead of another at its price."""
    mine, his = k[a, block + c.PLACE], k[other, block + c.PLACE]
    if mine == his:  # both came at one question: by their turns, whose bits are in their order
        mine, his = k[a, block + c.PLACED], k[other, block + c.PLACED]
        if mine == his:  # of one account, whose outer rungs come first
            return a > other
    return bool(mine < his)


@hot
def has_ladders(k: Rows) -> bool:
    """Whether there are outer rungs in a market.

    It is asked once a question, and all that they need is apart from the rest: within its loops
    they would cost a market without ladders a tenth.
    """
    return bool(k[0, c.ORDER_ROWS] > k[0, c.ACCOUNTS])


@hot
def rung_row(k: Rows, a: int, rung: int) -> Any:
    """The row of an account's rung, of which 0 is the best."""
    return k[a, c.OUTER_AT] + rung - 1 if rung else a


@jitted
def open_lots(k: Rows, a: int, block: int) -> int:
    """All that an account has open on a side."""
    lots = k[a, block + c.OPEN]
    for i in range(k[a, c.OUTERS]):
        lots += k[k[a, c.OUTER_AT] + i, block + c.OPEN]
    return int(lots)


@jitted
def group_room(k: Rows, a: int, block: int) -> int:
    """How many lots more may be open on a side, of all in an account's group."""
    side, room = 1 if block == c.BID else -1, k[a, c.GROUP_LIMIT]
    for other in range(1, k[0, c.ACCOUNTS]):
        if k[other, c.GROUP] == k[a, c.GROUP]:
            room -= side * k[other, c.LOTS] + open_lots(k, other, block)
    return int(room)


@hot
def best_price(k: Rows, block: int) -> int:
    """0 for none."""
    return k[0, c.BEST_BID if block == c.BID else c.BEST_ASK]


@hot
def refresh_bid(k: Rows) -> None:
    best = 0
    for a in range(1, k[0, c.ORDER_ROWS]):
        price = k[a, c.BID + c.PRICE]
        best = max(best, price if k[a, c.BID + c.OPEN] else 0)
    k[0, c.BEST_BID] = best


@hot
def refresh_ask(k: Rows) -> None:
    best = c.NO_ASK
    for a in range(1, k[0, c.ORDER_ROWS]):
        price = k[a, c.ASK + c.PRICE]
        best = min(best, price if k[a, c.ASK + c.OPEN] else c.NO_ASK)
    k[0, c.BEST_ASK] = best if best < c.NO_ASK else 0


@jitted
def refresh(k: Rows, block: int) -> None:
    """Find the best price of a side anew."""
    if block == c.BID:
        refresh_bid(k)
    else:
        refresh_ask(k)


@hot
def crosses(k: Rows, block: int, price: int) -> bool:
    """Whether an order of this side at `price` would trade with the other side."""
    if block == c.BID:
        return 0 < k[0, c.BEST_ASK] <= price
    return k[0, c.BEST_BID] >= price


@hot
def ahead_of(k: Rows, a: int, block: int, price: int) -> int:
    """The lots that rest at a price in other rows."""
    ahead = 0
    for other in range(1, k[0, c.ORDER_ROWS]):
        lots, same = k[other, block + c.OPEN], other != a and k[other, block + c.PRICE] == price
        ahead += lots if same else 0
    return ahead


@jitted
def put(k: Rows, a: int, block: int, price: int, size: int) -> None:
    """Let an order rest, last at its price."""
    m = k[0]
    m[c.PLACES] += 1
    k[a, block + c.PRICE] = price
    k[a, block + c.OPEN] = size
    k[a, block + c.PLACE] = m[c.PLACES]
    k[a, block + c.SINCE] = m[c.NOW]
    k[a, block + c.AHEAD] = ahead_of(k, a, block, price)
    refresh(k, block)


@jitted
def note(k: Rows, maker: int, traded: int) -> None:
    """The command in hand has met the order of a row: `traded` lots, negative where withdrawn."""
    m = k[0]
    m[c.FOUND] += 1
    k[m[c.FOUND], c.MET] = maker
    k[maker, c.TRADED] = traded


@jitted
def match(k: Rows, taker: int, side: int, limit: int, size: int) -> tuple[int, int]:
    """Trade up to `size` lots within `limit`; the lots left, and those that self-trade
    prevention has dropped.  FOUND rows, listed in MET, have been met; each has one order.
    """
    mode, block = k[0, c.SELF_TRADE], c.ASK if side == 1 else c.BID
    k[0, c.FOUND] = 0
    while size:
        maker = first(k, block)
        if not maker or (k[maker, block + c.PRICE] - limit) * side > 0:
            break
        if k[maker, c.OWNER] == taker and mode != c.ALLOW:
            if mode == c.CANCEL_TAKER:
                return 0, size
            note(k, maker, -k[maker, block + c.OPEN])
            k[maker, block + c.OPEN] = 0
            refresh(k, block)
            if mode == c.CANCEL_BOTH:
                return 0, size
            continue
        traded = min(size, k[maker, block + c.OPEN])
        note(k, maker, traded)
        k[maker, block + c.OPEN] -= traded
        if not k[maker, block + c.OPEN]:
            refresh(k, block)
        size -= traded
    return size, 0
