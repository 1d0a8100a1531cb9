"""Databento's market by order as CSV: prices as decimals or billionths, times as text or ns.

Source: https://databento.com/docs/schemas/mbo and the pages on conventions beside it.  Trades (T)
and fills (F) change no order; the cancels (C) that follow do, and a modify (M) may.  Actions are
timed by ts_event; those of a snapshot, whose ts_event is when an order came, by when it was taken.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.data.actions import ADDS, CANCELS, CLEARS, MODIFIES, TRADES, Actions, messages_of
from lobsim.data.actions import NOTHING as NO_ACTION
from lobsim.data.columns import (
    ID,
    MOMENT,
    NOTHING,
    NUMBER,
    WHOLE,
    WORD,
    Block,
    Column,
    blocks,
    check_names,
    codes,
    header,
    in_full,
    sample,
)
from lobsim.data.recording import Recording, since_midnight
from lobsim.errors import StorageError, UsageError, cut

Ints = NDArray[np.int64]
OF = "which Databento's market by order (schema mbo) has"
MARK = {"ts_event", "rtype", "publisher_id", "instrument_id"}  # all of Databento's CSV have these
NAMES = (
    "ts_recv", "ts_event", "rtype", "publisher_id", "instrument_id", "action", "side", "price",
    "size", "order_id", "flags",
)  # fmt: skip
MBO = 160  # rtype
LETTERS = ("A", "C", "M", "R", "T", "F", "N")  # as the actions are numbered
SIDES = ("A", "N", "B")  # sells, unknown, buys: one more than -1, 0, 1
TOP_OF_BOOK, SNAPSHOT, BY_PRICE, BAD_BOOK = 64, 32, 16, 4  # flags
NO_PRICE = np.iinfo(np.int64).max  # UNDEF_PRICE
FEW = 8  # instruments that are named


def read_databento(path: Path, tick: float, instrument: str | None) -> Recording:
    """All orders of one instrument at one venue.  Raises StorageError with the line, UsageError."""
    names = header(path)
    check_names(path, names, NAMES, OF)
    parts, gaps, latest = [], 0, NOTHING
    for block in chosen(path, names, instrument):
        gaps += int(((block["flags"] & BAD_BOOK) != 0).sum())
        parts.append(rows_in(block, tick))
        latest = check_times(block, latest)
    if not parts:
        raise StorageError(f"{path}: has no rows below its first line")
    messages, notes = messages_of(in_one(parts), tick)
    if gaps:
        notes.append(f"{gaps:,} rows come after a gap in the feed (F_MAYBE_BAD_BOOK)")
    return Recording(messages, notes=tuple(notes))


def in_one(parts: list[tuple[NDArray[Any], ...]]) -> Actions:
    """The rows of all parts, which are as large again and go."""
    in_snapshot, time_ns, what, order_id, size, price, side = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    parts.clear()
    time_ns = since_midnight(between(time_ns, in_snapshot))
    return Actions(time_ns, what, small(order_id), size, price, side)


def chosen(path: Path, names: list[str], instrument: str | None) -> Iterator[Block]:
    """The rows of one instrument at one venue.  Raises UsageError where it is to be chosen."""
    wanted = (instrument or "").split(":")
    by_symbol = instrument is not None and not wanted[0].isdigit()
    if by_symbol and "symbol" not in names:
        raise UsageError(f"--instrument {cut(wanted[0])}: {path} has no column symbol: give its id")
    only = None
    for block in blocks(path, columns_of(path, by_symbol), OF):
        if by_symbol:
            block = block.only(codes(block["symbol"], wanted[:1]) == 0)
        elif instrument is not None:
            block = block.only(block["instrument_id"] == int(wanted[0]))
        if len(wanted) > 1:
            block = block.only(block["publisher_id"].astype(str) == wanted[1])
        if not len(block):
            continue
        ids, venues = block["instrument_id"], block["publisher_id"]
        only = only or (ids[0], venues[0])
        if ((ids != only[0]) | (venues != only[1])).any():
            raise UsageError(f"{path}: {told_apart(path, names)}: choose with --instrument")
        yield block
    if only is None and instrument is not None:
        raise UsageError(
            f"--instrument {cut(instrument)}: not in {path}: {told_apart(path, names)}"
        )


def columns_of(path: Path, by_symbol: bool) -> list[Column]:
    """Times and prices are written for people or for programs: the first of each says how."""
    texts = {"ts_recv": (":", MOMENT), "ts_event": (":", MOMENT), "price": (".", NUMBER)}
    kinds = {
        name: kind if mark in sample(path, name, OF) else WHOLE
        for name, (mark, kind) in texts.items()
    } | {"action": WORD, "side": WORD, "order_id": ID, "symbol": WORD}
    names = (*NAMES, "symbol") if by_symbol else NAMES
    return [
        Column(name, kinds.get(name, WHOLE), may_be_empty=name in ("price", "ts_recv"))
        for name in names
    ]


def told_apart(path: Path, names: list[str]) -> str:
    """All instruments of a file, each with its venue, as --instrument takes them."""
    has = "symbol" in names
    columns = [Column("instrument_id", WHOLE), Column("publisher_id", WHOLE)]
    found: dict[str, str] = {}
    for block in blocks(path, [*columns, *([Column("symbol", WORD)] if has else [])], OF):
        pairs = np.stack([block["instrument_id"], block["publisher_id"]], axis=1)
        for (number, venue), at in zip(*np.unique(pairs, axis=0, return_index=True), strict=True):
            symbol = f" ({cut(block['symbol'][int(at)].as_py())})" if has else ""
            found[f"{number}:{venue}"] = symbol
    more = f" and {len(found) - FEW} more" if len(found) > FEW else ""
    each = [f"{key}{symbol}" for key, symbol in found.items()]
    return f"{len(found)} instruments and venues, {', '.join(each[:FEW])}{more}"


def rows_in(block: Block, tick: float) -> tuple[NDArray[Any], ...]:
    """Whether it is of a snapshot, time, action, order id, size, price and side of each row."""
    what, side = codes(block["action"], LETTERS), codes(block["side"], SIDES) - 1
    flags, price = block["flags"], block["price"]
    block.refuse(block["rtype"] != MBO, "rtype", f"must be {MBO} (market by order)")
    block.refuse(what < 0, "action", f"must be one of {', '.join(LETTERS)}")
    block.refuse(side < -1, "side", "must be A, B or N")
    block.refuse((flags & TOP_OF_BOOK) != 0, "flags", "F_TOB, the top of the book: no orders")
    block.refuse((flags & BY_PRICE) != 0, "flags", "F_MBP, a level of prices: no orders")
    of_order = (what == ADDS) | (what == MODIFIES) | (what == CANCELS)
    block.refuse(of_order & (side == 0), "side", "must be A or B where an order comes or goes")
    counted = (what != CLEARS) & (what != NO_ACTION)
    block.refuse(counted & (block["size"] < 1), "size", "must be 1 or more")
    none = (price == NO_PRICE) | (price == NOTHING)
    block.refuse(counted & none, "price", "must be a price (found UNDEF_PRICE)")
    block.refuse(counted & (price < 1), "price", "must be above 0", in_full)
    seen = counted & (what != TRADES)  # hidden orders trade between ticks, too
    in_snapshot = (flags & SNAPSHOT) != 0
    taken = block["ts_recv"]
    block.refuse(in_snapshot & (taken == NOTHING), "ts_recv", "must be the time of the snapshot")
    return (
        in_snapshot, np.where(in_snapshot, taken, block["ts_event"]), what, block["order_id"],
        block["size"], block.steps("price", tick, "--tick", counted, seen), side.astype(np.int8),
    )  # fmt: skip


def check_times(block: Block, latest: int) -> int:
    """The time of its last row.  Raises StorageError where one is before the row above."""
    live = (block["flags"] & SNAPSHOT) == 0
    times = block["ts_event"]
    so_far = np.maximum.accumulate(np.where(live, times, NOTHING))
    above = np.maximum(np.concatenate([[latest], so_far[:-1]]), latest)
    block.refuse(live & (times < above), "ts_event", "is before the one above")
    return int(max(latest, so_far[-1]))


def between(time_ns: Ints, in_snapshot: NDArray[np.bool_]) -> Ints:
    """Rows of a snapshot are of no other time than those around them allow."""
    least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    before = np.maximum.accumulate(np.where(in_snapshot, least, time_ns))
    after = np.minimum.accumulate(np.where(in_snapshot, most, time_ns)[::-1])[::-1]
    return np.maximum.accumulate(np.clip(time_ns, before, after))


def small(order_id: NDArray[np.uint64]) -> Ints:
    """Ids as they are; numbered anew where they are too large for a book."""
    if len(order_id) and order_id.max() > NO_PRICE:
        return np.unique(order_id, return_inverse=True)[1] + 1
    return order_id.astype(np.int64)
