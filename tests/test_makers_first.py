"""Continuous requoting: makers are asked before the first order of an instant, from whomever."""

import math

import pytest

from lobsim import Side
from lobsim.setup import prepare
from lobsim_strategies.momentum import Momentum
from lobsim_strategies.noise import Noise
from lobsim_strategies.sniper import Sniper
from market import buys, moves, nothing, play, quoting, run_day, scenario, seated, trader
from test_takers import named

WORLD = [moves(10, 105), buys(15, 1, mid=105), moves(20, 103), moves(30, 103)]


def taking(log, name, side=Side.BUY, times=(10, 20), size=1, also=nothing):
    """Takes at these moves of the mid."""

    def on_mid(desk):
        take = [desk.take(side, size)] if desk.now_ns in times else []
        return [*take, *(also(desk) or ())]

    return trader(log, name, on_mid=on_mid)


def asked(log, name, question="on_quote"):
    return [time for time, who, what in log if (who, what) == (name, question)]


def test_a_taker_meets_quotes_around_the_mid_of_now_and_makers_are_asked_once():
    log = []
    maker = trader(log, "maker", on_quote=quoting(1, 1, size=5))
    day = play([maker, taking(log, "t", also=nothing), taking(log, "u", Side.SELL)], WORLD)
    assert asked(log, "maker") == [0, 10, 15, 20]
    assert sorted(day.fills) == sorted(
        (time, "maker", name, mid + s, 1)
        for time, mid in ((10, 105), (20, 103))
        for name, s in (("t", 1), ("u", -1))
    )


def test_who_only_looks_on_has_no_maker_asked():
    log = []
    maker = trader(log, "maker", on_quote=quoting(1, 1))
    posting = trader(log, "posts", on_mid=lambda desk: [desk.bid(50 + desk.now_ns)])
    play([maker, trader(log, "looks", on_mid=nothing), posting], WORLD)
    assert asked(log, "maker") == [0, 15]
    assert asked(log, "looks", "on_mid") == [10, 15, 20, 30]


def test_a_maker_who_takes_has_said_all_it_wants_and_is_not_asked_again():
    log = []
    maker = trader(log, "maker", on_quote=quoting(1, 1, size=5))
    bidder = trader(log, "both", on_quote=quoting(2, math.inf))
    both = type("both", (taking(log, "both"), bidder), {})
    day = play([maker, both], WORLD)
    assert asked(log, "both") == [0, 15]
    assert asked(log, "maker") == [0, 10, 15, 20]
    assert [fill[:4] for fill in day.fills] == [
        (10, "maker", "both", 106),
        (20, "maker", "both", 104),
    ]


def test_a_taker_at_the_instant_of_an_outside_order_meets_the_same_quotes():
    log = []
    maker = trader(log, "maker", on_quote=quoting(1, 1))
    world = [buys(10, 106, mid=105)]
    day = play([maker, taking(log, "t")], world)
    assert asked(log, "maker") == [0, 10]
    assert day.fills == [(10, "maker", "outside", 106, 1)]  # and nothing is left for the taker


def test_a_sniper_finds_nothing_with_makers_who_requote_continuously():
    log = []
    maker = trader(log, "maker", on_quote=quoting(1, 1))
    day = play([maker, named("sniper", Sniper)], WORLD)
    assert asked(log, "maker") == [0, 10, 15, 20]
    assert (day.fills, len(day.of("sniper"))) == ([], 2)


PASSIVE = {
    "sniper": named("passive", Sniper, beyond_ticks=1e6),
    "noise": named("passive", Noise, rate=0.0),
    "momentum": named("passive", Momentum, threshold=1e6),
    "watcher": trader([], "passive", on_mid=nothing, on_trade=nothing),
}


LIVELY = (
    "duration_s=0.5", "asset.tick=0.01", 'asset.price={model="brownian", sigma=5, step_ms=2}',
    'asset.flow={model="poisson", A=140, k=1.5, size={model="geometric", mean=3}}',
)  # fmt: skip


@pytest.mark.parametrize("kind", PASSIVE)
@pytest.mark.parametrize("how", ['requote="continuous"', 'requote="timer"'])
def test_a_passive_one_changes_nobody_s_random_numbers(kind, how):
    """Others, who draw for every quote, fare as without it, to the last digit."""

    def drawing(desk):
        depth = 0.4 + desk.random.random() / 10
        return desk.quote(bid_depth=depth, ask_depth=depth, size=2)

    more = (how, "requote_ms=5") if "timer" in how else (how,)
    makers = [trader([], name, on_quote=drawing) for name in ("ann", "bob")]
    given = prepare(scenario(*LIVELY, *more))
    alone, beside = (run_day(seated(given, who)) for who in (makers, [*makers, PASSIVE[kind]]))
    for name in ("ann", "bob"):
        assert alone.of(name) == beside.of(name)
        assert alone.summaries[name] == beside.summaries[name]
    assert alone.fills == beside.fills
    assert len(alone.fills) > 50
    assert beside.summaries["passive"].fills == 0
