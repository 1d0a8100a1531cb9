"""Real messages through the book, and the book held against the one that was recorded.

Recorded books show a few levels only, and their messages may be those of these levels alone
(lobsim/data/view.py).
"""

import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from lobsim.data.messages import ADD, CHANGES, TRADE, Messages, commands
from lobsim.data.view import OWNER, SIDES, Found, View
from lobsim.errors import UsageError
from lobsim.market.book import Book
from lobsim.market.messages import Cancel, Command, LimitOrder, Rejected, Replace
from lobsim.market.units import Side

BUY, SELL = Side.BUY, Side.SELL
TICK = 1 << 14  # messages between two words on how far it has come


def replay(
    messages: Messages,
    record: NDArray[np.int64] | None = None,
    at: NDArray[np.int64] | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Found:
    """Carry out all messages in a readable book.

    `record` (rows, levels, 4) is the book after each message; or, where `at` (rows,) says after
    which, the messages are all that happened, and every level must agree.  Raises UsageError.
    """
    if record is not None and at is None and len(record) != len(messages):
        raise UsageError(
            f"{len(record)} rows of the book for {len(messages)} messages: must be as many, or "
            f"--rows must name the messages that they are of"
        )
    found = Found(messages=len(messages))
    book = Book()
    view = None
    if record is not None and at is None:
        view = View(book, messages, record, found)
    rows = dict(zip(at.tolist(), range(len(at)), strict=True)) if at is not None else {}
    start = time.perf_counter()
    for i, kind, command in steps(messages):
        if command is not None and (view is None or not view.took(i, kind, command)):
            found.changes += 1
            carry_out(book, kind, command, found)
        if view is not None:
            view.compare(i)
        elif i in rows and record is not None:
            compare(book, record[rows[i]], i, found)
        if not i % TICK:
            progress(i)
    found.seconds = time.perf_counter() - start
    found.resting = sum(len(orders) for side in (BUY, SELL) for _, orders in book.depth(side))
    found.digest = book.digest()
    return found


def replay_compiled(messages: Messages) -> Found:
    """The same commands in the compiled book, which is asked for nothing but its events."""
    from lobsim.batch.book import replay  # numba, 0.5 s
    from lobsim.batch.book_rows import REJECTED, UNKNOWN_ID

    given = commands(messages)[np.isin(messages.kind, CHANGES)]
    replay(given[:1])  # which compiles, or reads what is compiled
    start = time.perf_counter()
    made = replay(given)
    seconds = time.perf_counter() - start
    refused = made.events["reason"][made.events["kind"] == REJECTED]
    unknown = int((refused == UNKNOWN_ID).sum())
    return Found(
        messages=len(messages), changes=len(given), seconds=seconds,
        unknown=unknown, refused=len(refused) - unknown, resting=len(made.resting()),
        digest=made.digest(),
    )  # fmt: skip


def places(messages: Messages, shown: Messages) -> NDArray[np.int64]:
    """Which of all messages those of a view are, in order.  Raises UsageError."""
    columns = ("time_ns", "kind", "order_id", "size", "price", "side")
    whole = zip(*(getattr(messages, name).tolist() for name in columns), strict=True)
    numbered, found = enumerate(whole), []
    for number, wanted in enumerate(
        zip(*(getattr(shown, name).tolist() for name in columns), strict=True)
    ):
        at = next((i for i, message in numbered if message == wanted), None)
        if at is None:
            raise UsageError(f"--rows: its message {number + 1} is not among the messages, in turn")
        found.append(at)
    return np.array(found, np.int64)


def steps(messages: Messages) -> Iterator[tuple[int, int, Command | None]]:
    """Number, kind and command of each message; None for one that the book does not see."""
    columns = (messages.kind, messages.order_id, messages.size, messages.price, messages.side)
    left = messages.left().tolist()
    for i, (kind, order_id, size, price, side) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        command: Command | None = None
        if kind == ADD:
            command = LimitOrder(order_id, OWNER, SIDES[side], price, size)
        elif kind in CHANGES:
            rest = left[i]
            command = Replace(order_id, OWNER, price, rest) if rest > 0 else Cancel(order_id, OWNER)
        yield i, kind, command


def carry_out(book: Book, kind: int, command: Command, found: Found) -> None:
    if kind == TRADE and not is_first(book, command):
        found.not_first += 1
    event = book.apply(command)[0]
    if type(event) is Rejected:
        if event.reason == "unknown_id":
            found.unknown += 1
        else:
            found.refused += 1
    bid, ask = book.bids.best, book.asks.best
    if bid is not None and ask is not None and bid.price >= ask.price:
        found.crossed += 1


def is_first(book: Book, command: Command) -> bool:
    """Whether its order is the next to trade; one that is not there is told elsewhere."""
    order = book.order(command.order_id)
    if order is None:
        return True
    level = (book.bids if order.side is BUY else book.asks).best
    return level is not None and next(iter(level.orders)) == command.order_id


def compare(book: Book, row: NDArray[np.int64], number: int, found: Found) -> None:
    """Every level of a row of the record."""
    found.rows += 1
    ours = seen(book, len(row))
    if np.array_equal(ours, row):
        found.equal += 1
        return
    level = int(np.argmax((ours != row).any(axis=1)))
    found.differ(number, level, ours[level].tolist(), row[level].tolist())


def seen(book: Book, levels: int) -> NDArray[np.int64]:
    """(levels, 4) as a record has them."""
    rows = np.zeros((levels, 4), np.int64)
    for half, column in ((book.asks, 0), (book.bids, 2)):
        for i, level in zip(range(levels), half.levels(), strict=False):
            rows[i, column], rows[i, column + 1] = level.price, level.size
    return rows
