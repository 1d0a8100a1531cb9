"""The risk monitor in a market: the hard inventory limit, and halts at the mark that trips them."""

import math
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lobsim.market.units import Side
from lobsim.setup import prepare
from market import (
    FLOWS,
    PRICES,
    buys,
    maker,
    moves,
    nothing,
    play,
    quoting,
    run_day,
    scenario,
    sells,
    trader,
)

# The hard limit


def wild(name, limit, dice):
    """Answers every question with anything; on the way it holds its desk to the limit."""

    def anything(desk, *_):
        for side in Side:
            open_lots = sum(order.size for order in desk.orders if order.side == side)
            assert side * desk.inventory + open_lots <= limit
        mid, size, side = desk.mid, dice.randint(1, 2 * limit), dice.choice(list(Side))
        price = mid + dice.uniform(-4, 4)
        a, b = sorted((dice.uniform(-2, 5), dice.uniform(0.1, 5)))
        return dice.choice([
            lambda: desk.quote(bid_depth=b, ask_depth=abs(a) + 0.1, size=size),
            lambda: desk.quote(bid_depth=abs(a) + 0.1, ask_depth=math.inf, size=size),
            lambda: desk.bid(price, size),
            lambda: [desk.ask(price, size), desk.bid(price - 1, size)],
            lambda: desk.take(side, size),
            lambda: desk.take(side, size, limit=price),
            lambda: desk.cancel(),
            lambda: None,
        ])()  # fmt: skip

    questions = dice.sample(["on_quote", "on_fill", "on_mid", "on_trade", "on_start"], 3)
    return trader([], name, **dict.fromkeys(questions, anything))


@st.composite
def worlds(draw):
    times = draw(st.lists(st.integers(0, 999), min_size=1, max_size=25))
    happenings, mid = [], 100.0
    for time in sorted(times):
        mid += draw(st.sampled_from([0, 0, 0.5, -0.5, 3, -3]))
        size, price = draw(st.integers(1, 12)), round(mid) + draw(st.integers(-6, 6))
        happenings.append(
            draw(st.sampled_from([
                moves(time, mid), buys(time, price, size, mid), sells(time, price, size, mid),
            ]))
        )  # fmt: skip
    return happenings


@given(
    world=worlds(),
    limit=st.integers(1, 9),
    seed=st.integers(0, 2**32),
    crossing=st.sampled_from(["join", "trade", "refuse"]),
    self_trade=st.sampled_from(["allow", "cancel_maker", "cancel_taker", "cancel_both"]),
    how=st.sampled_from([(), ('requote="timer"', "requote_ms=0.00005")]),
    halting=st.sampled_from([(), ("risk.max_drawdown=9", 'risk.on_halt="flatten"')]),
)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_inventory_never_passes_its_limit_whatever_the_strategies_do(
    world, limit, seed, crossing, self_trade, how, halting
):
    dice = random.Random(seed)
    traders = [wild(name, limit, dice) for name in ("ann", "bob", "cat")]
    rules = (f'crossing="{crossing}"', f'self_trade="{self_trade}"', f"risk.max_inventory={limit}")
    day = play(traders, world, *rules, *halting, *how, seed=seed)
    for each in day.summaries.values():
        assert -limit <= each.lowest <= each.highest <= limit
    for time, name, *_ in day.halts:
        assert not [row for row in day.of(name) if row.time > time and row.outcome != "halted"]
        assert not [fill for fill in day.fills if fill[0] > time and name in fill[1:3]]


def test_an_order_is_refused_if_all_that_is_open_could_pass_the_limit():
    def orders(desk):
        bids = [desk.bid(90, 2), desk.bid(91, 2), desk.bid(92, 1), desk.take(Side.BUY)]
        return [*bids, desk.ask(110, 4), desk.ask(110, 3), desk.take(Side.SELL)]

    day = play([trader([], "ann", on_start=orders)], [], "risk.max_inventory=3")
    no, yes = "inventory_limit", "rested"
    assert [row.outcome for row in day.of("ann")] == [yes, no, yes, no, no, yes, no]


# Halts.  Bought 1 at 98 with the mid at 100: equity peaks at 2, and falls with the mid.

BOUGHT = [sells(10, 90)]
ANN = {"on_quote": quoting(2, 2)}


def test_a_limit_is_tripped_by_what_is_past_it_not_by_what_reaches_it():
    fall = [*BOUGHT, moves(20, 97.5), moves(30, 97.5)]
    ann = trader([], "ann", **ANN)
    assert play([ann], fall, "risk.max_drawdown=2.5").halts == []
    assert play([ann], fall, "risk.max_loss=0.5").halts == []
    tripped = play([ann], fall, "risk.max_drawdown=2.499").halts
    assert tripped == [(20, "ann", "drawdown", 2500, 2499)]
    tripped = play([ann], fall, "risk.max_loss=0.499").halts
    assert tripped == [(20, "ann", "loss", 500, 499)]


def test_of_two_limits_passed_at_one_mark_drawdown_is_named():
    limits = ("risk.max_loss=0.1", "risk.max_drawdown=0.1")
    halts = play([trader([], "ann", **ANN)], [*BOUGHT, moves(20, 50)], *limits).halts
    assert halts == [(20, "ann", "drawdown", 50_000, 100)]


