"""Latency: when messages arrive, and what a trader far from the exchange knows."""

from simpy import Environment

from far import TIMER, far, play_far
from lobsim.kernel.wire import LateWire
from lobsim.market.messages import Cancel, LimitOrder, Replace
from lobsim.market.units import Side
from lobsim.models.world import END, Happening
from lobsim.setup import prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape
from market import T, buys, moves, nothing, quoting, scenario, seated, sells, trader


def seen(log, what):
    """An `on_quote` that notes what the desk shows, and quotes 2 around the mid."""

    def look(desk):
        log.append((desk.now_ns, what(desk)))
        return desk.quote(bid_depth=2, ask_depth=2)

    return look


def prices(day, name, since=0):
    return [(row.time, row.price) for row in day.of(name) if row.time >= since]


# Wires


def test_a_wire_never_lets_a_later_message_overtake():
    env, log = Environment(initial_time=0), []
    wire = LateWire(env, iter([30, 5]).__next__, lambda m: log.append((env.now, m)), 100)
    wire.send("slow")
    wire.send("fast")
    env.run()
    assert log == [(30, "slow"), (30, "fast")]


def test_what_would_arrive_at_the_end_or_later_never_does():
    env, log = Environment(initial_time=0), []
    wire = LateWire(env, iter([99, 100, 7]).__next__, log.append, 100)
    for message in ("in time", "at the end", "behind it"):
        wire.send(message)
    env.run()
    assert (log, wire.sent, wire.arrived) == (["in time"], 3, 1)


# Orders


def test_an_order_has_its_effect_when_it_arrives():
    ann = trader([], "ann", on_quote=quoting(2, 2))
    late = [buys(129, 112, mid=110), buys(130, 112, mid=110)]
    world = [buys(29, 105), buys(31, 105), moves(50, 110), *late]
    day = play_far([ann], world, {"ann": {"orders": 30}})
    assert prices(day, "ann")[:4] == [(30, 98), (30, 102), (61, 102), (130, 112)]
    # Filled at 31, asked at once, and its new order comes 30 ns later: hit at 129, before the
    # replace that was sent at 100 arrives.
    assert [(fill[0], fill[3]) for fill in day.fills] == [(31, 102), (129, 102)]


def test_at_one_instant_the_world_comes_first_then_what_arrives_then_timers():
    looks = []
    ann = trader([], "ann", on_quote=quoting(2, 2))

    def look(desk):
        looks.append((desk.now_ns, desk.best_ask))

    bob = trader([], "bob", on_quote=look)
    day = play_far([ann, bob], [moves(150, 90), buys(300, 110, mid=90)], {"ann": {"orders": 100}})
    assert day.fills[0] == (300, "ann", "outside", 102, 1)
    # Ann's first quotes arrive at 100; those around 90 at 300, too late for her refused replace.
    assert looks[:3] == [(0, None), (100, 102), (200, 102)]


def test_those_who_are_equally_far_keep_their_order_of_turns():
    """All retreats by turn, then all advances: as without latency, later."""
    names = ["ann", "bob", "cat"]
    world = [moves(50 + 100 * i, 110 - 10 * (i % 2)) for i in range(9)]
    days = []
    for latency in ({}, {"orders": 40}):
        traders = [trader([], name, on_quote=quoting(2, 2)) for name in names]
        days.append(play_far(traders, world, dict.fromkeys(names, latency)).of(*names))
    near, remote = days
    assert len(near) == 60
    assert remote == [row._replace(time=row.time + 40) for row in near]


def test_nothing_arrives_at_the_end_or_after_it():
    ann = trader([], "ann", on_quote=quoting(2, 2))
    world = [moves(50 + 100 * i, 110 - 10 * (i % 2)) for i in range(9)]
    for latency, last in ((99, 999), (100, 900), (101, 901)):
        day = play_far([ann], world, {"ann": {"orders": latency}})
        assert prices(day, "ann")[-1][0] == last


def test_orders_under_way_at_the_end_are_counted():
    ann = trader([], "ann", on_quote=quoting(2, 2))
    world = [moves(50 + 100 * i, 110 - 10 * (i % 2)) for i in range(9)]
    for latency, count in ((99, 0), (100, 2), (250, 4)):
        setup = seated(prepare(scenario(*TIMER)), [ann])
        tape = Tape()
        ends = [[*world, Happening(T, END, 0, 0, 0, 0, 110.0)]]
        simulate(far(setup, {"ann": {"orders": latency}}), 1, 0, world=ends, tape=tape)
        assert tape.under_way == count


# Replies


def test_fills_are_learnt_late():
    log, lots = [], []
    ann = trader(log, "ann", on_quote=seen(lots, lambda desk: (desk.inventory, desk.cash)),
                 on_fill=nothing)  # fmt: skip
    play_far([ann], [sells(160, 95), sells(290, 95)], {"ann": {"acks": 50}})
    assert [time for time, _, question in log if question == "on_fill"] == [210, 340]
    assert lots[:7] == [
        (0, (0, 0)), (100, (0, 0)), (200, (0, 0)), (210, (1, -98)), (300, (1, -98)),
        (340, (2, -196)), (400, (2, -196)),
    ]  # fmt: skip


