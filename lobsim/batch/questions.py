"""Makers asked in the compiled market: quotes from tables, rounds and turns.

As `lobsim.market.desk` and `lobsim.kernel.trading_day` do: all who are asked decide on one
snapshot; then what retreats applies, then what advances or is new, each by turn.
"""

import math

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import COOLING, HALTED, OK, REDUCE_ONLY, renew
from lobsim.batch.calm import retreats, set_all_down, set_down_by_turn
from lobsim.batch.columns import Rows
from lobsim.batch.draws import uniform
from lobsim.batch.jit import SHARED, hot, jitted
from lobsim.batch.orders import refresh_ask, refresh_bid, rung_row
from lobsim.batch.tape_rows import Tables
from lobsim.batch.venue import renew_presences, submit

bid_price, ask_price = SHARED["bid_price"], SHARED["ask_price"]
ROUNDS_PER_INSTANT = 1000


@hot
def cell_of(k: Rows, tables: Tables, a: int) -> int:
    """The cell of an account's table: the last row not after now, the column of its lots.

    Rows are mostly evenly spaced, so the number of the row is guessed and then put right.
    """
    row, now, starts = k[a], k[0, c.NOW], tables.starts
    at, i = row[c.STARTS_AT], row[c.ROW]
    i = max(i, min(int(now * k.view(np.float64)[a, c.PACE]), row[c.ROWS] - 1))
    while starts[at + i] > now:
        i -= 1
    while starts[at + i + 1] <= now:
        i += 1
    row[c.ROW] = i
    column = min(max(row[c.LOTS] - row[c.LOWEST], 0), row[c.LAST])
    return row[c.DEPTHS_AT] + column * row[c.ROWS] + i


@hot
def count_quote(k: Rows, a: int, depth: float) -> None:
    k[a, c.QUOTED] += 1
    if depth < k.view(np.float64)[0, c.FLOOR]:
        k[a, c.SATURATED] += 1
        k.view(np.float64)[a, c.LEAST] = min(k.view(np.float64)[a, c.LEAST], depth)


@hot
def quote(k: Rows, tables: Tables, a: int) -> None:
    """Decide on both quotes of an account: prices and sizes, 0 for none."""
    row, mid, cell = k[a], k.view(np.float64)[0, c.MID], cell_of(k, tables, a)
    bid_depth, ask_depth = tables.depths[cell, 0], tables.depths[cell, 1]
    limit = 0 if row[c.STATE] == REDUCE_ONLY else k[0, c.MAX_INVENTORY]
    bid_size = min(row[c.SIZE], limit - row[c.LOTS])
    ask_size = min(row[c.SIZE], limit + row[c.LOTS])
    bid = ask = 0
    if bid_depth < math.inf and bid_size > 0:
        bid = bid_price(mid, bid_depth)
        count_quote(k, a, bid_depth)
    if ask_depth < math.inf and ask_size > 0:
        ask = ask_price(mid, ask_depth)
        count_quote(k, a, ask_depth)
        if bid >= ask:
            k[0, c.STATUS] = c.FAULT
    row[c.BID + c.NEXT_PRICE], row[c.BID + c.NEXT_SIZE] = bid, bid_size if bid else 0
    row[c.ASK + c.NEXT_PRICE], row[c.ASK + c.NEXT_SIZE] = ask, ask_size if ask else 0
    if row[c.OUTERS]:
        quote_outer(k, tables, a, cell - row[c.DEPTHS_AT], limit)


@jitted
def quote_outer(k: Rows, tables: Tables, a: int, cell: int, limit: int) -> None:
    """Decide on the quotes beyond the best, whose sizes leave what they leave of the limit."""
    row, f = k[a], k.view(np.float64)
    bid_room = limit - row[c.LOTS] - row[c.BID + c.NEXT_SIZE]
    ask_room = limit + row[c.LOTS] - row[c.ASK + c.NEXT_SIZE]
    for r in range(row[c.OUTER_AT], row[c.OUTER_AT] + row[c.OUTERS]):
        outer, at = k[r], k[r, c.DEPTHS_AT] + cell
        f[r, c.TURN] = f[a, c.TURN]
        bid_depth, ask_depth = tables.depths[at, 0], tables.depths[at, 1]
        bid_size, ask_size = min(outer[c.SIZE], bid_room), min(outer[c.SIZE], ask_room)
        bid = ask = 0
        if bid_depth < math.inf and bid_size > 0:
            bid = bid_price(f[0, c.MID], bid_depth)
            count_quote(k, a, bid_depth)
            bid_room -= bid_size
        if ask_depth < math.inf and ask_size > 0:
            ask = ask_price(f[0, c.MID], ask_depth)
            count_quote(k, a, ask_depth)
            ask_room -= ask_size
        outer[c.BID + c.NEXT_PRICE], outer[c.BID + c.NEXT_SIZE] = bid, bid_size if bid else 0
        outer[c.ASK + c.NEXT_PRICE], outer[c.ASK + c.NEXT_SIZE] = ask, ask_size if ask else 0


@jitted
def fits(k: Rows, a: int) -> bool:
    """Whether no limit can refuse an order of a ladder, in whatever order they come."""
    row, m = k[a], k[0]
    bids, asks, largest = row[c.LOTS], -row[c.LOTS], 0
    for rung in range(1 + row[c.OUTERS]):
        order = k[rung_row(k, a, rung)]
        bids += max(order[c.BID + c.OPEN], order[c.BID + c.NEXT_SIZE])
        asks += max(order[c.ASK + c.OPEN], order[c.ASK + c.NEXT_SIZE])
        largest = max(largest, order[c.SIZE])
    return bool(max(bids, asks) <= m[c.MAX_INVENTORY] and largest <= m[c.MAX_SIZE])


