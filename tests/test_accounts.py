"""Cash, inventory, fees, profit and drawdown, worked out again from the kept frames alone.

All in whole ticks x lots and 1/1000 of them; the numbers of the invariants are those of the
project's list (I13 to I30).
"""

import math

import numpy as np
import pandas as pd
import pytest

import lobsim
from market import FLOWS, PRICES, maker
from second_ledger import SecondLedger

T = 500_000_000  # ns
SETTINGS = {
    "quickstart": (),
    "rebates": ("asset.fees={maker=-0.0011, taker=0.0037}", "asset.price.mu=3"),
    "maker pays": ("asset.fees={maker=0.0123}", 'crossing="trade"', PRICES["geometric"]),
    "bps": ("asset.fees={maker_bps=-0.21, taker_bps=0.3333}",),
    "bps and per lot": (
        "asset.fees={maker=0.0012, maker_bps=-0.3, taker_bps=0.9}",
        'crossing="trade"',
        PRICES["geometric"],
    ),
    "timer": (
        'requote="timer"',
        "requote_ms=50",
        'crossing="trade"',
        "asset.price.sigma=10",
        "asset.fees={maker=-0.002, taker=0.00201}",
        "risk={max_inventory=50}",
    ),
    "endowed": (
        f"strategy=[{maker('a', 0.7, 3)[:-1]}, inventory=-7, cash=12.5}}, "
        f"{maker('b', 0.6)[:-1]}, inventory=3, cash=-1000}}, {maker('c', 0.5, 2)}]",
        'end.inventory="close"',
        "risk.close_cost=0.3",
    ),
    "halts": ("risk={max_drawdown=0.5, max_loss=6}", "asset.price.sigma=5"),
    "flattens": (
        'risk={max_drawdown=1.2, max_loss=0.4, on_halt="flatten", close_cost=0.2}',
        "asset.price.sigma=5",
        "asset.fees={maker=0.01}",
    ),
    "closes": ('end.inventory="close"', "risk.close_cost=0.01", FLOWS["bernoulli"]),
}


@pytest.fixture(scope="module", params=SETTINGS)
def name(request):
    return request.param


