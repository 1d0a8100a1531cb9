"""The tape: what happened, append only.

Rows are packed as they come (171 ns against 977 for tuples), hashed, and written in parts, so
memory is flat.  The digest is over the packed rows of every table, written or not: little-endian.
"""

import hashlib
import json
from typing import Any, Protocol

import numpy as np

from lobsim.market.ledger import Account
from lobsim.market.messages import (
    Cancel,
    Cancelled,
    Command,
    Event,
    LimitOrder,
    MarketOrder,
    Replace,
    Replaced,
    Rested,
    Trade,
)
from lobsim.market.open_orders import OpenOrder
from lobsim.market.risk import Transition
from lobsim.market.units import AccountId, Lots, Millis, Nanos, OrderId, Side, Ticks
from lobsim.rows import (
    CANCEL,
    CAUSES,
    CLOSE,
    FILLED,
    IOC,
    KIND_OF,
    LAYOUTS,
    MARKET,
    OUTCOME_OF,
    POST_ONLY,
    REPLACE,
    REPLACED,
    RESTED,
    STATES,
    VANISHED,
    Table,
    unpack_note,
)

Accounts = dict[AccountId, Account]
PART = 200_000  # rows in memory before a part is written: some 30 MB


class Sink(Protocol):
    """Where full parts go."""

    def write(self, name: str, rows: Any) -> None: ...


