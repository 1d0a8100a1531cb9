"""The risk monitor and the ledger by themselves, at the very edge of each limit."""

import pytest

from lobsim.market.ledger import Account, Fee, Fees, Ledger
from lobsim.market.messages import Cancel, LimitOrder, Replace, Rested, Trade
from lobsim.market.open_orders import OpenOrders
from lobsim.market.risk import Limits, RiskMonitor, State
from lobsim.market.units import Reason, Side

BUY, SELL = Side.BUY, Side.SELL


def monitor(inventory=0, mark=100_000, **limits):
    return RiskMonitor(1, Account(0, inventory), OpenOrders(), Limits(**limits), mark)


def rest(watch, order_id, side, size):
    watch.orders.hear(Rested(order_id, 1, side, 100, size, 0), 0)


def test_a_monitor_begins_with_nothing_against_its_account():
    watch = monitor(inventory=2)
    assert (watch.state, watch.stopped, watch.drawdown) == (State.OK, False, 0)
    assert watch.start == watch.peak == 200_000


def test_a_drawdown_is_from_the_highest_mark_and_never_shrinks():
    watch = monitor(inventory=1)
    seen = []
    for mark in (100_000, 100_005, 100_001, 100_005, 100_004, 100_006, 99_999, 100_000):
        assert watch.mark(mark) is None
        seen.append((watch.peak, watch.drawdown))
    assert seen == [
        (100_000, 0), (100_005, 0), (100_005, 4), (100_005, 4), (100_005, 4), (100_006, 4),
        (100_006, 7), (100_006, 7),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "state", "cause"),
    [
        ("max_drawdown", State.HALTED, "drawdown"),
        ("max_loss", State.HALTED, "loss"),
        ("reduce_drawdown", State.REDUCE_ONLY, "drawdown"),
        ("reduce_loss", State.REDUCE_ONLY, "loss"),
    ],
)
def test_a_figure_at_its_limit_passes_and_one_more_does_not(limit, state, cause):
    watch = monitor(inventory=1, **{limit: 500})
    assert watch.mark(99_500) is None
    told = watch.mark(99_499)
    assert (told.state, told.cause, told.figure, told.limit) == (state, cause, 501, 500)


@pytest.mark.parametrize("name", ["var", "cvar"])
def test_var_and_cvar_at_their_limits_pass_and_one_more_does_not(name):
    watch = monitor(**{f"max_{name}": 500})
    figures = {"var": 0, "cvar": 0}
    assert watch.exposed(**{**figures, name: 500}) is None
    told = watch.exposed(**{**figures, name: 501})
    assert (told.state, told.cause, told.figure, told.limit) == (State.HALTED, name, 501, 500)
    watch.enter(State.HALTED)
    assert watch.exposed(**{**figures, name: 501}) is None


def test_the_limits_are_tested_in_their_order():
    watch = monitor(inventory=1, max_drawdown=5, max_loss=5, reduce_drawdown=1, reduce_loss=1)
    assert watch.mark(99_000).cause == "drawdown"
    watch = monitor(inventory=1, max_loss=5, reduce_drawdown=1)
    assert watch.mark(99_000).cause == "loss"
    watch = monitor(inventory=1, reduce_drawdown=1, reduce_loss=1)
    assert watch.mark(99_000).cause == "drawdown"
    watch = monitor(max_var=5, max_cvar=5)
    assert watch.exposed(6, 6).cause == "var"


def test_reduce_only_ends_when_the_figures_are_back_at_the_threshold():
    watch = monitor(inventory=1, reduce_drawdown=500)
    watch.enter(watch.mark(99_499).state)
    assert not watch.stopped
    assert watch.mark(99_499) is None
    told = watch.mark(99_500)
    assert (told.state, told.cause, told.figure, told.limit) == (State.OK, "recovered", 0, 0)


