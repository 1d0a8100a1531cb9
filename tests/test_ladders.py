"""Ladders at the desk: what each rung's order does, and what is refused."""

import math
import random

import numpy as np
import pytest

from far import play_far
from market import buys, moves, play, quoting, sells, trader

INF = math.inf
UNDER = 1  # a limit that no bid reaches


def maker(*answers):
    """`ann`, who quotes these one after the other, and the last again and again."""
    left = list(answers)

    def answer(desk):
        bids, asks, size = left.pop(0) if len(left) > 1 else left[0]
        return desk.quote(bid_depth=bids, ask_depth=asks, size=size)

    return trader([], "ann", on_quote=answer)


def asked_at(*times):
    """Makers are asked whenever an order comes; these find nobody."""
    return [buys(time, UNDER) for time in times]


def test_each_rung_is_an_order_of_its_own():
    day = play([maker(([1, 2], [3, 5], [4, 6]))], [])
    assert sorted((row.side, row.price, row.size) for row in day.of("ann")) == [
        (-1, 103, 4), (-1, 105, 6), (1, 98, 6), (1, 99, 4),
    ]  # fmt: skip


def test_a_rung_that_is_right_keeps_its_place_and_the_others_move():
    day = play([maker(([1, 2, 3], INF, 1), ([1, 2.5, 4], INF, 1))], asked_at(100))
    assert day.story(100)[:2] == [
        "100 ann replace +1 at 96: replaced",
        "100 ann replace +1 at 97: replaced",
    ]


def test_a_rung_that_traded_is_made_anew_and_the_others_stay():
    day = play([maker(([1, 2], [9, 10], 2))], [sells(100, 99, 2), *asked_at(200)])
    assert [(row.kind, row.side, row.price, row.size) for row in day.of("ann")[4:]] == [
        ("limit", 1, 99, 2)
    ]


