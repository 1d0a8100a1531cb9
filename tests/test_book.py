"""The rules of the book, D1 to D20 as scripts, and the refusals G1 to G9."""

import math

import numpy as np
import pytest

from lobsim.market.book import Book
from lobsim.market.messages import LimitOrder, MarketOrder, Rejected, Replace
from lobsim.market.units import LARGEST, SelfTrade, Side, TimeInForce
from script import play

BUY, SELL = Side.BUY, Side.SELL
NO_WHOLE_NUMBERS = [-1, LARGEST + 1, 100.0, 1.5, math.nan, "10", True, None, np.int64(100)]
NONSENSE = [
    LimitOrder(9, 7, 0, 99, 1),
    LimitOrder(9, 7, "buy", 99, 1),
    LimitOrder(9, 7, BUY, 99, 1, "GTX"),
    LimitOrder(9, 7, BUY, 99, 1, TimeInForce.IOC, post_only=True),
    LimitOrder("9", 7, BUY, 99, 1),
    MarketOrder(9, 7, None, 1),
    None,
]


def test_d1_a_trade_is_at_the_makers_price():
    play("""
        #1 a  sells 5 at 100   -> rests 5
        #2 b  buys 4 at 103    -> 4 from #1 at 100
        #3 b  buys 4 at 90     -> rests 4
        #4 a  sells 4 at 1     -> 4 from #3 at 90
    """)


def test_d2_d6_a_smaller_or_equal_size_keeps_its_place():
    play("""
        #1 a  buys 5 at 100       -> rests 5
        #2 b  buys 5 at 100       -> rests 5 behind 5
        #1 a  becomes 5 at 100    -> keeps its place with 5 at 100
        #1 a  becomes 2 at 100    -> keeps its place with 2 at 100
        #3 c  sells 3 at market   -> 2 from #1 at 100, 1 from #2 at 100
    """)


def test_d3_a_larger_size_or_another_price_goes_to_the_end_of_the_queue():
    play("""
        #1 a  buys 5 at 100       -> rests 5
        #2 b  buys 5 at 100       -> rests 5 behind 5
        #1 a  becomes 6 at 100    -> moves to 6 at 100 behind 5
        #3 c  buys 1 at 99        -> rests 1
        #3 c  becomes 1 at 100    -> moves to 1 at 100 behind 11
        #4 d  sells 7 at market   -> 5 from #2 at 100, 2 from #1 at 100
    """)


def test_d4_the_size_of_a_replace_is_what_shall_be_open():
    play("""
        #1 a  buys 5 at 100       -> rests 5
        #2 b  sells 3 at 100      -> 3 from #1 at 100
        #1 a  becomes 2 at 100    -> keeps its place with 2 at 100
        #1 a  becomes 4 at 100    -> moves to 4 at 100
        #3 c  sells 9 at market   -> 4 from #1 at 100, drops 5 no_liquidity
    """)


def test_d5_g8_a_replace_to_nothing_cancels():
    play("""
        #1 a  buys 5 at 100      -> rests 5
        #1 a  becomes 0 at 101   -> drops 5 requested
        #1 a  cancels            -> refused unknown_id
    """)


def test_d7_a_replace_to_a_crossing_price_trades_at_the_makers_price():
    book = play("""
        #1 a  sells 2 at 101      -> rests 2
        #2 a  sells 2 at 102      -> rests 2
        #3 b  buys 3 at 100       -> rests 3
        #3 b  becomes 5 at 103    -> moves to 5 at 103, 2 from #1 at 101, 2 from #2 at 102, rests 1
        #4 c  buys 9 at 90        -> rests 9
        #5 c  sells 1 at 95       -> 1 from #3 at 103
        #6 c  sells 2 at 99       -> rests 2
        #4 c  becomes 2 at 99     -> moves to 2 at 99, 2 from #6 at 99
    """)
    assert book.depth(BUY) == book.depth(SELL) == []


