"""What does not fit in a file is told in one line, with the file and the line or row."""

import gzip
import math
import random
import zipfile
from contextlib import suppress

import numpy as np
import pytest

import made_formats
from lobsim.data.source import Source
from lobsim.errors import StorageError, UsageError
from made_formats import BOTH, BUY, DAY, EVENT, HEAD, SELL
from test_databento import SAMPLES, SEVERAL, row
from test_trades_quotes import table

FITS = row(1, "A")


def said(source, kind=StorageError):
    with pytest.raises(kind) as error:
        source.read()
    assert len(error.value.problems) == 1
    return str(error.value)


def databento(folder, *lines, head=HEAD, name="mbo.csv", **how):
    path = folder / name
    path.write_text("\n".join([head, *lines]) + "\n")
    return Source(path, 0.01, **how)


BAD_ROWS = {
    "action = X: must be one of A, C, M, R, T, F, N": row(2, "X"),
    "side = S: must be A, B or N": row(2, "A", side="S"),
    "side = N: must be A or B where an order comes or goes": row(2, "C", side="N"),
    "size = 0: must be 1 or more": row(2, "C", size=0),
    "size = 'ten': must be a whole number": row(2, "A", size="ten"),
    "order_id = '-1': must be a whole number": row(2, "A", order_id=-1),
    "price is empty: must be a price (found UNDEF_PRICE)": row(2, "A", price=None),
    "price = -0.25: must be above 0": row(2, "A", price=-0.25),
    "price = 100.005: no whole number of 0.01: give --tick": row(2, "A", price=100.005),
    "rtype = 1: must be 160 (market by order)": FITS.replace(",160,", ",1,"),
    "flags = 64: F_TOB, the top of the book: no orders": row(2, "A", flags=64),
    "flags = 16: F_MBP, a level of prices: no orders": row(2, "A", flags=16),
    "14 columns, must be 15 as in the first line": FITS[: FITS.rindex(",")],
    "ts_event is empty: must be a whole number": "",
    "order_id is empty: must be a whole number": row(2, "A", order_id=""),
    f"ts_event = {DAY + 10**9 - 1}: is before the one above": row(1 - 1e-9, "A"),
    "ts_event = 'noon': must be a whole number": FITS.replace(f",{DAY + 10**9},", ",noon,"),
}


@pytest.mark.parametrize("told", BAD_ROWS)
def test_a_row_of_databentos_that_does_not_fit(tmp_path, told):
    source = databento(tmp_path, FITS, FITS, BAD_ROWS[told])
    assert said(source) == f"{source.path}:4: {told}"


def test_the_line_is_right_beyond_the_first_block_and_in_packed_files(tmp_path, monkeypatch):
    monkeypatch.setattr("lobsim.data.columns.BLOCK", 2048)
    for bad, told in (("price = 100.005: no whole number", row(2, "A", price=100.005)),
                      ("size = '1.5': must be a whole number", row(2, "A", size=1.5))):  # fmt: skip
        path = tmp_path / "mbo.csv.gz"
        path.write_bytes(gzip.compress("\n".join([HEAD, *[FITS] * 300, told]).encode()))
        assert said(Source(path, 0.01)).startswith(f"{path}:302: {bad}")


def test_times_of_databentos_are_exact(tmp_path):
    pretty = made_formats.databento(made_formats.market(3)[0])
    source = databento(tmp_path, pretty[0], pretty[1].replace("T09:30", " 9.30"))
    cell = pretty[1].split(",")[0].replace("T09:30", " 9.30")
    must = "must be a time as 2025-07-17T13:30:00.123456789Z"
    assert said(source) == f"{source.path}:3: ts_recv = '{cell}': {must}"


