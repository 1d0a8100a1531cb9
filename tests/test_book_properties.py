"""What is true of the book whatever the commands: it answers as a naive one; M1 to M8."""

from collections import Counter
from decimal import Decimal
from itertools import chain

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lobsim.market.audit import Audit
from lobsim.market.book import Book
from lobsim.market.ledger import Fee, Fees, Ledger
from lobsim.market.messages import Cancel, LimitOrder, MarketOrder, Rejected, Replace, Trade
from lobsim.market.units import LARGEST, Reason, SelfTrade, Side, TimeInForce
from naive_book import NaiveBook

BUY, SELL = Side.BUY, Side.SELL
EXTRA = 99  # an id that no stream has
MIRROR = 205  # prices are from 100 to 105

LEVELS, LOTS = [*range(100, 106)] * 2, [*range(10)] * 2
HUGE = [LARGEST // 2, LARGEST - 3, LARGEST, LARGEST + 1]
ODD = [True, 100.0, Decimal(101), np.int64(102), float("nan"), "103"]

examples = settings(deadline=None, max_examples=100)
sides, self_trades = st.sampled_from(Side), st.sampled_from(SelfTrade)
kinds = st.sampled_from(
    ["limit"] * 5 + ["replace"] * 3 + ["cancel", "market", "IOC", "FOK", "post-only"]
)


def new_command(kind, order_id, side, price, size):
    account = order_id % 3
    if kind == "cancel":
        return Cancel(order_id, account)
    if kind == "replace":
        return Replace(order_id, account, price, size)
    if kind == "market":
        return MarketOrder(order_id, account, side, size)
    time_in_force = TimeInForce(kind if kind in ("IOC", "FOK") else "GTC")
    return LimitOrder(order_id, account, side, price, size, time_in_force, kind == "post-only")


def aimed(commands):
    """The commands, with most cancels and replaces turned to an order that rests by then."""
    book = NaiveBook()
    for command in commands:
        if isinstance(command, Cancel | Replace) and book.orders and command.order_id < 14:
            order = book.orders[command.order_id % len(book.orders)]
            account = order.account if command.order_id else 1
            command = msgspec.structs.replace(command, order_id=order.order_id, account=account)
        book.apply(command)
        yield command


def streams(prices=LEVELS, sizes=LOTS):
    """Commands of all kinds by three accounts; so few prices that many cross or tie."""
    numbers = [st.sampled_from(prices), st.sampled_from(sizes)]
    commands = st.builds(new_command, kinds, st.integers(0, 15), sides, *numbers)
    bursts = st.lists(st.lists(commands, max_size=10), max_size=10)  # one list alone stays short
    return bursts.map(lambda lists: list(aimed(chain(*lists))))


def answers(commands, self_trade):
    book = Book(self_trade)
    return [event for command in commands for event in book.apply(command)]


def trades(events):
    return [event for event in events if isinstance(event, Trade)]


def refused(events):
    return any(isinstance(event, Rejected) for event in events)


def rewritten(messages, **rules):
    """The messages, with a rule applied to each field of its name that is not None."""
    for message in messages:
        old = {field: getattr(message, field, None) for field in rules}
        new = {field: rules[field](value) for field, value in old.items() if value is not None}
        yield msgspec.structs.replace(message, **new)


def assert_same_in_other_terms(commands, self_trade, **rules):
    events = answers(commands, self_trade)
    assert answers(rewritten(commands, **rules), self_trade) == list(rewritten(events, **rules))


@pytest.mark.parametrize("self_trade", SelfTrade)
@settings(examples, max_examples=150)
@given(commands=streams(sizes=LOTS + HUGE))
def test_the_book_answers_as_the_naive_book_does(commands, self_trade):
    book, naive = Book(self_trade), NaiveBook(self_trade)
    for command in commands:
        assert book.apply(command) == naive.apply(command)
        assert [book.depth(BUY), book.depth(SELL)] == [naive.depth(BUY), naive.depth(SELL)]
        book.check()


@examples
@given(streams(), self_trades)
def test_the_audit_never_complains(commands, self_trade):
    book, ledger = Book(self_trade), Ledger([(0, 0), (0, 0)])
    audit = Audit(book, ledger)
    for command in commands:
        events = book.apply(command)
        audit.after(command, events)
        for trade in trades(events):
            ledger.settle(trade, mark=102_500)
        audit.settled()


@examples
@given(streams(), self_trades)
def test_i13_i14_trading_neither_makes_nor_destroys_cash_or_lots(commands, self_trade):
    ledger = Ledger([(1000, 5), (0, -2)], Fees(Fee(-200, 0, 1), Fee(300, 1, 7)))
    cash, lots = [-1000, 1000, 0], [-3, 5, -2]
    for trade in trades(answers(commands, self_trade)):
        ledger.settle(trade, mark=102_500)
        for account, side in [(trade.taker, trade.taker_side), (trade.maker, -trade.taker_side)]:
            cash[account] -= side * trade.price * trade.size
            lots[account] += side * trade.size
    ledger.check()
    assert [account.cash for account in ledger.accounts.values()] == cash
    assert [account.inventory for account in ledger.accounts.values()] == lots


@examples
@given(streams(LEVELS + ODD, LOTS + ODD), self_trades)
def test_i5_prices_and_sizes_in_the_book_are_ints_whatever_is_sent(commands, self_trade):
    book = Book(self_trade)
    for command in commands:
        book.apply(command)
    book.check()
    for side in Side:
        for price, orders in book.depth(side):
            assert {type(price), *(type(size) for _, size in orders)} == {int}


@examples
@given(streams(sizes=LOTS + HUGE), self_trades)
def test_i11_a_refused_command_changes_nothing(commands, self_trade):
    book = Book(self_trade)
    for command in commands:
        before = book.digest()
        events = book.apply(command)
        if refused(events):
            assert (len(events), book.digest()) == (1, before)


@pytest.mark.parametrize("levels", [1, 5000])
def test_f8_one_order_may_meet_thousands(levels):
    book = Book()
    for n in range(5000):
        book.apply(LimitOrder(n, 1, SELL, 100 + n % levels, 2))
    fills = trades(book.apply(MarketOrder(5000, 2, BUY, 9999)))
    assert [fill.maker_id for fill in fills] == list(range(5000))
    assert book.depth(SELL) == [(100 + 4999 % levels, [(4999, 1)])]


@examples
@given(streams(), self_trades)
def test_m1_buyers_and_sellers_are_treated_alike(commands, self_trade):
    """Swap the sides and turn prices upside down: the same events, upside down."""
    swap = dict.fromkeys(["side", "taker_side"], lambda side: Side(-side))
    assert_same_in_other_terms(commands, self_trade, price=lambda price: MIRROR - price, **swap)


@examples
@given(streams(), self_trades, st.integers(-99, LARGEST - 105))
def test_m2_only_differences_of_prices_matter(commands, self_trade, shift):
    assert_same_in_other_terms(commands, self_trade, price=lambda price: price + shift)


@examples
@given(streams(), self_trades, st.integers(1, LARGEST // 900))
def test_m3_only_ratios_of_sizes_matter(commands, self_trade, factor):
    larger = dict.fromkeys(["size", "ahead"], lambda lots: factor * lots)
    assert_same_in_other_terms(commands, self_trade, **larger)


@examples
@given(streams(), self_trades, sides, st.sampled_from(LEVELS), st.integers(1, 9), st.integers(1, 9))
def test_m4_an_ioc_split_in_two_takes_the_same(commands, self_trade, side, price, some, rest):
    assume(self_trade is not SelfTrade.CANCEL_BOTH)  # there an own order stops one half only
    taken = []
    for sizes in [some + rest], [some, rest]:
        iocs = [LimitOrder(EXTRA, 0, side, price, size, TimeInForce.IOC) for size in sizes]
        lots = Counter()
        for trade in trades(answers([*commands, *iocs], self_trade)):
            lots[trade.maker_id, trade.taker_id] += trade.size
        taken.append(list(lots.items()))
    assert taken[0] == taken[1]


@examples
@given(streams(), streams(), self_trades, sides, st.sampled_from(LEVELS))
def test_m5_an_order_that_never_trades_leaves_no_trace(before, after, self_trade, side, price):
    passer_by = [LimitOrder(EXTRA, 0, side, price, 3, post_only=True), Cancel(EXTRA, 0)]
    events = answers([*before, *passer_by, *after], self_trade)
    others = [event for event in events if getattr(event, "order_id", None) != EXTRA]
    assert others == answers([*before, *after], self_trade)


@examples
@given(streams(), self_trades)
def test_m6_a_market_order_is_an_ioc_at_the_extreme_price(commands, self_trade):
    extreme = {BUY: LARGEST, SELL: 1}
    iocs = [
        LimitOrder(c.order_id, c.account, c.side, extreme[c.side], c.size, TimeInForce.IOC)
        if isinstance(c, MarketOrder)
        else c
        for c in commands
    ]
    names = {Reason.NO_LIQUIDITY: Reason.IOC_REST}
    events = answers(commands, self_trade)
    assert answers(iocs, self_trade) == list(rewritten(events, reason=lambda r: names.get(r, r)))


@examples
@given(streams(), self_trades)
def test_m7_a_replace_with_a_new_price_is_a_cancel_and_a_new_order(commands, self_trade):
    book, other = Book(self_trade), Book(self_trade)
    for command in commands:
        order = book.order(command.order_id)
        twins = [command]
        if isinstance(command, Replace) and order is not None and command.price != order.price:
            new = command.order_id, command.account, order.side, command.price, command.size
            twins = [Cancel(*new[:2]), LimitOrder(*new, post_only=order.post_only)]
        events = book.apply(command)
        if not refused(events):
            theirs = list(chain(*map(other.apply, twins)))
            assert trades(theirs) == trades(events)
        assert other.digest() == book.digest()


@examples
@given(streams(), self_trades)
def test_m8_the_accepted_commands_alone_give_the_same_events(commands, self_trade):
    book, again = Book(self_trade), Book(self_trade)
    log = [(command, book.apply(command)) for command in commands]
    accepted = [(command, events) for command, events in log if not refused(events)]
    assert [(command, again.apply(command)) for command, _ in accepted] == accepted
