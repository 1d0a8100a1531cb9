"""The tape's rows, packed where they are made, into rooms that the market's row 0 knows.

Rooms are found by their address in memory, so that whoever writes a row needs the market alone:
four arrays more would cost every call 30 ns.  A room holds PART rows and what one question to
all, or one order from outside, can bring past that (`slack`).  A market with a full room stops
before what comes next, until its rows are taken.
"""

import ctypes
from typing import Any, NamedTuple

import numpy as np
from numba.extending import intrinsic

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.jit import hot, jitted
from lobsim.machine_code import CONFIG
from lobsim.rows import LAYOUTS, Table
from lobsim.tape import Tape

PART = 8192  # rows, of which all rooms together stay in the second cache
DTYPES = {name: Table(name).dtype for name in LAYOUTS}
COUNTS = {"orders": c.ORDERS, "fills": c.FILLED, "mids": c.MIDS, "risk": c.RISKS}
ORDER, FILL, MID, RISK = (DTYPES[name] for name in ("orders", "fills", "mids", "risk"))
ORDER_BYTES, FILL_BYTES, MID_BYTES, RISK_BYTES = (
    dtype.itemsize for dtype in (ORDER, FILL, MID, RISK)
)


class Tables(NamedTuple):
    """What a market reads beside its own array: the quote tables."""

    starts: c.Array  # int64: the rows' times
    depths: c.Array  # float64 (cells, 2): bid and ask


def slack(rungs: int) -> int:
    """The most rows of one question to all: each command may meet all orders and halt all accounts.

    `rungs` are all that there are on a side.
    """
    return 64 + 2 * rungs * (8 + 8 * rungs)


def compiled_row_at(context: Any, address: Any, dtype: Any) -> Any:
    def to_row(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.inttoptr(values[0], context.get_value_type(signature.return_type))

    return dtype.dtype(address, dtype), to_row


def plain_row_at(address: int, dtype: Any) -> Any:
    memory = (ctypes.c_char * dtype.itemsize).from_address(int(address))
    return np.frombuffer(memory, dtype)[0]


# The packed row that stands at an address.
row_at: Any = plain_row_at if CONFIG.DISABLE_JIT else intrinsic(compiled_row_at)


@hot
def new_row(m: c.Array, table: int, size: int) -> int:
    """The address of a new row, of so many bytes."""
    i = m[table]
    m[table] = i + 1
    m[c.SEQ] += 1
    if i + 1 == m[c.PART] and m[c.STATUS] == c.RUNNING:
        m[c.STATUS] = c.FULL
    return m[table + c.ROOM] + i * size


@jitted
def put_order(
    m: c.Array, order_id: int, number: int, kind: int, side: int, price: int, size: int,
    filled: int, left: int, outcome: int,
) -> None:  # fmt: skip
    to = row_at(new_row(m, c.ORDERS, ORDER_BYTES), ORDER)
    to["seq"], to["ts_event"], to["order_id"], to["account"] = m[c.SEQ], m[c.NOW], order_id, number
    to["kind"], to["side"], to["price_ticks"], to["size"] = kind, side, price, size
    to["filled"], to["open"], to["outcome"] = filled, left, outcome


@hot
def write_order(
    k: Rows, order_id: int, account: int, kind: int, side: int, price: int, size: int,
    filled: int, left: int, outcome: int,
) -> None:  # fmt: skip
    """A command and its outcome."""
    if k[0, c.RECORDING]:
        number = k[account, c.NUMBER]
        put_order(k[0], order_id, number, kind, side, price, size, filled, left, outcome)


@jitted
def write_fill(
    k: Rows, maker_id: int, taker_id: int, maker: int, taker: int, side: int, price: int,
    size: int, maker_fee: int, taker_fee: int, ahead: int, age: int,
) -> None:  # fmt: skip
    """A settled trade, with both parties as it leaves them."""
    m = k[0]
    if not m[c.RECORDING]:
        return
    to = row_at(new_row(m, c.FILLED, FILL_BYTES), FILL)
    to["seq"], to["ts_event"], to["maker_id"], to["taker_id"] = (
        m[c.SEQ],
        m[c.NOW],
        maker_id,
        taker_id,
    )
    to["maker"], to["taker"] = k[maker, c.NUMBER], k[taker, c.NUMBER]
    to["taker_side"], to["price_ticks"] = side, price
    to["size"], to["mid"] = size, m.view(np.float64)[c.MID]
    to["maker_fee"], to["taker_fee"] = maker_fee, taker_fee
    to["maker_inventory"], to["taker_inventory"] = k[maker, c.LOTS], k[taker, c.LOTS]
    to["maker_cash"], to["taker_cash"] = k[maker, c.CASH], k[taker, c.CASH]
    to["queue_ahead"], to["order_age_ns"] = ahead, age


@hot
def write_mid(k: Rows, asset: int, kind: int) -> None:
    m = k[0]
    if m[c.RECORDING]:
        to = row_at(new_row(m, c.MIDS, MID_BYTES), MID)
        to["seq"], to["ts_event"], to["kind"], to["asset"] = m[c.SEQ], m[c.NOW], kind, asset
        to["mid"] = m.view(np.float64)[c.MID]


@jitted
def write_risk(k: Rows, account: int, state: int, cause: int, figure: int, limit: int) -> None:
    """A change of an account's state, with the figure that called for it."""
    m = k[0]
    if m[c.RECORDING]:
        to = row_at(new_row(m, c.RISKS, RISK_BYTES), RISK)
        to["seq"], to["ts_event"], to["state"] = m[c.SEQ], m[c.NOW], state
        to["account"] = k[account, c.NUMBER]
        to["cause"], to["figure"], to["limit"] = cause, figure, limit


class Recorder:
    """Rooms for a market's rows, and how they come to a tape."""

    def __init__(self, tape: Tape, endowed: Rows, rows: Rows) -> None:
        """The market begins as `endowed`, and stands as `rows`."""
        self._tape, self._market = tape, rows[0]
        length = PART + 3 * slack(len(endowed) - 1)
        self._rooms = {name: np.empty(length, DTYPES[name]) for name in COUNTS}
        endowed[0, [c.RECORDING, c.ALONE, c.PART]] = 1, 0, PART
        for name, count in COUNTS.items():
            endowed[0, count + c.ROOM] = self._rooms[name].ctypes.data

    def hand_on(self) -> None:
        """Give the tape all rows that there are."""
        for name, count in COUNTS.items():
            self._tape.take(name, self._rooms[name][: self._market[count]])
            self._market[count] = 0
