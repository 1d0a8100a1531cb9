"""The compiled book: the rules of lobsim/market/book.py and matching.py on rows of numbers.

tests/test_two_books.py holds it to the readable book, event by event.
"""

from lobsim.batch.book_nodes import add, end_of, next_level, node_of, part, remove, tell
from lobsim.batch.book_rows import (
    ALLOW,
    BAD_OP,
    BAD_PRICE,
    BAD_SIZE,
    CANCEL,
    CANCEL_MAKER,
    CANCEL_TAKER,
    CANCELLED,
    DUPLICATE_ID,
    FOK,
    FOK_UNFILLABLE,
    IOC,
    IOC_REST,
    KEPT,
    LEVEL_FULL,
    LOOK_AHEAD,
    MARKET,
    NO_LIQUIDITY,
    NONSENSE,
    POST_ONLY,
    REJECTED,
    REPLACE,
    REPLACED,
    REQUESTED,
    RESTED,
    SELF_TRADE,
    SPARE,
    TRADE,
    UNKNOWN_ID,
    WOULD_CROSS,
)
from lobsim.batch.jit import entry
from lobsim.market.units import LARGEST


@entry
def play(nodes, events, book, commands):
    """Carry out all commands; how many events that made, or -1 if there was no room for them."""
    n, touched, last = 0, 0, len(commands) - 1
    for i in range(len(commands)):
        command = commands[i]
        kind = command["kind"]
        # To read it is to fetch it, some 2 ns a command the less to wait for later; what is read
        # must go somewhere, or the compiler leaves it out.
        later = commands[min(i + LOOK_AHEAD, last)]
        touched ^= nodes[node_of(book, later["order_id"])]["open"]
        if n + SPARE > len(events):
            return -1
        if kind <= POST_ONLY or kind == NONSENSE:
            n = limit(nodes, events, book, command, n)
        elif kind == CANCEL:
            n = cancel(nodes, events, book, command, n)
        elif kind == REPLACE:
            n = replace(nodes, events, book, command, n)
        elif kind == MARKET:
            n = market(nodes, events, book, command, n)
        else:
            n = refuse(events, n, command, BAD_OP)
    book["touched"] = touched
    return n if n + SPARE <= len(events) else -1


@part
def refuse(events, n, command, reason):
    return tell(events, n, REJECTED, 0, reason, command["order_id"], command["account"], 0, 0, 0, 0)


@part
def limit(nodes, events, book, command, n):
    order_id, account, side = command["order_id"], command["account"], command["side"]
    kind, price, size = command["kind"], command["price"], command["size"]
    node = node_of(book, order_id)
    if size < 1:
        return refuse(events, n, command, BAD_SIZE)
    if price < 1:
        return refuse(events, n, command, BAD_PRICE)
    if nodes[node]["open"]:
        return refuse(events, n, command, DUPLICATE_ID)
    if (side != 1 and side != -1) or kind == NONSENSE:
        return refuse(events, n, command, BAD_OP)
    level = 1 + (price - book["low_price"])
    rests = kind != IOC and kind != FOK
    if side * level >= side * nodes[end_of(book, -side)]["level"]:
        if kind == POST_ONLY:
            return refuse(events, n, command, WOULD_CROSS)
        if kind == FOK and not can_fill(nodes, book, account, side, level, size):
            return refuse(events, n, command, FOK_UNFILLABLE)
        size, n = match(nodes, events, book, n, order_id, account, side, level, size)
    elif kind == FOK:
        return refuse(events, n, command, FOK_UNFILLABLE)
    elif rests and nodes[level]["open"] > LARGEST - size:
        return refuse(events, n, command, LEVEL_FULL)
    if size == 0:
        return n
    if not rests:
        return tell(events, n, CANCELLED, side, IOC_REST, order_id, account, 0, size, 0, 0)
    order = nodes[node]
    order["account"] = account
    order["post_only"] = kind == POST_ONLY
    ahead = add(nodes, book, node, side, level, size)
    return tell(events, n, RESTED, side, 0, order_id, account, price, size, ahead, 0)


@part
def market(nodes, events, book, command, n):
    order_id, account, side = command["order_id"], command["account"], command["side"]
    size = command["size"]
    if size < 1:
        return refuse(events, n, command, BAD_SIZE)
    if nodes[node_of(book, order_id)]["open"]:
        return refuse(events, n, command, DUPLICATE_ID)
    if side != 1 and side != -1:
        return refuse(events, n, command, BAD_OP)
    worst = end_of(book, -side) - side  # the last level there is
    size, n = match(nodes, events, book, n, order_id, account, side, worst, size)
    if size:
        return tell(events, n, CANCELLED, side, NO_LIQUIDITY, order_id, account, 0, size, 0, 0)
    return n


