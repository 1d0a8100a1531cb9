"""The compiled book: an array of commands in, an array of events out.

The twin of `lobsim.market.book.Book`: the same events in the same order, the same digest.
Its levels and orders lie in one table, numbered by price and by id.  Where prices or ids
are too far apart for that, their ranks take their place, for the book only ever compares them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.batch.book_kernel import play
from lobsim.batch.book_nodes import list_resting, survey
from lobsim.batch.book_rows import (
    BLOCK,
    BOOK,
    CANCEL,
    CANCELLED,
    COMMAND,
    EVENT,
    KEPT,
    MARKET,
    NO_COMMAND,
    NODE,
    NONSENSE,
    POST_ONLY,
    REPLACE,
    REPLACED,
    RESTED,
    RESTING,
    SELF_TRADES,
    SPARE,
    TRADE,
)
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
from lobsim.market.units import LARGEST, Reason, SelfTrade, Side, TimeInForce
from lobsim.rows import KIND_OF, OUTCOMES

Rows = NDArray[np.void]
ROOM = 4  # numbers for each command: if prices or ids need more, their ranks are taken
MOST = 2**28  # commands, so that nodes are numbered within 32 bits


@dataclass(frozen=True, slots=True)
class Replay:
    """What a book made of an array of commands."""

    events: Rows
    nodes: Rows
    book: Any
    ids: Rows | None  # what ranks stand for, where they took the place of ids and prices
    prices: Rows | None

    def resting(self) -> Rows:
        """The orders that are left: bids, then asks, best first, in queue order."""
        rows = np.zeros(np.count_nonzero(self.nodes["open"][self.book["first"] :]), RESTING)
        list_resting(self.nodes, self.book, rows)
        self.name(rows)
        return rows

    def digest(self) -> str:
        """That of the readable book in this state."""
        rows = repr(self.resting().tolist())
        return hashlib.blake2b(rows.encode(), digest_size=16).hexdigest()

    def name(self, rows: Rows) -> None:
        """Put ids and prices in the place of their ranks."""
        if self.ids is not None and self.prices is not None:
            priced = rows["price"] > 0
            rows["order_id"] = self.ids[rows["order_id"]]
            rows["price"][priced] = self.prices[rows["price"][priced] - 1]


def replay(commands: Rows, self_trade: SelfTrade = SelfTrade.ALLOW) -> Replay:
    """Carry out the commands, as `encode` makes them, on an empty book."""
    if commands.dtype != COMMAND or commands.ndim != 1:
        raise ValueError("commands: one row of COMMAND each is wanted")
    if len(commands) > MOST:
        raise ValueError(f"commands: {len(commands)} are too many, {MOST} at most")
    commands = np.ascontiguousarray(commands)
    low_id, high_id, low_price, high_price = map(int, survey(commands))
    room = ROOM * len(commands) + 1024
    if high_id - low_id < room and high_price - low_price < room:
        return _play(commands, (low_id, high_id), (low_price, high_price), self_trade)
    priced = commands["price"] > 0
    ids, id_ranks = np.unique(commands["order_id"], return_inverse=True)
    prices, price_ranks = np.unique(commands["price"][priced], return_inverse=True)
    ranked = commands.copy()
    ranked["order_id"] = id_ranks
    ranked["price"][priced] = 1 + price_ranks
    found = _play(ranked, (0, len(ids) - 1), (1, len(prices)), self_trade, ids, prices)
    found.name(found.events)
    trades = found.events["kind"] == TRADE
    found.events["other"][trades] = ids[found.events["other"][trades]]
    return found


def _play(
    commands: Rows,
    ids: tuple[int, int],
    prices: tuple[int, int],
    self_trade: SelfTrade,
    *names: Rows,
) -> Replay:
    """The commands on an empty book for ids and prices between these, the last included."""
    end = 2 + max(0, prices[1] - prices[0])
    blocks = end + 1
    first = blocks + (end >> BLOCK) + 1
    facts = (end, blocks, first, ids[0], prices[0], SELF_TRADES.index(self_trade), 0)
    book = np.array([facts], BOOK)[0]
    nodes = np.zeros(first + max(0, 1 + ids[1] - ids[0]), NODE)
    nodes["level"][end] = end
    # A command makes one event, a replace two, and whatever rests may come to its end in one
    # more: there cannot be more trades.
    events = np.empty(2 * len(commands) + SPARE, EVENT)
    made = play(nodes, events, book, commands)
    if made < 0:
        raise AssertionError("more events than commands can make")
    return Replay(events[:made], nodes, book, *(names or (None, None)))


# Messages to rows and back


def encode(commands: Iterable[Command]) -> Rows:
    """The commands as rows.  ValueError: an id or an account that its column cannot hold.

    A price or size that is no whole number becomes -1, a side that is none 0: the book refuses
    them for the same reason.
    """
    return np.array([_row(command) for command in commands], COMMAND)


def _row(command: Command) -> tuple[int, ...]:
    """kind, side, account, order_id, price, size"""
    if not isinstance(command, LimitOrder | MarketOrder | Cancel | Replace):
        return NO_COMMAND, 0, -1, -1, 0, 0
    order_id = _within("order id", command.order_id, -LARGEST - 1, LARGEST)
    account = _within("account", command.account, -(2**15), 2**15 - 1)
    if isinstance(command, Cancel):
        return CANCEL, 0, account, order_id, 0, 0
    size = _whole(command.size)
    if isinstance(command, Replace):
        return REPLACE, 0, account, order_id, _whole(command.price), size
    side = int(command.side) if command.side is Side.BUY or command.side is Side.SELL else 0
    if isinstance(command, MarketOrder):
        return MARKET, side, account, order_id, 0, size
    kind = KIND_OF.get(command.time_in_force, NONSENSE)
    if not isinstance(command.time_in_force, TimeInForce):
        kind = NONSENSE
    if command.post_only:
        kind = POST_ONLY if command.time_in_force is TimeInForce.GTC else NONSENSE
    return kind, side, account, order_id, _whole(command.price), size


def _whole(number: Any) -> int:
    return number if type(number) is int and 0 <= number <= LARGEST else -1


def _within(what: str, number: Any, least: int, most: int) -> int:
    if type(number) is not int or not least <= number <= most:
        raise ValueError(f"{what} {number!r}: must be a whole number from {least} to {most}")
    return number


def decode(events: Rows) -> list[Event]:
    """The events as the messages of the readable book."""
    return [_message(*row) for row in events.tolist()]


def _message(
    kind: int, side: int, reason: int, account: int, maker: int, order_id: int,
    price: int, size: int, other: int,
) -> Event:  # fmt: skip
    if kind == TRADE:
        return Trade(other, order_id, maker, account, Side(side), price, size)
    if kind == RESTED:
        return Rested(order_id, account, Side(side), price, size, other)
    if kind == REPLACED:
        ahead = None if other == KEPT else other
        return Replaced(order_id, account, Side(side), price, size, ahead)
    if kind == CANCELLED:
        return Cancelled(order_id, account, Side(side), size, Reason(OUTCOMES[reason]))
    return Rejected(order_id, account, Reason(OUTCOMES[reason]))
