"""A run's book as LOBSTER's files: messages, and the first levels after each of them.

A replaced order that keeps its place is a partial cancel, any other a delete and an add.  Trades
apart from the book (a halt that flattens, the closing at the end) are hidden executions.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lobsim.data.export_hftbacktest import write_events
from lobsim.data.lobster import EMPTY, PRICE_UNIT
from lobsim.data.messages import ADD, DELETE, HIDDEN, REDUCE, TRADE, Messages
from lobsim.data.replay import carry_out, seen, steps
from lobsim.data.view import Found
from lobsim.errors import StorageError, UsageError, figure
from lobsim.market.book import Book
from lobsim.market.units import SECOND
from lobsim.report.assets import assets_of
from lobsim.report.frames import Run

Message = tuple[int, int, int, int, int, int]  # ns, kind, order id, size, price in ticks, side
TABLES = ("orders", "fills", "mids", "risk", "notes")
SIDES = {"buy": 1, "sell": -1}
COLUMNS = ("seq", "ts_event", "order_id", "side", "price_ticks")


def messages_of(run: Run, asset: str) -> Messages:
    """What the book of an asset has seen.  Raises UsageError for a run without orders."""
    tick = float(assets_of(run.manifest)[asset]["tick"])
    found = list(told(rows(run, asset)))
    columns = [np.array(column, np.int64) for column in zip(*found, strict=True)] or [
        np.empty(0, np.int64) for _ in range(6)
    ]
    time_ns, kind, order_id, size, price, side = columns
    return Messages(
        time_ns, kind.astype(np.int8), order_id, size, price, side.astype(np.int8), tick
    )


def rows(run: Run, asset: str) -> Iterator[dict[str, Any]]:
    """Orders and the makers' fills in the order of the tape."""
    import pyarrow.dataset as ds

    orders, fills = run.dataset("orders"), run.dataset("fills")
    if orders is None or fills is None:
        record = run.manifest["scenario"]["record"]
        raise UsageError(f'the run kept no orders (record = "{record}"): there is no book to see')
    its = ds.field("asset") == asset
    placed = orders.to_table([*COLUMNS, "kind", "size", "filled", "open", "outcome"], filter=its)
    traded = fills.to_table(
        [*COLUMNS, "size", "liquidity"],
        filter=its & (ds.field("liquidity") != "taker"),
    )
    both = placed.to_pylist() + traded.to_pylist()
    both.sort(key=lambda row: row["seq"])
    yield from both


def told(tape: Iterator[dict[str, Any]]) -> Iterator[Message]:
    """The messages of LOBSTER that rows of the tape are."""
    resting: dict[int, tuple[int, int]] = {}  # price and open size by id
    waiting: Message | None = None  # what rests of an order once its trades are told
    closed = -1
    for row in tape:
        now, order_id, side = row["ts_event"], row["order_id"], SIDES.get(row["side"], 0)
        if "liquidity" in row:
            if row["liquidity"] == "close":
                if row["seq"] != closed:  # one of its two rows
                    yield now, HIDDEN, 0, row["size"], row["price_ticks"], side
                closed = row["seq"]
                continue
            price, left = resting[order_id]
            resting[order_id] = price, left - row["size"]
            if left == row["size"]:
                del resting[order_id]
            yield now, TRADE, order_id, row["size"], price, side
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        kind, left, price = row["kind"], row["open"], row["price_ticks"]
        if row["outcome"] == "requested" and kind in ("cancel", "replace"):
            price, size = resting.pop(order_id)
            yield now, DELETE, order_id, size, price, side
        elif kind == "replace" and row["outcome"] in ("replaced", "rested", "filled"):
            before, size = resting.pop(order_id)
            if before == price and left <= size and not row["filled"]:
                resting[order_id] = price, left
                if left < size:
                    yield now, REDUCE, order_id, size - left, price, side
                continue
            yield now, DELETE, order_id, size, before, side
            waiting = (now, ADD, order_id, left, price, side) if left else None
        elif kind in ("limit", "post_only") and left:
            waiting = now, ADD, order_id, left, price, side
        elif row["outcome"] == "self_trade" and order_id in resting:
            price, size = resting.pop(order_id)
            yield now, DELETE, order_id, size, price, side
        if waiting is not None:
            resting[order_id] = price, left
    if waiting is not None:
        yield waiting


def export(run: Run, to: str, folder: Path, levels: int) -> list[Path]:
    """Write a run's tables or its books into a folder that is not there yet."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(f"--out {folder}: exists already; nothing is overwritten") from None
    except OSError as error:
        raise StorageError(f"--out {folder}: {error.strerror}") from None
    try:
        if to == "hftbacktest":
            return write_hftbacktest(run, folder)
        return write_tables(run, folder) if to == "csv" else write_lobster(run, folder, levels)
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror}") from None


def write_tables(run: Run, folder: Path) -> list[Path]:
    from pyarrow import csv

    made = []
    for table in TABLES:
        found = run.dataset(table)
        if found is not None:
            made.append(folder / f"{table}.csv")
            csv.write_csv(found.to_table(), str(made[-1]))
    return made


def write_hftbacktest(run: Run, folder: Path) -> list[Path]:
    made = []
    for asset in assets_of(run.manifest):
        own = folder / asset if asset != "asset" else folder
        own.mkdir(exist_ok=True)
        made += write_events(messages_of(run, asset), own)
    return made


def write_lobster(run: Run, folder: Path, levels: int) -> list[Path]:
    made = []
    for asset, table in assets_of(run.manifest).items():
        step = float(table["tick"]) * PRICE_UNIT
        if abs(step - round(step)) > 1e-9 * step or round(step) < 1:
            raise UsageError(
                f"tick {figure(float(table['tick']))}: LOBSTER's prices are whole numbers of "
                f"1/{PRICE_UNIT}"
            )
        messages = messages_of(run, asset)
        stem = folder / asset if asset != "asset" else folder
        made += [Path(f"{stem}/message.csv"), Path(f"{stem}/orderbook_{levels}.csv")]
        made[-1].parent.mkdir(exist_ok=True)
        with made[-2].open("w", newline="") as told, made[-1].open("w", newline="") as shown:
            for line, row in lines(messages, round(step), levels):
                told.write(line)
                shown.write(row)
    return made


def lines(messages: Messages, step: int, levels: int) -> Iterator[tuple[str, str]]:
    """Each message as a line, and the book after it as another."""
    book, found = Book(), Found()
    for i, kind, command in steps(messages):
        if command is not None:
            carry_out(book, kind, command, found)
        time_ns, price = int(messages.time_ns[i]), int(messages.price[i]) * step
        told = (
            f"{time_ns // SECOND}.{time_ns % SECOND:09d},{kind},{messages.order_id[i]},"
            f"{messages.size[i]},{price},{messages.side[i]}\n"
        )
        row = seen(book, levels)
        row[:, (0, 2)] *= step
        for column, nothing in ((0, EMPTY), (2, -EMPTY)):
            row[row[:, column + 1] == 0, column] = nothing
        yield told, ",".join(map(str, row.ravel().tolist())) + "\n"
