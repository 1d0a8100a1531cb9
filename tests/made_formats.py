"""The market of made_lobster.py in other formats, each written by hand from its messages.

python tests/made_formats.py FOLDER     writes the samples that are kept in tests/data/formats
"""

import gzip
import sys
from pathlib import Path

import numpy as np

import made_lobster

DAY = 1_340_236_800 * 10**9  # 2012-06-21 in UTC
TICK = 100  # in LOBSTER's prices
ADD, REDUCE, DELETE, TRADE, HIDDEN = range(1, 6)
HEAD = (
    "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,channel_id,"
    "order_id,flags,ts_in_delta,sequence,symbol"
)
EVENT = np.dtype(
    [
        ("ev", "u8"), ("exch_ts", "i8"), ("local_ts", "i8"), ("px", "f8"), ("qty", "f8"),
        ("order_id", "u8"), ("ival", "i8"), ("fval", "f8"),
    ],
    align=True,
)  # fmt: skip
BOTH, BUY, SELL = 1 << 31 | 1 << 30, 1 << 29, 1 << 28
MAP = """\
[trades]
time = "when"
time_format = "ns"
price = "price"
size = "size"
side = "taker"
buy = "B"
sell = "S"
[quotes]
time = "when"
time_format = "ns"
bid = "bid"
ask = "ask"
"""


def market(count, seed=1):
    """Messages, and best ask and bid (0: none) after each."""
    book, messages, best = made_lobster.Lists(seed), [], []
    for _ in range(count):
        messages.append(book.message())
        best.append((book.best(-1) or 0, book.best(1) or 0))
    return messages, best


def ns(message):
    return DAY + round(message[0] * 10**9)


def iso(time):
    return f"{np.datetime64(time, 'ns')}Z"


def databento(messages, pretty=True, instrument=7, symbol="MADE"):
    """The lines of a file: an execution is a trade, a fill and a cancel."""
    lines = []
    for number, message in enumerate(messages):
        _, kind, order_id, size, price, side = message
        own, other = ("B", "A") if side == 1 else ("A", "B")
        rows = {
            ADD: [("A", own, order_id)],
            REDUCE: [("C", own, order_id)],
            DELETE: [("C", own, order_id)],
            TRADE: [("T", other, 0), ("F", own, order_id), ("C", own, order_id)],
            HIDDEN: [("T", other, 0)],
        }[kind]
        time = iso(ns(message)) if pretty else ns(message)
        amount = f"{price // 10_000}.{price % 10_000:04}00000" if pretty else price * 100_000
        for at, (action, letter, of) in enumerate(rows):
            flags = 130 if at == len(rows) - 1 else 2
            lines.append(
                f"{time},{time},160,2,{instrument},{action},{letter},{amount},{size},0,{of},"
                f"{flags},165000,{number},{symbol}"
            )
    return lines


def by_order(messages):
    """hftbacktest's events: an order of which some is left is modified."""
    left, rows = {}, []
    for message in messages:
        _, kind, order_id, size, _, side = message
        own, other = (BUY, SELL) if side == 1 else (SELL, BUY)
        if kind in (TRADE, HIDDEN):
            rows.append((message, 2 | other, size, 0))
        if kind == HIDDEN:
            continue
        if kind == TRADE:
            rows.append((message, 13 | own, size, order_id))
        left[order_id] = left.get(order_id, 0) + (size if kind == ADD else -size)
        if kind == ADD:
            rows.append((message, 10 | own, size, order_id))
        elif left[order_id]:
            rows.append((message, 12 | own, left[order_id], order_id))
        else:
            rows.append((message, 11 | own, size, order_id))
    return event_rows(rows)


def by_price(messages):
    """hftbacktest's events: what each level has, and trades before the change that they are."""
    levels, rows = {}, []
    for message in messages:
        _, kind, _, size, price, side = message
        own, other = (BUY, SELL) if side == 1 else (SELL, BUY)
        if kind == TRADE:
            rows.append((message, 2 | other, size, 0))
        if kind != HIDDEN:
            levels[side, price] = levels.get((side, price), 0) + (size if kind == ADD else -size)
            rows.append((message, 1 | own, levels[side, price], 0))
    return event_rows(rows)


def event_rows(rows):
    made = np.zeros(len(rows), EVENT)
    for i, (message, flags, size, order_id) in enumerate(rows):
        time = ns(message)
        made[i] = (flags | BOTH, time, time, message[4] / 10_000, size, order_id, 0, 0.0)
    return made


def trades_and_quotes(messages, best):
    """Lines of the two files of a plain CSV."""
    trades, quotes = ["when,price,size,taker"], ["when,bid,ask"]
    for message, (ask, bid) in zip(messages, best, strict=True):
        if message[1] == TRADE:
            taker = "S" if message[5] == 1 else "B"
            trades.append(f"{ns(message)},{message[4] / 10_000},{message[3]},{taker}")
        shown = f"{bid / 10_000 if bid else ''},{ask / 10_000 if ask else ''}"
        quotes.append(f"{ns(message)},{shown}")
    return trades, quotes


def best_of(recording):
    """(n, 2) ask and bid, 0 where there is none."""
    book = recording.book[:, 0]
    return np.where(book[:, 1::2] > 0, book[:, ::2], 0)


def write(folder, count, seed=1):
    """The same market in every format."""
    folder.mkdir(parents=True, exist_ok=True)
    messages, best = market(count, seed)
    lines = [",".join(map(str, message)) for message in messages]
    (folder / "message.csv").write_text("\n".join(lines) + "\n")
    text = "\n".join([HEAD, *databento(messages)]) + "\n"
    (folder / "databento.csv").write_text(text)
    text = "\n".join([HEAD, *databento(messages, pretty=False)]) + "\n"
    (folder / "databento_fixed.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    for name, events in (("by_order", by_order(messages)), ("by_price", by_price(messages))):
        np.savez_compressed(folder / f"{name}.npz", data=events)
    trades, quotes = trades_and_quotes(messages, best)
    (folder / "trades.csv").write_text("\n".join(trades) + "\n")
    text = "\n".join(quotes) + "\n"
    (folder / "quotes.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    (folder / "columns.toml").write_text(MAP)
    return folder


if __name__ == "__main__":
    write(Path(sys.argv[1]), 60)
