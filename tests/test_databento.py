"""Databento's market by order: against a book of lists, and against the same day of LOBSTER's."""

import gzip
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import made_formats
import naive_actions
from lobsim.data.calibrate import calibrate
from lobsim.data.findings import rows
from lobsim.data.lobster import read_messages
from lobsim.data.messages import ADD, DELETE, HIDDEN, REDUCE, TRADE
from lobsim.data.quotes import market_orders, quotes_of
from lobsim.data.replay import carry_out, replay, replay_compiled, steps
from lobsim.data.source import Source
from lobsim.data.view import Found
from lobsim.market.book import Book
from lobsim.market.units import Side

SAMPLES = Path(__file__).parent / "data" / "formats"
EQUAL = ("time_ns", "kind", "order_id", "size", "price", "side")


def read(path, lines, **how):
    path.write_text("\n".join([made_formats.HEAD, *lines]) + "\n")
    return Source(path, 0.01, **how).read()


def row(time, action, side="B", price=100.0, size=5, order_id=1, flags=128, number=7, venue=2,
        symbol="MADE", taken=None):  # fmt: skip
    """A line, at so many seconds."""
    stamp = made_formats.DAY + round(time * 1e9)
    received = stamp if taken is None else made_formats.DAY + round(taken * 1e9)
    amount = "" if price is None else f"{price:.9f}"
    return (
        f"{received},{stamp},160,{venue},{number},{action},{side},{amount},{size},0,{order_id},"
        f"{flags},0,1,{symbol}"
    )


def told(recording):
    """(seconds, kind, id, size, price, side) of each message."""
    messages = recording.messages
    columns = (messages.kind, messages.order_id, messages.size, messages.price, messages.side)
    times = (messages.time_ns / 1e9).tolist()
    return list(zip(times, *(column.tolist() for column in columns), strict=True))


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in EQUAL)


@pytest.mark.parametrize("seed", range(20))
def test_random_actions_make_the_book_and_the_executions_of_lists(tmp_path, seed):
    acts, naive = naive_actions.acts(600, seed)
    path = tmp_path / "mbo.csv"
    path.write_text(naive_actions.text(acts))
    messages = Source(path, 0.01).read().messages
    book, found = Book(), Found()
    for _, kind, command in steps(messages):
        if command is not None:
            carry_out(book, kind, command, found)
    for side in (1, -1):
        assert book.depth(Side(side)) == naive.depth(side)
    assert (found.unknown, found.refused, found.crossed) == (0, 0, 0)
    traded = np.flatnonzero(messages.kind == TRADE)
    assert [
        (round(messages.time_ns[i] / 1e9, 9), *(int(column[i]) for column in (
            messages.order_id, messages.price, messages.size, messages.side)))
        for i in traded
    ] == naive.executions  # fmt: skip
    assert len(naive.executions) > 20
    # All lots of trades are executions, or hidden.
    hidden = messages.size[messages.kind == HIDDEN].sum()
    lots = sum(act[5] for act in acts if act[1] == "T")
    assert messages.size[traded].sum() + hidden == lots
    assert replay_compiled(messages).digest == book.digest()


@pytest.mark.parametrize("name", ["databento.csv", "databento_fixed.csv.gz"])
def test_the_kept_samples_are_the_messages_of_lobsters(name):
    recording = Source(SAMPLES / name, 0.01).read()
    assert recording.book is None
    assert recording.notes == ()
    assert same(recording.messages, read_messages(SAMPLES / "message.csv"))


def test_the_kept_samples_are_what_the_script_writes(tmp_path):
    made_formats.write(tmp_path, 60)
    for kept in sorted(SAMPLES.iterdir()):
        made = tmp_path / kept.name
        if kept.suffix == ".npz":
            assert np.array_equal(np.load(kept)["data"], np.load(made)["data"])
        elif kept.suffix == ".gz":
            assert gzip.decompress(kept.read_bytes()) == gzip.decompress(made.read_bytes())
        else:
            assert kept.read_text() == made.read_text()


def test_files_packed_with_zstandard_as_databento_sends_them_are_read(tmp_path):
    packed = tmp_path / "made.csv.zst"
    with pa.output_stream(str(packed), compression="zstd") as stream:
        stream.write((SAMPLES / "databento.csv").read_bytes())
    assert same(Source(packed, 0.01).read().messages, read_messages(SAMPLES / "message.csv"))


def test_a_day_gives_the_same_replay_and_the_same_calibration(tmp_path):
    folder = made_formats.write(tmp_path / "day", 3000)
    theirs = read_messages(folder / "message.csv")
    recording = Source(folder / "databento.csv", 0.01).read()
    assert same(recording.messages, theirs)
    found, other = replay(recording.messages), replay(theirs)
    for field in fields(found):
        if field.name != "seconds":
            assert getattr(found, field.name) == getattr(other, field.name)
    seen = quotes_of(recording)
    ours = calibrate(seen, market_orders(recording.messages, seen), 0.01)
    lobsters = Source(folder / "message.csv", 0.01).read()
    seen = quotes_of(lobsters)
    assert list(rows(ours)) == list(rows(calibrate(seen, market_orders(theirs, seen), 0.01)))


