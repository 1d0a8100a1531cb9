"""The tape's rows: logged in the market's own array as they come, then packed as the tape has them.

A log has room for what one question to all, or one order from outside, can bring (`log_rows`),
and is emptied after each.  Rows that the packed tables have no room for are counted only: so a
first pass says how much room a tape needs.
"""

from typing import Any, NamedTuple

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.jit import jitted

ORDER, FILL, MID_MOVE, RISK = range(4)  # the kinds of rows, in the log's column 0


class Tables(NamedTuple):
    """What a market reads and writes beside its own array."""

    starts: c.Array  # int64: the rows' times of all quote tables
    depths: c.Array  # float64 (cells of all tables, 2): bid and ask
    orders: c.Array  # the tape's, packed; empty where only summaries are wanted
    fills: c.Array
    mids: c.Array
    risk: c.Array


def log_rows(accounts: int) -> int:
    """The most rows of one question to all: each command may meet all and halt all of them."""
    return 64 + 2 * accounts * (8 + 8 * accounts)


@jitted
def new_row(k: Rows, kind: int) -> int:
    """The number of a new row of the log."""
    m = k[0]
    row = k[m[c.ACCOUNTS] + m[c.LOGGED]]
    m[c.LOGGED] += 1
    row[0], row[1] = kind, m[c.NOW]
    return m[c.ACCOUNTS] + m[c.LOGGED] - 1


@jitted
def put_order(
    k: Rows, order_id: int, account: int, kind: int, side: int, price: int, size: int,
    filled: int, left: int, outcome: int,
) -> None:  # fmt: skip
    row = k[new_row(k, ORDER)]
    row[2], row[3], row[4], row[5], row[6] = order_id, account, kind, side, price
    row[7], row[8], row[9], row[10] = size, filled, left, outcome


@jitted
def write_order(
    k: Rows, order_id: int, account: int, kind: int, side: int, price: int, size: int,
    filled: int, left: int, outcome: int,
) -> None:  # fmt: skip
    """A command and its outcome."""
    if k[0, c.RECORDING]:
        put_order(k, order_id, account, kind, side, price, size, filled, left, outcome)


@jitted
def write_fill(
    k: Rows, maker_id: int, taker_id: int, maker: int, taker: int, side: int, price: int,
    size: int, maker_fee: int, taker_fee: int, ahead: int, age: int,
) -> None:  # fmt: skip
    """A settled trade, with both parties as it leaves them."""
    if k[0, c.RECORDING]:
        row = k[new_row(k, FILL)]
        row[2], row[3], row[4], row[5], row[6] = maker_id, taker_id, maker, taker, side
        row[7], row[8], row[9], row[10], row[11] = price, size, k[0, c.MID], maker_fee, taker_fee
        row[12], row[13] = k[maker, c.LOTS], k[taker, c.LOTS]
        row[14], row[15] = k[maker, c.CASH], k[taker, c.CASH]
        row[16], row[17] = ahead, age


@jitted
def write_mid(k: Rows, kind: int) -> None:
    if k[0, c.RECORDING]:
        row = k[new_row(k, MID_MOVE)]
        row[2], row[3] = kind, k[0, c.MID]


@jitted
def write_risk(k: Rows, account: int, state: int, cause: int, figure: int, limit: int) -> None:
    """A change of an account's state, with the figure that called for it."""
    if k[0, c.RECORDING]:
        row = k[new_row(k, RISK)]
        row[2], row[3], row[4], row[5], row[6] = account, state, cause, figure, limit


@jitted
def empty_log(k: Rows, tables: Tables) -> None:
    if k[0, c.LOGGED]:
        pack_log(k, tables)


@jitted
def pack_log(k: Rows, tables: Tables) -> None:
    m = k[0]
    for i in range(m[c.LOGGED]):
        m[c.SEQ] += 1
        row = k[m[c.ACCOUNTS] + i]
        if row[0] == ORDER:
            pack_order(m, row, tables.orders)
        elif row[0] == FILL:
            pack_fill(m, row, tables.fills)
        elif row[0] == MID_MOVE:
            pack_mid(m, row, tables.mids)
        else:
            pack_risk(m, row, tables.risk)
    m[c.LOGGED] = 0


@jitted
def pack_order(m: c.Array, row: c.Array, packed: c.Array) -> None:
    i = m[c.ORDERS]
    m[c.ORDERS] = i + 1
    if i < len(packed):
        to: Any = packed[i]
        to["seq"], to["ts_event"], to["order_id"], to["account"] = m[c.SEQ], row[1], row[2], row[3]
        to["kind"], to["side"], to["price_ticks"], to["size"] = row[4], row[5], row[6], row[7]
        to["filled"], to["open"], to["outcome"] = row[8], row[9], row[10]


@jitted
def pack_fill(m: c.Array, row: c.Array, packed: c.Array) -> None:
    i = m[c.TRADES]
    m[c.TRADES] = i + 1
    if i < len(packed):
        to: Any = packed[i]
        to["seq"], to["ts_event"], to["maker_id"], to["taker_id"] = m[c.SEQ], row[1], row[2], row[3]
        to["maker"], to["taker"], to["taker_side"], to["price_ticks"] = (
            row[4],
            row[5],
            row[6],
            row[7],
        )
        to["size"], to["mid"] = row[8], row.view(np.float64)[9]
        to["maker_fee"], to["taker_fee"] = row[10], row[11]
        to["maker_inventory"], to["taker_inventory"] = row[12], row[13]
        to["maker_cash"], to["taker_cash"] = row[14], row[15]
        to["queue_ahead"], to["order_age_ns"] = row[16], row[17]


@jitted
def pack_mid(m: c.Array, row: c.Array, packed: c.Array) -> None:
    i = m[c.MIDS]
    m[c.MIDS] = i + 1
    if i < len(packed):
        to: Any = packed[i]
        to["seq"], to["ts_event"], to["kind"] = m[c.SEQ], row[1], row[2]
        to["mid"] = row.view(np.float64)[3]


@jitted
def pack_risk(m: c.Array, row: c.Array, packed: c.Array) -> None:
    i = m[c.RISKS]
    m[c.RISKS] = i + 1
    if i < len(packed):
        to: Any = packed[i]
        to["seq"], to["ts_event"], to["account"], to["state"] = m[c.SEQ], row[1], row[2], row[3]
        to["cause"], to["figure"], to["limit"] = row[4], row[5], row[6]
