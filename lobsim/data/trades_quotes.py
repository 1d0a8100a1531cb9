"""Plain CSV of trades and best quotes, in two files or one, by a map of columns.

Of two files, a trade comes before the quotes of its time.  Of one, a row with a price is a trade, a
row with a bid or an ask is a quote, and a row with both is a trade that met these quotes.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.data.column_map import Table, read_map
from lobsim.data.columns import NOTHING, NUMBER, WORD, Block, Column, blocks, codes, in_full
from lobsim.data.messages import QUOTE, TRADE, Messages
from lobsim.data.recording import Recording
from lobsim.errors import StorageError, cut

Ints = NDArray[np.int64]


class Trades(NamedTuple):
    """Line in the file, ns, side of the taker (0: not told), ticks, lots."""

    line: Ints
    time_ns: Ints
    side: Ints
    price: Ints
    size: Ints


class Shown(NamedTuple):
    """Line in the file, ns, and (n, 4) ask in ticks and its lots, bid and its lots: where they are
    others than before.  Lots are 0 where there is no quote, and 1 where nobody says how many.
    """

    line: Ints
    time_ns: Ints
    best: Ints


def read_trades_quotes(
    trades: Path, quotes: Path | None, columns: Path, tick: float, step: float, any_side: bool
) -> Recording:
    """Raises StorageError with the line; of a trade without a side, too, unless `any_side`."""
    tables = read_map(columns)
    came = read_trades(trades, tables["trades"], tick, step, any_side, quotes is None)
    shown = read_quotes(quotes or trades, tables["quotes"], tick, step, quotes is None)
    for path, found, what in ((trades, came, "trade"), (quotes or trades, shown, "quote")):
        if not len(found.line):
            raise StorageError(f"{path}: has no {what}")
    first = int(min(came.time_ns[0], shown.time_ns[0]))
    midnight = tables["trades"].midnight(first)
    time_ns = np.concatenate([came.time_ns, shown.time_ns]) - midnight
    traded = np.arange(len(time_ns)) < len(came.line)
    lines = np.concatenate([came.line, shown.line])
    order = np.lexsort((~traded, time_ns) if quotes else (traded, lines))

    def both(of_trades: Any, of_quotes: Any) -> Any:
        return np.concatenate([of_trades, of_quotes])[order]

    nothing = np.zeros(len(shown.line), np.int64)
    # The quotes after a trade are those before it; none have been shown before the first.
    latest = np.cumsum(~traded[order])
    best = np.concatenate([np.zeros((1, 4), np.int64), shown.best])[latest]
    messages = Messages(
        time_ns=time_ns[order],
        kind=np.where(traded[order], TRADE, QUOTE).astype(np.int8),
        order_id=np.zeros(len(order), np.int64),
        size=both(came.size, nothing),
        price=both(came.price, nothing),
        side=both(-came.side, nothing).astype(np.int8),
        tick=tick,
    )
    sized = tables["quotes"].get("bid_size") is not None
    return Recording(messages, best[:, np.newaxis], sized)


def read_trades(
    path: Path, table: Table, tick: float, step: float, any_side: bool, one_file: bool
) -> Trades:
    time = table.time_column(path)
    columns = [time, *(Column(table[key], NUMBER, one_file) for key in ("price", "size"))]
    side = table.get("side")
    columns += [] if side is None else [Column(side, WORD)]
    found, latest = [], NOTHING
    for block in blocks(path, columns, table.where):
        times = table.times(block, time)
        latest = in_order(block, time.name, times, latest)
        given = block[table["price"]] != NOTHING
        times, block = times[given], block.only(given)
        block.refuse(block[table["price"]] < 1, table["price"], "must be above 0", in_full)
        block.refuse(block[table["size"]] < 1, table["size"], "must be above 0", in_full)
        price = block.steps(table["price"], tick, "--tick", True)
        size = block.steps(table["size"], step, "--size-step", True)
        found.append(Trades(block.lines, times, taken(block, table, any_side), price, size))
    return Trades(*(np.concatenate(each) for each in zip(*found, strict=True))) if found else NONE


def read_quotes(path: Path, table: Table, tick: float, step: float, one_file: bool) -> Shown:
    time = table.time_column(path)
    names = [name for key in ("bid", "ask", "bid_size", "ask_size") if (name := table.get(key))]
    found, latest = [], NOTHING
    before: Ints = np.zeros((1, 4), np.int64)
    for block in blocks(path, [time, *(Column(name, NUMBER, True) for name in names)], table.where):
        times = table.times(block, time)
        latest = in_order(block, time.name, times, latest)
        if one_file:  # a row without either is a trade
            given = (block[table["bid"]] != NOTHING) | (block[table["ask"]] != NOTHING)
            times, block = times[given], block.only(given)
        sides = [side_of(block, table, side, tick, step) for side in ("ask", "bid")]
        best = np.concatenate(sides, axis=1)
        others = (np.diff(best, axis=0, prepend=before) != 0).any(axis=1)
        others[-1:] = True  # the market lasts to the last of all rows
        found.append(Shown(block.lines[others], times[others], best[others]))
        before = best[-1:] if len(block) else before
    if not found:
        return Shown(EMPTY, EMPTY, before[:0])
    return Shown(*(np.concatenate(each) for each in zip(*found, strict=True)))


def side_of(block: Block, table: Table, side: str, tick: float, step: float) -> Ints:
    """(n, 2) bid or ask in ticks, and its lots."""
    name, size = table[side], table.get(f"{side}_size")
    given = block[name] != NOTHING
    block.refuse(given & (block[name] < 1), name, "must be above 0, or empty", in_full)
    lots = given.astype(np.int64)
    if size is not None:
        block.refuse(given & (block[size] < 0), size, "must be 0 or more", in_full)
        lots = block.steps(size, step, "--size-step", given)
        given &= lots > 0
    return np.stack([block.steps(name, tick, "--tick", given), lots], axis=1)


def taken(block: Block, table: Table, any_side: bool) -> Ints:
    """1 where the taker buys, -1 where it sells, 0 where nobody says."""
    name = table.get("side")
    if name is None:
        if not any_side and len(block):
            raise StorageError(
                f"{block.path}:{block.lines[0]}: a trade without a side, for {table.path} names no "
                f"column for it: {LACKING}"
            )
        return np.zeros(len(block), np.int64)
    words = (table["sell"], table["buy"], "")
    said = codes(block[name], words)
    must = f"must be {cut(words[1])} or {cut(words[0])}, or empty"
    block.refuse(said < 0, name, must, lambda word: f"'{cut(word)}'")
    block.refuse((said == 2) & (not any_side), name, LACKING)
    return np.array([-1, 1, 0])[said]


def in_order(block: Block, name: str, times: Ints, latest: int) -> int:
    """The last of the times.  Raises StorageError where one is before the row above."""
    above = np.concatenate([[latest], times[:-1]])
    block.refuse(times < above, name, "is before the one above")
    return int(times[-1]) if len(times) else latest


EMPTY = np.zeros(0, np.int64)
NONE = Trades(*[EMPTY] * 5)
LACKING = "give --sides lee-ready, or the column"
