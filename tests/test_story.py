"""The lives of orders, told: small days written by hand, and what their stories say."""

import math
from functools import partial

import pytest

from lobsim.models.world import END, Happening
from lobsim.report.frames import Run
from lobsim.report.story import story
from lobsim.run import record
from lobsim.setup import prepare
from market import T, buys, moves, scenario, seated, sells, trader


@pytest.fixture
def day(tmp_path):
    """Plays strategies through happenings, into a folder; a tick is 1, times are in ns."""

    def play(strategies, happenings, *settings, last=100.0):
        world = [[*happenings, Happening(T, END, 0, 0, 0, 0, last)]]
        record(seated(prepare(scenario(*settings)), strategies), 1, 0, tmp_path, world=world)
        return Run(tmp_path)

    return play


def at(**answers):
    """Answers by the time in ns: at(t10=...), None at all others."""
    return lambda desk, *_: answers.get(f"t{desk.now_ns}", lambda desk: None)(desk)


ann_who, bob_who = partial(trader, [], "ann"), partial(trader, [], "bob")


def told(run, number):
    """Its lines, each with its time in ns before it."""
    lines = [(each["time_s"], each["what"]) for each in story(run, number)]
    return [f"{round(time * 1e9) if time is not None else ''} {what}" for time, what in lines]


def test_a_quote_that_is_moved_filled_in_parts_and_cancelled(day):
    def moved(desk):
        return desk.quote(bid_depth=math.inf, ask_depth=desk.now_ns / 10, size=4)

    first = bob_who(on_start=lambda desk: desk.ask(105, 3))
    ann = ann_who(
        on_start=lambda desk: desk.quote(bid_depth=9, ask_depth=5, size=4),
        on_mid=at(t20=moved, t30=moved, t40=moved, t50=moved, t80=lambda desk: desk.cancel()),
    )
    world = [*(moves(t, 100.25) for t in (20, 30, 40, 50)), buys(60, 106, 5), buys(70, 107, 1)]
    run = day([first, ann], [*world, moves(80, 100.0)], "asset.fees.maker=0.5")
    assert told(run, 3) == [
        "0 ann offers 4 lots at 105, 5.0 above the mid 100.0 (5.0 ticks)",
        "20 moved to 103, 2.8 above the mid 100.2 (2.8 ticks)",
        "30 2 more moves until 0.000000 s, from 104 to 105",
        "50 moved to 106, 5.8 above the mid 100.2 (5.8 ticks); first in the queue there",
        "60 fill 3: someone outside, who wants to buy 5 lots at once, at 106 or less, lifts it "
        "after 10 ns in its place: 2 lots at 106, 6.0 above the mid 100.0 (6.0 ticks); "
        "2 lots left; spread earned 12",
        "60 ann held 0 and now holds -2, and pays a fee of 1",
        "70 fill 5: 1 lot at 106, with someone outside",
        "80 ann cancels what is left of it",
    ]


def steers(size, bid_depth=9.0, ask_depth=9.0):
    return lambda desk: desk.quote(bid_depth=bid_depth, ask_depth=ask_depth, size=size)


def test_lots_ahead_since_the_place_in_the_queue_was_taken(day):
    """It dates from 1 ns on: a smaller size at the same price keeps it."""
    cuts = {"t5": steers(7, 2), "t6": steers(6, 2), "t7": steers(5, 2)}
    ann = ann_who(
        on_start=lambda desk: [desk.bid(98, 3), *steers(9, 4)(desk)],
        on_quote=at(t0=steers(9, 3)),
        on_mid=at(t1=steers(8, 2), **cuts),
    )
    steps = [moves(t, 100.0) for t in (1, 5, 6, 7)]
    run = day([ann], [*steps, sells(10, 97, 5), sells(20, 98, 1)])
    assert told(run, 5) == [
        "0 ann bids for 9 lots at 96, 4.0 below the mid 100.0 (4.0 ticks)",
        "0 moved to 97, 3.0 below the mid 100.0 (3.0 ticks)",
        "1 moved to 98, now 8 lots, 2.0 below the mid 100.0 (2.0 ticks); 3 lots ahead of it",
        "5 2 more moves until 0.000000 s, at 98",
        "7 moved to 98, now 5 lots, 2.0 below the mid 100.0 (2.0 ticks)",
        "10 fill 3: 2 lots at 98, with someone outside",
        "20 fill 5: someone outside, who wants to sell 1 lot at once, at 98 or more, hits it after "
        "19 ns in its place: 1 lot at 98, 2.0 below the mid 100.0 (2.0 ticks); 2 lots left; "
        "spread earned 2",
        "20 ann held +5 and now holds +6",
        " 2 lots still open at the end, at 98",
    ]


