"""The measures of a run, against a walk along its rows in plain Python."""

import itertools
import math
import statistics

import pytest

from lobsim.report.measures import max_drawdown, value_at_risk
from lobsim.report.paths import CARRIED_OUT
from lobsim.run import run
from pairs import two


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """One that halts `tight`, with orders of several lots and trades between the makers."""
    settings = (
        "tight.size=3", "wide.size=5", "crossing=trade", "requote=timer", "requote_ms=4",
        "asset.price.sigma=6", "risk.max_inventory=12", "risk.cooldown_s=0.1",
    )  # fmt: skip
    return run("quickstart", settings=settings, out=tmp_path_factory.mktemp("runs") / "run")


def rows_of(frame, strategy):
    return frame[frame["strategy"] == strategy].to_dict("records")


def test_inventory_over_time(market):
    found = market.measures().set_index("strategy")
    for name in found.index:
        lots, since, weighted, at_limit = 0, 0, 0.0, 0.0
        for fill in [*rows_of(market.fills, name), {"ts_event": 10**9, "inventory": 0}]:
            seconds = (fill["ts_event"] - since) / 1e9
            weighted += lots * seconds
            at_limit += seconds if abs(lots) >= 12 else 0
            lots, since = fill["inventory"], fill["ts_event"]
        assert found.loc[name, "inventory_mean"] == pytest.approx(weighted)
        assert found.loc[name, "at_limit"] == pytest.approx(at_limit)
    assert found["at_limit"].max() > 0


def test_orders_and_lots(market):
    """Lots placed are those that traded, and those that were withdrawn, given up or left open."""
    found = market.measures().set_index("strategy")
    for name in found.index:
        left, traded, given_up, ids, met = {}, 0, 0, set(), set()
        events = [*rows_of(market.orders, name), *rows_of(market.fills, name)]
        for row in sorted(events, key=lambda row: (row["seq"], "fill" in row)):
            key = row["order_id"]
            if "fill" in row:
                if row["liquidity"] == "close":
                    continue
                met.add(key)
                traded += row["size"]
                if row["liquidity"] == "maker":
                    left[key] -= row["size"]
            elif row["outcome"] in CARRIED_OUT:
                if row["kind"] not in ("cancel", "replace"):
                    ids.add(key)
                    given_up += row["size"] - row["filled"] - row["open"]
                elif (after := row["open"] + row["filled"]) < left[key] or row["kind"] == "cancel":
                    given_up += left[key] - after
                left[key] = row["open"]
        assert found.loc[name, "fill_ratio"] == pytest.approx(len(met & ids) / len(ids))
        placed = traded + given_up + sum(left.values())
        assert found.loc[name, "lot_ratio"] == pytest.approx(traded / placed)
        own = rows_of(market.fills, name)
        assert found.loc[name, "lots"] == sum(fill["size"] for fill in own)
        money = sum(fill["size"] * fill["price"] for fill in own)
        assert found.loc[name, "turnover"] == pytest.approx(money)
        ahead = [fill["queue_ahead"] for fill in own if fill["liquidity"] == "maker"]
        assert found.loc[name, "queue_ahead"] == pytest.approx(sum(ahead) / len(ahead))
    assert found["fill_ratio"].min() < 1
    assert 0.02 < found["lot_ratio"].min() < 0.9


def test_halted_time(market):
    risk = market.risk.to_dict("records")
    assert {row["state"] for row in risk} >= {"halted", "cooling", "ok"}
    for row in market.measures().to_dict("records"):
        halted, since = 0.0, None
        for event in [*(r for r in risk if r["strategy"] == row["strategy"])]:
            if event["state"] == "halted":
                since = event["ts_event"] if since is None else since
            elif event["state"] == "ok" and since is not None:
                halted, since = halted + (event["ts_event"] - since) / 1e9, None
        halted += 0.0 if since is None else 1 - since / 1e9
        assert row["halted"] == pytest.approx(halted)


def test_equity_on_a_grid_and_what_the_summary_says(market):
    found = market.measures(grid_s=0.01).set_index("strategy")
    equity = market.equity
    for told in market.manifest["summary"]:
        name, row = told["strategy"], found.loc[told["strategy"]]
        seen = []
        for step in range(101):
            path = equity[(equity["strategy"] == name) & (equity["ts_event"] <= step * 10_000_000)]
            seen.append(path["equity"].iloc[-1])
        changes = [after - before for before, after in itertools.pairwise(seen)]
        assert row["max_drawdown"] == pytest.approx(max_drawdown(seen))
        assert row["max_drawdown"] <= told["drawdown"] + 1e-9
        assert row["var"] == pytest.approx(sorted(changes)[5] * -1)  # the sixth worst of 100
        assert row["var"] == pytest.approx(value_at_risk(changes)[0])
        assert row["profit"] == pytest.approx(told["profit"])
        assert (row["uptime"], row["best_share"]) == (told["uptime"], told["best_share"])


def test_several_assets_and_runs_that_kept_little(tmp_path):
    pair = run(two(tmp_path), out=tmp_path / "run")
    both = pair.measures(grid_s=0.5)
    assert both["strategy"].unique().tolist() == ["pair"]
    assert both["asset"].tolist() == ["eth", "btc", "portfolio"]
    assert both["at_limit"].isna().all()  # no limit
    eth, btc, whole = both.to_dict("records")
    (told,) = pair.manifest["summary"]
    seen = []  # equity of both, at each half second
    for step in range(5):
        known = pair.equity[pair.equity["ts_event"] <= step * 500_000_000]
        seen.append(known.groupby("asset")["equity"].last().sum())
    changes = [after - before for before, after in itertools.pairwise(seen)]
    assert whole["profit"] == pytest.approx(told["profit"])
    assert whole["deviation"] == pytest.approx(statistics.stdev(changes))
    assert whole["max_drawdown"] == pytest.approx(max_drawdown(seen))
    assert whole["turnover"] == pytest.approx(eth["turnover"] + btc["turnover"])
    assert math.isnan(eth["uptime"])  # the run counts it for both
    assert whole["uptime"] == told["uptime"]
    assert math.isnan(whole["inventory_mean"])  # lots of different things
    settings = ("duration_s=0.1", "record=fills")
    thin = run("quickstart", settings=settings, out=tmp_path / "thin").measures()
    assert thin[["fill_ratio", "lot_ratio"]].isna().all(axis=None)
    assert thin["inventory_sd"].notna().all()
    still = run("quickstart", settings=("asset.flow.A=0",), out=tmp_path / "still").measures()
    assert still["turnover"].tolist() == [0, 0, 0]
    assert math.isnan(still["queue_ahead"][0])
