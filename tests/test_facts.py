"""Stylised facts by plain loops, of data and of a run alike."""

import math
import warnings
from bisect import bisect
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import kstest

import lobsim
import made_facts
import made_lobster
from lobsim.data.export import export
from lobsim.data.facts import facts
from lobsim.data.known_facts import judge, setting
from lobsim.data.lobster import read_book, read_messages
from lobsim.data.messages import TRADE
from lobsim.data.record import record, record_of_files, record_of_run
from lobsim.data.source import Source
from lobsim.errors import StorageError, UsageError
from made_facts import market
from pairs import PAIR, two


def value(found, name):
    return found.figures[name].value


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    """A market of lists, with empty sides and hidden trades, and what is seen of it."""
    files = made_lobster.write(tmp_path_factory.mktemp("messy"), 2000, 5)
    messages, book = read_messages(files[0]), read_book(files[1])
    return messages, book, facts(record("messy", messages, book, lot=10))


def both(row):
    return row[0][1] > 0 and row[0][3] > 0


def test_spread_and_depth_by_a_loop(messy):
    messages, book, found = messy
    seconds = spread = square = 0.0
    depth = np.zeros(5)
    for i, row in enumerate(book[:-1]):
        lasts = (messages.time_ns[i + 1] - messages.time_ns[i]) / 1e9
        if both(row):
            width = 0.01 * (row[0][0] - row[0][2])
            seconds, spread, square = (
                seconds + lasts,
                spread + width * lasts,
                square + width**2 * lasts,
            )
            depth += lasts * (row[:, 1] + row[:, 3]) / 20
    mean = spread / seconds
    assert value(found, "spread") == pytest.approx(mean)
    assert value(found, "spread, variation") == pytest.approx(
        math.sqrt(square / seconds - mean**2) / mean
    )
    assert value(found, "depth at the touch") == pytest.approx(depth[0] / seconds)
    assert value(found, "depth, levels 2-5") == pytest.approx(depth[1:].mean() / seconds)
    assert value(found, "depth behind the touch") == pytest.approx(depth[1:].mean() / depth[0])


def orders_by_a_loop(messages, book):
    """(time, side, size, mid before, half before) of each, every one a message here."""
    orders = []
    for i, kind in enumerate(messages.kind):
        if kind == TRADE and i and both(book[i - 1]):
            ask, _, bid, _ = (int(each) for each in book[i - 1][0])
            orders.append((
                messages.time_ns[i] / 1e9, -int(messages.side[i]), int(messages.size[i]),
                (ask + bid) / 2, (ask - bid) / 2,
            ))  # fmt: skip
    return orders


def test_market_orders_by_a_loop(messy):
    messages, book, found = messy
    orders = orders_by_a_loop(messages, book)
    times, signs, sizes, mids, halves = (np.array(each) for each in zip(*orders, strict=True))
    assert value(found, "size of an order") == pytest.approx(np.mean(sizes) / 10)
    assert value(found, "orders through the touch") == 0  # each message takes from the best level
    gaps = np.diff(times)
    assert value(found, "gaps, variation") == pytest.approx(gaps.std() / gaps.mean(), rel=1e-6)
    distance = kstest(gaps, "expon", args=(0, gaps.mean())).statistic
    assert value(found, "gaps, from exponential") == pytest.approx(distance, rel=1e-6)
    for lag in (1, 10, 50):
        moved = [
            s * (after - before) for s, before, after in zip(signs, mids, mids[lag:], strict=False)
        ]
        name = f"impact, after {lag} order{'s' if lag > 1 else ''}"
        assert value(found, name) == pytest.approx(np.mean(moved) / np.mean(halves[:-lag]))
    lags = [np.corrcoef(signs[:-lag], signs[lag:])[0, 1] for lag in range(1, 51)]
    assert found.curves["signs"].y[0] == pytest.approx(lags)
    assert value(found, "signs, lags 2-10") == pytest.approx(np.mean(lags[1:10]))
    assert value(found, "signs, lags 11-50") == pytest.approx(np.mean(lags[10:]))


@pytest.mark.parametrize("which", [0, 1])
def test_moves_by_a_loop(messy, which):
    messages, book, found = messy
    rows = [
        (messages.time_ns[i] / 1e9, 0.005 * (row[0][0] + row[0][2]))
        for i, row in enumerate(book)
        if both(row)
    ]
    interval_s = found.intervals_s[which]
    unit = 10.0 ** round(math.log10(interval_s))
    last = math.floor(messages.time_ns[-1] / 1e9 / unit + 1e-9) * unit
    pairs, moves = [], []
    for offset in range(10):
        grid = [math.floor(rows[0][0] / unit) * unit + interval_s * offset / 10]
        while grid[-1] + interval_s < last + 1e-9:
            grid.append(grid[-1] + interval_s)
        mids = [rows[max(bisect(rows, (each + 1e-9,)) - 1, 0)][1] for each in grid]
        moved = [after - before for before, after in pairwise(mids)]
        pairs += pairwise(moved)
        moves += moved
    second, fourth = (np.mean([each**power for each in moves]) for power in (2, 4))
    name = f"{interval_s:g} s"
    assert value(found, f"kurtosis, {name}") == pytest.approx(fourth / second**2)
    assert value(found, f"sigma, {name}") == pytest.approx(math.sqrt(second / interval_s))
    correlated = np.corrcoef(np.array(pairs).T)[0, 1]
    assert value(found, f"moves, lag 1 of {name}") == pytest.approx(correlated)


def of_files(messages, book, tick):
    return record_of_files(messages.name, Source(messages, tick).read(), book, 1)