def test_own_orders_are_those_acknowledged_and_what_is_under_way_is_listed():
    log = []

    def look(desk):
        resting = [(order.order_id, order.since) for order in desk.orders]
        log.append((desk.now_ns, resting, [type(each) for each in desk.in_flight]))
        return desk.quote(bid_depth=2, ask_depth=2) if desk.now_ns != 300 else desk.cancel()

    ann = trader([], "ann", on_quote=look)
    play_far([ann], [moves(50, 110)], {"ann": {"orders": 90, "acks": 60}})
    assert log[:6] == [
        (0, [], []),
        (100, [], [LimitOrder, LimitOrder]),
        (200, [(1, 90), (2, 90)], [Replace, Replace]),
        (300, [(1, 190), (2, 190)], []),
        (400, [(1, 190), (2, 190)], [Cancel, Cancel]),
        (500, [], [LimitOrder, LimitOrder]),
    ]


def test_a_quote_is_not_sent_twice_while_it_is_under_way():
    ann = trader([], "ann", on_quote=quoting(2, 2))
    day = play_far([ann], [], {"ann": {"orders": 250, "acks": 240}})
    assert prices(day, "ann") == [(250, 98), (250, 102)]


def test_an_order_that_was_filled_is_not_waited_for():
    """It is replaced while nobody knows of the fill; known of, another is sent at once."""
    ann = trader([], "ann", on_quote=quoting(2, 2))
    day = play_far(
        [ann], [moves(50, 110), buys(110, 102, mid=110)], {"ann": {"orders": 80, "acks": 10}}
    )
    assert [row[0:1] + row[4:] for row in day.of("ann") if row.side != Side.BUY] == [
        (80, 102, 1, 0, "rested"),
        (180, 112, 1, 0, "unknown_id"),
        (200, 112, 1, 0, "rested"),
    ]


def test_a_halt_is_learnt_of_late_and_orders_under_way_are_refused():
    log = []
    ann = trader(log, "ann", on_quote=quoting(2, 2, size=9))
    world = [sells(150, 90, 5), moves(250, 90)]
    settings = ("risk.max_loss=20", "risk.cooldown_s=0.0000003")
    day = play_far([ann], world, {"ann": {"orders": 80, "acks": 60}}, *settings)
    assert day.story(250)[0] == "250 ann halted: loss 40000 > 20000"
    asked = [time for time, _, _ in log]
    assert asked == [0, 100, 200, 210, 300, 700, 800, 900]  # cooled at 550, heard at 610
    assert [(row.time, row.outcome) for row in day.of("ann") if row.outcome == "halted"] == [
        (290, "halted"), (380, "halted"), (380, "halted"),
    ]  # fmt: skip


def test_a_strategy_that_failed_is_never_asked_again():
    log = []

    def fail(desk):
        raise RuntimeError

    ann = trader(log, "ann", on_quote=fail)
    settings = ('on_plugin_error="bench"', "risk.max_loss=20", "risk.cooldown_s=1e-7")
    play_far([ann], [], {"ann": {"orders": 80, "acks": 60}}, *settings)
    assert log == [(0, "ann", "on_quote")]


# Market data


def test_the_mid_is_that_of_when_the_data_left():
    looks = []
    ann = trader([], "ann", on_quote=seen(looks, lambda desk: desk.mid))
    play_far([ann], [moves(80, 110), moves(181, 120), moves(250, 130)], {"ann": {"data": 20}})
    assert looks[:4] == [(0, 100), (100, 110), (200, 110), (300, 130)]


def test_trades_and_moves_are_heard_of_late():
    log = []
    ann = trader([], "ann", on_quote=quoting(2, 2))
    bob = trader(log, "bob", on_trade=nothing, on_mid=nothing)
    play_far([ann, bob], [moves(30, 100), buys(160, 105)], {"bob": {"data": 25}})
    assert log == [
        (55, "bob", "on_mid"), (185, "bob", "on_mid"), (185, "bob", "on_trade")
    ]  # fmt: skip


def test_the_book_is_that_of_when_the_data_left_own_orders_told_apart():
    looks = []
    ann = trader([], "ann", on_quote=quoting(2, 2))
    bob = trader([], "bob", on_start=quoting(1, 1))
    cat = trader(
        [], "cat",
        on_quote=seen(looks, lambda d: (d.best_ask, d.rival_ask, d.depth(Side.SELL))),
    )  # fmt: skip
    play_far([ann, bob, cat], [buys(180, 101)], {"cat": {"data": 30, "acks": 500}})
    assert looks[:4] == [
        (0, (None, None, [])),
        (100, (101, 101, [(101, 1), (102, 2)])),
        (200, (101, 101, [(101, 1), (102, 2)])),
        (300, (102, 102, [(102, 2)])),
    ]
