"""hftbacktest's files (version 2): .npz with one array `data` of events.

By price: each event is how many lots a level has now, a trade, or levels cleared.  By order: what a
venue says of orders (lobsim/data/actions.py).  Events are taken as the exchange had them: those
flagged EXCH_EVENT, at exch_ts.  Source: https://hftbacktest.readthedocs.io/en/latest/data.html.
"""

import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.data.actions import ADDS, CANCELS, CLEARS, FILLS, MODIFIES, TRADES, Actions, messages_of
from lobsim.data.columns import billionths
from lobsim.data.levels import Ladder
from lobsim.data.messages import QUOTE, TRADE, Messages
from lobsim.data.recording import Recording, since_midnight
from lobsim.errors import StorageError, figure, one_line

Ints = NDArray[np.int64]
EVENT = np.dtype(
    [
        ("ev", "<u8"), ("exch_ts", "<i8"), ("local_ts", "<i8"), ("px", "<f8"), ("qty", "<f8"),
        ("order_id", "<u8"), ("ival", "<i8"), ("fval", "<f8"),
    ]
)  # fmt: skip
EXCHANGE, LOCAL, BUY, SELL = 1 << 31, 1 << 30, 1 << 29, 1 << 28
DEPTH, TRADED, CLEARED, SNAPSHOT, ADDED, CANCELLED, MODIFIED, FILLED = 1, 2, 3, 4, 10, 11, 12, 13
KINDS = (DEPTH, TRADED, CLEARED, SNAPSHOT, ADDED, CANCELLED, MODIFIED, FILLED)
LEVELS = (DEPTH, SNAPSHOT)
ORDERS = (ADDED, CANCELLED, MODIFIED, FILLED)
ACTIONS = {
    ADDED: ADDS, CANCELLED: CANCELS, MODIFIED: MODIFIES, FILLED: FILLS, TRADED: TRADES,
    CLEARED: CLEARS,
}  # fmt: skip
KNOWN = f"must be one of {', '.join(map(str, KINDS))}"
ONE_SIDE = "must be flagged BUY_EVENT or SELL_EVENT"
NO_SIDE = "a trade without BUY_EVENT or SELL_EVENT: give --sides lee-ready"
BOTH = "a file is by price (kinds 1, 4) or by order (10 to 13): not both"
NO_QUOTES = np.zeros((1, 4), np.int64)
MAGIC = b"PK\x03\x04"  # of a .zip, which a .npz is
BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, tokenize.TokenError,
)  # fmt: skip
CHUNK = 1 << 18  # events
MOST = 2.0**53  # steps, which a number can count
CLOSE = 1e-4  # of a step: what a decimal fraction loses as a binary one, and more


@dataclass(frozen=True, slots=True)
class Lot:
    """Some of the exchange's events as the file has them, and which of its rows they are."""

    path: Path
    rows: Ints
    data: NDArray[Any]

    @property
    def kind(self) -> Ints:
        return (self.data["ev"] & 255).astype(np.int64)

    def refuse(self, wrong: Any, name: str, must: str) -> None:
        """Raises StorageError with the first row that is wrong."""
        if wrong.any():
            at = int(np.argmax(wrong))
            found = self.data[name][at]
            raise StorageError(f"{self.path}: row {self.rows[at]}: {name} = {found}: {must}")

    def steps(self, name: str, given: Any, seen: Any, step: float, option: str) -> Ints:
        """Where they are given, numbers in steps, 0 elsewhere; those that are `seen` must be whole
        steps, others are rounded down.
        """
        billionths(step, option)
        values = self.data[name]
        self.refuse(given & ~(abs(values) < MOST * step), name, "must be a number")
        in_steps = np.where(given, values, 0) / step
        whole = np.rint(in_steps)
        apart = abs(in_steps - whole) > CLOSE
        self.refuse(apart & seen, name, f"no whole number of {figure(step)}: give {option}")
        return np.where(apart, np.floor(in_steps), whole).astype(np.int64)


class Events(NamedTuple):
    """Some events: kind, ns from 1970 on, side (1 buys, -1 sells, 0 unknown), ticks, lots, id."""

    kind: NDArray[np.int8]
    time_ns: Ints
    side: NDArray[np.int8]
    price: Ints
    size: Ints
    order_id: Ints


def read_hftbacktest(path: Path, tick: float, step: float, any_side: bool) -> Recording:
    """What the exchange had of orders; or, of a file by price, trades among best quotes.

    Raises StorageError with the row (the first is row 1); of a trade by price that nobody is told
    to have taken, too, unless `any_side`.
    """
    parts: list[Events] = []
    best: list[Ints] = []
    ladder, by_order, latest = Ladder(), None, 0
    for start, data in chunks(path):
        at = np.flatnonzero(data["ev"] & EXCHANGE)
        lot = Lot(path, start + 1 + at, data[at])
        orders, levels = (np.isin(lot.kind, kinds) for kinds in (ORDERS, LEVELS))
        if by_order is None and (orders | levels).any():
            by_order = bool(orders[np.argmax(orders | levels)])
        lot.refuse(levels if by_order else orders, "ev", BOTH)
        events = checked(lot, tick, step, bool(by_order))
        before = np.concatenate([[latest], events.time_ns[:-1]])
        lot.refuse(events.time_ns < before, "exch_ts", "is before that of the event above")
        latest = events.time_ns[-1] if len(at) else latest
        if not by_order:
            lot.refuse((lot.kind == TRADED) & (events.side == 0) & (not any_side), "ev", NO_SIDE)
            shown, quotes = among_quotes(events, ladder, best[-1][-1:] if best else NO_QUOTES)
            events = Events._make(column[shown] for column in events)
            best += [quotes] if len(quotes) else []
        parts.append(events)
    if not sum(len(events.kind) for events in parts):
        raise StorageError(f"{path}: has no event flagged EXCH_EVENT")
    whole = Events._make(np.concatenate(column) for column in zip(*parts, strict=True))
    del parts  # as large again
    return of_orders(whole, tick) if by_order else of_levels(whole, np.concatenate(best), tick)


