"""hftbacktest's events: read against a book of lists, written for the library and for ourselves."""

from importlib.util import find_spec

import numpy as np
import pytest

import lobsim
import made_formats
import replayed
from lobsim.data.calibrate import calibrate
from lobsim.data.export import export, messages_of
from lobsim.data.findings import rows
from lobsim.data.lobster import read_messages
from lobsim.data.messages import HIDDEN, QUOTE, TRADE
from lobsim.data.quotes import market_orders, quotes_of
from lobsim.data.replay import replay
from lobsim.data.source import Source
from made_formats import BOTH, BUY, DAY, EVENT, SELL, best_of
from test_databento import SAMPLES, same


def read(path, events, **how):
    """Each event is (ns, flags and kind, price, size, id), for everybody."""
    data = np.zeros(len(events), EVENT)
    for i, (time, flags, price, size, order_id) in enumerate(events):
        data[i] = (flags | BOTH, DAY + time, DAY + time, price, size, order_id, 0, 0.0)
    np.savez(path, data=data)
    return Source(path, 0.01, **how).read()


def test_the_kept_samples_are_the_market_of_lobsters():
    theirs = read_messages(SAMPLES / "message.csv")
    recording = Source(SAMPLES / "by_order.npz", 0.01).read()
    assert same(recording.messages, theirs)
    by_price = Source(SAMPLES / "by_price.npz", 0.01).read()
    traded, visible = by_price.messages.kind == TRADE, theirs.kind == TRADE
    for name in ("time_ns", "size", "price", "side"):
        ours = getattr(by_price.messages, name)[traded]
        assert ours.tolist() == getattr(theirs, name)[visible].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_best_quotes_by_price_are_those_of_lists(tmp_path, monkeypatch, seed):
    """Lots of events are read one after the other, whatever their borders."""
    monkeypatch.setattr("lobsim.data.hftbacktest.CHUNK", 37)
    messages, best = made_formats.market(800, seed)
    np.savez(tmp_path / "made.npz", data=made_formats.by_price(messages))
    recording = Source(tmp_path / "made.npz", 0.01).read()
    wanted = {made_formats.ns(m) - DAY: pair for m, pair in zip(messages, best, strict=True)}
    told = dict(zip(recording.messages.time_ns.tolist(), best_of(recording).tolist(), strict=True))
    for time, pair in told.items():
        assert tuple(100 * price for price in pair) == wanted[time]
    assert {tuple(pair) for pair in told.values()} >= {(a // 100, b // 100) for a, b in best}


def test_all_formats_give_one_calibration(tmp_path):
    folder = made_formats.write(tmp_path / "day", 3000)
    plain = {"columns": folder / "columns.toml", "quotes": folder / "quotes.csv.gz"}
    found = []
    for name, how in (
        ("message.csv", {}), ("by_order.npz", {}), ("by_price.npz", {}), ("trades.csv", plain),
    ):  # fmt: skip
        recording = Source(folder / name, 0.01, **how).read()
        seen = quotes_of(recording)
        orders = market_orders(recording.messages, seen)
        found.append({(row.figure, row.unit): row for row in rows(calibrate(seen, orders, 0.01))})
    for other in found[1:]:
        assert other.keys() == found[0].keys()
        for key, row in found[0].items():
            assert other[key].value == pytest.approx(row.value, rel=1e-6), key
            # Quotes that last beyond a block count in the one where they were told.
            ends = [end for end in (other[key].low, other[key].high) if end is not None]
            assert ends == pytest.approx([row.low, row.high][: len(ends)], rel=0.1), key


def test_levels_are_cleared_on_a_side_up_to_a_price_or_altogether(tmp_path):
    events = [
        (1, 4 | BUY, 99.99, 5, 0),
        (1, 4 | BUY, 99.98, 5, 0),
        (1, 4 | BUY, 99.97, 5, 0),
        (1, 4 | SELL, 100.01, 2, 0),
        (2, 3 | BUY, 99.98, 0, 0),
        (3, 3 | SELL, np.nan, 0, 0),
        (4, 1 | SELL, 100.02, 2, 0),
        (5, 3, 0, 0, 0),
    ]
    recording = read(tmp_path / "made.npz", events)
    assert recording.messages.kind.tolist() == [QUOTE] * 6
    # From 99.99 to 99.98 goes one level after the other, at once.
    assert recording.messages.time_ns.tolist() == [1, 1, 2, 3, 4, 5]
    assert best_of(recording).tolist() == [
        [0, 9999], [10001, 9999], [10001, 9997], [0, 9997], [10002, 9997], [0, 0],
    ]  # fmt: skip


def test_only_the_exchanges_events_are_taken(tmp_path):
    data = np.zeros(3, EVENT)
    data["ev"] = [1 | BUY | 1 << 31, 1 | BUY | 1 << 30, 2 | SELL | 1 << 31]
    data["exch_ts"], data["local_ts"] = [DAY + 5, DAY + 1, DAY + 6], DAY + 9
    data["px"], data["qty"] = 99.99, 0.25
    np.savez(tmp_path / "made.npz", data=data)
    recording = Source(tmp_path / "made.npz", 0.01, size_step=0.001).read()
    assert recording.messages.time_ns.tolist() == [5, 6]
    assert recording.messages.size.tolist() == [0, 250]
    assert recording.messages.side.tolist() == [0, 1]


def test_a_trade_that_nobody_is_told_to_have_taken_gets_a_side_by_the_rule(tmp_path):
    events = [
        (1, 1 | BUY, 99.99, 5, 0),
        (1, 1 | SELL, 100.01, 5, 0),
        (2, 2, 99.99, 1, 0),
        (3, 2, 100.0, 1, 0),
    ]
    messages = read(tmp_path / "made.npz", events, sides="lee-ready").messages
    assert messages.side[messages.kind == TRADE].tolist() == [1, -1]


SETTINGS = {
    "quickstart": (),
    "crossing": ("crossing=trade", "requote=timer", "requote_ms=3", "asset.flow.d0=0"),
    "halting": ("risk.max_drawdown=5", "risk.on_halt=flatten", "end.inventory=close"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_run_goes_out_and_comes_in_again_as_it_was(tmp_path, name):
    run = lobsim.run("quickstart", settings=SETTINGS[name], seed=4, out=tmp_path / "run")
    by_price, by_order = export(run, "hftbacktest", tmp_path / "out", 1)
    sent = messages_of(run, "asset")
    came = Source(by_order, 0.01).read().messages
    assert replay(came).digest == replay(sent).digest
    shown = Source(by_price, 0.01).read()
    fills = run.fills[run.fills.liquidity == "maker"]
    for messages in (came, shown.messages):
        traded = messages.kind == TRADE
        assert messages.size[traded].tolist() == fills["size"].tolist()
        assert messages.price[traded].tolist() == fills.price_ticks.tolist()
        assert messages.time_ns[traded].tolist() == fills.ts_event.tolist()
    assert not (came.kind == HIDDEN).any()
    times = np.unique(shown.messages.time_ns)
    last = np.searchsorted(shown.messages.time_ns, times, side="right") - 1
    assert best_of(shown)[last].tolist() == best_quotes(run, times.tolist())


def best_quotes(run, times):
    """Ask and bid at these times by the commands on the tape, 0 where there is none."""
    return [
        [min(book[-1], default=0), max(book[1], default=0)]
        for book in replayed.books(run, "asset", times)
    ]


def test_calibration_finds_the_sigma_that_a_run_was_simulated_with(tmp_path):
    """A maker that quotes at a fixed distance shows the reference mid, to half a tick."""
    settings = ["duration_s=400", "asset.price.sigma=1.5", "asset.mid=1000"]
    settings += ["risk.max_drawdown=1e9", "risk.max_inventory=1000000"]
    run = lobsim.run("quickstart", settings=settings, strategies=["tight"], out=tmp_path / "run")
    by_price, _ = export(run, "hftbacktest", tmp_path / "out", 1)
    recording = Source(by_price, 0.01).read()
    seen = quotes_of(recording)
    found = calibrate(seen, market_orders(recording.messages, seen), 0.01, lot=1)
    sigma = found.volatility.realised[0]
    assert 0.01 * sigma.low < 1.5 < 0.01 * sigma.high
    assert sigma.high - sigma.low < 0.3 * sigma.value


def walk(file, l3):
    """Time, best ask and bid after each instant of a file, as the library has them; its trades."""
    import hftbacktest as library

    asset = library.BacktestAsset().data([str(file)]).linear_asset(1.0)
    asset = asset.constant_order_latency(0, 0).trading_value_fee_model(0, 0)
    asset = asset.tick_size(0.01).lot_size(1.0).last_trades_capacity(10_000)
    asset = asset.l3_fifo_queue_model() if l3 else asset.risk_adverse_queue_model()
    market = library.HashMapMarketDepthBacktest([asset.no_partial_fill_exchange()])
    shown, trades, ended = [], 0, False
    while not ended:
        ended = market.wait_next_feed(False, 10**18) == 1
        depth = market.depth(0)
        shown.append((market.current_timestamp, depth.best_ask, depth.best_bid))
        trades += len(market.last_trades(0))
        market.clear_last_trades(0)
    return shown, trades


@pytest.mark.skipif(find_spec("hftbacktest") is None, reason="hftbacktest is not installed")
@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("l3", [False, True], ids=["by price", "by order"])
def test_the_library_reads_what_a_run_has_shown(tmp_path, name, l3):
    """The same best quotes after every instant as the commands on the tape make, as many trades."""
    run = lobsim.run("quickstart", settings=SETTINGS[name], seed=4, out=tmp_path / "run")
    files = export(run, "hftbacktest", tmp_path / "out", 1)
    shown, trades = walk(files[l3], l3)
    times = np.unique(np.load(files[l3])["data"]["exch_ts"]).tolist()
    # Its clock does not go on to the last instant, after which it says that the data has ended.
    assert [time for time, _, _ in shown[:-1]] == times[:-1]
    theirs = [[int(np.nan_to_num(100 * price).round()) for price in pair] for _, *pair in shown]
    assert theirs == best_quotes(run, times)
    assert len(times) > 300
    assert trades == (run.fills.liquidity == "maker").sum()