def test_a_rest_that_is_moved_to_where_it_trades_at_once(day):
    bob = bob_who(on_start=lambda desk: desk.bid(99, 5))
    ann = ann_who(
        on_start=steers(3, ask_depth=9),
        on_quote=at(t0=steers(3, ask_depth=5)),
        on_mid=at(t20=steers(3, ask_depth=-2)),
    )
    run = day([bob, ann], [buys(10, 106), moves(20, 100)], 'crossing="trade"')
    fill, *later = told(run, 1)[2:]
    assert told(run, 1)[:2] == [
        "0 ann offers 3 lots at 109, 9.0 above the mid 100.0 (9.0 ticks)",
        "0 moved to 105, 5.0 above the mid 100.0 (5.0 ticks); first in the queue there",
    ]
    assert fill.endswith("; 2 lots left; spread earned 5")
    assert later == [
        "10 ann held 0 and now holds -1",
        "20 moved to 98, now 3 lots, 2.0 below the mid 100.0 (2.0 ticks); 3 of 3 traded at once",
        "20 fill 4: 3 lots at 99, with bob",
        "20 nothing is left of the order",
    ]


def test_one_who_takes_and_whose_rest_waits(day):
    def comes(desk):
        desk.note(why="now", worth=101.5)
        return desk.bid(101, 5)

    ann = ann_who(on_start=lambda desk: [desk.ask(101, 2), desk.ask(102, 1)])
    bob = bob_who(on_mid=at(t10=comes))
    fees = ("asset.fees.taker=-0.25", "asset.fees.maker=0.25")
    run = day([ann, bob], [moves(10, 100.0)], 'crossing="trade"', *fees)
    assert told(run, 2) == [
        "10 bob notes: why now, worth 101.5",
        "10 bob bids for 5 lots at 101, 1.0 above the mid 100.0 (1.0 ticks); 2 of 5 traded at once",
        "10 fill 2: bob buys 2 lots at 101, 1.0 above the mid 100.0 (1.0 ticks), against ann's "
        "offer; spread earned -2",
        "10 bob held 0 and now holds +2, and is paid a rebate of 0.5",
        " 3 lots still open at the end, at 101",
    ]
    assert told(run, 1)[1] == (
        "10 fill 1: bob, who wants to buy 5 lots at 101 or less, lifts it after 10 ns in its place:"
        " 2 lots at 101, 1.0 above the mid 100.0 (1.0 ticks); spread earned 2"
    )


def test_an_order_from_outside_that_takes_several_and_drops_its_rest(day):
    ann = ann_who(on_start=lambda desk: [desk.ask(101 + i, 1) for i in range(5)])
    run = day([ann], [buys(10, 105, 9)])
    comes = (
        "10 someone outside wants to buy 9 lots at once, at 105 or less, 5.0 above the mid 100.0 "
        "(5.0 ticks); 5 of 9 traded at once"
    )
    two, four, eight, ten = (f"10 fill {2 * i}: 1 lot at {100 + i}, with ann" for i in (1, 2, 4, 5))
    six_told, ten_told = (
        f"10 fill {2 * i}: someone outside buys 1 lot at {100 + i}, {i}.0 above the mid 100.0 "
        f"({i}.0 ticks), against ann's offer; spread earned -{i}"
        for i in (3, 5)
    )
    rest = "10 the rest, 4 lots, meets nobody else and is dropped"
    assert told(run, 6) == [comes, two, four, six_told, eight, ten, rest]
    between = "10 2 more fills, 2 lots from 102 to 103"
    assert told(run, 10) == [comes, two, between, eight, ten_told, rest]


def test_a_halt_flattens_and_withdraws(day):
    def start(desk):
        return [desk.bid(99, 3), desk.bid(98, 5)]

    ann = ann_who(on_start=start)
    rules = ("risk.max_drawdown=4", 'risk.on_halt="flatten"', "risk.close_cost=1")
    run = day([ann], [sells(10, 98, 4), moves(20, 98.0), moves(30, 97.0)], *rules)
    (close,) = run.fills[run.fills["strategy"].eq("ann") & run.fills["liquidity"].eq("close")][
        "fill"
    ]
    expected = [
        "20 ann is halted (drawdown 8, limit 4), and flattened",
        f"20 fill {close}: ann sells 4 lots at 97, 1.0 below the mid 98.0 (1.0 ticks), with the "
        "outside; spread earned -4",
        "20 ann held +4 and now holds 0",
    ]
    assert told(run, close) == told(run, close - 1) == expected
    assert told(run, 3)[-1] == "20 4 lots withdrawn: ann is halted (drawdown 8, limit 4)"


