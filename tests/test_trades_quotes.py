"""Plain CSV of trades and quotes by a map of columns, and the sides that nobody tells."""

import numpy as np
import pytest

from lobsim.data.messages import HIDDEN, QUOTE, TRADE
from lobsim.data.source import Source
from lobsim.data.taker_side import lee_ready
from made_formats import best_of

HOUR = 3_600 * 10**9
MAP = """\
[trades]
time = "t"
time_format = "{form}"
{more}price = "px"
size = "qty"
{side}[quotes]
time = "t"
time_format = "{form}"
{more}bid = "b"
ask = "a"
"""
SIDE = 'side = "who"\nbuy = "buy"\nsell = "sell"\n'


def table(folder, form="ns", side=SIDE, more=""):
    path = folder / "map.toml"
    path.write_text(MAP.format(form=form, side=side, more=more))
    return path


def read(folder, trades, quotes=None, columns=None, **how):
    how.setdefault("columns", columns or table(folder))
    (folder / "trades.csv").write_text(trades)
    if quotes is not None:
        (folder / "quotes.csv").write_text(quotes)
        how["quotes"] = folder / "quotes.csv"
    return Source(folder / "trades.csv", how.pop("tick", 0.01), **how).read()


def told(recording):
    """Kind, ns, side of the resting order, ticks, lots, ask and bid of each message."""
    m = recording.messages
    return [
        (int(m.kind[i]), int(m.time_ns[i]), int(m.side[i]), int(m.price[i]), int(m.size[i]),
         *best_of(recording)[i].tolist())
        for i in range(len(m))
    ]  # fmt: skip


def test_two_files_are_one_market_and_a_trade_comes_before_the_quotes_of_its_time(tmp_path):
    trades = "t,px,qty,who\n5,100.01,3,buy\n7,99.99,2,sell\n"
    quotes = "t,b,a\n1,99.99,100.01\n5,99.99,100.02\n6,99.99,100.02\n8,99.98,\n"
    assert told(read(tmp_path, trades, quotes)) == [
        (QUOTE, 1, 0, 0, 0, 10001, 9999),
        (TRADE, 5, -1, 10001, 3, 10001, 9999),
        (QUOTE, 5, 0, 0, 0, 10002, 9999),
        (TRADE, 7, 1, 9999, 2, 10002, 9999),
        (QUOTE, 8, 0, 0, 0, 0, 9998),
    ]


def test_of_one_file_a_row_may_be_a_trade_a_quote_or_a_trade_that_met_these_quotes(tmp_path):
    text = "t,px,qty,who,b,a\n1,,,,99.99,100.01\n2,100.01,3,buy,,\n2,100.02,4,buy,99.99,100.02\n"
    assert told(read(tmp_path, text)) == [
        (QUOTE, 1, 0, 0, 0, 10001, 9999),
        (TRADE, 2, -1, 10001, 3, 10001, 9999),
        (QUOTE, 2, 0, 0, 0, 10002, 9999),
        (TRADE, 2, -1, 10002, 4, 10002, 9999),
    ]


def test_sides_with_no_lots_are_no_quotes(tmp_path):
    columns = table(tmp_path)
    columns.write_text(columns.read_text() + 'bid_size = "bs"\nask_size = "as"\n')
    text = "t,px,qty,who,b,bs,a,as\n1,,,,99.99,0,100.01,2.5\n2,100.01,3,buy,,,,\n"
    recording = read(tmp_path, text, columns=columns, size_step=0.5)
    assert told(recording)[0] == (QUOTE, 1, 0, 0, 0, 10001, 0)
    assert recording.sized
    assert recording.book[:, 0].tolist() == [[10001, 5, 0, 0]] * 2


