"""The cases and streams of `test_conformance`, through the compiled book."""

import hashlib
import json
import lzma

import pytest

from lobsim.batch.book import decode, encode, replay
from lobsim.market.book import Book
from lobsim.market.messages import Cancel, Cancelled, LimitOrder, Rejected, Trade
from lobsim.market.units import Side, TimeInForce
from test_conformance import CANCEL, CASES, HEADER, NEW, RECORD, command
from test_two_books import assert_alike


@pytest.mark.parametrize(
    "case",
    [json.loads(line) for line in (CASES / "matching_cases.jsonl").read_text().splitlines()],
    ids=lambda case: case["source"].rpartition(" ")[2],
)
def test_the_compiled_book_does_what_many_engines_do(case):
    commands = [command(op) for op in case["ops"]]
    assert_alike(commands)
    found = replay(encode(commands))
    assert [
        {"maker": e.maker_id, "taker": e.taker_id, "price": e.price, "qty": e.size}
        for e in decode(found.events)
        if isinstance(e, Trade)
    ] == case["expect_trades"]
    depth = {"bids": {}, "asks": {}}
    for order_id, _, side, price, size, _ in found.resting().tolist():
        depth["bids" if side == Side.BUY else "asks"].setdefault(price, []).append([order_id, size])
    found_book = {side: [[*level] for level in levels.items()] for side, levels in depth.items()}
    assert found_book == case["expect_book"]


def sent(records):
    """The commands of a stream; one whose modify is refused does not send its new order."""
    readable = Book()
    for kind, side, ioc, _, size, _, order_id, price, _ in records:
        if kind != NEW:
            yield (made := Cancel(order_id, 1))
            if isinstance(readable.apply(made)[0], Rejected) or kind == CANCEL:
                continue
        time_in_force = TimeInForce.IOC if ioc else TimeInForce.GTC
        way = Side.SELL if side else Side.BUY
        yield (made := LimitOrder(order_id, 1, way, price, size, time_in_force))
        readable.apply(made)


def report(records, events):
    """The lines of `test_conformance.report`, from the events of the compiled book alone."""
    prices = {}
    for kind, side, _, _, size, seq, order_id, price, _ in records:
        if kind != NEW and next(events).__class__ is Rejected:
            yield f"{4 if kind == CANCEL else 5},{seq},{order_id}"
            continue
        if kind == CANCEL:
            yield f"2,{seq},{side},{order_id},{prices[order_id]}"
            continue
        if kind == NEW:
            yield f"0,{seq},{side},{order_id},{price},{size}"
        prices[order_id], left = price, size
        while left:
            event = next(events)
            left -= event.size
            if isinstance(event, Trade):
                yield f"1,{seq},{event.price},{event.size},{event.maker_id},{order_id}"
            elif isinstance(event, Cancelled):
                yield f"2,{seq},{side},{order_id},{price}"
        if kind != NEW:
            yield f"3,{seq},{side},{order_id},{price},{size}"


@pytest.mark.parametrize(
    "stream", json.loads((CASES / "hashes.json").read_text()), ids=lambda stream: stream["file"]
)
def test_the_report_of_a_stream_is_the_one_many_engines_agree_on(stream):
    data = lzma.decompress((CASES / stream["file"]).read_bytes())
    records = list(RECORD.iter_unpack(data[HEADER:]))
    commands = list(sent(records))
    assert_alike(commands)
    found = replay(encode(commands))
    lines = list(report(records, iter(decode(found.events))))
    assert len(lines) == stream["reports"]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == stream["sha256"]
    assert len(found.resting()) == stream["resting_at_end"]
