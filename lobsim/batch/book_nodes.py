"""The table of the compiled book: levels and orders, found by their number.

An order and the two ends of a level's queue are alike nodes of one ring, so that an order
leaves its queue without a question.  Nothing is searched for but the next level when the best
one has gone.
"""

from typing import Any

import numpy as np
from numba import njit

from lobsim.batch.book_rows import BLOCK
from lobsim.batch.jit import entry
from lobsim.market.units import LARGEST

# A part of `play`, which holds the arrays: counting references to them again in every part
# would take a third of the time.
UNCOUNTED: dict[str, Any] = {"_nrt": False}
part = njit(nogil=True, forceinline=True, **UNCOUNTED)


@part
def tell(events, n, kind, side, reason, order_id, account, price, size, other, maker):
    event = events[n]
    event["kind"] = kind
    event["side"] = side
    event["reason"] = reason
    event["account"] = account
    event["maker"] = maker
    event["order_id"] = order_id
    event["price"] = price
    event["size"] = size
    event["other"] = other
    return n + 1


@part
def end_of(book, side):
    """The node that keeps the best level of a side, and how many levels it has."""
    return ((1 - side) >> 1) * book["end"]


@part
def node_of(book, order_id):
    """The node of an order.  Unsigned, as it then is an index without a further question."""
    return np.uint32(book["first"] + (order_id - book["low_id"]))


@part
def add(nodes, book, node, side, level, size):
    """Put an order at the end of its level's queue; the lots ahead of it."""
    order, queue = nodes[node], nodes[level]
    ahead = queue["open"]
    if ahead == 0:
        queue["prev"] = level
        nodes[book["blocks"] + (level >> BLOCK)]["open"] += 1
        end = nodes[end_of(book, side)]
        end["open"] += 1
        if side * level > side * end["level"]:
            end["level"] = level
    last = queue["prev"]
    order["open"] = size
    order["side"] = side
    order["level"] = level
    order["prev"] = last
    order["next"] = level
    nodes[last]["next"] = node
    queue["prev"] = node
    queue["open"] = ahead + size
    return ahead


@part
def remove(nodes, book, node):
    order = nodes[node]
    level, before, after = order["level"], order["prev"], order["next"]
    nodes[before]["next"] = after
    nodes[after]["prev"] = before
    left = nodes[level]["open"] - order["open"]
    nodes[level]["open"] = left
    order["open"] = 0
    if left == 0:
        leave(nodes, book, level, order["side"])


@part
def leave(nodes, book, level, side):
    """A level has become empty."""
    nodes[book["blocks"] + (level >> BLOCK)]["open"] -= 1
    empty = end_of(book, side)
    end = nodes[empty]
    end["open"] -= 1
    if level == end["level"]:
        end["level"] = next_level(nodes, book, level, -side) if end["open"] else empty


@part
def next_level(nodes, book, level, step):
    """The nearest level in a direction that has orders; there must be one."""
    level = np.int64(level) + step
    while nodes[level]["open"] == 0:
        block = level >> BLOCK
        if nodes[book["blocks"] + block]["open"]:
            level += step
        elif step > 0:
            level = (block + 1) << BLOCK
        else:
            level = (block << BLOCK) - 1
    return level


@entry
def list_resting(nodes, book, rows):
    """Fill rows with what rests: bids, then asks, best first, in queue order; how many."""
    n = 0
    for side in (1, -1):
        end = nodes[end_of(book, side)]
        level, left = end["level"], end["open"]
        while left > 0:
            node = nodes[level]["next"]
            while node != level:
                order, row = nodes[node], rows[n]
                row["order_id"] = book["low_id"] + (node - book["first"])
                row["account"] = order["account"]
                row["side"] = order["side"]
                row["price"] = book["low_price"] + (level - 1)
                row["open"] = order["open"]
                row["post_only"] = order["post_only"]
                n += 1
                node = order["next"]
            left -= 1
            if left > 0:
                level = next_level(nodes, book, level, -side)
    return n


@entry
def survey(commands):
    """The lowest and highest id, and the lowest and highest price that is one."""
    low_id, high_id = LARGEST, -LARGEST - 1
    low_price, high_price = LARGEST, 0
    for i in range(len(commands)):
        command = commands[i]
        order_id, price = command["order_id"], command["price"]
        low_id, high_id = min(low_id, order_id), max(high_id, order_id)
        if price > 0:
            low_price, high_price = min(low_price, price), max(high_price, price)
    return low_id, high_id, low_price, high_price
