"""Orders set down where all is calm: no quote of before or after meets any other, no limit can
refuse one.  Then all that the book would do is let each stand, at the end of its price's queue.

Most questions end so.  Nothing here jumps where it can be helped: which way the mid went and whose
turn comes first nobody foretells (three makers, 160 ns a market order against 370).
"""

from typing import Any

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.jit import hot, jitted
from lobsim.batch.limits import REQUESTED
from lobsim.batch.orders import ahead_of, has_ladders, rung_row
from lobsim.batch.tape_rows import put_order
from lobsim.batch.venue import LIMIT
from lobsim.rows import CANCEL, REPLACE, REPLACED, RESTED


@hot
def retreats(k: Rows, r: int, block: int) -> Any:
    """Whether what is wanted of the order in a row only moves away from the market."""
    row = k[r]
    act, known, size = row[block + c.ACT], row[block + c.OPEN], row[block + c.NEXT_SIZE]
    worse = row[block + c.PRICE] - row[block + c.NEXT_PRICE]
    worse = worse if block == c.BID else -worse
    milder = known > 0 and (worse > 0 or (worse == 0 and size <= known))
    return act == c.DROP or (act == c.MOVE and milder)


@hot
def set_down(k: Rows, r: int, block: int, place: int) -> None:
    """The order stands as it was decided; `place` is for one that goes to the end of a queue."""
    row, f = k[r], k.view(np.float64)[r]
    price, size = row[block + c.NEXT_PRICE], row[block + c.NEXT_SIZE]
    own, placed = row[block + c.PLACE], f[block + c.PLACED]
    stays = price == row[block + c.PRICE] and size <= row[block + c.OPEN]
    row[block + c.PLACE] = own if stays else place
    f[block + c.PLACED] = placed if stays else f[c.TURN]
    row[block + c.PRICE], row[block + c.OPEN] = price, size
    row[block + c.ID] = row[block + c.NEXT_ID]


@hot
def set_all_down(k: Rows, answers: int) -> None:
    """All orders at once, where no row is written: nobody is sorted by turn, for where two have
    one price, which is seldom, `before` asks for their turns.
    """
    m = k[0]
    m[c.PLACES] += 2
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        for block in (c.BID, c.ASK):
            set_down(k, a, block, m[c.PLACES] - (1 if retreats(k, a, block) else 0))
    if has_ladders(k):
        set_outer_down(k, answers)


@jitted
def set_outer_down(k: Rows, answers: int) -> None:
    places = k[0, c.PLACES]
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        for r in range(k[a, c.OUTER_AT], k[a, c.OUTER_AT] + k[a, c.OUTERS]):
            for block in (c.BID, c.ASK):
                set_down(k, r, block, places - (1 if retreats(k, r, block) else 0))


@hot
def set_down_by_turn(k: Rows, answers: int) -> None:
    """All orders one by one, with their rows."""
    listed = list_ladders(k, answers) if has_ladders(k) else list_orders(k, answers)
    for i in range(listed):
        order = k[1 + (i >> 2), c.LISTED + (i & 3)]
        set_down_with_row(k, order >> 8, order & 255)


@hot
def list_orders(k: Rows, answers: int) -> int:
    """What is to be done, as numbers of row and block; how much."""
    listed = 0
    for early in (True, False):
        for i in range(1, answers + 1):
            a = k[i, c.ANSWERED]
            for block in (c.BID, c.ASK):
                k[1 + (listed >> 2), c.LISTED + (listed & 3)] = a << 8 | block
                now = k[a, block + c.ACT] != c.NOTHING and retreats(k, a, block) == early
                listed += 1 if now else 0
    return listed


@jitted
def list_ladders(k: Rows, answers: int) -> int:
    """`list_orders` with outer rungs, the outermost first."""
    listed = 0
    for early in (True, False):
        for i in range(1, answers + 1):
            a = k[i, c.ANSWERED]
            for block in (c.BID, c.ASK):
                for rung in range(k[a, c.OUTERS], -1, -1):
                    r = rung_row(k, a, rung)
                    if k[r, block + c.ACT] != c.NOTHING and retreats(k, r, block) == early:
                        k[1 + (listed >> 2), c.LISTED + (listed & 3)] = r << 8 | block
                        listed += 1
    return listed


@jitted
def set_down_with_row(k: Rows, r: int, block: int) -> None:
    row, m = k[r], k[0]
    act, side = row[block + c.ACT], 1 if block == c.BID else -1
    price, size, known = row[block + c.NEXT_PRICE], row[block + c.NEXT_SIZE], row[block + c.OPEN]
    if price != row[block + c.PRICE] or size > known:
        row[block + c.SINCE], row[block + c.AHEAD] = m[c.NOW], ahead_of(k, r, block, price)
    m[c.PLACES] += 1
    set_down(k, r, block, m[c.PLACES])
    kind = LIMIT if act == c.NEW else CANCEL if act == c.DROP else REPLACE
    outcome = RESTED if act == c.NEW else REQUESTED if act == c.DROP else REPLACED
    meant = known if act == c.DROP else size
    put_order(m, row[block + c.ID], row[c.NUMBER], kind, side, price, meant, 0, size, outcome)
