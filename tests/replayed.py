"""A replay page read again in Python, and the same books from the commands on the tape."""

import base64
import gzip
import json
import re
from bisect import bisect_right
from collections import defaultdict

from lobsim.market.book import Book
from lobsim.market.messages import Cancel, LimitOrder, MarketOrder, Replace
from lobsim.market.units import Reason, SelfTrade, Side, TimeInForce

BOOK, FILL = 0, 1
TIMES = {"limit": TimeInForce.GTC, "ioc": TimeInForce.IOC, "fok": TimeInForce.FOK}
REFUSALS = {  # what was not carried out; the book itself refuses some of these again
    *Reason
} - {Reason.REQUESTED, Reason.IOC_REST, Reason.NO_LIQUIDITY, Reason.SELF_TRADE}


def block(page, name):
    found = re.search(rf'<script type="text/plain" id="{name}">([A-Za-z0-9+/=]*)</script>', page)
    return gzip.decompress(base64.b64decode(found.group(1)))


def unpacked(page, name="data"):
    """The head, and the columns by name."""
    data = block(page, name)
    size = int.from_bytes(data[:4], "little")
    head = json.loads(data[4 : 4 + size])
    columns, at = {}, 4 + size
    for column, count, length in head["columns"]:
        columns[column] = numbers(data[at : at + length])
        assert len(columns[column]) == count
        at += length
    assert at == len(data)
    return head, columns


def numbers(data):
    values, value, folded, shift = [], 0, 0, 0
    for byte in data:
        folded |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            value += -(folded + 1) // 2 if folded % 2 else folded // 2
            values.append(value)
            folded = shift = 0
    return values


class Asset:
    """One asset of a page: its rows, and the book after those up to a time."""

    def __init__(self, page, number=0):
        self.head, columns = unpacked(page)
        self.about = self.head["assets"][number]
        prefix = f"{number}."
        self.columns = {k[len(prefix) :]: v for k, v in columns.items() if k.startswith(prefix)}
        self.times, self.kinds = self.columns["time"], self.columns["kind"]
        assert self.times == sorted(self.times)

    def book(self, until):
        """As `books` gives it."""
        c, at = self.columns, defaultdict(int)
        orders = {}  # price, open and place, by number
        for row in range(bisect_right(self.times, until)):
            kind = self.kinds[row]
            i = at[kind]
            at[kind] += 1
            if kind == BOOK:
                order, left = c["book.order"][i], c["book.open"][i]
                place = row if c["book.placed"][i] else orders[order][2]
                orders[order] = (c["book.price"][i], left, place)
            elif kind == FILL and (order := c["fill.order"][i]) in orders:
                price, left, place = orders[order]
                orders[order] = (price, max(left - c["fill.size"][i], 0), place)
        resting = sorted((place, n) for n, (_, left, place) in orders.items() if left)
        found = {1: defaultdict(list), -1: defaultdict(list)}
        for _, n in resting:
            price, left, _ = orders[n]
            found[c["order.side"][n]][price].append((c["order.id"][n], left))
        return found


def books(run, asset, times, self_trade=SelfTrade.ALLOW):
    """The books at these rising times, from the commands: per side queues (id, open) by price."""
    orders = run.orders
    rows = iter(orders[orders["asset"] == asset].to_dict("records"))
    book, row = Book(self_trade), next(rows, None)
    accounts = ["outside", *run.manifest["strategies"]]
    for time in times:
        while row is not None and row["ts_event"] <= time:
            command = command_of(row, accounts.index(row["strategy"]))
            if command is not None:
                book.apply(command)
            row = next(rows, None)
        yield {int(side): dict(book.depth(side)) for side in Side}


def command_of(row, account):
    """None for what did not reach the book, or follows from another command."""
    kind, order_id = row["kind"], row["order_id"]
    if row["outcome"] in REFUSALS or kind == "close":
        return None
    if kind == "cancel":
        return None if row["outcome"] == "self_trade" else Cancel(order_id, account)
    if kind == "replace":
        return Replace(order_id, account, row["price_ticks"], row["size"])
    side = Side.BUY if row["side"] == "buy" else Side.SELL
    if kind == "market":
        return MarketOrder(order_id, account, side, row["size"])
    return LimitOrder(
        order_id, account, side, row["price_ticks"], row["size"],
        TIMES.get(kind, TimeInForce.GTC), kind == "post_only",
    )  # fmt: skip