def test_a_rung_that_traded_in_part_is_filled_up_at_the_end_of_its_queue():
    """Cid came after ann at 98, and before what ann puts there again."""
    cid = trader([], "cid", on_mid=lambda desk: [desk.bid(98)] if desk.now_ns == 50 else None)
    world = [moves(50, 100), sells(100, 98, 3), sells(200, 98, 4)]
    day = play([maker(([1, 2], INF, 2)), cid], world)
    assert [fill[1:] for fill in day.fills if fill[0] == 200] == [
        ("ann", "outside", 99, 2), ("cid", "outside", 98, 1), ("ann", "outside", 98, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("fewer", [([1], INF, 1), (1.0, INF, 1), ([1, INF, INF], INF, 1)])
def test_rungs_there_are_no_more_are_withdrawn(fewer):
    day = play([maker(([1, 2, 3], INF, 1), fewer)], asked_at(100, 200))
    assert day.story(100) == [
        "100 ann cancel +1: requested", "100 ann cancel +1: requested",
        "100 outside ioc +1 at 1: ioc_rest", "200 outside ioc +1 at 1: ioc_rest",
    ]  # fmt: skip


def test_a_ladder_after_a_plain_quote_keeps_its_order():
    day = play([maker((1.0, 1.0, 1), ([1, 2], [1, 2], 1))], asked_at(100))
    assert [(row.kind, row.price) for row in day.of("ann") if row.time] == [
        ("limit", 98), ("limit", 102),
    ]  # fmt: skip


def test_rungs_that_round_to_one_price_are_two_orders_the_outer_first():
    day = play([maker(([1.2, 1.7], INF, [3, 5]))], [sells(100, 98, 6)])
    assert [(row.price, row.size) for row in day.of("ann")[:2]] == [(98, 5), (98, 3)]
    assert [(price, size) for *_, price, size in day.fills] == [(98, 5), (98, 1)]


def test_a_limit_cuts_the_outermost_rungs():
    limited = "risk={max_inventory=5}"
    day = play(
        [maker(([1, 2, 3], [1, 2, 3], [2, 2, 4]))], [sells(100, 99, 2), *asked_at(200)], limited
    )
    start = [(row.side, row.price, row.size) for row in day.of("ann") if not row.time]
    assert sorted(start) == [
        (-1, 101, 2), (-1, 102, 2), (-1, 103, 1), (1, 97, 1), (1, 98, 2), (1, 99, 2),
    ]  # fmt: skip
    later = [(row.kind, row.price, row.size) for row in day.of("ann") if row.time == 200]
    assert later == [("cancel", 0, 1), ("replace", 98, 1), ("limit", 99, 2), ("replace", 103, 3)]


def test_where_only_reduction_is_allowed_the_best_rungs_share_the_inventory():
    """Bought 4 at 99 and 98; the mid falls by 10: past 80 % of the loss allowed."""
    answers = ([1, 2, 3], [1, 2, 3], [2, 2, 2])
    day = play(
        [maker(answers)], [sells(100, 98, 3), moves(150, 90), buys(200, UNDER, mid=90)],
        "risk={max_loss=40, reduce_at=0.5}",
    )  # fmt: skip
    asks = [(row.price, row.size) for row in day.of("ann") if row.time == 200 and row.price]
    assert asks == [(92, 1), (91, 2)]
    assert {row.outcome for row in day.of("ann")} <= {"rested", "replaced", "requested"}


def test_the_last_answer_of_an_instant_is_what_stands():
    """After a fill both questions are asked at one instant, and only the second's orders exist."""
    for first, second in ((([1, 2, 3], INF), ([2], INF)), (([2], INF), ([1, 2, 3], INF))):
        ann = trader(
            [], "ann",
            on_start=lambda desk: [desk.bid(95)],
            on_fill=lambda desk, fill, first=first: quoting(*first)(desk),
            on_quote=lambda desk, second=second: quoting(*second)(desk) if desk.now_ns else None,
        )  # fmt: skip
        day = play([ann], [sells(50, 95)], 'requote="timer"', "requote_ms=0.0005")
        made = [row for row in day.of("ann") if row.time == 50]
        assert [row.price for row in made] == [100 - depth for depth in reversed(second[0])]


def test_far_from_the_exchange_a_ladder_is_steered_by_what_is_under_way():
    """Asked four times before the first order arrives: each rung is made once, then moved."""
    world = [buys(time, UNDER, mid=100 + time) for time in (1, 2, 3)]
    day = play_far([maker(([1, 2, 3], [1, 2, 3], 1))], world, {"ann": {"orders": 30}})
    rows = day.of("ann")
    assert [row.kind for row in rows].count("limit") == 6
    assert {row.kind for row in rows} == {"limit", "replace"}
    assert {row.outcome for row in rows} == {"rested", "replaced"}


def test_arrays_of_numpy_are_ladders_too():
    depths, sizes = np.array([1, 2]), np.array([3, 4])
    ours = play([maker((depths, depths / 2, sizes))], asked_at(100))
    assert ours.orders == play([maker(([1, 2], [0.5, 1], [3, 4]))], asked_at(100)).orders


# At random


def lot_by_lot(depths, sizes, room):
    """Depth and size of the rungs: lots are given to the best first, as long as there is room."""
    lots = [depth for depth, size in zip(depths, sizes, strict=True) for _ in range(size)]
    lots = [depth for depth in lots if depth < INF][: max(room, 0)]
    return [(depth, lots.count(depth)) for depth in dict.fromkeys(lots)]


def wanted(desk, bids, asks, sizes, limit):
    mid, held = desk.mid, desk.inventory
    own = [(1, math.floor(mid - d), n) for d, n in lot_by_lot(bids, sizes, limit - held)]
    own += [(-1, math.ceil(mid + d), n) for d, n in lot_by_lot(asks, sizes, limit + held)]
    return sorted(own)


def ladder(dice):
    """Multiples of a half, any number of them, some of them no quotes."""
    count = dice.randint(1, 5)
    sides = [
        [INF if i >= real else depth for i, depth in enumerate(sorted(dice.sample(HALVES, count)))]
        for real in (dice.randint(0, count), dice.randint(0, count))
    ]
    return *sides, [dice.randint(1, 4) for _ in range(count)]


def both_sided(dice):
    return next(
        each for each in iter(lambda: ladder(dice), None) if max(each[0][0], each[1][0]) < INF
    )


HALVES = [i / 2 for i in range(1, 20)]


@pytest.mark.parametrize("limit", [7, 10**9])
@pytest.mark.parametrize("seed", range(30))
def test_what_rests_is_the_ladder_asked_for(seed, limit):
    """One question sets a ladder, the next looks at it: then an order comes that may trade.

    Under a limit the ladder is one and the same, and moves with the mid.
    """
    dice, looks, said = random.Random(seed), [], []
    always = both_sided(dice) if limit == 7 else None

    def answer(desk):
        if not desk.now_ns:
            return None
        if said:
            resting = sorted((int(o.side), o.price, o.size) for o in desk.orders)
            looks.append((resting, said.pop()))
            return None
        bids, asks, sizes = always or ladder(dice)
        said.append(wanted(desk, bids, asks, sizes, limit))
        return desk.quote(bid_depth=bids, ask_depth=asks, size=sizes)

    mid, world = 100.0, []
    for time in range(10, 990, 10):
        mid += dice.choice([-2, -0.5, 0, 0, 0.5, 2])
        world.append(buys(time, UNDER, mid=mid))
        side = dice.choice([buys, sells])
        reach = dice.choice([0, 3, 8, 12]) * (1 if side is buys else -1)
        world.append(side(time + 5, round(mid + reach), dice.randint(1, 9), mid=mid))
    ann = trader([], "ann", on_quote=answer)
    day = play([ann], world, f"risk={{max_inventory={limit}}}", seed=seed)
    assert len(looks) > 90
    assert all(resting == asked for resting, asked in looks)
    assert len(day.fills) > 20
    assert not any(row.outcome == "inventory_limit" for row in day.orders)


@pytest.mark.parametrize("seed", range(20))
def test_no_ladder_passes_the_inventory_limit(seed):
    """Any ladder after any other: what is open never could, whoever trades; the audit is on."""
    dice, held = random.Random(seed), []

    def answer(desk):
        bids, asks, sizes = ladder(dice)
        for side in (1, -1):
            lots = sum(o.size for o in desk.orders if o.side == side)
            held.append(side * desk.inventory + lots)
        return desk.quote(bid_depth=bids, ask_depth=asks, size=sizes)

    world = [dice.choice([buys, sells])(t, dice.choice([90, 110]), 3) for t in range(5, 995, 5)]
    play([trader([], "ann", on_quote=answer)], world, "risk={max_inventory=6}", seed=seed)
    assert max(held) == 6
