"""Whatever is counted or valued in two ways gives one answer (I18, I27)."""

import json
import math
from collections import deque
from fractions import Fraction

import pytest

import lobsim

ORDERS = {"limit", "ioc", "fok", "post_only", "market", "close"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    return lobsim.run("quickstart", seed=5, settings=["duration_s=0.5"], out=out)


def trades_of(run, name):
    """(lots bought, ticks) of one account, in order."""
    own = run.fills[run.fills.strategy == name]
    signs = own.side.map({"buy": 1, "sell": -1}).astype(int)
    return list(zip((signs * own["size"]).tolist(), own.price_ticks.tolist(), strict=True))


def first_in_first_out(trades):
    """Realised profit, and the lots held with what each cost."""
    held, realised = deque(), 0
    for lots, price in trades:
        sign = 1 if lots > 0 else -1
        for _ in range(abs(lots)):
            if held and held[0][0] == -sign:
                realised += sign * (held.popleft()[1] - price)
            else:
                held.append((sign, price))
    return realised, [(sign, Fraction(price)) for sign, price in held]


def average_cost(trades):
    lots, cost, realised = 0, Fraction(0), Fraction(0)
    for bought, price in trades:
        closing = min(abs(bought), abs(lots)) if lots * bought < 0 else 0
        if closing:
            sign = 1 if bought > 0 else -1
            realised += closing * sign * (cost / lots - price)
            cost -= cost * closing / abs(lots)
            lots, bought = lots + sign * closing, bought - sign * closing
        lots, cost = lots + bought, cost + bought * price
    return realised, [(1 if lots > 0 else -1, cost / lots)] * abs(lots)


@pytest.mark.parametrize("method", [first_in_first_out, average_cost])
def test_i18_realised_and_unrealised_add_up_to_the_profit_whatever_the_cost_basis(kept, method):
    mid = Fraction(float(kept.mids.mid.iloc[-1])) * 100
    for row in kept.summary.itertuples():
        realised, held = method(trades_of(kept, row.strategy))
        unrealised = sum(sign * (mid - cost) for sign, cost in held)
        # The mark is the mid to 1/1000 of a tick.
        assert float(realised + unrealised) / 100 == pytest.approx(row.profit, abs=3e-4)
        assert len(held) == abs(row.inventory)


def test_i27_counters_rows_and_sums_agree(kept):
    manifest = json.loads((kept.folder / "run.json").read_text())
    frames = {"orders": kept.orders, "fills": kept.fills, "mids": kept.mids, "risk": kept.risk}
    assert {name: len(frame) for name, frame in frames.items()} == {
        name: manifest["rows"][name] for name in frames
    }
    fills = kept.fills.groupby("strategy", observed=True).size()
    for row in kept.summary.itertuples():
        assert row.fills == fills[row.strategy]
    assert len(kept.fills) % 2 == 0
    arrivals = kept.orders[kept.orders.strategy == "outside"]
    assert len(arrivals) == (kept.mids.kind == "order").sum()
    assert arrivals.filled.sum() == kept.fills[kept.fills.liquidity == "taker"]["size"].sum()


def test_orders_with_negative_reach_are_counted_apart(kept):
    """Of a Poisson flow with reach -d0 + Exp(k) the share 1 - exp(-k d0) is through the mid."""
    arrivals = (kept.mids.kind == "order").sum()
    share = 1 - math.exp(-1.5 * 0.5)
    spread = math.sqrt(arrivals * share * (1 - share))
    assert abs(kept.manifest["orders_through_the_mid"] - arrivals * share) < 4 * spread


def test_i6_every_lot_of_an_order_was_filled_rested_cancelled_or_refused(kept):
    orders = kept.orders[kept.orders.kind.isin(ORDERS)]
    refused = orders.outcome.isin(["inventory_limit", "halted", "would_cross"])
    gone = orders["size"] - orders.filled - orders.open
    assert (gone[refused] == orders["size"][refused]).all()
    assert (gone[~refused & (orders.outcome != "ioc_rest")] == 0).all()
    assert (gone[orders.outcome == "ioc_rest"] > 0).all()
