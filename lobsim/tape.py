"""The tape: what happened, append only.

Rows are packed as they come (171 ns a row against 977 for tuples), hashed, and written in
Parquet parts, so memory is flat in the number of events.  The digest is over the packed rows
of every table, written or not: little-endian, integers as integers, floats as 8 bytes.
"""

import hashlib
import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np

from lobsim.market.ledger import Account
from lobsim.market.messages import (
    Cancel,
    Cancelled,
    Command,
    Event,
    LimitOrder,
    MarketOrder,
    Rejected,
    Replace,
    Replaced,
    Rested,
    Trade,
)
from lobsim.market.open_orders import OpenOrder
from lobsim.market.risk import Breach, State
from lobsim.market.units import AccountId, Millis, Nanos, Reason, TimeInForce

PART = 1 << 23  # bytes of packed rows in memory before a part is written

KINDS = ("limit", "ioc", "fok", "post_only", "market", "cancel", "replace", "close")
OUTCOMES = ("rested", "filled", "replaced", *Reason)
MID_KINDS = ("step", "order", "end")
STATES = tuple(State)
CAUSES = ("drawdown", "loss")
KIND_OF = {TimeInForce.GTC: 0, TimeInForce.IOC: 1, TimeInForce.FOK: 2}
OUTCOME_OF = {outcome: code for code, outcome in enumerate(OUTCOMES)}

# Each table's packed row: names and struct codes.
LAYOUTS: dict[str, dict[str, str]] = {
    "orders": {
        "seq": "q", "ts_event": "q", "order_id": "q", "account": "h", "kind": "b", "side": "b",
        "price_ticks": "q", "size": "q", "filled": "q", "open": "q", "outcome": "b",
    },
    "fills": {
        "seq": "q", "ts_event": "q", "maker_id": "q", "taker_id": "q", "maker": "h", "taker": "h",
        "taker_side": "b", "price_ticks": "q", "size": "q", "mid": "d", "maker_fee": "q",
        "taker_fee": "q", "maker_inventory": "q", "taker_inventory": "q", "maker_cash": "q",
        "taker_cash": "q", "queue_ahead": "q", "order_age_ns": "q",
    },
    "mids": {"seq": "q", "ts_event": "q", "kind": "b", "mid": "d"},
    "risk": {
        "seq": "q", "ts_event": "q", "account": "h", "state": "b", "cause": "b", "figure": "q",
        "limit": "q",
    },
    "notes": {"seq": "q", "ts_event": "q", "account": "h", "length": "i"},
}  # fmt: skip


class Table:
    """One kind of row: packed rows not yet written, the hash of all, and how many."""

    def __init__(self, name: str) -> None:
        layout = LAYOUTS[name]
        self.name = name
        self.packer = struct.Struct("<" + "".join(layout.values()))
        self.dtype = np.dtype([(column, "<" + code_of(code)) for column, code in layout.items()])
        self.rows = bytearray()
        self.hash = hashlib.sha256()
        self.count = 0

    def digest(self) -> str:
        return f"{self.name} {self.count} {self.hash.hexdigest()}"


def code_of(code: str) -> str:
    return {"q": "i8", "d": "f8", "h": "i2", "b": "i1", "i": "i4"}[code]


