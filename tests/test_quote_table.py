"""Quote tables: what they refuse, how they are kept, and what a market makes of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lobsim import QuoteTable, Strategy
from market import buys, play, sells

INF, NAN = np.inf, np.nan
PLAIN = {"times_s": [0, 1], "inventories": [-1, 0, 1], "bid_depth": [[1] * 3] * 2}
PLAIN["ask_depth"] = PLAIN["bid_depth"]


def table(**changes):
    return QuoteTable(**{**PLAIN, **changes})


@st.composite
def tables(draw):
    def several(values, size):
        return draw(st.lists(values, min_size=size, max_size=size))

    rows, columns, lowest = (draw(st.integers(*r)) for r in ((1, 4), (1, 5), (-100, 100)))
    depth = st.floats(1e-9, 1e9) | st.just(INF)
    bid, ask = (np.reshape(several(depth, rows * columns), (rows, columns)) for _ in "ba")
    times = np.cumsum([0, *several(st.floats(1e-9, 1e3), rows - 1)])
    return QuoteTable(times, range(lowest, lowest + columns), bid, ask)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"times_s": []}, "times_s must start at 0"),
        ({"times_s": [1, 2]}, "times_s must start at 0"),
        ({"times_s": [0, 0]}, "times_s must start at 0 and rise"),
        ({"times_s": [0, NAN]}, "times_s must"),
        ({"times_s": [0, INF]}, "times_s must be finite"),
        ({"times_s": [[0, 1]]}, "times_s must"),
        ({"times_s": [0, 1, 2]}, r"bid_depth must be of shape \(3, 3\) or .*, is \(2, 3\)"),
        ({"inventories": [0, 1]}, r"bid_depth must be of shape \(2, 2\) or .*, is \(2, 3\)"),
        ({"inventories": [-1, 0, 2]}, "inventories must be whole lots"),
        ({"inventories": [1, 0, -1]}, "inventories must be whole lots"),
        ({"inventories": [0.5, 1.5, 2.5]}, "inventories must be whole lots"),
        ({"inventories": []}, "inventories must be whole lots"),
        ({"ask_depth": [[1] * 3]}, r"ask_depth must be of shape \(2, 3\) or .*, is \(1, 3\)"),
        ({"ask_depth": [1, 1, 1]}, r"ask_depth must be of shape \(2, 3\) or .*, is \(3,\)"),
        ({"bid_depth": [[1, NAN, 1]] * 2}, "bid_depth must be finite, or inf"),
        ({"ask_depth": [[1, 1, -INF]] * 2}, "ask_depth must be finite, or inf"),
        ({"bid_depth": [[1, -1, 1]] * 2}, "a bid must be below the ask"),
        ({"bid_depth": [[1, 1, 1], [1, 1, -3]]}, "a bid must be below the ask"),
        ({"inventories": ["a", "b", "c"]}, "inventories must"),
    ],
)
def test_a_table_that_no_maker_could_quote_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        table(**changes)


def test_an_infinite_inventory_is_refused():
    with pytest.raises(ValueError, match="inventories must"):
        QuoteTable([0], [INF], [[1]], [[1]])


def test_depths_may_be_negative_or_infinite():
    assert table(bid_depth=[[-0.5, INF, 1]] * 2).bid_depth[0].tolist() == [-0.5, INF, 1]


def test_a_table_keeps_its_values_whatever_becomes_of_the_arrays_it_was_made_of():
    depths = np.ones((2, 3))
    made = table(bid_depth=depths)
    depths[0, 0] = -5
    assert made == table()


@settings(deadline=None, max_examples=50)
@given(tables())
def test_a_table_is_read_as_it_was_saved(tmp_path_factory, made):
    path = tmp_path_factory.mktemp("tables") / "quotes.npz"
    made.save(path)
    assert QuoteTable.load(path) == made


def test_tables_differ_where_any_value_does():
    assert table() == table()
    assert table() != table(bid_depth=[[1, 1, 1], [1, 1, 2]])
    assert table() != "a table"


@pytest.mark.parametrize("failing", ["numpy.savez_compressed", "os.fsync", "os.replace"])
def test_a_table_that_cannot_be_saved_leaves_the_old_one(tmp_path, monkeypatch, failing):
    path = tmp_path / "quotes.npz"
    table().save(path)

    def fail(file, *arguments, **columns):
        if hasattr(file, "write"):
            file.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(failing, fail)
    with pytest.raises(OSError, match="no space left"):
        table(times_s=[0, 2]).save(path)
    monkeypatch.undo()
    assert QuoteTable.load(path) == table()


def test_a_saved_table_replaces_the_old_one_and_leaves_nothing_else(tmp_path):
    table().save(tmp_path / "quotes.npz")
    table(times_s=[0, 2]).save(str(tmp_path / "quotes.npz"))
    assert [path.name for path in tmp_path.iterdir()] == ["quotes.npz"]
    assert QuoteTable.load(tmp_path / "quotes.npz") == table(times_s=[0, 2])


def test_a_file_that_lacks_a_column_is_told(tmp_path):
    np.savez(tmp_path / "half.npz", times_s=[0.0], inventories=[0])
    with pytest.raises(ValueError, match=r"half\.npz.*not a quote table.*bid_depth, ask_depth"):
        QuoteTable.load(tmp_path / "half.npz")


@pytest.mark.filterwarnings("ignore:unclosed file")  # numpy leaves it open
@pytest.mark.parametrize("kept", [0, 3, 8, 400, -1])
def test_e1_a_file_cut_off_anywhere_is_told(tmp_path, kept):
    path = tmp_path / "quotes.npz"
    table().save(path)
    path.write_bytes(path.read_bytes()[:kept])
    try:
        QuoteTable.load(path)
    except ValueError as error:
        told = str(error)
    assert "quotes.npz" in told


# In a market: ticks of 1, the mid at 100, a day of 1,000 ns, made in tests/market.py


def day(quotes, *happenings, size=1):
    """What a maker with this table did: (time, kind, price) of its orders."""

    def quote_table(self, market):
        return quotes

    maker = type("maker", (Strategy,), {"quote_table": quote_table, "size": size})
    return play([maker], happenings)


def test_a_row_holds_until_the_next():
    """Rows from 0, 400 and 700 ns on, and questions shortly before and at these times."""
    quotes = QuoteTable([0, 4e-7, 7e-7], [0], [[1], [2], [3]], [[1], [2], [3]])
    orders = [buys(time, 1) for time in (399, 400, 699, 700, 999)]  # too low to trade
    rows = day(quotes, *orders).of("maker")
    assert [(row.time, row.price) for row in rows] == [
        (0, 99), (0, 101), (400, 98), (400, 102), (700, 97), (700, 103),
    ]  # fmt: skip


def test_beyond_the_table_the_outermost_column_holds():
    quotes = QuoteTable([0], [-1, 0, 1], [[1, 2, 3]], [[3, 2, 1]])
    fills = day(quotes, *(sells(time, 1) for time in (10, 20, 30, 40))).fills
    assert [price for *_, price, _ in fills] == [98, 97, 97, 97]
    fills = day(quotes, *(buys(time, 200) for time in (10, 20, 30, 40))).fills
    assert [price for *_, price, _ in fills] == [102, 103, 103, 103]


def test_an_infinite_depth_is_no_quote_and_withdraws_one_that_stands():
    quotes = QuoteTable([0, 5e-7], [0], [[INF], [1]], [[1], [INF]])
    rows = day(quotes, buys(400, 1), buys(500, 1)).of("maker")
    assert [(row.time, row.kind, row.side) for row in rows] == [
        (0, "limit", -1),
        (500, "cancel", -1),
        (500, "limit", 1),
    ]


def test_depths_are_rounded_away_from_the_mid():
    rows = day(QuoteTable([0], [0], [[0.25]], [[1.25]])).of("maker")
    assert [row.price for row in rows] == [99, 102]


def test_quotes_are_of_the_size_the_strategy_names():
    rows = day(QuoteTable([0], [0], [[1]], [[1]]), size=5).of("maker")
    assert [row.size for row in rows] == [5, 5]