@hot
def steer(k: Rows, r: int, block: int) -> None:
    """Note what brings the order in a row to the quote decided on."""
    row = k[r]
    price, size = row[block + c.NEXT_PRICE], row[block + c.NEXT_SIZE]
    old, known, order_id = row[block + c.PRICE], row[block + c.OPEN], row[block + c.ID]
    rests, wanted = known > 0, size > 0
    new = wanted and not rests
    k[0, c.IDS] += 1 if new else 0
    row[block + c.NEXT_ID] = k[0, c.IDS] if new else order_id
    act = c.MOVE if rests and wanted and (price != old or size != known) else c.NOTHING
    act = c.DROP if rests and not wanted else act
    row[block + c.ACT] = c.NEW if new else act


@jitted
def steer_outer(k: Rows, a: int, block: int) -> None:
    """The outermost rung first, as the desk does; only the best rung is left.

    A function apart, as all that is done with outer rungs alone: within the others their loops
    would cost a market without ladders a tenth.
    """
    for rung in range(k[a, c.OUTERS], 0, -1):
        steer(k, rung_row(k, a, rung), block)


@hot
def decide(k: Rows, tables: Tables, everyone: bool) -> int:
    """Ask the makers, all or those who are due; how many are listed in ANSWERED.

    It is CALM where no quote of before or after would meet any other and no limit can refuse
    one: then in whatever order they are carried out, none trades.
    """
    f, m, answers = k.view(np.float64), k[0], 0
    sound, highest, lowest = True, m[c.BEST_BID], m[c.BEST_ASK]
    lowest = lowest if lowest else c.NO_ASK
    for a in range(1, m[c.ACCOUNTS]):
        row = k[a]
        if not everyone and not row[c.DUE]:
            continue
        row[c.DUE] = 0
        f[a, c.TURN] = uniform(k.view(np.uint64)[a], c.STREAM)
        if row[c.STATE] == HALTED or row[c.STATE] == COOLING:
            continue
        quote(k, tables, a)
        if row[c.OUTERS]:
            steer_outer(k, a, c.BID)
        steer(k, a, c.BID)
        if row[c.OUTERS]:
            steer_outer(k, a, c.ASK)
        steer(k, a, c.ASK)
        answers += 1
        k[answers, c.ANSWERED] = a
        ask = row[c.ASK + c.NEXT_PRICE]
        highest = max(highest, row[c.BID + c.NEXT_PRICE])
        lowest = min(lowest, ask if ask else c.NO_ASK)
        sound = sound and row[c.STATE] == OK and row[c.SIZE] <= m[c.MAX_SIZE]
        if row[c.OUTERS]:
            sound = sound and fits(k, a)
    m[c.CALM] = 1 if sound and highest < lowest else 0
    return answers


@jitted
def sort_by_turn(k: Rows, answers: int) -> None:
    turns = k.view(np.float64)[:, c.TURN]
    for last in range(2, answers + 1):
        a, i = k[last, c.ANSWERED], last
        while i > 1 and turns[k[i - 1, c.ANSWERED]] > turns[a]:
            k[i, c.ANSWERED] = k[i - 1, c.ANSWERED]
            i -= 1
        k[i, c.ANSWERED] = a


@jitted
def ask(k: Rows, tables: Tables, everyone: bool) -> None:
    """Ask the makers, all or those who are due, and carry out what they say."""
    m, answers = k[0], decide(k, tables, everyone)
    if m[c.RECORDING] or not m[c.CALM]:
        sort_by_turn(k, answers)
    if not m[c.CALM]:
        carry_out(k, answers)
        return
    if m[c.RECORDING]:
        set_down_by_turn(k, answers)
    else:
        set_all_down(k, answers)
    refresh_bid(k)
    refresh_ask(k)


@jitted
def carry_out(k: Rows, answers: int) -> None:
    """What retreats first, then what advances or is new, each by turn."""
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        for block in (c.BID, c.ASK):
            for rung in range(k[a, c.OUTERS], -1, -1):
                r = rung_row(k, a, rung)
                if retreats(k, r, block):
                    submit(k, r, block)
                    k[r, block + c.ACT] = c.NOTHING
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        for block in (c.BID, c.ASK):
            for rung in range(k[a, c.OUTERS], -1, -1):
                r = rung_row(k, a, rung)
                if k[r, block + c.ACT] != c.NOTHING:
                    submit(k, r, block)


@hot
def ask_alone(k: Rows, tables: Tables) -> None:
    """`ask`, and `renew_presences`, for an account alone in the market of a batch.

    Nobody is there to come before or after, no limit can refuse what is cut to it, and no row is
    to be written: both quotes just stand where they should.  Its turn, which nobody could see,
    is not drawn.
    """
    row = k[1]
    if row[c.STATE] != HALTED and row[c.STATE] != COOLING:
        quote(k, tables, 1)
        for block in (c.BID, c.ASK):
            row[block + c.PRICE] = row[block + c.NEXT_PRICE]
            row[block + c.OPEN] = row[block + c.NEXT_SIZE]
    renew(k, 1, row[c.BID + c.PRICE], row[c.ASK + c.PRICE])


@jitted
def ask_round(k: Rows, tables: Tables) -> None:
    """Ask those who are due; what they do may make others due, in a further round."""
    m = k[0]
    m[c.ROUND_DUE] = 0
    m[c.ROUNDS] = m[c.ROUNDS] + 1 if m[c.ROUNDS_AT] == m[c.NOW] else 1
    m[c.ROUNDS_AT] = m[c.NOW]
    if m[c.ROUNDS] > ROUNDS_PER_INSTANT:
        m[c.STATUS] = c.STUCK
        return
    ask(k, tables, False)
    renew_presences(k)
