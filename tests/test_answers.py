"""What a strategy may answer: quotes in their place, crossing ones, and what is refused."""

import contextlib
import math

import numpy as np
import pytest

from lobsim import QuoteTable, Strategy
from lobsim.errors import PluginError
from lobsim.market.units import Side
from market import buys, moves, play, quoting, sells, trader


def test_a_table_is_followed_by_its_last_row_not_after_now_and_its_nearest_column():
    table = QuoteTable(
        times_s=[0, 200e-9],
        inventories=[-1, 0, 1],
        bid_depth=[[1, 2, math.inf], [4, 5, 6]],
        ask_depth=[[3, 2, 1], [6, 5, 4]],
    )
    ann = type("ann", (Strategy,), {"quote_table": lambda self, market: table})
    asking = [buys(time, 1) for time in (20, 60, 199, 200)]
    world = [sells(10, 90), buys(30, 110), buys(40, 110), buys(50, 110), *asking]
    rows = play([ann], sorted(world)).of("ann")
    assert [(row.time, row.side * row.price) for row in rows] == [
        (0, 98), (0, -102),
        (20, -101),  # long 1: no bid
        (40, 98), (40, -102),  # flat again
        (50, 99), (50, -103),  # short 1
        (60, -103),  # short 2, beyond the table
        (200, 96), (200, -106),
    ]  # fmt: skip


def test_a_quote_that_is_already_right_keeps_its_place_in_the_queue():
    traders = [trader([], name, on_quote=quoting(2, 2)) for name in ("ann", "bob")]
    day = play(traders, [sells(10 * i, 105) for i in range(1, 20)] + [buys(500, 102)])
    rows = day.of("ann", "bob")
    assert len(rows) == 4
    assert all(row.time == 0 for row in rows)
    first = next(row.name for row in rows if row.side == Side.SELL)
    assert day.fills == [(500, first, "outside", 102, 1)]


def test_a_quote_is_cut_to_what_the_inventory_limit_leaves():
    ann = trader([], "ann", on_quote=quoting(2, 2, size=5))
    limit = "risk.max_inventory=3"
    day = play([ann], [sells(10, 90, 2), sells(20, 90, 9), buys(30, 110, 9), buys(40, 1)], limit)
    assert [row[:6] for row in day.of("ann")] == [
        (0, "ann", "limit", 1, 98, 3),
        (0, "ann", "limit", -1, 102, 3),
        (20, "ann", "replace", -1, 102, 5),  # long 2: what is open of the bid is right
        (40, "ann", "limit", 1, 98, 5),  # long 3 at 30, without a bid; now short 2
        (40, "ann", "limit", -1, 102, 1),
    ]


@pytest.mark.parametrize(
    ("crossing", "expected"),
    [
        ("join", (101, 0, "rested")),
        ("trade", (105, 1, "filled")),
        ("refuse", (105, 0, "would_cross")),
    ],
)
def test_a_quote_that_crosses_joins_or_trades_or_is_refused(crossing, expected):
    ann = trader([], "ann", on_start=lambda desk: desk.ask(102))
    bob = trader([], "bob", on_quote=quoting(-5, 9))
    day = play([ann, bob], [], f'crossing="{crossing}"')
    bid = next(row for row in day.of("bob") if row.side == Side.BUY)
    assert (bid.price, bid.filled, bid.outcome) == expected
    assert [fill[1:] for fill in day.fills] == [("ann", "bob", 102, 1)] * (crossing == "trade")
    assert day.summaries["bob"].maker_trades == (crossing == "trade")


@pytest.mark.parametrize("crossing", ["join", "refuse"])
def test_a_replaced_quote_may_not_cross_either_and_a_refused_one_leaves_the_old(crossing):
    ann = trader([], "ann", on_start=lambda desk: desk.ask(102))
    bob = trader([], "bob", on_quote=quoting(2, 50))
    day = play([ann, bob], [buys(20, 1, mid=108), sells(30, 50, mid=108)], f'crossing="{crossing}"')
    bids = [row for row in day.of("bob") if row.side == Side.BUY or row.outcome == "would_cross"]
    price = 101 if crossing == "join" else 98
    assert bids[1].kind == "replace"
    assert bids[1].outcome == ("replaced" if crossing == "join" else "would_cross")
    assert day.fills == [(30, "bob", "outside", price, 1)]


def test_a_post_only_order_that_crosses_is_refused_and_a_taking_one_trades():
    ann = trader([], "ann", on_start=lambda desk: desk.ask(102, 5))
    bob = trader(
        [],
        "bob",
        on_quote=lambda desk: [
            desk.bid(103, post_only=True),
            desk.take(Side.BUY, 2, limit=101.9),
            desk.take(Side.BUY, 2, limit=102),
            desk.take(Side.BUY, 9),
        ],
    )
    day = play([ann, bob], [])
    assert [(row.kind, row.filled, row.outcome) for row in day.of("bob")] == [
        ("post_only", 0, "would_cross"),
        ("ioc", 0, "ioc_rest"),
        ("ioc", 2, "filled"),
        ("market", 3, "no_liquidity"),
    ]