@pytest.mark.parametrize("what", ["drawdown", "loss"])
def test_at_its_limit_an_account_may_still_reduce(what):
    watch = monitor(inventory=1, **{f"max_{what}": 500, f"reduce_{what}": 100})
    assert watch.mark(99_500).state is State.REDUCE_ONLY
    watch.enter(State.REDUCE_ONLY)
    assert watch.mark(99_499).state is State.HALTED
    assert watch.mark(99_900).state is State.OK


def test_a_loss_is_from_the_start_also_where_that_is_nothing():
    watch = RiskMonitor(1, Account(-100, 1), OpenOrders(), Limits(max_loss=500), 100_000)
    assert watch.start == 0
    assert watch.mark(99_500) is None
    assert watch.mark(99_499).figure == 501


@pytest.mark.parametrize("state", [State.HALTED, State.COOLING])
def test_who_is_stopped_is_not_tripped_again_but_still_measured(state):
    watch = monitor(inventory=1, max_drawdown=500)
    watch.enter(state)
    assert watch.stopped
    assert watch.mark(90_000) is None
    assert watch.drawdown == 10_000
    assert watch.admit(LimitOrder(1, 1, BUY, 100, 1)) is Reason.HALTED
    assert watch.admit(Cancel(1, 1)) is None


def test_after_a_cool_down_the_limits_count_anew_and_the_run_does_not():
    watch = monitor(inventory=1, max_drawdown=500, max_loss=500)
    watch.enter(State.COOLING)
    watch.mark(90_000)
    watch.enter(State.OK)
    watch.count_anew(90_000)
    assert watch.mark(89_500) is None
    assert watch.mark(89_499).figure == 501
    assert (watch.peak, watch.drawdown) == (100_000, 10_501)


@pytest.mark.parametrize(("side", "sign"), [(BUY, 1), (SELL, -1)])
def test_the_inventory_limit_counts_what_is_open(side, sign):
    watch = monitor(inventory=3 * sign, max_inventory=10)
    rest(watch, 7, side, 4)
    assert watch.admit(LimitOrder(1, 1, side, 100, 3)) is None
    assert watch.admit(LimitOrder(1, 1, side, 100, 4)) is Reason.INVENTORY_LIMIT
    assert watch.admit(LimitOrder(1, 1, Side(-side), 100, 13)) is None
    assert watch.admit(LimitOrder(1, 1, Side(-side), 100, 14)) is Reason.INVENTORY_LIMIT
    # Of a replace only what it adds counts again.
    assert watch.admit(Replace(7, 1, 100, 7)) is None
    assert watch.admit(Replace(7, 1, 100, 8)) is Reason.INVENTORY_LIMIT
    assert watch.admit(Replace(8, 1, 100, 80)) is None  # nobody's: the book refuses it


def test_an_account_beyond_what_is_left_may_still_move_its_orders():
    watch = monitor(max_inventory=5)
    rest(watch, 7, BUY, 5)
    assert watch.admit(Replace(7, 1, 101, 5)) is None
    assert watch.admit(Replace(7, 1, 101, 4)) is None


@pytest.mark.parametrize(("held", "sells"), [(5, True), (-5, False)])
def test_in_reduce_only_what_is_open_never_passes_what_is_held(held, sells):
    watch = monitor(inventory=held)
    watch.enter(State.REDUCE_ONLY)
    side = SELL if sells else BUY
    rest(watch, 7, side, 2)
    assert watch.admit(LimitOrder(1, 1, side, 100, 3)) is None
    assert watch.admit(LimitOrder(1, 1, side, 100, 4)) is Reason.REDUCE_ONLY
    assert watch.admit(LimitOrder(1, 1, Side(-side), 100, 1)) is Reason.REDUCE_ONLY


