"""Bad orders, catalogue G: a refusal with its reason, and the book is as it was.  And how prices
and sizes that fit no tick or limit become orders, A11, A12 and A21.
"""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lobsim import Side
from lobsim.errors import ScenarioError
from lobsim.market.book import Book
from lobsim.market.messages import Cancel, LimitOrder, MarketOrder, Rejected, Replace
from lobsim.market.units import LARGEST, SelfTrade, TimeInForce
from lobsim.setup import prepare
from lobsim.simulate import simulate
from market import play, quoting, scenario, trader

BUY, SELL = Side.BUY, Side.SELL
IOC, FOK = TimeInForce.IOC, TimeInForce.FOK
NO_COUNTS = {
    "0": 0,
    "negative": -1,
    "fraction": 1.5,
    "whole float": 100.0,
    "string": "10",
    "True": True,
    "None": None,
    "NaN": math.nan,
    "inf": math.inf,
    "2^63": LARGEST + 1,
    "2^200": 2**200,
    "Decimal": Decimal(1),
    "Fraction": Fraction(1),
    "numpy": np.int64(1),
    "list": [1],
}


@pytest.fixture
def book():
    """Account 7 bids 2 lots at 99 and, post-only, 3 at 98; account 8 asks 3 at 101 and 1 at 102.

    Order 4 was cancelled, order 6 filled.
    """
    book = Book()
    book.apply(LimitOrder(1, 7, BUY, 99, 2))
    book.apply(LimitOrder(2, 8, SELL, 101, 4))
    book.apply(LimitOrder(3, 7, BUY, 98, 3, post_only=True))
    book.apply(LimitOrder(4, 7, BUY, 90, 1))
    book.apply(Cancel(4, 7))
    book.apply(LimitOrder(5, 8, SELL, 102, 1))
    book.apply(LimitOrder(6, 9, BUY, 101, 1))  # takes one of the four
    return book


@pytest.fixture
def refuses(book):
    """The book answers with one refusal for this reason, and nothing in it has changed."""

    def refused(command, reason):
        state, bids, asks = book.digest(), book.depth(BUY), book.depth(SELL)
        (event,) = book.apply(command)
        assert (type(event), event.reason) == (Rejected, reason)
        assert (book.digest(), book.depth(BUY), book.depth(SELL)) == (state, bids, asks)
        book.check()

    return refused


@pytest.mark.parametrize("size", NO_COUNTS.values(), ids=NO_COUNTS)
def test_g1_a_size_is_a_whole_number_of_lots(refuses, size):
    for side in Side:
        for price in (1, 99, 101, LARGEST):
            for time_in_force in TimeInForce:
                refuses(LimitOrder(9, 7, side, price, size, time_in_force), "bad_size")
            refuses(LimitOrder(9, 7, side, price, size, post_only=True), "bad_size")
        refuses(MarketOrder(9, 7, side, size), "bad_size")
    if size != 0:  # which cancels (G8)
        for price in (99, 100, 101):
            refuses(Replace(1, 7, price, size), "bad_size")


@pytest.mark.parametrize("price", NO_COUNTS.values(), ids=NO_COUNTS)
def test_g2_a_price_is_a_whole_number_of_ticks(refuses, price):
    for side in Side:
        for time_in_force in TimeInForce:
            refuses(LimitOrder(9, 7, side, price, 1, time_in_force), "bad_price")
        refuses(LimitOrder(9, 7, side, price, 1, post_only=True), "bad_price")
    refuses(Replace(1, 7, price, 2), "bad_price")


@pytest.mark.parametrize(
    "command",
    [
        *(LimitOrder(9, 7, side, 99, 1) for side in (0, 2, "buy", None, math.nan)),
        *(MarketOrder(9, 7, side, 1) for side in (0, -2, "sell", None)),
        *(LimitOrder(9, 7, BUY, 99, 1, kind) for kind in ("GTX", "", None, 0)),
        *(LimitOrder(9, 7, BUY, 99, 1, kind, post_only=True) for kind in (IOC, FOK)),
        *(LimitOrder(order_id, 7, BUY, 99, 1) for order_id in ("9", None, 9.5, math.nan, True)),
        *(MarketOrder(order_id, 7, BUY, 1) for order_id in ("9", None, 9.5, math.nan, True)),
        *(None, 0, "buy", (9, 7, BUY, 99, 1), LimitOrder),
    ],
    ids=repr,
)
def test_g3_what_is_no_order_is_refused(refuses, command):
    refuses(command, "bad_op")


@pytest.mark.parametrize("account", [7, 8, 9])
@pytest.mark.parametrize("order_id", [1, 2])
def test_g4_the_id_of_a_live_order_is_refused_also_where_it_would_trade(refuses, order_id, account):
    for side, price in ((BUY, 99), (BUY, 101), (SELL, 101), (SELL, 99)):
        for time_in_force in TimeInForce:
            refuses(LimitOrder(order_id, account, side, price, 1, time_in_force), "duplicate_id")
        refuses(MarketOrder(order_id, account, side, 1), "duplicate_id")