def test_columns_of_databentos_that_are_not_there(tmp_path):
    source = databento(tmp_path, FITS, head=HEAD.replace("order_id", "order_ids"))
    assert said(source) == (
        f"{source.path}:1: no column 'order_id', which Databento's market by order (schema mbo) "
        f"has; did you mean 'order_ids'?"
    )
    source = databento(tmp_path, FITS, head=HEAD.replace("order_id", "side"))
    assert said(source) == f"{source.path}:1: two columns 'side': names must differ"
    source = databento(tmp_path)
    assert said(source) == f"{source.path}: has no rows below its first line"


def test_several_instruments_are_to_be_chosen_from(tmp_path):
    source = databento(tmp_path, *SEVERAL)
    all_of_them = "3 instruments and venues, 7:2 (MADE), 8:2 (BORN), 8:39 (BORN)"
    choose = f"{source.path}: {all_of_them}: choose with --instrument"
    assert said(source, UsageError) == choose
    assert said(databento(tmp_path, *SEVERAL, instrument="8"), UsageError) == choose
    for name in ("9", "8:3", "NOBODY"):
        source = databento(tmp_path, *SEVERAL, instrument=name)
        told = f"--instrument {name}: not in {source.path}: {all_of_them}"
        assert said(source, UsageError) == told
    bare = [line.rpartition(",")[0] for line in SEVERAL]
    source = databento(tmp_path, *bare, head=HEAD.rpartition(",")[0], instrument="MADE")
    told = f"--instrument MADE: {source.path} has no column symbol: give its id"
    assert said(source, UsageError) == told


def events(folder, *changes, **how):
    """Three events, of which the second is other than it should be."""
    data = np.zeros(3, EVENT)
    data["ev"] = [1 | BUY | BOTH, 1 | SELL | BOTH, 2 | BUY | BOTH]
    data["exch_ts"] = data["local_ts"] = DAY + np.arange(3)
    data["px"], data["qty"] = [99.99, 100.01, 100.01], 5
    for name, value in changes:
        data[name][1] = value
    np.savez(folder / "made.npz", data=data)
    return Source(folder / "made.npz", 0.01, **how)


BAD_EVENTS = [
    ("ev", 5 | BUY | BOTH, "its kind (lowest 8 bits) must be one of 1, 2, 3, 4, 10, 11, 12, 13"),
    ("ev", 10 | BUY | BOTH, "a file is by price (kinds 1, 4) or by order (10 to 13): not both"),
    ("ev", 1 | BOTH, "must be flagged BUY_EVENT or SELL_EVENT"),
    ("ev", 2 | BOTH, "a trade without BUY_EVENT or SELL_EVENT: give --sides lee-ready"),
    ("exch_ts", DAY - 1, "is before that of the event above"),
    ("px", 100.005, "no whole number of 0.01: give --tick"),
    ("px", np.nan, "must be a number"),
    ("px", 0.0, "must be above 0"),
    ("qty", 0.5, "no whole number of 1: give --size-step"),
    ("qty", -1.0, "must be above 0"),
    ("order_id", 2**63, "must be below 2^63"),
]


@pytest.mark.parametrize(("name", "value", "told"), BAD_EVENTS)
def test_an_event_of_hftbacktests_that_does_not_fit(tmp_path, name, value, told):
    source = events(tmp_path, (name, value))
    assert said(source) == f"{source.path}: row 2: {name} = {value}: {told}"


def test_files_that_are_no_whole_npz_of_events(tmp_path):
    source = events(tmp_path)
    whole = source.path.read_bytes()
    source.path.write_bytes(whole[:200])
    assert said(source) == f"{source.path}: no whole .npz file: BadZipFile: File is not a zip file"
    np.savez(source.path, other=np.zeros(3))
    assert said(source) == f"{source.path}: holds no array 'data', which hftbacktest's files have"
    np.savez(source.path, data=np.array([{"a": 1}], object))
    assert said(source) == (
        f"{source.path}: 'data' holds pickled objects, which can run code: not read"
    )
    np.savez(source.path, data=np.zeros((3, 6)))
    assert said(source).startswith(f"{source.path}: 'data' is of float64 and shape (3, 6): must be")
    np.savez(source.path, data=np.zeros(0, EVENT))
    assert said(source) == f"{source.path}: has no event flagged EXCH_EVENT"


