"""Quotes and equity over time, against what the strategies saw and against a plain second count."""

import math
import random

import numpy as np
import pytest

from lobsim.models.world import END, Happening
from lobsim.report.frames import Run
from lobsim.run import record, run
from lobsim.setup import prepare
from market import T, buys, moves, scenario, seated, sells, trader

TIMER = ('requote="timer"', "requote_ms=3")
QUOTE = ["bid", "bid_size", "ask", "ask_size"]
MARKETS = {
    "as it is": (),
    "fees and a timer": (*TIMER, "asset.fees.maker=-0.003", "asset.fees.taker=0.017"),
    "flattened": ("risk.max_drawdown=3", 'risk.on_halt="flatten"', "asset.fees.maker=0.001"),
    "closed": ('end.inventory="close"', "risk.close_cost=0.013", "asset.fees.maker=0.02"),
    "owning at the start": (
        'strategy=[{plugin="fixed-spread", params={half_spread=0.7}, inventory=-7, cash=12.5}, '
        '{name="other", plugin="fixed-spread", params={half_spread=0.6}, inventory=3}]',
    ),
    "making trades with each other": ('crossing="trade"', *TIMER, "asset.fees.taker=0.01"),
    "ticks of 0.25": ("asset.tick=0.25", "asset.mid=99.75", "asset.fees.taker=0.01"),
    "a walk": ('asset.price={model="random_walk", sigma=3, step_ms=1}',),
}


def kept(folder, strategies, happenings, *settings, seed=1):
    """A run of these strategies through these happenings, in a folder."""
    folder.mkdir()
    mid = happenings[-1].mid if happenings else 100.0
    world = [[*happenings, Happening(T, END, 0, 0, 0, 0, mid)]]
    record(seated(prepare(scenario(*settings)), strategies), seed, 0, folder, world=world)
    return Run(folder)