@pytest.mark.parametrize(
    ("order_id", "account"),
    [(99, 7), (4, 7), (6, 9), (1, 8), (2, 7), (0, 7), (-1, 7), ("1", 7), (1.0, 7), (None, 7)],
    ids=[
        "unknown",
        "cancelled",
        "filled",
        "foreign bid",
        "foreign ask",
        *["0", "-1", "str", "float", "None"],
    ],
)
def test_g5_only_a_live_order_of_ones_own_can_be_changed(refuses, order_id, account):
    refuses(Cancel(order_id, account), "unknown_id")
    for price, size in ((99, 1), (101, 1), (99, 0), (0, -1)):
        refuses(Replace(order_id, account, price, size), "unknown_id")


@pytest.mark.parametrize("price", [101, 102, LARGEST])
def test_g6_a_post_only_order_never_takes_also_not_by_a_replace(refuses, price):
    refuses(LimitOrder(9, 7, BUY, price, 1, post_only=True), "would_cross")
    refuses(LimitOrder(9, 7, SELL, 200 - min(price, 199), 1, post_only=True), "would_cross")
    for size in (1, 3, 9):
        refuses(Replace(3, 7, price, size), "would_cross")


@pytest.mark.parametrize(
    ("side", "price", "size"),
    [(BUY, 101, 4), (BUY, 102, 5), (BUY, 100, 1), (SELL, 99, 3), (SELL, 98, 6), (SELL, 100, 1)],
)
def test_g7_a_fok_that_lacks_one_lot_trades_nothing(book, refuses, side, price, size):
    refuses(LimitOrder(9, 7, side, price, size, FOK), "fok_unfillable")
    if size > 1:
        assert (
            sum(e.size for e in book.apply(LimitOrder(9, 9, side, price, size - 1, FOK)))
            == size - 1
        )


def test_g7_a_fok_counts_no_lots_of_its_own_where_they_may_not_meet():
    book = Book(SelfTrade.CANCEL_TAKER)
    book.apply(LimitOrder(1, 7, SELL, 100, 1))
    before = book.digest()
    (event,) = book.apply(LimitOrder(2, 7, BUY, 100, 1, FOK))
    assert (event.reason, book.digest()) == ("fok_unfillable", before)


@pytest.mark.parametrize("price", [98, 99, 100, 101])
def test_g8_a_replace_to_nothing_cancels_at_any_price(book, price):
    (event,) = book.apply(Replace(1, 7, price, 0))
    assert (event.reason, event.size) == ("requested", 2)
    assert book.depth(BUY) == [(98, [(3, 3)])]


def test_g9_a_level_of_more_than_64_bits_is_refused_before_any_trade(refuses):
    refuses(LimitOrder(9, 9, BUY, 99, LARGEST - 1), "level_full")
    refuses(LimitOrder(9, 9, SELL, 101, LARGEST - 2), "level_full")
    refuses(LimitOrder(9, 9, SELL, 101, LARGEST, post_only=True), "level_full")
    refuses(Replace(3, 7, 99, LARGEST - 1), "level_full")


def orders_past_a_loss(desk):
    """Buys one lot ten too dear, and then says all that a trader can say."""
    (open_bid,) = desk.orders
    told = [desk.bid(90), desk.ask(110, post_only=True), desk.take(BUY), desk.take(SELL, limit=90)]
    quotes = desk.quote(bid_depth=5, ask_depth=5)
    return [desk.take(BUY), *told, *quotes, Replace(open_bid.order_id, told[0].account, 81, 1)]


def test_g10_whatever_a_halted_account_orders_is_refused_as_halted():
    ann = trader([], "ann", on_start=lambda desk: [desk.ask(110, 9), desk.bid(90, 9)])
    bob = trader([], "bob", on_start=lambda desk: desk.bid(80), on_quote=orders_past_a_loss)
    day = play([ann, bob], [], "risk.max_loss=5", 'crossing="trade"')
    assert day.halts[0][:3] == (0, "bob", "loss")
    outcomes = [row.outcome for row in day.of("bob")]
    assert outcomes == ["rested", "filled", "requested", *["halted"] * 7]
    assert day.summaries["bob"].refused == 7
    assert day.fills == [(0, "ann", "bob", 110, 1)]


def orders_off_the_ticks(desk):
    """Prices between ticks of 0.1, on them in decimals alone, and sizes."""
    prices = (100.05, 100.1, 99.999)
    bids = [desk.bid(price) for price in prices]
    return [*bids, *(desk.ask(price + 5) for price in prices), desk.take(SELL, limit=100.05)]


def test_a11_a12_prices_are_rounded_away_from_the_market_to_ticks_of_decimals():
    ann = trader([], "ann", on_start=orders_off_the_ticks)
    settings = "asset.tick=0.1", "asset.mid=100.1", 'crossing="trade"'
    day = play([ann], [], *settings)
    assert [row.price for row in day.of("ann")] == [1000, 1001, 999, 1051, 1051, 1050, 1001]
    assert prepare(scenario(*settings)).plan.mid == 1001


def test_a21_a_quote_larger_than_the_inventory_limit_is_cut_to_it():
    ann = trader([], "ann", on_start=quoting(1, 1, size=5))
    day = play([ann], [], "risk.max_inventory=2")
    assert [(row.size, row.outcome) for row in day.of("ann")] == [(2, "rested"), (2, "rested")]


def test_a25_a_mid_that_64_bits_cannot_hold_ends_the_run():
    far = scenario("duration_s=1", 'asset.price={model="brownian", sigma=0, mu=1e17, step_ms=100}')
    with pytest.raises(ScenarioError, match=r"the mid rose above 2\^52 ticks at 0\.1 s"):
        simulate(prepare(far), 1, 0)
