"""Markouts against a plain count, their errors against a double sum, informed orders against what
the scenario says of them, and markets without adverse selection."""

import math

import numpy as np
import pytest

from lobsim.errors import UsageError
from lobsim.report.markouts import error_of
from lobsim.report.query import grouped_fills, own_fills, query
from lobsim.run import run

HORIZONS = 0, 0.01, 0.1, 1


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    settings = ("duration_s=0.5", "asset.flow.informed={share=0.4, move=0.1}")
    return run("quickstart", settings=settings, out=tmp_path_factory.mktemp("runs") / "run")


def by_hand(fill, mids, horizon, end):
    at = fill["ts_event"] + round(horizon * 1e9)
    if at > end:
        return math.nan
    mid = 100.0
    for row in mids:
        if row["ts_event"] <= at:
            mid = row["mid"]
    return (mid - fill["price"]) * (1 if fill["side"] == "buy" else -1)


def test_markouts_are_those_of_a_walk_along_the_mids(market):
    found, mids = market.markouts(HORIZONS), market.mids.to_dict("records")
    assert len(found) == (market.fills["strategy"] != "outside").sum() > 40
    for fill in found.to_dict("records")[::5]:
        for horizon in HORIZONS:
            expected = by_hand(fill, mids, horizon, 500_000_000)
            assert fill[f"markout_{horizon:g}s"] == pytest.approx(expected, nan_ok=True)
    assert found["markout_1s"].isna().all()
    assert 0 < found["markout_0.1s"].isna().sum() < len(found)


def test_the_summary_has_means_per_lot(market):
    fills, rows = market.markouts(HORIZONS), market.markout_summary(HORIZONS)
    assert rows.groupby("strategy").size().tolist() == [4, 4, 4]
    for row in rows.itertuples():
        own = fills[fills["strategy"] == row.strategy]
        own = own[own[f"markout_{row.horizon_s:g}s"].notna()]
        assert row.fills == len(own)
        if not len(own):
            assert math.isnan(row.realised)
            continue
        quoted = own["spread_earned"].sum() / own["size"].sum()
        realised = np.average(own[f"markout_{row.horizon_s:g}s"], weights=own["size"])
        assert row.quoted == pytest.approx(quoted, abs=1e-5)
        assert row.realised == pytest.approx(realised)
        assert row.adverse == pytest.approx(quoted - realised, abs=1e-5)


def test_errors_are_newey_and_wests():
    """By the double sum over all pairs; fills of one instant among them."""
    rng = np.random.default_rng(5)
    times = np.sort(np.round(rng.uniform(0, 20, 150), 1))
    values, size = rng.normal(size=150), rng.integers(1, 4, 150).astype(float)
    u = size * (values - np.average(values, weights=size))
    for horizon in (0.3, 1.5):
        near = np.maximum(0, 1 - np.abs(times[:, None] - times) / (4 * horizon))
        expected = math.sqrt(max(0.0, u @ near @ u)) / size.sum()
        assert error_of(values, size, times, horizon) == pytest.approx(expected)
    assert math.isnan(error_of(values, size, times, 1.7))
    alone = np.arange(150.0)
    expected = math.sqrt(u @ u) / size.sum()
    assert error_of(values, size, alone, 0) == pytest.approx(expected)


def test_errors_are_as_large_as_the_errors_made():
    """Of fills at random times on Brownian mids, in 200 experiments: the deviation of the mean."""
    rng = np.random.default_rng(11)
    means, errors = [], []
    for _ in range(200):
        path = np.cumsum(rng.normal(size=4200))
        at = np.sort(rng.integers(0, 4000, 400))
        moves = (path[at + 50] - path[at]) * np.sign(rng.normal(size=400) + np.sin(at / 90))
        means.append(moves.mean())
        errors.append(error_of(moves, np.ones(400), at / 1.0, 50))
    ratio = math.sqrt(np.mean(np.square(errors))) / np.std(means)
    assert 0.8 < ratio < 1.2  # the deviation of 200 has an error of 5 %


def test_informed_orders_cost_share_times_move(tmp_path):
    """In whole numbers at the fill: each lot is hit by an informed order with that chance."""
    made = run("informed", settings=("duration_s=40",), strategies=["fixed"], out=tmp_path / "run")
    now, later = made.markout_summary((0, 0.05)).itertuples()
    assert now.fills > 1000
    exact = math.sqrt(1 / 3 * 2 / 3 / now.fills) * 0.6
    assert abs(now.adverse - 0.2) < 4 * exact
    assert now.adverse_se == pytest.approx(exact, rel=0.15)
    assert abs(later.adverse - 0.2) < 4 * later.adverse_se < 0.2
    assert made.adverse_selection == "adverse selection: 0.3333 of the orders know of a move of 0.6"


def test_a_market_where_nobody_knows_has_no_adverse_selection(tmp_path):
    made = run("quickstart", settings=("duration_s=0.2",), out=tmp_path / "run")
    assert made.adverse_selection.startswith("adverse selection: none in this market")
    rows = made.markout_summary((0.01,))
    assert rows[["adverse", "adverse_se"]].isna().all(axis=None)
    assert rows["realised"].notna().all()


@pytest.mark.parametrize(
    ("name", "setting", "said"),
    [
        ("snipers", "seed=1", "later moves of the mid have mean 0"),
        ("latency", "duration_s=0.2", "later moves of the mid have mean 0"),
        ("snipers", "asset.price.mu=1", "later moves of the mid come of its own drift"),
        ("informed", "asset.flow.informed.share=0", "none in this market"),
    ],
)
def test_what_stale_quotes_lose_is_said_to_lie_in_the_quoted_spread(name, setting, said, tmp_path):
    made = run(name, settings=(setting,), out=tmp_path / "run")
    assert said in made.adverse_selection


# In SQL


def test_columns_of_markouts_are_made_on_demand(market):
    fills = market.markouts((0.01, 0.1))
    names, rows = own_fills(market, "markout_100ms < 0 and side = 'buy'")
    kept = fills[(fills["markout_0.1s"] < 0) & (fills["side"] == "buy")]
    assert 0 < len(rows) < len(fills)
    assert [row[1] for row in rows] == kept["fill"].tolist()
    assert names[-1] == "markout_100ms"
    _, grouped = grouped_fills(market, ["strategy"], "markout_100ms < 0 and side = 'buy'")
    sizes = kept.groupby("strategy", observed=True).size()
    assert dict(row[:2] for row in grouped) == sizes.to_dict()
    sql = 'select sum(markout_10ms), sum("markout_0.1s"), count(Markout_1s) from fills '
    _, [sums] = query(market, sql + "where strategy <> 'outside'")
    expected = [fills["markout_0.01s"].sum(), fills["markout_0.1s"].sum(), 0]
    assert sums == pytest.approx(expected)
    assert "markout" not in " ".join(query(market, "select * from fills")[0])


def test_markouts_that_cannot_be_are_told(market, tmp_path):
    thin = run("quickstart", settings=("duration_s=0.1", "record=fills"), out=tmp_path / "thin")
    for ask in (thin.markouts, thin.markout_summary, lambda: own_fills(thin, "markout_1s < 0")):
        with pytest.raises(UsageError, match=r"no markouts: the run kept no mids"):
            ask()
    for horizon in (-1, math.nan, math.inf):
        with pytest.raises(UsageError, match="must be from 0"):
            market.markouts([horizon])
    with pytest.raises(UsageError, match=r"must be from 0"):
        query(market, "select markout_99999999999s from fills")