def test_the_excess_is_what_does_not_shrink_the_inventory_oldest_kept_first():
    watch = monitor(inventory=5)
    for order_id, side, size in ((1, BUY, 1), (2, SELL, 2), (3, SELL, 3), (4, SELL, 1)):
        rest(watch, order_id, side, size)
    assert watch.excess(0) == [Cancel(1, 1), Cancel(4, 1)]
    watch.account.inventory = 4
    assert watch.excess(0) == [Cancel(1, 1), Replace(3, 1, 100, 2), Cancel(4, 1)]
    watch.account.inventory = -1
    assert watch.excess(0) == [Cancel(2, 1), Cancel(3, 1), Cancel(4, 1)]


def test_an_order_of_the_largest_size_passes_and_one_more_does_not():
    watch = monitor(max_order_size=4)
    rest(watch, 7, BUY, 1)
    assert watch.admit(LimitOrder(1, 1, BUY, 100, 4)) is None
    assert watch.admit(LimitOrder(1, 1, BUY, 100, 5)) is Reason.ORDER_SIZE
    assert watch.admit(Replace(7, 1, 100, 4)) is None
    assert watch.admit(Replace(7, 1, 100, 5)) is Reason.ORDER_SIZE


# The ledger


def test_fills_are_counted_and_the_range_of_the_inventory_kept():
    account = Account(1000, 2)
    for bought in (3, -9, 1):
        account.fill(bought, 100, 100_500, 0)
    assert (account.fills, account.low, account.high) == (3, -4, 5)
    assert (account.cash, account.inventory) == (1000 + 500, -3)


def test_each_party_pays_the_fee_of_its_own_side():
    ledger = Ledger([(0, 0), (0, 0)], Fees(Fee(-3, 0, 2), Fee(7, 0, 1)))
    assert ledger.settle(Trade(5, 6, 1, 2, BUY, 100, 3), 100_000) == (-4, 21)
    assert [account.fees for account in ledger.accounts.values()] == [0, -4, 21]
    assert ledger.fees_collected == 17
    ledger.check()
    assert Ledger([(0, 0), (0, 0)], Fees(taker=Fee(1, 0, 3))).settle(
        Trade(5, 6, 1, 2, SELL, 100, 1), 100_000
    ) == (0, 1)


@pytest.mark.parametrize(
    ("maker", "paid"),
    [
        (Fee(0, 2, 3), 200),  # 3 lots at 100 ticks, at 2/3 of the price
        (Fee(1, 2, 3), 201),
        (Fee(0, 1, 7), 43),  # 300/7 = 42.9, up
        (Fee(0, -1, 7), -42),  # a rebate is less, too
        (Fee(-200, 2, 7), 0),  # both add up before they are rounded
        (Fee(-201, 2, 7), 0),
        (Fee(-203, 2, 7), -1),
    ],
)
def test_a_fee_on_the_price_and_one_on_the_lot_add_up_and_are_rounded_once(maker, paid):
    ledger = Ledger([(0, 0), (0, 0)], Fees(maker=maker))
    assert ledger.settle(Trade(5, 6, 1, 2, BUY, 100, 3), 100_000) == (paid, 0)
    ledger.check()


@pytest.mark.parametrize("what", ["cash", "inventory", "fees"])
def test_the_ledger_says_what_was_made_from_nothing(what):
    ledger = Ledger([(5, 1), (7, -2)])
    ledger.check()
    setattr(ledger.accounts[1], what, getattr(ledger.accounts[1], what) + 1)
    said = {"cash": "cash does not", "inventory": "lots do not", "fees": "fees differ"}[what]
    with pytest.raises(AssertionError, match=f"^{said}"):
        ledger.check()


def test_a_short_account_is_closed_by_buying():
    ledger = Ledger([(0, -3)])
    trade = ledger.close_out(1, 9, 101, 100_000)
    assert trade == Trade(0, 9, 0, 1, BUY, 101, 3)
    assert [account.inventory for account in ledger.accounts.values()] == [0, 0]
    assert [account.cash for account in ledger.accounts.values()] == [303, -303]
    assert ledger.accounts[1].spread == 3 * (100_000 - 101_000)