def test_drawdown_is_from_the_peak_and_loss_from_the_start():
    """Equity 2, then 12, then 6: a drawdown of 6, and no loss at all."""
    world = [*BOUGHT, moves(20, 110), moves(30, 104)]
    ann = trader([], "ann", **ANN)
    assert play([ann], world, "risk.max_loss=0.001").halts == []
    halts = play([ann], world, "risk.max_drawdown=5").halts
    assert halts == [(30, "ann", "drawdown", 6000, 5000)]


def test_a_short_account_loses_when_the_mid_rises():
    world = [buys(10, 110), moves(20, 103)]
    halts = play([trader([], "ann", **ANN)], world, "risk.max_loss=0.9").halts
    assert halts == [(20, "ann", "loss", 1000, 900)]


def test_a_halt_withdraws_all_at_that_instant_and_nothing_follows():
    log = []
    ann = trader(log, "ann", **ANN, on_mid=nothing, on_trade=nothing, on_end=nothing)
    bob = trader([], "bob", on_quote=quoting(3, 3))
    world = [*BOUGHT, moves(20, 97), sells(20, 90, mid=97), buys(30, 110, 9, mid=97)]
    day = play([ann, bob], world, "risk.max_drawdown=2")
    assert [row[:4] for row in day.of("ann") if row.time] == [
        (20, "ann", "cancel", Side.SELL),  # the bid of 98 is filled, and not yet renewed
    ]
    assert day.fills == [
        (10, "ann", "outside", 98, 1),
        (20, "bob", "outside", 94, 1),
        (30, "bob", "outside", 100, 1),
    ]
    assert [entry for entry in log if entry[0] >= 20] == [(1000, "ann", "on_end")]
    assert (day.summaries["ann"].halts, day.summaries["bob"].halts) == (1, 0)


def test_a_fill_that_trips_a_limit_halts_before_the_next_order_of_the_instant():
    """The quotes of a timer are stale: the mid is at 90 when the bid at 98 is hit."""
    ann = trader([], "ann", on_quote=quoting(2, 2, size=5))
    world = [sells(50, 90, 1, mid=90), sells(50, 90, 1, mid=90)]
    timer = ('requote="timer"', "requote_ms=0.0001")
    day = play([ann], world, "risk.max_loss=7.9", *timer)
    assert day.fills == [(50, "ann", "outside", 98, 1)]
    assert day.halts == [(50, "ann", "loss", 8000, 7900)]
    assert [row.outcome for row in day.of("ann", "outside") if row.time] == [
        "filled",
        "requested",
        "requested",
        "ioc_rest",
    ]


def test_a_halted_trader_has_the_rest_of_its_answer_refused():
    ann = trader([], "ann", on_start=lambda desk: desk.ask(110, 9))
    bob = trader([], "bob", on_quote=lambda desk: [desk.take(Side.BUY) for _ in range(3)])
    day = play([ann, bob], [], "risk.max_loss=5", 'crossing="trade"')
    assert [row.outcome for row in day.of("bob")] == ["filled", "halted", "halted"]
    assert day.halts == [(0, "bob", "loss", 10_000, 5000)]


@pytest.mark.parametrize(
    ("world", "price", "size"),
    [
        ([sells(10, 90, 3), moves(20, 90.5)], 89, 3),  # floor(90.5 - 1.25)
        ([buys(10, 110, 3), moves(20, 109.5)], 111, 3),  # ceil(109.5 + 1.25)
    ],
)
def test_flattening_trades_all_with_the_outside_at_the_mid_worse_by_its_cost(world, price, size):
    ann = trader([], "ann", on_quote=quoting(2, 2, size=3))
    rules = ('risk={max_loss=1, on_halt="flatten", close_cost=1.25}',)
    day = play([ann], [*world, sells(30, 1), buys(30, 200)], *rules)
    assert day.fills[1:] == [(20, "outside", "ann", price, size)]
    assert day.summaries["ann"].inventory == 0
    assert day.summaries["ann"].profit == -3 * (abs(price - 100) - 2)


def test_whether_the_close_trips_a_limit_does_not_depend_on_who_is_closed_after():
    ann = trader([], "ann", on_start=quoting(2, 2, size=3))
    bob = trader([], "bob", on_start=quoting(3, 3))
    rules = ('end.inventory="close"', "risk={max_drawdown=3, close_cost=2.5}")
    first = play([ann, bob], [sells(10, 90, 3)], *rules)
    last = play([bob, ann], [sells(10, 90, 3)], *rules)
    assert first.halts == last.halts


def test_lower_limits_never_raise_the_inventory_reached():
    reached = []
    for limit in (1, 2, 4, 8, 16, 1000):
        given = scenario(
            "duration_s=0.3", "asset.tick=0.01", PRICES["brownian"], FLOWS["poisson"],
            f"risk.max_inventory={limit}", f"strategy=[{maker('a', 0.6, 3)}]",
        )  # fmt: skip
        (each,) = run_day(prepare(given)).summaries.values()
        reached.append(max(-each.lowest, each.highest))
    assert reached == sorted(reached)
    assert reached[:3] == [1, 2, 4]


def test_limits_out_of_reach_leave_the_tape_as_it_is_without():
    markets = (
        "duration_s=0.3", "asset.tick=0.01", PRICES["geometric"], FLOWS["poisson"],
        f"strategy=[{maker('a', 0.6, 3)}, {maker('b', 0.5)}]",
    )  # fmt: skip
    far = 'risk={max_inventory=1000000, max_drawdown=1e12, max_loss=1e12, on_halt="flatten"}'
    assert (
        run_day(prepare(scenario(*markets))).digest
        == run_day(prepare(scenario(*markets, far))).digest
    )
