"""Quotes decided in the compiled market: from tables, steered as `lobsim.market.quoting` does."""

import math

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.distance import LIVE, desk_of, either, mid_at, rooms
from lobsim.batch.jit import INLINED, SHARED, hot, jitted
from lobsim.batch.live import LiveTables, sheet_depths
from lobsim.batch.orders import rung_row
from lobsim.batch.tape_rows import Tables

bid_price, ask_price = SHARED["bid_price"], SHARED["ask_price"]


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
def table_depths(k: Rows, tables: Tables, a: int, d: int) -> tuple[float, float]:
    cell = cell_of(k, tables, a, k[d, c.LOTS])
    return tables.depths[cell, 0], tables.depths[cell, 1]


@hot
def live_depths(k: Rows, tables: LiveTables, a: int, d: int) -> tuple[float, float]:
    if k[a, c.SHEET]:
        return sheet_depths(k, tables.sheets, a)
    return table_depths(k, tables, a, d)


# What an account wants to quote, in ticks, by what row d knows.
depths_of = either(table_depths, live_depths, LIVE, INLINED)


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
    bid_depth, ask_depth = depths_of(k, tables, a, d)
    bid_room, ask_room = rooms(k, tables, a, d)
    bid_size = min(row[c.SIZE], bid_room)
    ask_size = min(row[c.SIZE], ask_room)
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
def decide_outer(k: Rows, tables: Tables, answers: int, ids: int) -> None:
    """Decide on all outer rungs, and number new orders again, from `ids` on, in the desk's order:
    the outermost first.
    """
    m = k[0]
    m[c.IDS] = ids
    for i in range(1, answers + 1):
        a = k[i, c.ANSWERED]
        decide_rungs(k, tables, a, desk_of(k, tables, a))
        if not fits(k, a):
            m[c.CALM] = 0


@jitted
def decide_rungs(k: Rows, tables: Tables, a: int, d: int) -> None:
    if k[a, c.OUTERS]:
        quote_outer(k, tables, a)
    for block in (c.BID, c.ASK):
        for rung in range(k[a, c.OUTERS], -1, -1):
            steer(k, rung_row(k, a, rung) if rung else d, block)


@jitted
def quote_outer(k: Rows, tables: Tables, a: int) -> None:
    """Decide on the quotes beyond the best, for which there is what that leaves of the limit."""
    row, f = k[a], k.view(np.float64)
    bid_room, ask_room = rooms(k, tables, a, a)
    bid_room -= row[c.BID + c.NEXT_SIZE]
    ask_room -= row[c.ASK + c.NEXT_SIZE]
    cell = cell_of(k, tables, a, row[c.LOTS]) - row[c.DEPTHS_AT]
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
