"""What does not fit in a plain CSV, or in its map of columns, is told in one line."""

import pytest

from lobsim.data.source import Source
from test_reader_errors import said
from test_trades_quotes import table


def csv(folder, *lines, columns=None, **how):
    path = folder / "made.csv"
    path.write_text("\n".join(["t,px,qty,who,b,a", *lines]) + "\n")
    return Source(path, 0.01, columns=columns or table(folder), **how)


GOOD = "2,100.01,3,buy,99.99,100.01"
BAD_CELLS = {
    "px = 'ten': must be a number of 9 decimals at most": "3,ten,3,buy,,",
    "px = '0.1234567891': must be a number of 9 decimals at most": "3,0.1234567891,3,buy,,",
    "px = 100.005: no whole number of 0.01: give --tick": "3,100.005,3,buy,,",
    "px = -1: must be above 0": "3,-1,3,buy,,",
    "qty = 0.5: no whole number of 1: give --size-step": "3,100,0.5,buy,,",
    "qty is empty: must be above 0": "3,100,,buy,,",
    "who = 'Buy': must be buy or sell, or empty": "3,100,3,Buy,,",
    "who is empty: give --sides lee-ready, or the column": "3,100,3,,,",
    "a = 100.005: no whole number of 0.01: give --tick": "3,,,,99.99,100.005",
    "b = 0: must be above 0, or empty": "3,,,,0,100.01",
    "t = 1: is before the one above": "1,100,3,buy,,",
    "t = 'noon': must be a whole number": "noon,100,3,buy,,",
    "t is empty: must be a whole number": ",100,3,buy,,",
    "px = a number: must be within 9223372036": "3,9999999999,3,buy,,",
}


@pytest.mark.parametrize("told", BAD_CELLS)
def test_a_row_of_plain_csv_that_does_not_fit(tmp_path, told):
    source = csv(tmp_path, GOOD, BAD_CELLS[told])
    assert said(source) == f"{source.path}:3: {told}"


def test_a_file_without_sides_needs_a_rule(tmp_path):
    source = csv(tmp_path, GOOD, columns=table(tmp_path, side=""))
    assert said(source) == (
        f"{source.path}:2: a trade without a side, for {source.columns} names no column for it: "
        f"give --sides lee-ready, or the column"
    )


def test_times_that_a_clock_shows_twice_or_never_are_told(tmp_path):
    columns = table(tmp_path, "iso", more='zone = "Europe/Berlin"\n')
    for time in ("2025-03-30T02:30:00", "2025-10-26T02:30:00"):
        source = csv(tmp_path, f"{time},100.01,3,buy,99.99,100.01", columns=columns)
        assert said(source) == (
            f"{source.path}:2: t = {time}.000000000: a clock in Europe/Berlin shows this never, or "
            f"twice: give an offset"
        )


BAD_MAPS = {
    "[trades] prize; did you mean 'price'? its keys: time, time_format, price, size, zone, side, "
    "buy, sell": ('price = "px"', 'prize = "px"'),
    "[trade]; did you mean 'trades'? its tables: trades, quotes": ("[trades]", "[trade]"),
    "[trades] has no size: must be there": ('size = "qty"\n', ""),
    "[trades] has no sell: must be there": ('sell = "sell"\n', ""),
    "[trades] price is a number: must be a text": ('price = "px"', "price = 3"),
    "[trades] time_format = 'm': must be s, ms, us, ns, iso or a format with %": ('"ns"', '"m"'),
    "[trades] has no zone: times without an offset are of some zone": ('"ns"', '"%H:%M"'),
    "Expected '=' after a key in a key/value pair (at line 2, column 6)": ("time = ", "time : "),
}


@pytest.mark.parametrize("told", BAD_MAPS)
def test_a_map_that_does_not_fit(tmp_path, told):
    columns = table(tmp_path)
    columns.write_text(columns.read_text().replace(*BAD_MAPS[told], 1))
    assert said(csv(tmp_path, GOOD, columns=columns)) == f"{columns}: {told}"


def test_zones_and_columns_of_a_map_are_told(tmp_path):
    columns = table(tmp_path, more='zone = "Europe/Nowhere"\n')
    assert said(
        csv(tmp_path, "1752759000123456789,100.01,3,buy,99.99,100.01", columns=columns)
    ) == (
        f"{columns}: [trades] zone = 'Europe/Nowhere': no time zone of this name, as Europe/Berlin "
        f"is one"
    )
    columns.write_text(table(tmp_path).read_text().replace('"px"', '"pxx"'))
    source = csv(tmp_path, GOOD, columns=columns)
    assert said(source) == (
        f"{source.path}:1: no column 'pxx', which [trades] of {columns} names; did you mean 'px'?"
    )
    missing = Source(source.path, 0.01, columns=tmp_path / "none.toml")
    assert said(missing) == f"{tmp_path}/none.toml: No such file or directory"


def test_a_file_without_trades_or_quotes_is_told(tmp_path):
    source = csv(tmp_path, "1,,,,99.99,100.01")
    assert said(source) == f"{source.path}: has no trade"
    source = csv(tmp_path, "1,100,3,buy,,")
    assert said(source) == f"{source.path}: has no quote"
