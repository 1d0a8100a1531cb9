"""What a venue says of orders (Databento's words, which hftbacktest has too), as messages.

A fill changes no order: the cancel of as many lots that follows it at the same time does, and both
are one execution.  An order that is modified is replaced by the rule of our book: with fewer lots
at its price it keeps its place, any other comes anew; one that nobody has told of is an add.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.data import messages as kinds
from lobsim.data.messages import Messages

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
# An order came; lots of it went, it is other than it was; all orders went; somebody took; an
# order was taken; nothing.
ADDS, CANCELS, MODIFIES, CLEARS, TRADES, FILLS, NOTHING = range(7)


@dataclass(frozen=True, slots=True)
class Actions:
    """One array an element, in the order of the file.

    side   1 to buy, -1 to sell, 0 unknown: of the order, and of who took where somebody did
    """

    time_ns: Ints
    what: NDArray[np.int8]
    order_id: Ints
    size: Ints
    price: Ints
    side: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Lives:
    """All that is told of orders, order by order, each in turn; clearing all ends every order.

    row      of the actions
    first    whether it is the first that is told of its order
    epoch    how often all orders had been cleared
    since    the place here of what last told the order's price, size and side
    left     lots of the order after it; below 0 where nobody has told of them
    before   lots of the order before it, at `price` and `side`
    """

    row: Ints
    order_id: Ints
    what: NDArray[np.int8]
    size: Ints
    first: Bools
    epoch: Ints
    since: Ints
    left: Ints
    before: Ints
    price: Ints
    side: NDArray[np.int8]


class Part(NamedTuple):
    """Some of the messages: the actions that they are of, and their turn among those of one."""

    row: Ints
    turn: int
    kind: int
    order_id: Ints
    size: Ints
    price: Ints
    side: NDArray[np.int8]


def messages_of(actions: Actions, tick: float) -> tuple[Messages, list[str]]:
    """The messages, and what there is to say of modified orders and fills without a cancel."""
    parts, notes = parts_of(actions)
    return in_turn(actions, parts, tick), notes


def parts_of(actions: Actions) -> tuple[list[Part], list[str]]:
    lives = lives_of(actions)
    modified = lives.what == MODIFIES
    at_its_price = modified & (lives.price == actions.price[lives.row])
    at_its_price &= lives.side == actions.side[lives.row]
    fewer = at_its_price & (lives.before > lives.size)
    moved = modified & ~fewer & ~(at_its_price & (lives.before == lives.size))
    taken = np.where(lives.what == CANCELS, lives.size, 0)
    taken[fewer] = (lives.before - lives.size)[fewer]
    traded, unmet = by_fills(actions.time_ns[lives.row], lives, taken)
    rest = taken - traded
    parts = [
        of_orders(lives, traded > 0, 0, kinds.TRADE, traded),
        of_orders(lives, (rest > 0) & (lives.left > 0), 1, kinds.REDUCE, rest),
        of_orders(lives, (rest > 0) & (lives.left <= 0), 1, kinds.DELETE, rest),
        of_orders(lives, moved & (lives.before > 0), 1, kinds.DELETE, lives.before),
        came(actions, lives.row[(lives.what == ADDS) | moved]),
        of_orders(lives, unmet > 0, 0, kinds.HIDDEN, unmet),
        cleared(actions, lives),
        beside(actions),
    ]
    notes = []
    if modified.any():
        notes.append(
            f"{modified.sum():,} modified orders: {fewer.sum():,} with fewer lots at their price "
            f"keep their place, {moved.sum():,} lose it, as in a replace"
        )
    if unmet.any():
        notes.append(
            f"{(unmet > 0).sum():,} fills without a cancel at their time are hidden executions here"
        )
    return parts, notes


def in_turn(actions: Actions, parts: list[Part], tick: float) -> Messages:
    row = np.concatenate([part.row for part in parts])
    turn = np.concatenate([np.full(len(part.row), part.turn, np.int8) for part in parts])
    kind = np.concatenate([np.full(len(part.row), part.kind, np.int8) for part in parts])
    order = np.lexsort((turn, row))
    row, kind = row[order], kind[order]
    order_id, size, price, side = (
        np.concatenate(column)[order]  # one at a time: they are large
        for column in zip(*(part[3:] for part in parts), strict=True)
    )
    return Messages(actions.time_ns[row], kind, order_id, size, price, side, tick)


def lives_of(actions: Actions) -> Lives:
    row = np.flatnonzero(np.isin(actions.what, (ADDS, CANCELS, MODIFIES, FILLS)))
    row = row[np.argsort(actions.order_id[row], kind="stable")]
    what, size, order_id = actions.what[row], actions.size[row], actions.order_id[row]
    epoch = np.cumsum(actions.what == CLEARS)[row]
    first = np.ones(len(row), bool)
    first[1:] = (order_id[1:] != order_id[:-1]) | (epoch[1:] != epoch[:-1])
    told = (what == ADDS) | (what == MODIFIES)
    since = np.maximum.accumulate(np.where(first | told, np.arange(len(row)), 0))
    cancelled = np.where(what == CANCELS, size, 0)
    gone = np.cumsum(cancelled)
    left = np.where(told, size, 0)[since] - (gone - (gone - cancelled)[since])
    before = np.where(first, 0, np.maximum(np.roll(left, 1), 0))
    price, side = (
        np.where(before > 0, np.roll(column[row][since], 1), column[row])
        for column in (actions.price, actions.side)
    )
    return Lives(row, order_id, what, size, first, epoch, since, left, before, price, side)


def by_fills(time_ns: Ints, lives: Lives, taken: Ints) -> tuple[Ints, Ints]:
    """Lots of each row that fills of the same order and time before it explain; and, at the last
    fill of an order and time, lots of fills that explain nothing.
    """
    filled = lives.what == FILLS
    group = np.cumsum(lives.first | (np.diff(time_ns, prepend=-1) != 0))
    concerned = np.zeros(len(group) + 1, bool)
    concerned[group[filled]] = True
    rows = np.flatnonzero(concerned[group] & (filled | (taken > 0)))
    traded, unmet = np.zeros(len(group), np.int64), np.zeros(len(group), np.int64)
    columns = (rows, group[rows], filled[rows], lives.size[rows], taken[rows])
    current = waiting = last = 0
    for i, of, fill, size, lots in zip(*(column.tolist() for column in columns), strict=True):
        if of != current:
            current, waiting, last = of, 0, i
        if fill:
            waiting, last = waiting + size, i
        else:
            traded[i] = min(waiting, lots)
            waiting -= traded[i]
        unmet[last] = waiting
    return traded, unmet


def of_orders(lives: Lives, which: Bools, turn: int, kind: int, size: Ints) -> Part:
    """Messages of orders that were there."""
    row = lives.row[which]
    order_id, price = lives.order_id[which], lives.price[which]
    return Part(row, turn, kind, order_id, size[which], price, lives.side[which])


def came(actions: Actions, row: Ints) -> Part:
    order_id, size = actions.order_id[row], actions.size[row]
    return Part(row, 2, kinds.ADD, order_id, size, actions.price[row], actions.side[row])


def cleared(actions: Actions, lives: Lives) -> Part:
    """What rested when all orders went is deleted."""
    clears = np.flatnonzero(actions.what == CLEARS)
    last = np.append(lives.first[1:], True)[: len(lives.first)]
    which = last & (lives.left > 0) & (lives.epoch < len(clears))
    told, row = lives.row[lives.since[which]], clears[lives.epoch[which]]
    order_id, left = lives.order_id[which], lives.left[which]
    return Part(row, 0, kinds.DELETE, order_id, left, actions.price[told], actions.side[told])


def beside(actions: Actions) -> Part:
    """Trades without a fill of their time and price, and lots of trades beyond their fills: they
    are against orders that nobody sees.
    """
    row = np.flatnonzero((actions.what == TRADES) | (actions.what == FILLS))
    trade = actions.what[row] == TRADES
    order = np.lexsort((trade, actions.price[row], actions.time_ns[row]))
    row, trade = row[order], trade[order]
    last = np.ones(len(row), bool)  # of its time and price, which is a trade if there is one
    last[:-1] = (np.diff(actions.time_ns[row]) != 0) | (np.diff(actions.price[row]) != 0)
    group = np.cumsum(last) - last
    filled = np.bincount(group, ~trade)[group] > 0
    lots = np.where(trade, actions.size[row], -actions.size[row])
    beyond = np.bincount(group, lots)[group].astype(np.int64)
    size = np.where(filled, np.where(last, np.maximum(beyond, 0), 0), lots)
    row, size = row[size > 0], size[size > 0]
    nobody = np.zeros(len(row), np.int64)
    return Part(row, 0, kinds.HIDDEN, nobody, size, actions.price[row], -actions.side[row])