@part
def cancel(nodes, events, book, command, n):
    node = node_of(book, command["order_id"])
    order = nodes[node]
    if order["open"] == 0 or order["account"] != command["account"]:
        return refuse(events, n, command, UNKNOWN_ID)
    return withdraw(nodes, events, book, command, node, n)


@part
def withdraw(nodes, events, book, command, node, n):
    order_id, account = command["order_id"], command["account"]
    side, size = nodes[node]["side"], nodes[node]["open"]
    remove(nodes, book, node)
    return tell(events, n, CANCELLED, side, REQUESTED, order_id, account, 0, size, 0, 0)


@part
def replace(nodes, events, book, command, n):
    order_id, account = command["order_id"], command["account"]
    price, size = command["price"], command["size"]
    node = node_of(book, order_id)
    order = nodes[node]
    if order["open"] == 0 or order["account"] != account:
        return refuse(events, n, command, UNKNOWN_ID)
    if size < 0:
        return refuse(events, n, command, BAD_SIZE)
    if price < 1:
        return refuse(events, n, command, BAD_PRICE)
    if size == 0:
        return withdraw(nodes, events, book, command, node, n)
    side, level = order["side"], 1 + (price - book["low_price"])
    stays = level == order["level"]
    if stays and size <= order["open"]:
        nodes[level]["open"] -= order["open"] - size
        order["open"] = size
        return tell(events, n, REPLACED, side, 0, order_id, account, price, size, KEPT, 0)
    if side * level >= side * nodes[end_of(book, -side)]["level"]:
        if order["post_only"]:
            return refuse(events, n, command, WOULD_CROSS)
        remove(nodes, book, node)
        n = tell(events, n, REPLACED, side, 0, order_id, account, price, size, 0, 0)
        size, n = match(nodes, events, book, n, order_id, account, side, level, size)
        if size:
            ahead = add(nodes, book, node, side, level, size)
            n = tell(events, n, RESTED, side, 0, order_id, account, price, size, ahead, 0)
        return n
    others = nodes[level]["open"] - (order["open"] if stays else 0)
    if others > LARGEST - size:
        return refuse(events, n, command, LEVEL_FULL)
    remove(nodes, book, node)
    ahead = add(nodes, book, node, side, level, size)
    return tell(events, n, REPLACED, side, 0, order_id, account, price, size, ahead, 0)


@part
def match(nodes, events, book, n, taker_id, taker, side, worst, size):
    """Trade up to `size` lots at levels up to `worst`; the lots left, and the next event."""
    while size > 0:
        level = nodes[end_of(book, -side)]["level"]
        if side * level > side * worst:
            break
        node = nodes[level]["next"]
        maker = nodes[node]
        maker_id = book["low_id"] + (node - book["first"])
        account, traded = maker["account"], maker["open"]
        if n + SPARE > len(events):
            return 0, n  # which `play` then finds
        if account == taker and book["self_trade"] != ALLOW:
            if book["self_trade"] != CANCEL_TAKER:
                remove(nodes, book, node)
                n = tell(
                    events, n, CANCELLED, -side, SELF_TRADE, maker_id, account, 0, traded, 0, 0
                )
            if book["self_trade"] != CANCEL_MAKER:
                n = tell(events, n, CANCELLED, side, SELF_TRADE, taker_id, taker, 0, size, 0, 0)
                return 0, n
            continue
        if traded > size:
            traded = size
            maker["open"] -= size
            nodes[level]["open"] -= size
        else:
            remove(nodes, book, node)
        size -= traded
        price = book["low_price"] + (level - 1)
        n = tell(events, n, TRADE, side, 0, taker_id, taker, price, traded, maker_id, account)
    return size, n


@part
def can_fill(nodes, book, taker, side, worst, size):
    """Whether `size` lots could trade at once, counting only what self-trade prevention lets it."""
    level, left = nodes[end_of(book, -side)]["level"], nodes[end_of(book, -side)]["open"]
    while left > 0 and side * level <= side * worst:
        if book["self_trade"] == ALLOW:
            size -= nodes[level]["open"]
        else:
            node = nodes[level]["next"]
            while node != level:
                if nodes[node]["account"] != taker:
                    size -= nodes[node]["open"]
                elif book["self_trade"] != CANCEL_MAKER:
                    return size <= 0
                node = nodes[node]["next"]
        if size <= 0:
            return True
        left -= 1
        if left > 0:
            level = next_level(nodes, book, level, side)
    return False
