"""Time in the market: who is asked when, on what snapshot, and whose commands come first."""

import pytest

from lobsim.errors import PluginError
from lobsim.market.units import Side
from lobsim.setup import prepare
from market import (
    buys,
    by_the_book,
    moves,
    nothing,
    play,
    quoting,
    run_day,
    scenario,
    seated,
    sells,
    trader,
)

TIMER = ('requote="timer"', "requote_ms=0.0001")  # 100 ns
QUESTIONS = ("on_start", "on_quote", "on_fill", "on_mid", "on_trade", "on_end")
ALL = dict.fromkeys(QUESTIONS, nothing) | {"on_quote": quoting(2, 2)}


def asked(log, *names):
    """When and what these were asked; without names, anyone."""
    return [(time, question) for time, name, question in log if not names or name in names]


# Who is asked, and when


def test_continuous_makers_are_asked_at_0_and_once_before_the_first_order_of_an_instant():
    log = []
    ann = trader(log, "ann", on_quote=quoting(2, 2))
    play([ann], [moves(10, 101), buys(20, 99), sells(20, 101), buys(20, 99), moves(30, 101)])
    assert asked(log) == [(0, "on_quote"), (20, "on_quote")]


def test_orders_at_0_meet_the_quotes_given_at_0():
    log = []
    ann = trader(log, "ann", on_quote=quoting(2, 2))
    day = play([ann], [buys(0, 105), buys(10, 105)])
    assert asked(log) == [(0, "on_quote"), (10, "on_quote")]
    assert day.fills == [(0, "ann", "outside", 102, 1), (10, "ann", "outside", 102, 1)]


def test_every_question_is_asked_at_its_time_and_after_the_orders_of_the_instant():
    log = []
    world = [moves(10, 101), buys(20, 105), sells(20, 95), moves(30, 100)]
    play([trader(log, "ann", **ALL)], world)
    after_orders = 2 * ["on_mid", "on_fill", "on_trade"]
    assert asked(log) == [
        (0, "on_start"),
        (0, "on_quote"),
        (10, "on_mid"),
        (20, "on_quote"),
        *((20, question) for question in after_orders),
        (30, "on_mid"),
        (1000, "on_end"),
    ]


def test_everybody_hears_of_a_trade_and_only_its_parties_of_a_fill():
    log = []
    ann = trader(log, "ann", on_quote=quoting(2, 2), on_fill=nothing, on_trade=nothing)
    bob = trader(log, "bob", on_fill=nothing, on_trade=nothing)
    play([ann, bob], [buys(20, 105)])
    assert asked(log, "ann")[2:] == [(20, "on_fill"), (20, "on_trade")]
    assert asked(log, "bob") == [(20, "on_trade")]


def test_a_timer_asks_at_every_period_and_after_own_fills():
    log = []
    ann = trader(log, "ann", on_quote=quoting(2, 2))
    bob = trader(log, "bob", on_quote=quoting(9, 9))
    play([ann, bob], [buys(250, 105), moves(260, 100), sells(300, 95)], *TIMER)
    every = list(range(0, 1000, 100))
    assert [time for time, _ in asked(log, "bob")] == every
    assert [time for time, _ in asked(log, "ann")] == sorted([*every, 250])


def test_nothing_is_asked_or_traded_at_the_end_or_after_it():
    log = []
    ann = trader(log, "ann", on_quote=quoting(1, 1), on_mid=nothing, on_fill=nothing)
    end = trader(log, "end", on_end=nothing)
    busy = ("asset.price.sigma=20000", "asset.flow={model='poisson', A=142857142.857, k=0.1}")
    for timer in ((), TIMER):
        log.clear()
        day = run_day(seated(prepare(scenario(*busy, *timer)), [ann, end]))
        assert max(row.time for row in day.orders) < 1000
        assert day.mids[-1][0] == 1000
        assert [entry for entry in log if entry[0] >= 1000] == [(1000, "end", "on_end")]


# Within one instant


def test_orders_meet_the_quotes_that_stood_before_a_timer_at_the_same_instant():
    ann = trader([], "ann", on_quote=quoting(2, 2))
    day = play([ann], [buys(300, 115, mid=110), buys(300, 115, mid=110)], *TIMER)
    assert day.fills == [(300, "ann", "outside", 102, 1)]
    assert [row.price for row in day.of("ann") if row.time == 300] == [108, 112]


def test_both_orders_of_an_instant_meet_the_same_quotes():
    ann = trader([], "ann", on_quote=quoting(2, 2, size=2))
    day = play([ann], [buys(20, 105, 2), buys(20, 105), sells(20, 95, 3), sells(30, 95)])
    assert day.fills == [
        (20, "ann", "outside", 102, 2),
        (20, "ann", "outside", 98, 2),
        (30, "ann", "outside", 98, 1),
    ]


