"""The rows of the tape: what each table's columns are, packed, and what their codes mean."""

import hashlib
import struct

import numpy as np

from lobsim.market.pool import GROUP, PORTFOLIO
from lobsim.market.risk import State
from lobsim.market.units import Reason, TimeInForce

KINDS = ("limit", "ioc", "fok", "post_only", "market", "cancel", "replace", "close")
OUTCOMES = ("rested", "filled", "replaced", *Reason)
MID_KINDS = ("step", "order", "end", "jump", "informed")  # by the kinds of happenings
STATES = tuple(State)
WATCHED = ("drawdown", "loss", "var", "cvar")
CAUSES = (
    "drawdown", "loss", "var", "cvar", "cooled", "recovered", "plugin",
    *(f"{pool} {cause}" for pool in (PORTFOLIO, GROUP) for cause in WATCHED),
)  # fmt: skip
KIND_OF = {TimeInForce.GTC: 0, TimeInForce.IOC: 1, TimeInForce.FOK: 2}
IOC, POST_ONLY, MARKET, CANCEL, REPLACE, CLOSE = 1, 3, 4, 5, 6, 7
RESTED, FILLED, REPLACED = 0, 1, 2
OUTCOME_OF: dict[str, int] = {outcome: code for code, outcome in enumerate(OUTCOMES)}
VANISHED = OUTCOME_OF[Reason.IOC_REST]

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
    "mids": {"seq": "q", "ts_event": "q", "kind": "b", "asset": "b", "mid": "d"},
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
        self.rows: list[bytes] = []  # not yet handed on
        self.hash = hashlib.sha256()
        self.count = 0

    def digest(self) -> str:
        return f"{self.name} {self.count} {self.hash.hexdigest()}"


def code_of(code: str) -> str:
    return {"q": "i8", "d": "f8", "h": "i2", "b": "i1", "i": "i4"}[code]


def unpack_note(row: bytes, packer: struct.Struct) -> tuple[int, int, int, str]:
    seq, now, account, _ = packer.unpack_from(row)
    return seq, now, account, row[packer.size :].decode()
