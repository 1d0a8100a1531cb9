"""Real order messages through the book, held against a recorded one."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import made_lobster
from lobsim.data.lobster import read_book, read_messages
from lobsim.data.replay import places, replay, replay_compiled
from lobsim.errors import StorageError, UsageError

SAMPLE = Path(__file__).parent / "data" / "lobster"
REAL = Path(__file__).parents[2] / "shared" / "data"
AAPL = "AAPL_2012-06-21_"
real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real order-book data in {REAL}")


def test_the_kept_sample_agrees_in_every_row():
    messages = read_messages(SAMPLE / "message.csv")
    found = replay(messages, read_book(SAMPLE / "orderbook_5.csv"), np.arange(len(messages)))
    assert (found.rows, found.equal) == (300, 300)
    assert (found.unknown, found.refused, found.crossed, found.not_first) == (0, 0, 0, 0)
    assert sum(messages.counts().values()) == 300


@pytest.mark.parametrize("seed", range(5))
def test_all_levels_of_a_whole_market_agree(tmp_path, seed):
    files = made_lobster.write(tmp_path, 2000, 10, seed)
    messages, record = read_messages(files[0]), read_book(files[1])
    found = replay(messages, record, np.arange(len(messages)))
    assert (found.rows, found.equal, found.taken_over) == (2000, 2000, 0)
    assert found.digest == replay_compiled(messages).digest


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("levels", [1, 3, 10])
def test_a_view_of_some_levels_agrees_where_it_is_known(tmp_path, levels, seed):
    files = made_lobster.visible(tmp_path, 2000, levels, seed)
    messages, record = read_messages(files[0]), read_book(files[1])
    found = replay(messages, record)
    assert found.equal == found.rows == len(messages)
    assert found.taken_over > 0
    assert found.crossed == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_record_that_begins_with_a_full_book_agrees(tmp_path, seed):
    messages, record = made_lobster.write(tmp_path, 500, 50, seed, opening=300)
    found = replay(read_messages(messages), read_book(record))
    assert found.equal == found.rows == 500
    assert found.unknown == 0


def test_what_differs_is_told(tmp_path):
    files = made_lobster.write(tmp_path, 200, 3)
    messages, record = read_messages(files[0]), read_book(files[1])
    record[150, 1, 3] += 7
    found = replay(messages, record, np.arange(200))
    assert (found.rows, found.equal) == (200, 199)
    assert found.differences[0].startswith("message 151, level 2: ")


def test_messages_of_a_view_are_found_among_all(tmp_path):
    whole = made_lobster.write(tmp_path / "whole", 1000, 10)
    shown = made_lobster.visible(tmp_path / "view", 1000, 2)
    messages, view = read_messages(whole[0]), read_messages(shown[0])
    at = places(messages, view)
    found = replay(messages, read_book(shown[1]), at)
    assert found.equal == found.rows == len(view) < 1000
    with pytest.raises(UsageError, match="its message 1 is not among the messages"):
        places(view, read_messages(made_lobster.write(tmp_path / "other", 5, 1, seed=9)[0]))


def test_lots_that_go_are_taken_from_their_order():
    """Worked out by hand: two orders, one of which comes again after it was gone."""
    from lobsim.data.messages import ADD, DELETE, REDUCE, TRADE, Messages

    kind = np.array([ADD, ADD, REDUCE, TRADE, TRADE, ADD, DELETE, DELETE, TRADE], np.int8)
    ids = np.array([1, 2, 1, 2, 1, 1, 1, 2, 3])
    size = np.array([10, 5, 4, 2, 6, 8, 8, 4, 1])
    ones = np.ones(9, np.int64)
    messages = Messages(ones, kind, ids, size, ones, ones.astype(np.int8), 0.01)
    assert messages.left().tolist() == [10, 5, 6, 3, 0, 8, 0, -1, -1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("1,2\n", ":1: 2 columns, must be time, type, order_id"),
        ("1,1,5,10,100,1\n2,1,x,10,100,1\n", ":2: column 3 is 'x'"),
        ("1,1,5,10,100,1\n2,1,6,10\n", ":2: 4 columns, must be 6"),
        ("1,1,5,10,100,1\n2,9,6,10,100,1\n", ":2: type = 9: must be from 1 to 7"),
        ("1,1,5,1.5,100,1\n", ":1: size = 1.5: must be a whole number"),
        ("1,1,1e20,10,100,1\n", ":1: order_id = 1e20: must be a whole number"),
        ("1,1,5,0,100,1\n", ":1: size = 0: must be 1 or more"),
        ("1,1,5,10,-100,1\n", ":1: price = -100: must be 1 or more"),
        ("1,1,5,10,100,0\n", ":1: direction = 0: must be 1 or -1"),
        ("2,1,5,10,100,1\n1,1,6,10,100,1\n", ":2: time = 1: is before the one above"),
        ("Time,Type,Id,Size,Price,Dir\n1,1,5,10,150,1\n", ":2: price = 0.015: no whole number"),
        ("1,1,5,,100,1\n", ":1: column 4 is empty"),
    ],
)
def test_a_file_that_does_not_fit_is_told_with_its_line(tmp_path, text, told):
    path = tmp_path / "messages.csv"
    path.write_text(text)
    with pytest.raises(StorageError) as error:
        read_messages(path)
    assert told in str(error.value)
    assert str(error.value).startswith(str(path))


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(StorageError, match=r"nowhere\.csv"):
        read_messages(Path("nowhere.csv"))


def test_a_book_has_four_columns_a_level(tmp_path):
    path = tmp_path / "book.csv"
    path.write_text("1,2,3\n")
    with pytest.raises(StorageError, match="3 columns: a book has four for each level"):
        read_book(path)


def test_packed_files_and_lines_of_names_are_read_too(tmp_path):
    plain = (SAMPLE / "message.csv").read_text()
    packed = tmp_path / "message.csv.gz"
    packed.write_bytes(gzip.compress(f"time,type,order_id,size,price,direction\n{plain}".encode()))
    wider = packed.with_name("wider.csv")
    wider.write_text("".join(f"{line},0\n" for line in plain.splitlines()))
    for path in (packed, wider):
        again, first = read_messages(path), read_messages(SAMPLE / "message.csv")
        assert (again.time_ns == first.time_ns).all()
        assert (again.price == first.price).all()


def lobsim(*words):
    command = [Path(sys.executable).with_name("lobsim"), "replay", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_command_says_what_it_has_met():
    book = "--book", SAMPLE / "orderbook_5.csv"
    rows = "--rows", SAMPLE / "message.csv"
    done = lobsim(SAMPLE / "message.csv", *book, *rows)
    assert done.returncode == 0
    assert "300 of 300 rows of the recorded book agree" in done.stdout
    assert lobsim(SAMPLE / "message.csv", "--tick", "0.003").returncode == 5
    assert lobsim(SAMPLE / "message.csv", *rows).returncode == 2
    short = lobsim(SAMPLE / "message.csv", "--book", SAMPLE / "message.csv")
    assert "6 columns: a book has four for each level" in short.stderr


def test_a_file_that_is_not_there_may_be_packed(tmp_path):
    packed = tmp_path / "message.csv.gz"
    packed.write_bytes(gzip.compress((SAMPLE / "message.csv").read_bytes()))
    named = tmp_path / "message.csv"
    told = f"error: {named}: no such file; there is {packed}\n"
    assert lobsim(named).stderr == told
    assert lobsim(SAMPLE / "message.csv", "--book", named).stderr == told
    assert lobsim(packed).returncode == 0
    packed.unlink()
    assert lobsim(named).stderr == f"error: {named}: no such file\n"


@real
def test_every_row_of_the_real_book_agrees():
    shown = read_messages(REAL / f"{AAPL}34200000_57600000_message_10.csv.gz")
    record = read_book(REAL / f"{AAPL}34200000_57600000_orderbook_10.csv.gz")
    assert replay(shown, record).equal == len(record) == 999
    messages = read_messages(REAL / f"{AAPL}0930_0935_replay.csv.gz")
    found = replay(messages, record, places(messages, shown))
    assert (found.rows, found.equal, found.unknown, found.crossed) == (999, 999, 0, 0)


@real
def test_an_hour_of_real_messages_goes_through_both_books():
    messages = read_messages(REAL / f"{AAPL}0930_1030_replay.csv.gz")
    counts = messages.counts()
    assert [counts[name] for name in ("adds", "partial cancels", "deletes")] == [44336, 469, 41004]
    assert [counts[name] for name in ("executions", "hidden executions")] == [4067, 2201]
    found = replay(messages)
    assert (found.unknown, found.refused, found.crossed, found.not_first) == (0, 0, 0, 24)
    assert replay_compiled(messages).digest == found.digest