@pytest.mark.parametrize(
    ("form", "more", "time", "wanted"),
    [
        # 2025-07-17 13:30:00 UTC is 1752759000 s; New York is four hours behind.
        ("s", "", "1752759000.123456789", 13.5 * HOUR + 123456789),
        ("ms", "", "1752759000123.456789", 13.5 * HOUR + 123456789),
        ("us", "", "1752759000123456.789", 13.5 * HOUR + 123456789),
        ("ns", "", "1752759000123456789", 13.5 * HOUR + 123456789),
        ("ns", 'zone = "America/New_York"\n', "1752759000123456789", 9.5 * HOUR + 123456789),
        ("s", "", "34200.5", 9.5 * HOUR + 5 * 10**8),
        ("iso", "", "2025-07-17T13:30:00.123456789Z", 13.5 * HOUR + 123456789),
        ("iso", "", "2025-07-17 09:30:00.5-04:00", 13.5 * HOUR + 5 * 10**8),
        ("iso", 'zone = "America/New_York"\n', "2025-07-17T09:30:00", 9.5 * HOUR),
        ("iso", 'zone = "UTC"\n', "2025-07-17T09:30:00", 9.5 * HOUR),
        ("%d.%m.%Y %H:%M:%S.%f", 'zone = "Europe/Berlin"\n', "17.07.2025 09:30:00.123456",
         9.5 * HOUR + 123456000),
        ("%Y%m%d %H%M%S%z", "", "20250717 093000+0200", 7.5 * HOUR),
    ],
)  # fmt: skip
def test_times_in_all_forms_are_from_midnight(tmp_path, form, more, time, wanted):
    text = f"t,px,qty,who,b,a\n{time},100.01,3,buy,99.99,100.01\n"
    recording = read(tmp_path, text, columns=table(tmp_path, form, more=more))
    assert recording.messages.time_ns.tolist() == [wanted] * 2


def test_fractions_become_lots_by_the_step_that_is_given(tmp_path):
    text = "t,px,qty,who,b,a\n1,0.00001234,0.75,buy,0.00001233,0.00001234\n"
    recording = read(tmp_path, text, tick=0.00000001, size_step=0.25)
    assert told(recording)[1] == (TRADE, 1, -1, 1234, 3, 1234, 1233)


SPREAD = "1,,,99.98,100.02\n"  # a mid of 100


@pytest.mark.parametrize(
    ("rows", "sides"),
    [
        ("2,100.01,1,,\n", [1]),  # above the mid
        ("2,99.99,1,,\n", [-1]),
        ("2,99.99,1,,\n3,100,1,,\n", [-1, 1]),  # at the mid, after a rise
        ("2,100.01,1,,\n3,100,1,,\n4,100,1,,\n", [1, -1, -1]),  # after a fall, and no change
        ("2,100.01,1,,\n2,,,100.02,100.04\n3,100.02,1,,\n", [1, -1]),  # the latest quotes
        ("2,100.01,1,,\n2,,,100.02,\n3,100.02,1,,\n", [1, 1]),  # no mid: by the change of price
    ],
)
def test_lee_and_readys_rule(tmp_path, rows, sides):
    text = f"t,px,qty,b,a\n{SPREAD}{rows}"
    recording = read(tmp_path, text, columns=table(tmp_path, side=""), sides="lee-ready")
    traded = recording.messages.kind == TRADE
    assert (-recording.messages.side[traded]).tolist() == sides
    assert recording.notes[-1].startswith("sides by Lee and Ready's rule: ")


def test_trades_that_the_rule_says_nothing_of_are_left_out_and_counted(tmp_path):
    text = f"t,px,qty,b,a\n{SPREAD}2,100,1,,\n3,100,1,,\n4,100.01,1,,\n5,100,1,,\n"
    recording = read(tmp_path, text, columns=table(tmp_path, side=""), sides="lee-ready")
    assert recording.messages.kind.tolist() == [QUOTE, HIDDEN, HIDDEN, TRADE, TRADE]
    assert recording.notes == (
        "sides by Lee and Ready's rule: 1 trades by the quotes, 1 by the last change of price, 2 "
        "left out",
    )


def test_sides_that_are_told_stay(tmp_path):
    text = "t,px,qty,who,b,a\n1,,,,99.98,100.02\n2,100.01,1,sell,,\n3,100.01,1,,,\n"
    recording = read(tmp_path, text, sides="lee-ready")
    traded = recording.messages.kind == TRADE
    assert recording.messages.side[traded].tolist() == [1, -1]
    assert lee_ready(recording) is recording


def test_the_rule_is_right_where_the_sides_are_known(tmp_path):
    """Of trades at the quotes of a made market, all."""
    import made_formats

    folder = made_formats.write(tmp_path / "day", 1500)
    how = {"quotes": folder / "quotes.csv.gz"}
    known = Source(folder / "trades.csv", 0.01, columns=folder / "columns.toml", **how).read()
    bare = "".join(
        line
        for line in made_formats.MAP.splitlines(True)
        if line[:4] not in ("side", "buy ", "sell")
    )
    (folder / "bare.toml").write_text(bare)
    how |= {"columns": folder / "bare.toml", "sides": "lee-ready"}
    guessed = Source(folder / "trades.csv", 0.01, **how).read()
    traded = known.messages.kind == TRADE
    assert traded.sum() > 150
    assert np.array_equal(known.messages.side[traded], guessed.messages.side[traded])