def test_prices_are_rounded_to_ticks_away_from_the_other_side():
    ann = trader(
        [],
        "ann",
        on_start=lambda desk: [desk.bid(99.97), desk.ask(100.13), desk.bid(99.7), desk.ask(100.7)],
        on_quote=quoting(0.33, 0.33),
    )
    day = play([ann], [], "asset.tick=0.1", "asset.mid=100.05")
    prices = [row.price for row in day.of("ann")]
    assert prices == [999, 1002, 997, 1007, 997, 1004]  # 100.05 -+ 0.33 is 99.72 and 100.38


def test_a_desk_shows_the_book_with_and_without_ones_own_orders():
    seen = []

    def look(desk):
        seen.append((desk.best_bid, desk.rival_bid, desk.best_ask, desk.rival_ask, desk.book_mid))
        seen.append((desk.depth(Side.BUY), desk.depth(Side.SELL)))

    ann = trader([], "ann", on_start=quoting(2, 2), on_quote=look)
    bob = trader([], "bob", on_start=quoting(2, 3, size=4), on_quote=look)
    play([ann, bob], [])
    levels = ([(98, 5)], [(102, 1), (103, 4)])
    assert seen == [(98, 98, 102, 103, 100), levels, (98, 98, 102, 102, 100), levels]


def test_a_desk_shows_cash_less_fees_and_equity_at_the_mid():
    seen = []
    ann = trader([], "ann", on_quote=quoting(2, 2, size=3), on_end=lambda desk: seen.append(desk))
    fees = "asset.fees={maker=0.5, taker=0.25}"
    play([ann], [sells(10, 90, 3), buys(20, 110, 1), moves(30, 101)], fees)
    (desk,) = seen
    assert (desk.inventory, desk.cash, desk.mid) == (2, 102 - 3 * 98 - 4 * 0.5, 101)
    assert desk.equity == desk.cash + 2 * 101
    assert (desk.now, desk.time_left, desk.halted) == (1e-6, 0, False)


def test_fills_and_trades_are_told_in_currency_and_with_their_sides():
    heard = []
    ann = trader(
        [],
        "ann",
        on_start=quoting(2, 3, size=2),
        on_quote=lambda desk: desk.take(Side.SELL) if desk.now_ns == 30 else None,
        on_fill=lambda desk, fill: heard.append((fill.bought, fill.price, fill.maker)),
    )
    bob = trader(
        [],
        "bob",
        on_start=quoting(4, 4),
        on_trade=lambda desk, trade: heard.append((trade.taker_side, trade.price, trade.size)),
    )
    world = [sells(10, 150, 2), buys(20, 250), sells(30, 250)]
    play([ann, bob], world, "asset.tick=0.5")
    assert heard == [
        *((2, 98, True), (Side.SELL, 98, 2)),
        *((-1, 103, True), (Side.BUY, 103, 1)),
        *((-1, 96, False), (Side.SELL, 96, 1)),
    ]


# What is refused


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (quoting(math.nan, 1), "depth"),
        (quoting(1, math.nan), "depth"),
        (quoting(-math.inf, 1), "depth"),
        (quoting(1, -1), "not below"),
        (quoting(-5, 2), "not below"),
        *((quoting(1, 1, size=size), "size") for size in (0, -1, 1.5, True, "2", 2**63, None)),
        (lambda desk: desk.bid(math.nan), "price"),
        (lambda desk: desk.ask(-1), "price"),
        (lambda desk: 1 / 0, "ZeroDivisionError"),
        (lambda desk: "buy", "desk's verbs"),
        (lambda desk: [desk.bid(1) for _ in range(1001)], "1000 are allowed"),
    ],
)
def test_an_impossible_answer_is_the_plugins_error(answer, complaint):
    with pytest.raises(PluginError, match=f"strategy 'ann': on_quote at 0 s: .*{complaint}"):
        play([trader([], "ann", on_quote=answer)], [])


@pytest.mark.parametrize(
    "answer",
    [
        lambda desk: desk.cancel("first"),
        lambda desk: desk.cancel([1]),
        lambda desk: desk.bid(1e19),
        quoting(1, 1e19),
    ],
)
def test_what_no_order_can_hold_is_the_plugins_error_or_refused(answer):
    with contextlib.suppress(PluginError):
        day = play([trader([], "ann", on_quote=answer)], [])
        assert {row.outcome for row in day.orders} <= {"rested", "bad_price", "unknown_id"}


def test_whole_numbers_of_numpy_are_sizes():
    ann = trader([], "ann", on_quote=quoting(2, 2, size=np.int64(3)))
    assert [row.size for row in play([ann], []).orders] == [3, 3]


def test_an_order_that_is_not_ones_own_cannot_be_cancelled():
    ann = trader([], "ann", on_start=lambda desk: desk.ask(102))
    bob = trader([], "bob", on_quote=lambda desk: desk.cancel(1))
    day = play([ann, bob], [buys(20, 105)])
    assert [row.outcome for row in day.of("bob")] == ["unknown_id", "unknown_id"]
    assert day.fills == [(20, "ann", "outside", 102, 1)]
