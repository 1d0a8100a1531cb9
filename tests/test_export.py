"""A run written as CSV, and read again."""

import csv

import numpy as np
import pytest

import lobsim
from lobsim.data.export import export, messages_of
from lobsim.data.lobster import read_book, read_messages
from lobsim.data.messages import HIDDEN, TRADE
from lobsim.data.replay import replay
from lobsim.errors import UsageError
from pairs import PAIR, two

BUSY = {
    "quickstart": (),
    "crossing": ("crossing=trade", "requote=timer", "requote_ms=3", "asset.flow.d0=0"),
    "halting": ("risk.max_drawdown=5", "risk.on_halt=flatten", "end.inventory=close"),
    "prevented": ("crossing=trade", "self_trade=cancel_both", "requote=timer", "requote_ms=3"),
}


@pytest.mark.parametrize("name", BUSY)
def test_a_run_goes_out_and_comes_in_again_as_it_was(tmp_path, name):
    run = lobsim.run("quickstart", settings=BUSY[name], seed=4, out=tmp_path / "run")
    files = export(run, "lobster", tmp_path / "out", 10)
    messages, record = read_messages(files[0]), read_book(files[1])
    found = replay(messages, record, np.arange(len(messages)))
    assert found.rows == found.equal == len(messages) > 100
    assert (found.unknown, found.refused, found.not_first) == (0, 0, 0)
    fills = run.fills
    makers = fills[fills.liquidity == "maker"]
    trades = messages.kind == TRADE
    assert messages.size[trades].tolist() == makers["size"].tolist()
    assert messages.price[trades].tolist() == makers.price_ticks.tolist()
    assert messages.time_ns[trades].tolist() == makers.ts_event.tolist()
    assert (messages.kind == HIDDEN).sum() == (fills.liquidity == "close").sum() / 2


@pytest.mark.parametrize("scenario", ["snipers", "depth", "latency"])
def test_books_with_takers_and_queues_come_in_again(tmp_path, scenario):
    run = lobsim.run(scenario, settings=["duration_s=0.5"], out=tmp_path / "run")
    files = export(run, "lobster", tmp_path / "out", 5)
    tick = run.manifest["scenario"]["asset"]["tick"]
    messages, record = read_messages(files[0], tick), read_book(files[1], tick)
    found = replay(messages, record, np.arange(len(messages)))
    assert found.rows == found.equal == len(messages) > 100
    assert (found.unknown, found.not_first) == (0, 0)


def test_the_last_book_is_that_of_the_desk(tmp_path):
    """What rests at the end by the tape's own quotes is what the messages leave."""
    run = lobsim.run("quickstart", seed=2, out=tmp_path / "run")
    left = messages_of(run, "asset")
    resting = {}
    for order_id, lots in zip(left.order_id.tolist(), left.left().tolist(), strict=True):
        resting[order_id] = lots
    quotes = run.quotes.groupby("strategy", observed=True).last()
    assert sum(max(0, lots) for lots in resting.values()) == (
        quotes.bid_size.sum() + quotes.ask_size.sum()
    )


def test_each_asset_has_files_of_its_own(tmp_path):
    run = lobsim.run(two(tmp_path, strategies=PAIR), out=tmp_path / "run")
    files = export(run, "lobster", tmp_path / "out", 2)
    assert [path.parent.name for path in files] == ["eth", "eth", "btc", "btc"]
    for i, tick in ((0, 0.01), (2, 0.05)):
        messages = read_messages(files[i], tick)
        record = read_book(files[i + 1], tick)
        assert replay(messages, record, np.arange(len(messages))).equal == len(messages)


def test_tables_go_out_whole(tmp_path):
    run = lobsim.run("quickstart", settings=["duration_s=0.1"], out=tmp_path / "run")
    files = export(run, "csv", tmp_path / "out", 1)
    assert [path.stem for path in files] == ["orders", "fills", "mids", "risk", "notes"]
    with files[1].open() as lines:
        rows = list(csv.DictReader(lines))
    fills = run.fills
    assert list(rows[0]) == list(fills.columns)
    assert [float(row["price"]) for row in rows] == fills.price.tolist()


def test_nothing_is_overwritten_and_what_cannot_be_is_told(tmp_path):
    run = lobsim.run("quickstart", settings=["duration_s=0.1"], out=tmp_path / "run")
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="exists already; nothing is overwritten"):
        export(run, "csv", tmp_path / "out", 1)
    settings = ["duration_s=0.1", "record=fills"]
    bare = lobsim.run("quickstart", settings=settings, out=tmp_path / "bare")
    with pytest.raises(UsageError, match="the run kept no orders"):
        export(bare, "lobster", tmp_path / "none", 1)
    fine = ["duration_s=0.1", "asset.tick=0.00001"]
    run = lobsim.run("quickstart", settings=fine, out=tmp_path / "fine")
    with pytest.raises(UsageError, match="whole numbers of 1/10000"):
        export(run, "lobster", tmp_path / "fine-out", 1)