@pytest.mark.parametrize(
    ("scenario", "settings"),
    [("quickstart", ["duration_s=1.5"]), ("depth", ["duration_s=2"]), ("drawdown", [])],
)
def test_a_run_is_seen_as_what_is_exported_of_it(tmp_path, scenario, settings):
    run = lobsim.run(scenario, settings=settings, seed=4, out=tmp_path / "run")
    files = export(run, "lobster", tmp_path / "out", 10)
    tick = float(run.manifest["scenario"]["asset"]["tick"])
    seen, read = record_of_run(run, None), of_files(*files, tick)
    one, other = facts(seen), facts(read)
    assert one.figures.keys() == other.figures.keys()
    for name, figure in one.figures.items():
        np.testing.assert_array_equal(figure.resampled, other.figures[name].resampled)


def test_of_several_assets_one_is_chosen(tmp_path):
    run = lobsim.run(two(tmp_path, strategies=PAIR), out=tmp_path / "run")
    with pytest.raises(UsageError, match=r"^the run has the assets eth, btc: choose one"):
        record_of_run(run, None)
    with pytest.raises(UsageError, match=r"^--asset dot: no such asset; there are: eth, btc"):
        record_of_run(run, "dot")


def test_too_little_is_told(tmp_path):
    at, come = np.arange(0.0, 1000), np.linspace(1, 999, 99)
    bid = 100_000 + np.arange(1000) % 7
    ones = np.ones(99, int)
    with pytest.raises(StorageError, match=r"^made: 99 market orders: must be 100 or more"):
        market(at, bid, 2, come, ones)
    come, ones = np.linspace(1, 999, 200), np.ones(200, int)
    with pytest.raises(StorageError, match=r"^made: the mid does not move"):
        market(at, np.full(1000, 100_000), 2, come, ones)
    with pytest.raises(StorageError, match=r"^made: all market orders come in a twentieth"):
        market(at, bid, 2, come / 40, ones)
    messages, book = made_facts.messages_of(at, bid, np.full(1000, 2), come, ones, ones)
    book[:, :, 1] = 0
    with pytest.raises(StorageError, match=r"^made: no ask in any row of the book"):
        record("made", messages, book, lot=100)
    run = lobsim.run("quickstart", settings=["record=fills"], out=tmp_path / "run")
    with pytest.raises(UsageError, match="the run kept no orders"):
        record_of_run(run, None)


def test_one_sided_orders_have_no_correlation_and_no_verdict():
    at, come = np.arange(0.0, 1000), np.linspace(1, 999, 200)
    bid = 100_000 + np.rint(50 * np.sin(at**2)).astype(int)
    found = facts(market(at, bid, 2, come, np.ones(200, int)))
    interval = found.figures["signs, lag 1"].interval()
    assert math.isnan(interval.value)
    assert math.isnan(interval.low)
    verdicts = {each.claim.says: each.verdict for each in judge(found)}
    assert verdicts["signs persist"] == "unclear"


def test_resamples_without_orders_are_no_warning():
    at, come = np.arange(0.0, 1000), np.linspace(700, 840, 120)
    bid = 100_000 + np.rint(50 * np.sin(at**2)).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = facts(market(at, bid, 2, come, np.tile([1, 1, -1], 40)))
        judge(found)
        figure = found.figures["market orders"]
    assert figure.value == pytest.approx(0.12, rel=0.01)
    assert figure.interval().low < 0.06


def test_every_fact_is_a_matter_of_some_setting(messy):
    _, _, found = messy
    assert all(map(setting, found.figures))
    assert setting("spread, variation") != setting("spread")


SLOW = """
version = 1
title = "slow"
duration_s = 10000
summary_reps = 0
asset = { tick = 0.01, mid = 200, price = { PRICE, step_ms = 500 }, flow = { FLOW } }
[[strategy]]
name = "fixed"
plugin = "fixed-spread"
params = { half_spread = 0.08 }
"""
BROWNIAN, HESTON = (
    'model = "brownian", sigma = 0.03',
    'model = "heston", theta = 0.001, kappa = 0.005, xi = 0.003',
)
POISSON, HAWKES = (
    'model = "poisson", A = 2, k = 20',
    'model = "hawkes", A = 2, k = 20, own = 0.7, decay = 200, '
    "informed = { share = 0.4, move = 0.02 }",
)
OF_HESTON = {"heavy tails", "volatility clusters", "and for longer"}
OF_HAWKES = {
    "orders come in clusters", "gaps are not exponential", "signs persist", "orders move the mid",
    "and it stays moved", "busy is volatile",
}  # fmt: skip


def passed(tmp_path, price, flow):
    """What a run with this price and flow has of all that is known of markets."""
    (tmp_path / "slow.toml").write_text(SLOW.replace("PRICE", price).replace("FLOW", flow))
    run = lobsim.run(str(tmp_path / "slow.toml"), out=tmp_path / f"{len(price + flow)}")
    judged = {each.claim.says: each for each in judge(facts(record_of_run(run, None)))}
    behind = judged["more depth behind the touch"]
    assert (behind.found.value, behind.verdict) == (0, "FAIL")  # one maker with one quote
    return {says for says, each in judged.items() if each.verdict == "pass"}


def test_the_settings_that_it_names_bring_the_facts(tmp_path):
    assert passed(tmp_path, BROWNIAN, POISSON) == {"moves are uncorrelated"}
    assert passed(tmp_path, HESTON, POISSON) >= OF_HESTON
    assert passed(tmp_path, BROWNIAN, HAWKES) >= OF_HAWKES