@pytest.fixture(scope="module", params=MARKETS)
def market(request, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    settings = ("duration_s=0.4", "risk.max_drawdown=1000", *MARKETS[request.param])
    return run("quickstart", seed=5, settings=settings, out=out)


def test_equity_ends_where_the_summary_does(market):
    frame = market.equity
    assert market.summary["fills"].sum() > 10
    for row in market.summary.to_dict("records"):
        path = frame[frame["strategy"] == row["strategy"]]
        first, last = path.iloc[0], path.iloc[-1]
        assert last["equity"] - first["equity"] == pytest.approx(row["profit"], abs=1e-9)
        assert path["drawdown"].max() == pytest.approx(row["drawdown"], abs=1e-9)
        assert last["fees"] == pytest.approx(row["fees"], abs=1e-9)
        assert last["inventory"] == row["inventory"]


def test_equity_is_what_a_count_of_the_trades_one_by_one_gives(market):
    """Cash from price times size, marks with the integers of the model."""
    asset = market.manifest["scenario"]["asset"]
    tick = asset["tick"]
    frame = market.equity
    assert frame["seq"].is_monotonic_increasing
    for spec in market.manifest["scenario"]["strategy"]:
        cash, lots, fees = spec["cash"], spec["inventory"], 0.0
        own = market.fills[market.fills["strategy"] == spec["name"]].to_dict("records")
        marks = [*market.mids.to_dict("records"), *own, {"seq": 0, "ts_event": 0, **asset}]
        peak, told = -math.inf, []
        for mark in sorted(marks, key=lambda row: row["seq"]):
            if "fee" in mark:
                bought = mark["size"] if mark["side"] == "buy" else -mark["size"]
                cash, lots, fees = cash - bought * mark["price"], lots + bought, fees + mark["fee"]
            equity = cash - fees + lots * math.floor(1000 * mark["mid"] / tick + 0.5) / 1000 * tick
            peak = max(peak, equity)
            told.append([mark["seq"], mark["ts_event"], lots, cash, fees, equity, peak - equity])
        path = frame[frame["strategy"] == spec["name"]]
        columns = ["seq", "ts_event", "inventory", "cash", "fees", "equity", "drawdown"]
        np.testing.assert_allclose(path[columns].to_numpy(float), told, atol=1e-7, rtol=0)


def test_a_run_that_kept_its_fills_alone_is_marked_at_them(tmp_path):
    thin = run("quickstart", settings=("duration_s=0.2", "record=fills"), out=tmp_path / "thin")
    whole = run("quickstart", settings=("duration_s=0.2",), out=tmp_path / "whole")
    own = thin.fills[thin.fills["strategy"] != "outside"]
    frame, full = thin.equity, whole.equity
    assert len(frame) == 3 + len(own) < len(full)
    both = frame.merge(full, on=["seq", "strategy"])
    assert len(both) == len(frame)
    assert (both["equity_x"] == both["equity_y"]).all()
    assert list(thin.quotes.columns) == list(whole.quotes.columns)
    assert (len(thin.quotes), len(thin.orders)) == (0, 0)


def test_quotes_of_a_day_by_hand(tmp_path):
    """Two bids at one price and one below, taken in part, joined by a better one, withdrawn."""

    def start(desk):
        return [desk.bid(98, 2), desk.bid(98, 1), desk.bid(97, 5), desk.ask(103, 1)]

    def later(desk):
        acts = {20: lambda: desk.bid(99, 4), 30: desk.cancel}
        return acts.get(desk.now_ns, lambda: None)()

    ann = trader([], "ann", on_start=start, on_mid=later)
    day = kept(tmp_path / "day", [ann], [sells(10, 98, 2), moves(20, 100), moves(30, 100)])
    none = math.nan
    expected = [
        (0, 98, 2, none, 0),
        (0, 98, 3, none, 0),
        (0, 98, 3, 103, 1),
        (10, 98, 1, 103, 1),
        (20, 99, 4, 103, 1),
        (30, 99, 4, none, 0),  # withdrawn from the oldest on, the bid of 99 last
        (30, none, 0, none, 0),
    ]
    np.testing.assert_array_equal(day.quotes[["ts_event", *QUOTE]].to_numpy(float), expected)


def wild(name, dice, seen):
    """Bids, offers, takes, moves and withdraws at random; tells what it has open at even times."""

    def act(desk):
        own = {1: {}, -1: {}}
        for order in desk.orders:
            levels = own[order.side]
            levels[order.price] = levels.get(order.price, 0) + order.size
        bid, ask = (max(own[1], default=math.nan), min(own[-1], default=math.nan))
        if desk.now_ns % 2 == 0:
            seen.append((desk.now_ns, name, bid, own[1].get(bid, 0), ask, own[-1].get(ask, 0)))
        step = dice.randrange(6)
        if step == 0:
            return desk.cancel()
        if step == 1:
            return [desk.take(dice.choice([1, -1]), dice.randint(1, 4))]
        if step == 2:
            return desk.quote(bid_depth=dice.randint(0, 3), ask_depth=dice.randint(1, 3), size=2)
        if step == 3 and desk.orders:
            return desk.cancel(dice.choice(desk.orders).order_id)
        price = 100 + dice.randint(-4, 4)
        return [dice.choice([desk.bid, desk.ask])(price, dice.randint(1, 5))]

    return trader([], name, on_mid=act)


@pytest.mark.parametrize("self_trade", ["allow", "cancel_maker", "cancel_taker", "cancel_both"])
@pytest.mark.parametrize("crossing", ["trade", "join", "refuse"])
def test_quotes_are_what_the_strategies_had_open(tmp_path, self_trade, crossing):
    """Orders come at odd times: what a strategy sees at an even one is what stood before it."""
    dice = random.Random(f"{self_trade} {crossing}")
    seen = []
    world = []
    for time in range(2, T, 4):
        world.append(moves(time, 100.0))
        world.append(dice.choice([buys, sells])(time + 1, 100 + dice.randint(-3, 3), 3))
    names = ["ann", "bob", "cat"]
    rules = (f'self_trade="{self_trade}"', f'crossing="{crossing}"', *TIMER[:1], "requote_ms=0.1")
    day = kept(tmp_path / "day", [wild(name, dice, seen) for name in names], world, *rules)
    quotes = day.quotes
    assert len(quotes) > 300
    paths = dict(list(quotes.groupby("strategy", observed=True)))
    assert paths.keys() == set(names)
    times = {name: path["ts_event"].to_numpy() for name, path in paths.items()}
    stood = {
        name: [(math.nan, 0, math.nan, 0), *path[QUOTE].itertuples(index=False, name=None)]
        for name, path in paths.items()
    }
    before = [stood[name][times[name].searchsorted(time)] for time, name, *_ in seen]
    np.testing.assert_array_equal(before, [saw for _, _, *saw in seen])
    for path in paths.values():
        assert path[QUOTE].fillna(-1).diff().iloc[1:].any(axis=1).all()  # every row is a change


def test_equity_counts_a_trade_with_oneself_once(tmp_path):
    """Both rows of such a trade tell the account after it; each has its own fee."""

    def start(desk):
        return [desk.ask(99, 2), desk.take(1, 2)]

    rules = ("asset.fees.maker=0.001", "asset.fees.taker=0.002", 'self_trade="allow"')
    day = kept(tmp_path / "day", [trader([], "ann", on_start=start)], [], *rules)
    assert len(day.fills) == 2
    traded = day.equity.iloc[1]
    assert traded[["inventory", "cash", "fees"]].tolist() == pytest.approx([0, 0, 0.006])
    assert day.equity["drawdown"].max() == pytest.approx(day.summary["drawdown"][0]) == 0.006