def test_inventories_closed_and_orders_withdrawn_at_the_end_of_the_day(day):
    ann = ann_who(on_start=lambda desk: desk.bid(99, 3))
    run = day([ann], [sells(10, 98, 1)], 'end.inventory="close"')
    assert told(run, 4) == [
        f"{T} the day is over, and inventories are closed",
        f"{T} fill 4: ann sells 1 lot at 100, at the mid 100.0, with the outside; spread earned 0",
        f"{T} ann held +1 and now holds 0",
    ]
    assert told(run, 1)[-1] == f"{T} 2 lots withdrawn: the day is over"


def test_a_halt_in_the_last_instant_flattens_nothing_where_halts_only_withdraw(day):
    ann = ann_who(on_start=lambda desk: desk.bid(99, 3))
    rules = ('end.inventory="close"', "risk.max_drawdown=4")
    run = day([ann], [sells(10, 98, 1)], *rules, last=90.0)
    assert told(run, 4)[0] == f"{T} the day is over, and inventories are closed"
    assert told(run, 1)[-1] == f"{T} 2 lots withdrawn: ann is halted (drawdown 10, limit 4)"


def test_a_cancel_in_the_instant_of_a_recovery_is_its_own(day):
    """Marked at 97 ann may only reduce, and offers to; at 100 she may do all again."""
    ann = ann_who(
        on_start=lambda desk: desk.bid(99, 4),
        on_mid=at(t20=lambda desk: desk.ask(98, 3), t30=lambda desk: desk.cancel()),
    )
    world = [sells(10, 99, 4), moves(20, 97.0), buys(25, 98, 1, mid=97.0), moves(30, 100.0)]
    run = day([ann], world, "risk.max_drawdown=20", "risk.reduce_at=0.5")
    assert run.risk["ts_event"].tolist() == [20, 30]
    assert told(run, 3)[-1] == "30 ann cancels what is left of it"


def test_an_order_that_meets_its_own_is_removed(day):
    ann = ann_who(on_start=lambda desk: desk.ask(102, 3),
        on_mid=at(t20=lambda desk: desk.take(1, 1)))  # fmt: skip
    run = day([ann], [buys(10, 103, 1), moves(20, 100)], 'self_trade="cancel_maker"')
    assert told(run, 1)[-1] == "20 another order of ann's meets it: 2 lots withdrawn"


def test_a_trade_with_oneself_and_a_refused_move(day):
    ann = ann_who(on_start=lambda desk: desk.quote(bid_depth=9, ask_depth=2, size=2),
        on_mid=at(
            t10=lambda desk: desk.quote(bid_depth=9, ask_depth=2, size=9),
            t20=lambda desk: desk.take(1, 2),
        ))  # fmt: skip
    rules = ("risk.max_order_size=5", 'requote="timer"', "requote_ms=1")
    run = day([ann], [moves(10, 100), moves(20, 100)], *rules)
    lines = told(run, 1)
    assert lines[1] == "10 a command for it is refused (order_size); the order stays as it was"
    assert lines[2].startswith(
        "20 fill 1: ann, who wants to buy 2 lots at once, at any price, lifts"
    )
    assert lines[3:] == [
        "20 ann has traded with itself, and holds 0 as before",
        "20 nothing is left of the order",
    ]


def test_a_run_that_kept_its_fills_alone_tells_what_they_say(day):
    ann = ann_who(on_start=lambda desk: desk.bid(99, 3))
    run = day([ann], [sells(10, 98, 1), sells(20, 98, 1)], 'record="fills"')
    assert told(run, 3) == [
        "0 the order takes its place, with nothing ahead of it",
        "10 fill 1: 1 lot at 99, with someone outside",
        "20 fill 3: someone outside hits it after 20 ns in its place: 1 lot at 99, 1.0 below the "
        "mid 100.0 (1.0 ticks); spread earned 1",
        "20 ann held +1 and now holds +2",
        ' the run has record = "fills": how the order was placed and moved, and what became of the '
        "rest, is not on the tape",
    ]
    assert [line[:10] for line in told(run, 4)] == ["20 fill 4:", " the run h"]