def test_d8_after_a_refused_replace_the_old_order_stays():
    play("""
        #1 a  buys 5 at 100       -> rests 5
        #2 b  buys 5 at 100       -> rests 5 behind 5
        #1 a  becomes -1 at 100   -> refused bad_size
        #1 a  becomes 5 at 0      -> refused bad_price
        #3 c  sells 6 at market   -> 5 from #1 at 100, 1 from #2 at 100
    """)


def test_d9_g6_a_post_only_order_never_takes_not_even_after_a_replace():
    play("""
        #1 a  sells 5 at 100            -> rests 5
        #2 b  buys 5 at 101 post-only   -> refused would_cross
        #2 b  buys 5 at 100 post-only   -> refused would_cross
        #2 b  buys 5 at 99 post-only    -> rests 5
        #2 b  becomes 9 at 100          -> refused would_cross
        #2 b  becomes 6 at 98           -> moves to 6 at 98
        #3 c  sells 1 at 98 post-only   -> refused would_cross
        #3 c  sells 7 at market         -> 6 from #2 at 98, drops 1 no_liquidity
    """)


def test_d10_d11_what_is_left_of_a_market_order_is_dropped_and_of_a_limit_order_rests():
    play("""
        #1 a  buys 3 at market    -> drops 3 no_liquidity
        #2 a  sells 2 at 100      -> rests 2
        #3 b  buys 5 at 100       -> 2 from #2 at 100, rests 3
        #4 c  sells 9 at market   -> 3 from #3 at 100, drops 6 no_liquidity
    """)


def test_d12_g7_an_ioc_drops_what_is_left_and_a_fok_trades_all_or_nothing():
    book = play("""
        #1 a  buys 3 at 100 ioc    -> drops 3 ioc_rest
        #2 a  sells 3 at 100       -> rests 3
        #3 a  sells 3 at 101       -> rests 3
        #4 b  buys 4 at 100 fok    -> refused fok_unfillable
        #5 b  buys 7 at 101 fok    -> refused fok_unfillable
        #6 b  buys 2 at 99 ioc     -> drops 2 ioc_rest
        #7 b  buys 4 at 100 ioc    -> 3 from #2 at 100, drops 1 ioc_rest
        #8 b  buys 3 at 101 fok    -> 3 from #3 at 101
    """)
    assert book.depth(BUY) == book.depth(SELL) == []


def test_d13_d14_g4_an_id_is_refused_while_its_order_rests_and_free_again_after():
    play("""
        #1 a  buys 5 at 100      -> rests 5
        #2 a  sells 5 at 101     -> rests 5
        #1 b  buys 5 at 101      -> refused duplicate_id
        #2 b  buys 5 at market   -> refused duplicate_id
        #2 a  sells 1 at 1 ioc   -> refused duplicate_id
        #2 a  cancels            -> drops 5 requested
        #2 b  sells 5 at 100     -> 5 from #1 at 100
        #1 b  sells 5 at 102     -> rests 5
        #2 c  buys 5 at 99       -> rests 5
    """)


OWN_ASK_IN_THE_WAY = """
    #1 b  sells 1 at 100   -> rests 1
    #2 a  sells 3 at 100   -> rests 3 behind 1
    #3 b  sells 2 at 101   -> rests 2
    #4 a  buys 1 at 90     -> rests 1
"""


@pytest.mark.parametrize(
    ("self_trade", "answer", "asks"),
    [
        ("allow", "3 from #2 at 100, 1 from #3 at 101", [(101, [(3, 1)])]),
        ("cancel_maker", "#2 drops 3 self_trade, 2 from #3 at 101, rests 2", []),
        ("cancel_taker", "drops 4 self_trade", [(100, [(2, 3)]), (101, [(3, 2)])]),
        ("cancel_both", "#2 drops 3 self_trade, drops 4 self_trade", [(101, [(3, 2)])]),
    ],
)
@pytest.mark.parametrize(
    "order", ["#5 a buys 5 at 102 ->", "#4 a becomes 5 at 102 -> moves to 5 at 102,"]
)
def test_d17_own_orders_meet_as_the_setting_says(order, self_trade, answer, asks):
    script = f"{OWN_ASK_IN_THE_WAY} {order} 1 from #1 at 100, {answer}"
    assert play(script, SelfTrade(self_trade)).depth(SELL) == asks