class Tape:
    """Everything that happened in one run.  `sink` takes the packed rows of a full part."""

    def __init__(self, sink: "Sink | None" = None) -> None:
        self._sink = sink
        self._seq = 0
        self.tables = {name: Table(name) for name in LAYOUTS}
        self._orders, self._fills = self.tables["orders"], self.tables["fills"]
        self._mids = self.tables["mids"]
        self._pack_order = self._orders.packer.pack
        self._pack_fill = self._fills.packer.pack
        self._pack_mid = self._mids.packer.pack

    # What may be put on it

    def mid(self, now: Nanos, kind: int, mid: float) -> None:
        self._seq += 1
        self._mids.rows += self._pack_mid(self._seq, now, kind, mid)

    def order(self, now: Nanos, command: Command, events: list[Event]) -> None:
        """A command and its outcome.  Orders cancelled by self-trade prevention get rows too."""
        order_id = command.order_id
        side = price = filled = left = 0
        for event in events:
            if type(event) is Trade:
                filled += event.size
            elif event.order_id != order_id:
                self._prevented(now, event)
            elif type(event) is Rested:
                left = event.size
        if type(event) is Trade:
            outcome = 1
        elif type(event) is Rested:
            outcome = 0
        elif type(event) is Replaced:
            outcome, left, side = 2, event.size, event.side
        else:
            outcome = OUTCOME_OF[event.reason]
            if type(event) is Cancelled:
                side = event.side
        size = 0
        if type(command) is LimitOrder:
            kind = 3 if command.post_only else KIND_OF[command.time_in_force]
            side, price, size = command.side, command.price, command.size
        elif type(command) is Replace:
            kind, price, size = 6, command.price, command.size
        elif type(command) is MarketOrder:
            kind, side, size = 4, command.side, command.size
        else:
            kind = 5
            if type(event) is Cancelled:
                size = event.size
        self._seq += 1
        self._orders.rows += self._pack_order(
            self._seq, now, order_id, command.account, kind, side, price, size, filled, left,
            outcome,
        )  # fmt: skip

    def _prevented(self, now: Nanos, event: Event) -> None:
        if type(event) is Cancelled:
            self.order(now, Cancel(event.order_id, event.account), [event])

    def trade(
        self,
        now: Nanos,
        trade: Trade,
        mid: float,
        fees: tuple[Millis, Millis],
        accounts: list[Account],
        order: OpenOrder,
    ) -> None:
        """A settled trade, with both parties as it leaves them; `order` is the maker's."""
        self._fill(now, trade, mid, fees, accounts, order.ahead, now - order.since)

    def close_out(
        self, now: Nanos, trade: Trade, mid: float, accounts: list[Account]
    ) -> None:
        """The flattening or closing of an account with the outside."""
        self._seq += 1
        self._orders.rows += self._pack_order(
            self._seq, now, trade.taker_id, trade.taker, 7, trade.taker_side, trade.price,
            trade.size, trade.size, 0, 1,
        )  # fmt: skip
        self._fill(now, trade, mid, (0, 0), accounts, 0, 0)

    def _fill(
        self,
        now: Nanos,
        trade: Trade,
        mid: float,
        fees: tuple[Millis, Millis],
        accounts: list[Account],
        ahead: int,
        age: Nanos,
    ) -> None:
        maker, taker = accounts[trade.maker], accounts[trade.taker]
        self._seq += 1
        self._fills.rows += self._pack_fill(
            self._seq, now, trade.maker_id, trade.taker_id, trade.maker, trade.taker,
            trade.taker_side, trade.price, trade.size, mid, fees[0], fees[1], maker.inventory,
            taker.inventory, maker.cash, taker.cash, ahead, age,
        )  # fmt: skip

    def risk(self, now: Nanos, account: AccountId, state: State, breach: Breach) -> None:
        table = self.tables["risk"]
        self._seq += 1
        table.rows += table.packer.pack(
            self._seq, now, account, STATES.index(state), CAUSES.index(breach.cause),
            breach.figure, breach.limit,
        )  # fmt: skip

    def note(self, now: Nanos, account: AccountId, values: dict[str, Any]) -> None:
        table = self.tables["notes"]
        text = json.dumps(values, sort_keys=True, allow_nan=False, default=float).encode()
        self._seq += 1
        table.rows += table.packer.pack(self._seq, now, account, len(text)) + text

    # Parts and digest

    def breathe(self) -> None:
        """Hand on the rows of tables that have grown past a part."""
        for table in self.tables.values():
            if len(table.rows) >= PART:
                self._flush(table)

    def close(self) -> str:
        """Hand on all that is left; the digest of the whole."""
        for table in self.tables.values():
            self._flush(table)
        whole = "\n".join(table.digest() for table in self.tables.values())
        return hashlib.sha256(whole.encode()).hexdigest()

    def _flush(self, table: Table) -> None:
        rows, table.rows = table.rows, bytearray()
        if not rows:
            return
        table.hash.update(rows)
        if table.name == "notes":
            packed: Any = unpack_notes(rows, table.packer)
            table.count += len(packed)
        else:
            packed = np.frombuffer(rows, dtype=table.dtype)
            table.count += len(packed)
        if self._sink is not None:
            self._sink.write(table.name, packed)


def unpack_notes(rows: bytearray, packer: struct.Struct) -> list[tuple[int, int, int, str]]:
    notes, position = [], 0
    while position < len(rows):
        seq, now, account, length = packer.unpack_from(rows, position)
        position += packer.size
        notes.append((seq, now, account, rows[position : position + length].decode()))
        position += length
    return notes