@pytest.fixture(scope="module", params=[0.01, 0.125], ids="tick {}".format)
def kept(name, request, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    settings = (f"duration_s={T / 1e9}", f"asset.tick={request.param}", *SETTINGS[name])
    return SecondLedger(lobsim.run("quickstart", settings=settings, seed=11, out=out))


def test_the_scenarios_show_what_they_are_named_after(name, kept):
    assert ("close" in set(kept.fills.liquidity)) == (name in ("endowed", "flattens", "closes"))
    assert (kept.summary.halts > 0).any() == (name in ("halts", "flattens"))
    assert (kept.summary.maker_trades > 0).all() == (name == "timer")
    assert (kept.summary.fees != 0).any() == any(kept.fees.values())


def test_i16_every_trade_has_two_sides(kept):
    for _, rows in kept.fills.groupby("seq"):
        one, other = rows.to_dict("records")
        assert {one["side"], other["side"]} == {"buy", "sell"}
        for column in ("ts_event", "price_ticks", "size", "mid", "taker_side"):
            assert one[column] == other[column]
        assert (one["strategy"], one["counterparty"]) == (other["counterparty"], other["strategy"])
        assert {one["liquidity"], other["liquidity"]} in ({"maker", "taker"}, {"close"})
        taker = other if other["liquidity"] != "maker" else one
        assert taker["side"] == taker["taker_side"]


def test_i15_cash_and_inventory_follow_from_the_fills(kept):
    """Each fill is checked on the way, in `walk`; this is where they end."""
    for name, account in kept.accounts.items():
        rows = kept.fills[kept.fills.strategy == name]
        if len(rows):
            assert rows.iloc[-1].inventory == account.inventory
        if name != "outside":
            assert kept.summary.inventory[name] == account.inventory
            path = [kept.specs[name]["inventory"], *rows.inventory]
            assert kept.summary.lowest[name] == min(path)
            assert kept.summary.highest[name] == max(path)
            assert kept.summary.fills[name] == len(rows)


def test_i17_profit_is_spread_and_luck_less_fees_exactly(kept):
    last = kept.mark(kept.mids.mid.iloc[-1])
    for name in kept.specs:
        account, row = kept.accounts[name], kept.summary.loc[name]
        profit = account.equity(last) - account.start
        assert profit == account.spread + account.luck - account.fees
        assert kept.millis(row.profit) == profit
        assert kept.millis(row.spread_earned) == account.spread
        assert kept.millis(row.luck) == account.luck
        closing = abs(account.inventory) * kept.close_cost * float(kept.tick)
        assert row.profit_closed == pytest.approx(row.profit - closing, abs=1e-9)


def test_i17_the_frames_spread_earned_adds_up_to_the_accounts(kept):
    earned = kept.fills.groupby("strategy", observed=True).spread_earned.sum()
    for name, spread in earned.items():
        assert kept.millis(spread) == kept.accounts[name].spread


def test_i19_drawdown_is_the_worst_fall_from_the_running_peak_at_the_marks(kept):
    for name in kept.specs:
        assert kept.millis(kept.summary.drawdown[name]) == kept.accounts[name].drawdown


def test_i20_fees_follow_from_the_fills_rebates_too(kept):
    for row in kept.fills.itertuples():
        assert kept.millis(row.fee) == kept.fee(row)
    for name in kept.specs:
        assert kept.millis(kept.summary.fees[name]) == kept.accounts[name].fees


def test_flattening_and_closing_trade_all_with_the_outside_at_the_worse_price(kept):
    closes = kept.fills[kept.fills.liquidity == "close"]
    for row in closes[closes.strategy != "outside"].itertuples():
        mid = row.mid / float(kept.tick)
        sold, bought = math.floor(mid - kept.close_cost), math.ceil(mid + kept.close_cost)
        assert row.price_ticks == (sold if row.side == "sell" else bought)
        assert (row.inventory, row.counterparty) == (0, "outside")
    closing = kept.run.manifest["scenario"]["end"]["inventory"] == "close"
    assert not closing or not kept.summary.inventory.any()


def test_i23_a_halt_is_at_the_first_mark_past_a_limit_with_the_figure_of_that_mark(kept):
    for row in kept.run.risk.itertuples():
        limit, figure = kept.millis(row.limit), kept.millis(row.figure)
        column = {"drawdown": 1, "loss": 2}[row.cause]
        marks = [mark[column] for mark in kept.accounts[row.strategy].marks if mark[0] < row.seq]
        assert marks[-1] == figure > limit
        assert max(marks[:-1]) <= limit


def test_i26_one_sequence_numbers_all_rows_and_time_never_falls(kept):
    frames = [kept.run.orders, kept.fills.drop_duplicates("seq"), kept.mids, kept.run.risk]
    rows = pd.concat([frame[["seq", "ts_event"]] for frame in frames if len(frame)])
    rows = rows.sort_values("seq")
    assert rows.seq.tolist() == list(range(1, len(rows) + 1))
    assert rows.ts_event.is_monotonic_increasing
    assert kept.fills.fill.tolist() == list(range(1, len(kept.fills) + 1))


def test_i29_an_order_has_effect_at_its_time_and_nothing_but_the_close_is_at_the_end(kept):
    orders = kept.run.orders
    assert orders.ts_event.max() <= T
    assert set(orders[orders.ts_event == T].kind) <= {"cancel", "close"}
    sent = set(zip(orders.order_id, orders.ts_event, strict=True))
    takers = kept.fills[(kept.fills.liquidity != "maker") & (kept.fills.order_id != 0)]
    assert set(zip(takers.order_id, takers.ts_event, strict=True)) <= sent
    makers = kept.fills[kept.fills.liquidity == "maker"]
    placed = orders.groupby("order_id").ts_event.min()
    assert (makers.order_id.map(placed) <= makers.ts_event).all()


def test_i30_there_is_no_nan_and_no_infinity(kept):
    for frame in (kept.run.orders, kept.fills, kept.mids, kept.run.risk):
        assert not frame.isna().any().any()
        assert np.isfinite(frame.select_dtypes("number")).all().all()
    for row in kept.run.manifest["summary"]:
        assert all(math.isfinite(v) for v in row.values() if isinstance(v, int | float))
