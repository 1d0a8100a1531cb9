"""Cases gathered from 19 matching engines, and eight message streams on whose report they agree."""

import hashlib
import json
import lzma
import struct
from pathlib import Path

import pytest

from lobsim.market.book import Book
from lobsim.market.messages import (
    Cancel,
    Cancelled,
    Command,
    LimitOrder,
    MarketOrder,
    Rejected,
    Replace,
    Trade,
)
from lobsim.market.units import Side, TimeInForce

CASES = Path(__file__).parent / "data" / "cases"
SIDES = {"buy": Side.BUY, "sell": Side.SELL}
TIMES = {"ioc": TimeInForce.IOC, "fok": TimeInForce.FOK}
HEADER, RECORD = 16, struct.Struct("<4BIQQqq")
NEW, CANCEL, MODIFY = 0, 1, 2


def command(op: dict) -> Command:
    kind, order_id = op["op"], op["id"]
    if kind == "cancel":
        return Cancel(order_id, 1)
    if kind == "replace":
        return Replace(order_id, 1, op["price"], op["qty"])
    side = SIDES[op["side"]]
    if kind == "market":
        return MarketOrder(order_id, 1, side, op["qty"])
    time_in_force = TIMES.get(kind, TimeInForce.GTC)
    return LimitOrder(
        order_id, 1, side, op["price"], op["qty"], time_in_force, post_only=kind == "post_only"
    )


@pytest.mark.parametrize(
    "case",
    [json.loads(line) for line in (CASES / "matching_cases.jsonl").read_text().splitlines()],
    ids=lambda case: case["source"].rpartition(" ")[2],
)
def test_the_book_does_what_many_engines_do(case):
    book = Book()
    trades = []
    statuses = case.get("expect_status") or [None] * len(case["ops"])  # None: engines disagree
    for op, status in zip(case["ops"], statuses, strict=True):
        events = book.apply(command(op))
        book.check()
        trades += [
            {"maker": e.maker_id, "taker": e.taker_id, "price": e.price, "qty": e.size}
            for e in events
            if isinstance(e, Trade)
        ]
        if status is not None:
            assert isinstance(events[0], Rejected) == (status == "rejected")
    assert trades == case["expect_trades"]
    depth = {"bids": book.depth(Side.BUY), "asks": book.depth(Side.SELL)}
    assert json.loads(json.dumps(depth)) == case["expect_book"]


def report(stream: bytes) -> list[str]:
    """What the book makes of a stream, a line each: the number of its kind, and the facts.

    0 accepted; 1 a trade; 2 cancelled, or the rest of an IOC; 3 modified; 4 and 5 a cancel
    and a modify refused.  A modify is a cancel, of which nothing is told, and a new order.
    """
    book = Book()
    lines = []
    for kind, side, ioc, _, size, seq, order_id, price, _ in RECORD.iter_unpack(stream[HEADER:]):
        if kind != NEW:
            old = book.order(order_id)
            if isinstance(book.apply(Cancel(order_id, 1))[0], Rejected):
                lines.append(f"{4 if kind == CANCEL else 5},{seq},{order_id}")
                continue
        if kind == CANCEL:
            lines.append(f"2,{seq},{side},{order_id},{old.price}")
            continue
        if kind == NEW:
            lines.append(f"0,{seq},{side},{order_id},{price},{size}")
        time_in_force = TimeInForce.IOC if ioc else TimeInForce.GTC
        buys_or_sells = Side.SELL if side else Side.BUY
        for event in book.apply(LimitOrder(order_id, 1, buys_or_sells, price, size, time_in_force)):
            if isinstance(event, Trade):
                lines.append(f"1,{seq},{event.price},{event.size},{event.maker_id},{order_id}")
            elif isinstance(event, Cancelled):
                lines.append(f"2,{seq},{side},{order_id},{price}")
        if kind == MODIFY:
            lines.append(f"3,{seq},{side},{order_id},{price},{size}")
    book.check()
    return lines


@pytest.mark.parametrize(
    "stream", json.loads((CASES / "hashes.json").read_text()), ids=lambda stream: stream["file"]
)
def test_the_report_of_a_stream_is_the_one_many_engines_agree_on(stream):
    lines = report(lzma.decompress((CASES / stream["file"]).read_bytes()))
    assert len(lines) == stream["reports"]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == stream["sha256"]
