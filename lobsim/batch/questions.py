"""Makers asked in the compiled market: quotes from tables, rounds and turns.

As `lobsim.market.desk` and `lobsim.kernel.trading_day` do: all who are asked decide on one
snapshot; then what retreats applies, then what advances or is new, each by turn.
"""

import math

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import COOLING, HALTED, REDUCE_ONLY, renew
from lobsim.batch.columns import Rows
from lobsim.batch.jit import SHARED, hot, jitted
from lobsim.batch.streams import uniform
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


@jitted
def steer(k: Rows, a: int, block: int, price: int, size: int) -> bool:
    """Note what brings the quote of one side to `price`, 0 for none; whether there is anything."""
    row = k[a]
    act = c.NOTHING
    if row[block + c.OPEN]:
        row[block + c.NEXT_ID] = row[block + c.ID]
        if not price:
            act = c.DROP
        elif row[block + c.PRICE] != price or row[block + c.OPEN] != size:
            act = c.MOVE
    elif price:
        k[0, c.IDS] += 1
        row[block + c.NEXT_ID] = k[0, c.IDS]
        act = c.NEW
    row[block + c.ACT] = act
    row[block + c.NEXT_PRICE] = price
    row[block + c.NEXT_SIZE] = size
    return act != c.NOTHING


@hot
def quote(k: Rows, tables: Tables, a: int) -> bool:
    """Decide on both quotes of an account; whether it has commands."""
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
    if k[0, c.ALONE]:
        # Nobody is there to come before or after, no limit can refuse what is cut to it, and no
        # row is to be written: both quotes just stand where they should (20 ns for 80).
        row[c.BID + c.PRICE], row[c.BID + c.OPEN] = bid, bid_size if bid else 0
        row[c.ASK + c.PRICE], row[c.ASK + c.OPEN] = ask, ask_size if ask else 0
        return False
    bids = steer(k, a, c.BID, bid, bid_size)
    asks = steer(k, a, c.ASK, ask, ask_size)
    return bids or asks


@jitted
def retreats(k: Rows, a: int, block: int) -> bool:
    """Whether what an account wants of an order only moves away from the market."""
    row = k[a]
    if row[block + c.ACT] != c.MOVE:
        return row[block + c.ACT] == c.DROP
    if not row[block + c.OPEN]:
        return False
    worse = row[block + c.PRICE] - row[block + c.NEXT_PRICE]
    if block == c.ASK:
        worse = -worse
    return worse > 0 or (worse == 0 and row[block + c.NEXT_SIZE] <= row[block + c.OPEN])


@jitted
def ask(k: Rows, tables: Tables, everyone: bool) -> None:
    """Ask the makers, all or those who are due, and carry out what they say."""
    f, answers = k.view(np.float64), 0
    for a in range(1, k[0, c.ACCOUNTS]):
        if not everyone and not k[a, c.DUE]:
            continue
        k[a, c.DUE] = 0
        turn = uniform(k.view(np.uint64)[a], c.STREAM)
        if k[a, c.STATE] == HALTED or k[a, c.STATE] == COOLING:
            continue
        if quote(k, tables, a):
            f[a, c.TURN] = turn
            answers += 1
            i = answers
            while i > 1 and f[k[i - 1, c.ANSWERED], c.TURN] > turn:
                k[i, c.ANSWERED] = k[i - 1, c.ANSWERED]
                i -= 1
            k[i, c.ANSWERED] = a
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        for block in (c.BID, c.ASK):
            if retreats(k, a, block):
                submit(k, a, block)
                k[a, block + c.ACT] = c.NOTHING
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        for block in (c.BID, c.ASK):
            if k[a, block + c.ACT] != c.NOTHING:
                submit(k, a, block)


@hot
def ask_alone(k: Rows, tables: Tables) -> None:
    """`ask`, and `renew_presences`, for an account alone in the market of a batch.

    Its turn, which nobody could see, is not drawn: 5 ns.
    """
    row = k[1]
    if row[c.STATE] != HALTED and row[c.STATE] != COOLING:
        quote(k, tables, 1)
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
