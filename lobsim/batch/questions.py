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
from lobsim.batch.distance import desk_of, mid_at, send
from lobsim.batch.draws import uniform
from lobsim.batch.jit import SHARED, hot, jitted
from lobsim.batch.orders import refresh_ask, refresh_bid
from lobsim.batch.tape_rows import Tables
from lobsim.batch.venue import renew_presences

bid_price, ask_price = SHARED["bid_price"], SHARED["ask_price"]
ROUNDS_PER_INSTANT = 1000


@hot
def cell_of(k: Rows, tables: Tables, a: int, lots: int) -> int:
    """The cell of an account's table: the last row not after now, the column of these lots.

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
    column = min(max(lots - row[c.LOWEST], 0), row[c.LAST])
    return row[c.DEPTHS_AT] + column * row[c.ROWS] + i


@hot
def count_quote(k: Rows, a: int, depth: float) -> None:
    k[a, c.QUOTED] += 1
    if depth < k.view(np.float64)[0, c.FLOOR]:
        k[a, c.SATURATED] += 1
        k.view(np.float64)[a, c.LEAST] = min(k.view(np.float64)[a, c.LEAST], depth)


@hot
def quote(k: Rows, tables: Tables, a: int, d: int) -> None:
    """Decide on both quotes of an account by what row d knows: prices and sizes, 0 for none."""
    row, desk, mid = k[a], k[d], mid_at(k, tables, d)
    lots = desk[c.LOTS]
    cell = cell_of(k, tables, a, lots)
    bid_depth, ask_depth = tables.depths[cell, 0], tables.depths[cell, 1]
    limit = 0 if desk[c.STATE] == REDUCE_ONLY else k[0, c.MAX_INVENTORY]
    bid_size = min(row[c.SIZE], limit - lots)
    ask_size = min(row[c.SIZE], limit + lots)
    bid = ask = 0
    if bid_depth < math.inf and bid_size > 0:
        bid = bid_price(mid, bid_depth)
        count_quote(k, a, bid_depth)
    if ask_depth < math.inf and ask_size > 0:
        ask = ask_price(mid, ask_depth)
        count_quote(k, a, ask_depth)
        if bid >= ask:
            k[0, c.STATUS] = c.FAULT
    desk[c.BID + c.NEXT_PRICE], desk[c.BID + c.NEXT_SIZE] = bid, bid_size if bid else 0
    desk[c.ASK + c.NEXT_PRICE], desk[c.ASK + c.NEXT_SIZE] = ask, ask_size if ask else 0


@hot
def steer(k: Rows, a: int, block: int) -> None:
    """Note what brings the order of one side to the quote decided on."""
    row = k[a]
    price, size = row[block + c.NEXT_PRICE], row[block + c.NEXT_SIZE]
    old, known, order_id = row[block + c.PRICE], row[block + c.OPEN], row[block + c.ID]
    rests, wanted = known > 0, size > 0
    new = wanted and not rests
    k[0, c.IDS] += 1 if new else 0
    row[block + c.NEXT_ID] = k[0, c.IDS] if new else order_id
    act = c.MOVE if rests and wanted and (price != old or size != known) else c.NOTHING
    act = c.DROP if rests and not wanted else act
    row[block + c.ACT] = c.NEW if new else act


@hot
def decide(k: Rows, tables: Tables, everyone: bool) -> int:
    """Ask the makers, all or those who are due; how many are listed in ANSWERED.

    It is CALM where no quote of before or after would meet any other and no limit can refuse
    one: then in whatever order they are carried out, none trades.
    """
    f, m, answers = k.view(np.float64), k[0], 0
    sound, highest, lowest = m[c.FAR] == 0, m[c.BEST_BID], m[c.BEST_ASK]
    lowest = lowest if lowest else c.NO_ASK
    for a in range(1, m[c.ACCOUNTS]):
        row = k[a]
        if not everyone and not row[c.DUE]:
            continue
        row[c.DUE] = 0
        f[a, c.TURN] = uniform(k.view(np.uint64)[a], c.STREAM)
        d = desk_of(k, tables, a)
        desk = k[d]
        if desk[c.STATE] == HALTED or desk[c.STATE] == COOLING:
            continue
        quote(k, tables, a, d)
        steer(k, d, c.BID)
        steer(k, d, c.ASK)
        answers += 1
        k[answers, c.ANSWERED] = a
        ask = desk[c.ASK + c.NEXT_PRICE]
        highest = max(highest, desk[c.BID + c.NEXT_PRICE])
        lowest = min(lowest, ask if ask else c.NO_ASK)
        sound = sound and desk[c.STATE] == OK and row[c.SIZE] <= m[c.MAX_SIZE]
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
        carry_out(k, tables, answers)
        return
    if m[c.RECORDING]:
        set_down_by_turn(k, answers)
    else:
        set_all_down(k, answers)
    refresh_bid(k)
    refresh_ask(k)


@jitted
def carry_out(k: Rows, tables: Tables, answers: int) -> None:
    """What retreats first, then what advances or is new, each by turn."""
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        d = desk_of(k, tables, a)
        for block in (c.BID, c.ASK):
            if retreats(k, d, block):
                send(k, tables, a, block)
                k[d, block + c.ACT] = c.NOTHING
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        for block in (c.BID, c.ASK):
            if k[desk_of(k, tables, a), block + c.ACT] != c.NOTHING:
                send(k, tables, a, block)


@hot
def ask_alone(k: Rows, tables: Tables) -> None:
    """`ask`, and `renew_presences`, for an account alone in the market of a batch.

    Nobody is there to come before or after, no limit can refuse what is cut to it, and no row is
    to be written: both quotes just stand where they should.  Its turn, which nobody could see,
    is not drawn.
    """
    row = k[1]
    if row[c.STATE] != HALTED and row[c.STATE] != COOLING:
        quote(k, tables, 1, 1)
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