class Tape:
    """Everything that happened in one run.  `sink` takes the packed rows of a full part."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink
        self._seq = 0
        self._again = dict.fromkeys(LAYOUTS, 0)  # bytes that come a second time
        self.under_way = 0  # commands that had not arrived at the end
        self.through = 0  # orders from outside with negative reach: for quotes through the mid
        self.tables = {name: Table(name) for name in LAYOUTS}
        self._orders, self._fills = self.tables["orders"], self.tables["fills"]
        self._mids = self.tables["mids"]
        self._pack_order, self._put_order = self._orders.packer.pack, self._orders.rows.append
        self._pack_fill, self._put_fill = self._fills.packer.pack, self._fills.rows.append
        self._pack_mid, self._put_mid = self._mids.packer.pack, self._mids.rows.append

    @property
    def events(self) -> int:
        """How many rows it has."""
        return self._seq

    def mid(self, now: Nanos, kind: int, asset: int, mid: float) -> None:
        self._seq = seq = self._seq + 1
        self._put_mid(self._pack_mid(seq, now, kind, asset, mid))

    def order(self, now: Nanos, command: Command, events: list[Event]) -> None:
        """A command and its outcome.  Orders cancelled by self-trade prevention get rows too."""
        filled = left = 0
        event = events[-1]
        if len(events) > 1 or type(event) is Trade:
            for each in events:
                if type(each) is Trade:
                    filled += each.size
                elif each.order_id != command.order_id:
                    self._prevented(now, each)
        if type(event) is Trade:
            outcome = FILLED
        elif type(event) is Replaced:
            outcome, left = REPLACED, event.size
        elif type(event) is Rested:
            outcome, left = RESTED, event.size
        else:
            outcome = OUTCOME_OF[event.reason]
        # Each kind by itself: a reading of one attribute from many types is slow.
        self._seq = seq = self._seq + 1
        if type(command) is Replace:
            first = events[0]
            side = first.side if type(first) is Replaced or type(first) is Cancelled else 0
            row = self._pack_order(
                seq, now, command.order_id, command.account, REPLACE, side, command.price,
                command.size, filled, left, outcome,
            )  # fmt: skip
        elif type(command) is LimitOrder:
            kind = POST_ONLY if command.post_only else KIND_OF[command.time_in_force]
            row = self._pack_order(
                seq, now, command.order_id, command.account, kind, command.side, command.price,
                command.size, filled, left, outcome,
            )  # fmt: skip
        elif type(command) is MarketOrder:
            row = self._pack_order(
                seq, now, command.order_id, command.account, MARKET, command.side, 0, command.size,
                filled, left, outcome,
            )  # fmt: skip
        else:
            side, size = (event.side, event.size) if type(event) is Cancelled else (0, 0)
            row = self._pack_order(
                seq, now, command.order_id, command.account, CANCEL, side, 0, size, filled, left,
                outcome,
            )  # fmt: skip
        self._put_order(row)

    def vanished(
        self, now: Nanos, order_id: OrderId, outside: AccountId, side: Side, price: Ticks,
        size: Lots,
    ) -> None:  # fmt: skip
        """An IOC order from outside that met nothing."""
        self._seq = seq = self._seq + 1
        self._put_order(
            self._pack_order(seq, now, order_id, outside, IOC, side, price, size, 0, 0, VANISHED)
        )

    def _prevented(self, now: Nanos, event: Event) -> None:
        if type(event) is Cancelled:
            self.order(now, Cancel(event.order_id, event.account), [event])

    def trade(
        self, now: Nanos, trade: Trade, mid: float, fees: tuple[Millis, Millis],
        accounts: Accounts, order: OpenOrder,
    ) -> None:  # fmt: skip
        """A settled trade, with both parties as it leaves them; `order` is the maker's."""
        self._fill(now, trade, mid, fees, accounts, order.ahead, now - order.since)

    def close_out(self, now: Nanos, trade: Trade, mid: float, accounts: Accounts) -> None:
        """The flattening or closing of an account with the outside."""
        self._seq += 1
        self._put_order(
            self._pack_order(
                self._seq, now, trade.taker_id, trade.taker, CLOSE, trade.taker_side,
                trade.price, trade.size, trade.size, 0, FILLED,
            )
        )  # fmt: skip
        self._fill(now, trade, mid, (0, 0), accounts, 0, 0)

    def _fill(
        self,
        now: Nanos,
        trade: Trade,
        mid: float,
        fees: tuple[Millis, Millis],
        accounts: Accounts,
        ahead: int,
        age: Nanos,
    ) -> None:
        maker, taker = accounts[trade.maker], accounts[trade.taker]
        self._seq += 1
        self._put_fill(
            self._pack_fill(
                self._seq, now, trade.maker_id, trade.taker_id, trade.maker, trade.taker,
                trade.taker_side, trade.price, trade.size, mid, fees[0], fees[1],
                maker.inventory, taker.inventory, maker.cash, taker.cash, ahead, age,
            )
        )  # fmt: skip

    def risk(self, now: Nanos, account: AccountId, transition: Transition) -> None:
        table = self.tables["risk"]
        self._seq += 1
        table.rows.append(
            table.packer.pack(
                self._seq, now, account, STATES.index(transition.state),
                CAUSES.index(transition.cause), transition.figure, transition.limit,
            )
        )  # fmt: skip

    def note(self, now: Nanos, account: AccountId, values: dict[str, Any]) -> None:
        table = self.tables["notes"]
        try:
            text = json.dumps(values, sort_keys=True, allow_nan=False, default=float).encode()
        except (TypeError, ValueError):
            raise ValueError(f"a note holds finite numbers and text, got {values}") from None
        self._seq += 1
        table.rows.append(table.packer.pack(self._seq, now, account, len(text)) + text)

    def take(self, name: str, rows: Any) -> None:
        """Packed rows of a table, (n,) of its dtype, as if put one by one."""
        table = self.tables[name]
        table.rows.append(rows.tobytes())
        self._seq += len(rows)
        if sum(map(len, table.rows)) >= PART * table.packer.size:
            self._flush(table)

    def begin_again(self) -> None:
        """All rows come again, from the first one on: those handed on are the same, and skipped."""
        self._seq = 0
        for name, table in self.tables.items():
            table.rows.clear()
            self._again[name] = table.count * table.packer.size

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
        # Taken before anything can go wrong: no row is counted, hashed or written twice.
        rows = table.rows[:]
        table.rows.clear()
        packed = b"".join(rows)
        known = min(self._again[table.name], len(packed))
        self._again[table.name] -= known
        packed = packed[known:]
        if not packed:
            return
        table.count += len(rows) if table.name == "notes" else len(packed) // table.packer.size
        table.hash.update(packed)
        if self._sink is not None:
            self._sink.write(
                table.name,
                [unpack_note(row, table.packer) for row in rows]
                if table.name == "notes"
                else np.frombuffer(packed, dtype=table.dtype),
            )
