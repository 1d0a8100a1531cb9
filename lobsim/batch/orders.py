"""The book of a market of quote tables: each account has one bid and one ask at most.

So the book is a column of the accounts' rows, matched by price first and place second, as
`lobsim.market.book` does for any number of orders.
"""

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.jit import jitted


@jitted
def first(k: Rows, block: int) -> int:
    """The account whose order on a side (BID or ASK) trades first; 0 if there is none."""
    found = 0
    for a in range(1, k[0, c.ACCOUNTS]):
        if k[a, block + c.OPEN]:
            if not found:
                found = a
                continue
            worse = k[found, block + c.PRICE] - k[a, block + c.PRICE]
            if block == c.BID:
                worse = -worse
            if worse > 0 or (worse == 0 and k[a, block + c.PLACE] < k[found, block + c.PLACE]):
                found = a
    return found


@jitted
def best_price(k: Rows, block: int) -> int:
    """0 for none."""
    found = first(k, block)
    return k[found, block + c.PRICE] if found else 0


@jitted
def crosses(k: Rows, block: int, price: int) -> bool:
    """Whether an order of this side at `price` would trade with the other side."""
    best = best_price(k, c.BID + c.ASK - block)
    if not best:
        return False
    return best <= price if block == c.BID else best >= price


@jitted
def put(k: Rows, a: int, block: int, price: int, size: int) -> None:
    """Let an order rest, last at its price."""
    m, ahead = k[0], 0
    for other in range(1, k[0, c.ACCOUNTS]):
        if other != a and k[other, block + c.PRICE] == price:
            ahead += k[other, block + c.OPEN]
    m[c.PLACES] += 1
    k[a, block + c.PRICE] = price
    k[a, block + c.OPEN] = size
    k[a, block + c.PLACE] = m[c.PLACES]
    k[a, block + c.SINCE] = m[c.NOW]
    k[a, block + c.AHEAD] = ahead


@jitted
def note(k: Rows, maker: int, traded: int) -> None:
    """The command in hand has met a maker's order: `traded` lots, negative where withdrawn."""
    m = k[0]
    m[c.FOUND] += 1
    k[m[c.FOUND], c.MET] = maker
    k[maker, c.TRADED] = traded


@jitted
def match(k: Rows, taker: int, side: int, limit: int, size: int) -> tuple[int, int]:
    """Trade up to `size` lots within `limit`; the lots left, and those that self-trade
    prevention has dropped.  FOUND makers, listed in MET, have been met; each has one order.
    """
    mode, block = k[0, c.SELF_TRADE], c.ASK if side == 1 else c.BID
    k[0, c.FOUND] = 0
    while size:
        maker = first(k, block)
        if not maker or (k[maker, block + c.PRICE] - limit) * side > 0:
            break
        if maker == taker and mode != c.ALLOW:
            if mode == c.CANCEL_TAKER:
                return 0, size
            note(k, maker, -k[maker, block + c.OPEN])
            k[maker, block + c.OPEN] = 0
            if mode == c.CANCEL_BOTH:
                return 0, size
            continue
        traded = min(size, k[maker, block + c.OPEN])
        note(k, maker, traded)
        k[maker, block + c.OPEN] -= traded
        size -= traded
    return size, 0