def test_one_fill_is_one_execution(tmp_path):
    """By hand: a trade of 7 takes an order of 5 and 1 of another, and 1 that nobody sees."""
    lines = [
        row(1, "A", size=5, order_id=1),
        row(1, "A", size=4, order_id=2),
        row(2, "T", side="A", size=7, order_id=0),
        row(2, "F", size=5, order_id=1),
        row(2, "F", size=1, order_id=2),
        row(2, "C", size=5, order_id=1),
        row(2, "C", size=1, order_id=2),
        row(3, "C", size=3, order_id=2),
    ]
    assert told(read(tmp_path / "mbo.csv", lines)) == [
        (1.0, ADD, 1, 5, 10_000, 1),
        (1.0, ADD, 2, 4, 10_000, 1),
        (2.0, HIDDEN, 0, 1, 10_000, 1),
        (2.0, TRADE, 1, 5, 10_000, 1),
        (2.0, TRADE, 2, 1, 10_000, 1),
        (3.0, DELETE, 2, 3, 10_000, 1),
    ]


def test_what_a_modify_is(tmp_path):
    """Fewer lots at the price keep the place; all else is a delete and an add."""
    lines = [
        row(1, "A", size=5),
        row(2, "M", size=3),
        row(3, "M", size=3),
        row(4, "M", size=4),
        row(5, "M", size=2, price=99.99),
        row(6, "C", size=2, price=99.99),
        row(7, "M", size=6),
    ]
    recording = read(tmp_path / "mbo.csv", lines)
    assert told(recording) == [
        (1.0, ADD, 1, 5, 10_000, 1),
        (2.0, REDUCE, 1, 2, 10_000, 1),
        (4.0, DELETE, 1, 3, 10_000, 1),
        (4.0, ADD, 1, 4, 10_000, 1),
        (5.0, DELETE, 1, 4, 10_000, 1),
        (5.0, ADD, 1, 2, 9_999, 1),
        (6.0, DELETE, 1, 2, 9_999, 1),
        (7.0, ADD, 1, 6, 10_000, 1),
    ]
    assert recording.notes == (
        "5 modified orders: 1 with fewer lots at their price keep their place, 3 lose it, as in a "
        "replace",
    )


def test_a_snapshot_is_of_the_time_it_was_taken(tmp_path):
    """Its orders came earlier, and what rested before it is gone."""
    lines = [
        row(1, "A", order_id=9),
        row(2, "R", side="N", price=None, size=0, order_id=0, flags=40, taken=5),
        row(0.2, "A", order_id=3, flags=40, taken=5),
        row(0.1, "A", order_id=4, flags=168, taken=5),
        row(4, "C", order_id=3),
    ]
    assert told(read(tmp_path / "mbo.csv", lines)) == [
        (1.0, ADD, 9, 5, 10_000, 1),
        (4.0, DELETE, 9, 5, 10_000, 1),
        (4.0, ADD, 3, 5, 10_000, 1),
        (4.0, ADD, 4, 5, 10_000, 1),
        (4.0, DELETE, 3, 5, 10_000, 1),
    ]


def test_what_is_odd_is_said(tmp_path):
    lines = [row(1, "A", flags=132), row(2, "F", size=2), row(3, "C", size=5)]
    recording = read(tmp_path / "mbo.csv", lines)
    assert told(recording)[1:] == [
        (2.0, HIDDEN, 1, 2, 10_000, 1),
        (3.0, DELETE, 1, 5, 10_000, 1),
    ]
    assert recording.notes == (
        "1 fills without a cancel at their time are hidden executions here",
        "1 rows come after a gap in the feed (F_MAYBE_BAD_BOOK)",
    )


def test_ids_beyond_63_bits_are_numbered_anew(tmp_path):
    lines = [row(1, "A", order_id=2**64 - 1), row(2, "A", order_id=5), row(3, "C", order_id=5)]
    assert [each[2] for each in told(read(tmp_path / "mbo.csv", lines))] == [2, 1, 1]


SEVERAL = [
    row(1, "A", number=7, symbol="MADE"),
    row(2, "A", number=8, symbol="BORN", order_id=2),
    row(3, "A", number=8, symbol="BORN", order_id=3, venue=39),
]


@pytest.mark.parametrize(
    ("instrument", "ids"),
    [("7", [1]), ("MADE", [1]), ("8:2", [2]), ("8:39", [3]), ("BORN:39", [3])],
)
def test_one_instrument_is_chosen_of_several(tmp_path, instrument, ids):
    recording = read(tmp_path / "mbo.csv", SEVERAL, instrument=instrument)
    assert recording.messages.order_id.tolist() == ids