@pytest.mark.parametrize("how", [(), TIMER])
def test_all_who_are_due_decide_on_one_snapshot(how):
    seen = []

    def look(desk):
        seen.append((desk.now_ns, desk.best_bid, desk.best_ask, desk.mid))
        return desk.quote(bid_depth=2, ask_depth=2)

    traders = [trader([], name, on_quote=look) for name in ("ann", "bob", "cat")]
    play(traders, [moves(20, 110), buys(100, 90, mid=120), moves(150, 120), buys(200, 90)], *how)
    assert seen[:9] == [
        *3 * [(0, None, None, 100)],
        *3 * [(100, 98, 102, 120)],
        *3 * [(200, 118, 122, 100)],
    ]


def test_retreats_come_before_advances_each_by_a_turn_drawn_at_every_question():
    names = ["ann", "bob", "cat"]
    traders = [trader([], name, on_quote=quoting(2, 2)) for name in names]
    mids = [100 + 10 * (i % 2) for i in range(50)]
    world = [buys(10 * i, 1, mid=mid) for i, mid in enumerate(mids) if i]
    day = play(traders, world, seed=5)
    turns = {name: by_the_book(5, 0, f"turn/{name}").random(50) for name in names}
    for i in range(50):
        order = sorted(names, key=lambda name: turns[name][i])
        rows = [row for row in day.of(*names) if row.time == 10 * i]
        if i == 0:
            assert [row.name for row in rows] == [name for name in order for _ in "ba"]
            continue
        assert [row.name for row in rows] == order + order
        retreating = Side.SELL if mids[i] > mids[i - 1] else Side.BUY
        assert [row.side for row in rows] == [retreating] * 3 + [-retreating] * 3
    assert day.summaries["ann"].maker_trades == 0


def test_a_trader_draws_its_turn_when_it_is_due_whoever_else_is_there():
    """Bob's absence leaves ann and cat in their order."""
    world = [buys(10 * i, 1, mid=100 + 10 * (i % 2)) for i in range(1, 50)]
    traders = {name: trader([], name, on_quote=quoting(2, 2)) for name in ("ann", "bob", "cat")}
    three = play(traders.values(), world).of("ann", "cat")
    two = play([traders["ann"], traders["cat"]], world).of("ann", "cat")
    assert [row.name for row in three] == [row.name for row in two]


def test_presence_is_the_time_that_quotes_stood():
    """Ann quotes once; her ask goes at 250, bob's at 400, whereupon his is renewed."""
    ann = trader([], "ann", on_start=quoting(2, 2))
    bob = trader([], "bob", on_quote=quoting(2, 5))
    day = play([ann, bob], [buys(250, 102), buys(400, 105)], *TIMER)
    one, other = day.summaries["ann"], day.summaries["bob"]
    assert (one.uptime, one.spread, one.best_share) == (0.25, 4, (1 + 0.25) / 2)
    assert (other.uptime, other.spread, other.best_share) == (1, 7, (1 + 0.75) / 2)


# What stops a run


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_strategy_that_raises_is_named_with_the_question_and_the_time(question):
    def fail(desk, *_):
        if desk.now_ns >= 20 or question == "on_start":
            raise RuntimeError("out of ideas")
        return desk.quote(bid_depth=2, ask_depth=2)

    answers = {"on_quote": quoting(2, 2), question: fail}
    time = {"on_start": "0", "on_end": "1e-06"}.get(question, "2e-08")
    place = rf"strategy 'ann': {question} at {time} s( \(event \d+\))?"
    said = rf"^{place}: RuntimeError: out of ideas \(\w+\.py:\d+\)\n"
    with pytest.raises(PluginError, match=said):
        play([trader([], "ann", **answers)], [buys(20, 105)])


def test_a_strategy_that_leaves_the_interpreter_is_an_error_and_no_success():
    def leave(desk):
        raise SystemExit(0)

    with pytest.raises(PluginError, match="'ann': on_quote at 0 s: SystemExit"):
        play([trader([], "ann", on_quote=leave)], [])


def test_endless_trading_at_one_instant_is_stopped_and_the_restless_are_named():
    ann = trader([], "ann", on_start=lambda desk: desk.ask(102, 10**6))
    bob = trader([], "bob", on_trade=lambda desk, _: desk.take(Side.BUY))
    with pytest.raises(PluginError, match=r"no progress .* at 20 ns; still answering: 'bob'$"):
        play([ann, bob], [buys(20, 105)])