def test_an_npz_with_fewer_events_than_it_says_is_told(tmp_path):
    source = events(tmp_path)
    with zipfile.ZipFile(source.path) as archive:
        data = archive.read("data.npy").replace(b"(3,)", b"(9,)")
    with zipfile.ZipFile(source.path, "w") as archive:
        archive.writestr("data.npy", data)
    assert said(source) == f"{source.path}: is cut off in row 4"


def test_an_npz_that_lost_bytes_inside_is_told(tmp_path):
    """Its list of contents stands at its end, and may be whole."""
    source = events(tmp_path)
    data = bytearray(source.path.read_bytes())
    at = data.index(np.float64(100.01).tobytes())
    data[at] ^= 1
    source.path.write_bytes(bytes(data))
    assert said(source).startswith(f"{source.path}: no whole .npz file: BadZipFile: Bad CRC-32")


@pytest.mark.parametrize("name", ["by_order.npz", "by_price.npz", "databento_fixed.csv.gz"])
def test_damaged_bytes_are_told_whatever_they_are(tmp_path, name):
    whole, path, dice = (SAMPLES / name).read_bytes(), tmp_path / name, random.Random(1)
    form = "databento" if "databento" in name else "hftbacktest"
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 3)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(bytes(data))
        with suppress(StorageError):  # and nothing else
            Source(path, 0.01, form).read()


@pytest.mark.parametrize("form", ["lobster", "databento", "csv"])
def test_an_empty_file_is_told(tmp_path, form):
    path = tmp_path / "empty.csv"
    path.write_text("")
    columns = table(tmp_path) if form == "csv" else None
    assert said(Source(path, 0.01, form, columns=columns)) == f"{path}: is empty"


def test_files_that_are_not_there_or_cut_off_are_told(tmp_path):
    for form in (None, "lobster", "databento", "hftbacktest"):
        assert said(Source(tmp_path / "none", 0.01, form)).startswith(f"{tmp_path}/none: ")
    packed = tmp_path / "cut.csv.gz"
    packed.write_bytes((SAMPLES / "databento_fixed.csv.gz").read_bytes()[:-200])
    assert said(Source(packed, 0.01)).startswith(f"{packed}: ")
    binary = tmp_path / "made.dbn"
    binary.write_bytes(b"DBN\x01")
    told = f"{binary}: is DBN: give Databento's CSV (`dbn --csv` makes it)"
    assert said(Source(binary, 0.01)) == told


def test_options_that_a_format_has_no_use_for_are_refused(tmp_path):
    path = SAMPLES / "message.csv"
    for how, told in (
        ({"instrument": "7"}, "--instrument: not for LOBSTER's messages (--from lobster)"),
        ({"size_step": 0.1}, "--size-step: not for LOBSTER's messages (--from lobster)"),
        ({"sides": "lee-ready"}, "--sides: not for LOBSTER's messages (--from lobster)"),
        ({"quotes": path}, "--quotes: not for LOBSTER's messages (--from lobster)"),
        ({"form": "csv"}, "--from csv: give --columns, a map of its columns"),
    ):
        assert said(Source(path, 0.01, **how), UsageError) == told


def test_steps_that_no_price_has_are_told():
    for tick in (0.0, -0.01, 1e-10, math.nan, math.inf):
        told = said(Source(SAMPLES / "databento.csv", tick))
        assert told == f"--tick {tick:g}: must be a whole number of 1e-9, above 0"
        told = said(Source(SAMPLES / "message.csv", tick))
        assert told == f"--tick {tick:g}: must be a whole number of 1/10000"
        told = said(Source(SAMPLES / "by_price.npz", tick))
        assert told == f"--tick {tick:g}: must be a whole number of 1e-9, above 0"