@pytest.mark.parametrize(
    ("self_trade", "most", "fills"),
    [
        ("allow", 6, "1 from #1 at 100, 3 from #2 at 100, 2 from #3 at 101"),
        ("cancel_maker", 3, "1 from #1 at 100, #2 drops 3 self_trade, 2 from #3 at 101"),
        ("cancel_taker", 1, "1 from #1 at 100"),
        ("cancel_both", 1, "1 from #1 at 100"),
    ],
)
def test_d17_a_fok_counts_only_what_self_trade_prevention_lets_it_take(self_trade, most, fills):
    script = f"""{OWN_ASK_IN_THE_WAY}
        #5 a  buys {most + 1} at 102 fok   -> refused fok_unfillable
        #5 a  buys {most} at 102 fok       -> {fills}
    """
    play(script, SelfTrade(self_trade))


def test_d18_d20_makers_trade_in_order_of_arrival_and_once_each():
    play("""
        #9 a  buys 1 at 100    -> rests 1
        #2 a  buys 7 at 100    -> rests 7 behind 1
        #5 c  buys 3 at 100    -> rests 3 behind 8
        #1 d  sells 9 at 100   -> 1 from #9 at 100, 7 from #2 at 100, 1 from #5 at 100
    """)


def test_d19_g5_only_the_owner_of_a_resting_order_may_cancel_or_replace_it():
    play("""
        #1 a  cancels            -> refused unknown_id
        #1 a  buys 4 at 100      -> rests 4
        #1 b  cancels            -> refused unknown_id
        #1 b  becomes 0 at 100   -> refused unknown_id
        #2 b  sells 4 at 100     -> 4 from #1 at 100
        #1 a  cancels            -> refused unknown_id
        #2 b  becomes 1 at 100   -> refused unknown_id
    """)


def test_g9_no_level_holds_more_lots_than_64_bits():
    play(f"""
        #1 a  buys {LARGEST - 1} at 100      -> rests {LARGEST - 1}
        #1 a  becomes {LARGEST} at 100       -> moves to {LARGEST} at 100
        #2 b  buys 1 at 100                  -> refused level_full
        #2 b  buys 2 at 99                   -> rests 2
        #2 b  becomes 1 at 100               -> refused level_full
        #1 a  becomes {LARGEST - 1} at 100   -> keeps its place with {LARGEST - 1} at 100
        #2 b  becomes 1 at 100               -> moves to 1 at 100 behind {LARGEST - 1}
        #1 a  becomes {LARGEST} at 100       -> refused level_full
        #3 c  sells {LARGEST} at 1           -> {LARGEST - 1} from #1 at 100, 1 from #2 at 100
    """)


def assert_refused(command, reason):
    """On a book that bids 2 at 99 and asks 4 at 101."""
    book = Book()
    book.apply(LimitOrder(1, 7, BUY, 99, 2))
    book.apply(LimitOrder(2, 8, SELL, 101, 4))
    before = book.digest()
    assert [(type(event), event.reason) for event in book.apply(command)] == [(Rejected, reason)]
    assert book.digest() == before
    book.check()


@pytest.mark.parametrize("number", [0, *NO_WHOLE_NUMBERS], ids=repr)
def test_d15_d16_g1_g2_sizes_and_prices_are_whole_numbers_from_one_to_the_largest(number):
    for time_in_force in TimeInForce:
        assert_refused(LimitOrder(9, 7, BUY, 101, number, time_in_force), "bad_size")
        assert_refused(LimitOrder(9, 7, SELL, number, 1, time_in_force), "bad_price")
    assert_refused(MarketOrder(9, 7, SELL, number), "bad_size")
    assert_refused(Replace(1, 7, number, 2), "bad_price")
    if number != 0:  # which cancels (D5)
        assert_refused(Replace(1, 7, 99, number), "bad_size")


@pytest.mark.parametrize("command", NONSENSE, ids=repr)
def test_g3_what_makes_no_sense_is_refused(command):
    assert_refused(command, "bad_op")