def of_orders(events: Events, tick: float) -> Recording:
    what = np.zeros(256, np.int8)
    what[list(ACTIONS)] = list(ACTIONS.values())
    actions = Actions(
        since_midnight(events.time_ns), what[events.kind], events.order_id, events.size,
        events.price, events.side,
    )  # fmt: skip
    messages, notes = messages_of(actions, tick)
    return Recording(messages, notes=tuple(notes))


def of_levels(events: Events, best: Ints, tick: float) -> Recording:
    traded = events.kind == TRADED
    messages = Messages(
        time_ns=since_midnight(events.time_ns),
        kind=np.where(traded, TRADE, QUOTE).astype(np.int8),
        order_id=np.zeros(len(traded), np.int64),
        size=np.where(traded, events.size, 0),
        price=np.where(traded, events.price, 0),
        side=np.where(traded, -events.side, 0).astype(np.int8),
        tick=tick,
    )
    return Recording(messages, best[:, np.newaxis])


def among_quotes(events: Events, ladder: Ladder, before: Ints) -> tuple[Ints, Ints]:
    """The trades, and the events after which the best quotes are others; (n, 4) ask and its
    lots, bid and its lots."""
    levels = np.flatnonzero(events.kind != TRADED)
    columns = (events.side, events.price, events.size, events.kind == CLEARED)
    told = ladder.tell(zip(*(column[levels].tolist() for column in columns), strict=True))
    best = np.zeros((len(events.kind) + 1, 4), np.int64)
    best[0] = before
    latest = np.zeros(len(best), np.int64)
    latest[1 + levels] = 1 + levels
    best[1 + levels] = np.fromiter(told, np.int64).reshape(-1, 4)
    best = best[np.maximum.accumulate(latest)]
    others = (best[1:] != best[:-1]).any(axis=1)
    others[-1:] = True  # the market lasts to the last of all events
    shown = np.flatnonzero(others | (events.kind == TRADED))
    return shown, best[1:][shown]


def checked(lot: Lot, tick: float, step: float, by_order: bool) -> Events:
    """Events in ticks and lots.  Raises StorageError with the row of what does not fit."""
    data, kind = lot.data, lot.kind
    lot.refuse(~np.isin(kind, KINDS), "ev", f"its kind (lowest 8 bits) {KNOWN}")
    side = ((data["ev"] & BUY) != 0).astype(np.int8) - ((data["ev"] & SELL) != 0)
    placed = kind != CLEARED
    priced = placed | ((side != 0) & np.isfinite(data["px"]))
    lot.refuse(placed & (kind != TRADED) & (side == 0), "ev", ONE_SIDE)
    seen = (kind != TRADED) | (not by_order)  # orders that nobody sees trade between ticks, too
    price = lot.steps("px", priced, seen, tick, "--tick")
    size = lot.steps("qty", placed, True, step, "--size-step")
    lot.refuse(priced & (price < 1), "px", "must be above 0")
    least = np.where(np.isin(kind, LEVELS), 0, 1)  # a level may be empty
    lot.refuse(placed & (size < least), "qty", "must be above 0")
    lot.refuse(data["order_id"] > np.iinfo(np.int64).max, "order_id", "must be below 2^63")
    return Events(
        kind.astype(np.int8), data["exch_ts"].copy(), side.astype(np.int8), price, size,
        data["order_id"].astype(np.int64),
    )  # fmt: skip


def chunks(path: Path) -> Iterator[tuple[int, NDArray[Any]]]:
    """The events of the exchange, and how many rows come before each lot.  Raises StorageError."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("data.npy") as member:
            count = rows_of(path, member)
            for start in range(0, count, CHUNK):
                size = min(CHUNK, count - start) * EVENT.itemsize
                data = member.read(size)
                if len(data) < size:
                    raise StorageError(f"{path}: is cut off in row {start + len(data) // 64 + 1}")
                yield start, np.frombuffer(data, EVENT)
    except KeyError:
        raise StorageError(
            f"{path}: holds no array 'data', which hftbacktest's files have"
        ) from None
    except BROKEN as error:
        raise StorageError(f"{path}: no whole .npz file: {one_line(error)}") from None
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}") from None


def rows_of(path: Path, member: Any) -> int:
    """How many events an array has, of which its first bytes tell."""
    from numpy.lib import format as npy

    plain: Any = npy  # its functions say no types
    version = plain.read_magic(member)
    reader = plain.read_array_header_1_0 if version == (1, 0) else plain.read_array_header_2_0
    shape, _, dtype = reader(member)
    if dtype.hasobject:
        raise StorageError(f"{path}: 'data' holds pickled objects, which can run code: not read")
    if dtype != EVENT or len(shape) != 1:
        raise StorageError(
            f"{path}: 'data' is of {dtype} and shape {shape}: must be a row of {EVENT.names} "
            f"(hftbacktest's event_dtype, version 2)"
        )
    return int(shape[0])
