"""What is found in real messages: the figures that are known of them, and of made days."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import made_days
import made_lobster
from lobsim.data.blocks import blocks
from lobsim.data.calibrate import by_likelihood, calibrate, volatility
from lobsim.data.findings import rows, warnings
from lobsim.data.lobster import read_book, read_messages
from lobsim.data.messages import ADD, HIDDEN, TRADE, Messages
from lobsim.data.quotes import carried_out_quotes, market_orders, quotes, recorded_quotes
from lobsim.data.volatility import moves
from lobsim.errors import StorageError, UsageError

REAL = Path(__file__).parents[2] / "shared" / "data"
real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real order-book data in {REAL}")


def about(value):
    """To as many digits as are written."""
    digits = len(str(value).partition(".")[2])
    return pytest.approx(value, abs=0.5 * 10**-digits)


def grid_sigma(seen, interval_s):
    """On the one grid of whole seconds, currency per sqrt(s)."""
    _, moved = moves(seen, interval_s)
    return 0.01 * np.sqrt((moved**2).mean() / interval_s)


@real
def test_the_figures_of_two_hours_of_amzn():
    messages = read_messages(REAL / "AMZN_2012-06-21_0930_1130_message_1.csv.gz")
    book = read_book(REAL / "AMZN_2012-06-21_0930_1130_orderbook_1.csv.gz")
    seen = recorded_quotes(messages, book)
    found = calibrate(seen, market_orders(messages, seen), 0.01)
    assert found.spread == about(15.04)
    assert [grid_sigma(seen, each) for each in (1, 10, 60)] == [
        about(0.0255), about(0.0262), about(0.0280),
    ]  # fmt: skip
    assert found.rate.value == about(0.157)
    assert (found.plain.A.value, found.plain.k.value) == (about(0.287), about(0.299))
    assert found.plain.r2 == about(0.993)


@real
def test_the_figures_of_an_hour_of_aapl():
    messages = read_messages(REAL / "AAPL_2012-06-21_0930_1030_replay.csv.gz")
    seen = carried_out_quotes(messages)
    found = calibrate(seen, market_orders(messages, seen), 0.01)
    assert found.spread == about(19.50)
    assert [grid_sigma(seen, each) for each in (1, 10, 60)] == [
        about(0.0523), about(0.0535), about(0.0546),
    ]  # fmt: skip
    assert found.rate.value == about(0.457)
    assert (found.plain.low, found.plain.high, found.plain.r2) == (0.5, 29.5, about(0.989))
    assert (found.plain.A.value, found.plain.k.value) == (about(0.958), about(0.263))
    assert (found.tail.A.value, found.tail.k.value) == (about(1.06), about(0.269))
    assert found.tail.r2 == about(0.988)
    assert any(
        "overstates how many reach the mid: A 0.958, where 0.457 came at all" in line
        for line in warnings(found)
    )


def test_the_laws_of_made_days_are_in_their_intervals():
    covered = np.array([in_the_intervals(seed) for seed in range(40)])
    assert (covered.mean(axis=0) >= 0.85).all(), covered.mean(axis=0)


def in_the_intervals(seed):
    """Whether those of a day hold what it was made with: sigma, A, k, and A, k by information."""
    seen = recorded_quotes(*made_days.made_day(seed))
    orders = market_orders(made_days.made_day(seed)[0], seen)
    cut = blocks(seen.first_s, seen.last_s, seed)
    sigma = volatility(seen, cut).two_scales
    fit = by_likelihood(seen, orders, cut)
    return [
        estimate.low <= true <= estimate.high
        for estimate, true in (
            (sigma, made_days.SIGMA), (fit.A, made_days.A), (fit.k, made_days.K),
            (fit.A_information, made_days.A), (fit.k_information, made_days.K),
        )
    ]  # fmt: skip


def test_quotes_carried_out_are_those_recorded(tmp_path):
    messages, book = made_lobster.write(tmp_path, 3000, 1)
    messages, book = read_messages(messages), read_book(book)
    recorded, carried_out = recorded_quotes(messages, book), carried_out_quotes(messages)
    np.testing.assert_array_equal(recorded.half, carried_out.half)
    np.testing.assert_array_equal(recorded.mid, carried_out.mid)
    found = calibrate(recorded, market_orders(messages, recorded), 0.01, lot=10)
    assert found.orders == (messages.kind == TRADE).sum()  # each at its own time


def test_quotes_and_orders_worked_out_by_hand():
    kind = np.array([ADD, ADD, TRADE, TRADE, HIDDEN, TRADE, TRADE], np.int8)
    seconds = np.array([0, 1, 3, 3, 3, 3, 5])
    side = np.array([1, -1, -1, -1, -1, 1, -1], np.int8)
    price = np.array([100, 106, 106, 108, 105, 100, 109])
    size = np.array([9, 9, 2, 3, 4, 5, 6])
    messages = Messages(seconds * 1_000_000_000, kind, np.arange(7), size, price, side, 0.01)
    ask = np.array([0, 106, 108, 109, 109, 109, 110])
    bid = np.array([100, 100, 100, 100, 100, 98, 98])
    seen = quotes(messages, ask, bid)
    assert (seen.begin, seen.span_s) == (1, 4)
    assert seen.mean_spread == (2 * 6 + 2 * 11) / 4  # the last quotes stood for no time
    orders = market_orders(messages, seen)
    # At 3 s a purchase of two prices, and a sale that finds the mid at 104.5; a purchase at 5 s.
    assert orders.side.tolist() == [-1, 1, 1]
    assert orders.size.tolist() == [5, 5, 6]
    assert orders.reach.tolist() == [4.5, 5, 5.5]
    assert orders.half.tolist() == [4.5, 3, 5.5]
    begins, moved = moves(seen, 2)
    assert (begins.tolist(), moved.tolist()) == ([1, 3], [0.5, 0.5])


@pytest.mark.parametrize("seed", range(20))
def test_figures_of_little_are_finite_or_left_out(tmp_path, seed):
    """A made-up market that follows no law, and one whose orders all came in one block."""
    messages, book = made_lobster.write(tmp_path, 1000, 1, seed)
    messages, book = read_messages(messages), read_book(book)
    seen = recorded_quotes(messages, book)
    orders = market_orders(messages, seen)
    for each in (orders, replace(orders, time_s=seen.first_s + 0.01 * np.arange(len(orders)))):
        for row in rows(calibrate(seen, each, 0.01, lot=10)):
            bounds = (row.value, row.low or 0.0, row.high or 0.0)
            assert np.isfinite(bounds).all(), row


def test_a_book_of_one_tick_has_no_exponential():
    messages, book = made_days.made_day(1, widest=1)
    seen = recorded_quotes(messages, book)
    found = calibrate(seen, market_orders(messages, seen), 0.01)
    assert found.chosen is None
    assert any("one tick for 100.0% of the time" in line for line in warnings(found))


def test_what_cannot_be_calibrated_is_told(tmp_path):
    messages, book = made_days.made_day(1, span_s=60)
    seen = recorded_quotes(messages, book)
    orders = market_orders(messages, seen)
    with pytest.raises(UsageError, match=r"^5 rows of --book for \d+ messages: must be as many$"):
        recorded_quotes(messages, book[:5])
    empty = book.copy()
    empty[:, 0, 1] = 0
    with pytest.raises(
        StorageError, match=r"^no ask in any row of the book: both sides are needed"
    ):
        recorded_quotes(messages, empty)
    crossed = book.copy()
    crossed[:, 0, 0] = crossed[:, 0, 2]
    with pytest.raises(StorageError, match=r"^no row of the book has both a bid and an ask above"):
        recorded_quotes(messages, crossed)
    quiet = made_days.made_day(1, span_s=60)[0]
    quiet.kind[:] = ADD
    with pytest.raises(StorageError, match=r"^no executions: "):
        market_orders(quiet, seen)
    with pytest.raises(UsageError, match="do not begin with an empty book: give --book"):
        carried_out_quotes(messages)
    seen.mid[:] = 10_000
    with pytest.raises(StorageError, match=r"^the mid does not move"):
        calibrate(seen, orders, 0.01)
    first = messages.time_ns < 34_210 * 10**9
    part = Messages(*(getattr(messages, name)[first] for name in Messages.__slots__[:6]), 0.01)
    seen = recorded_quotes(part, book[first])
    with pytest.raises(StorageError, match=r"^\d+ market orders: must be 20 or more"):
        calibrate(seen, market_orders(part, seen), 0.01)
