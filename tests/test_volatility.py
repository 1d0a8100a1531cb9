"""Limits that shrink as the volatility rises."""

import numpy as np
import pytest

import lobsim
from lobsim.errors import ScenarioError
from lobsim.models.volatility import Volatility
from lobsim.setup import prepare
from market import moves, nothing, play, quoting, run_day, scenario, trader

MS = 1_000_000


def direct(times, mids, sigma, start, tau):
    """The same estimate as a sum over all moves with exponential weights, nothing carried on."""
    now, total = times[-1], sigma**2 * np.exp(-times[-1] / tau)
    before = np.concatenate([[0.0], times[:-1]])
    for since, at, move in zip(before, times, np.diff([start, *mids]), strict=True):
        if at > since:  # the weight of a time, integrated from since to at
            weight = (np.exp((at - now) / tau) - np.exp((since - now) / tau)) / (at - since)
        else:
            weight = np.exp((at - now) / tau) / tau
        total += move**2 * weight
    return np.sqrt(total)


def test_the_estimate_is_the_weighted_mean_of_squared_moves():
    rng = np.random.default_rng(5)
    times = np.sort(rng.integers(0, 400, 200)) * MS  # some at once
    mids = 10_000 + np.cumsum(rng.standard_normal(200))
    volatility = Volatility(30.0, 10_000.0, 50 * MS)
    for time, mid in zip(times.tolist(), mids.tolist(), strict=True):
        volatility.hear(time, mid)
    found = direct(times / 1e9, mids, 30.0, 10_000.0, 0.05)
    assert volatility.scale == pytest.approx(min(1.0, 30.0 / found), rel=1e-9)


def test_in_a_calm_market_the_limit_is_the_one_given():
    volatility = Volatility(30.0, 10_000.0, MS)
    volatility.hear(5 * MS, 10_000.0)
    assert volatility.scale == 1.0


def test_what_is_open_beyond_the_smaller_limit_is_withdrawn():
    log = []
    maker = trader(log, "ann", on_start=quoting(1, 1, 10), on_quote=nothing)
    settings = [
        "risk.max_inventory=10", "risk.volatility_s=0.00001",
        "asset.price={model='brownian',sigma=0.01,step_ms=0.001}",
    ]  # fmt: skip
    # sigma is 0.01 a root second; 3 ticks at once are 3 / sqrt(1e-5) = 949 of it, 95,000 times.
    day = play([maker], [moves(1000, 103.0)], *settings)
    replaced = [(row.time, row.side, row.size) for row in day.orders if row.kind == "replace"]
    assert replaced == [(1000, 1, 1), (1000, -1, 1)]


def test_no_order_ever_passes_the_limit_of_its_moment(tmp_path):
    settings = [
        "asset.price={model='heston',theta=4,kappa=2,xi=8,step_ms=2}",
        "risk.max_inventory=12", "risk.volatility_s=0.1", "requote=timer", "requote_ms=10",
        "duration_s=3",
    ]  # fmt: skip
    run = lobsim.run("quickstart", settings=settings, out=tmp_path / "run")
    limits = scale_path(run)
    assert 1 < limits.min() < 7 < limits.max() == 12
    rows = run.orders[run.orders.strategy == "wide"]
    accepted = rows[rows.outcome.isin(["rested", "replaced"])]
    fills = run.fills[run.fills.strategy == "wide"]
    at = np.searchsorted(run.mids.seq.to_numpy(), accepted.seq.to_numpy()) - 1
    inventory = np.concatenate([[0], fills.inventory])[
        np.searchsorted(fills.seq.to_numpy(), accepted.seq.to_numpy())
    ]
    side = np.where(accepted.side == "buy", 1, -1)
    # Past a limit that has shrunk only what is filled already counts: nothing may grow.
    worst = side * inventory + accepted["open"]
    assert (worst <= np.maximum(limits[at], side * inventory)).all()
    assert len(accepted) > 100


def scale_path(run):
    """The limit after each move of the mid, worked out from the tape."""
    mids = run.mids
    market = prepare(run_scenario(run)).only.market
    volatility = Volatility(market.sigma, 100.0, 100 * MS)
    limits = []
    for time, mid in zip(mids.ts_event.tolist(), mids.mid.tolist(), strict=True):
        volatility.hear(time, mid)
        limits.append(max(1, int(12 * volatility.scale + 1e-9)))
    return np.array(limits)


def run_scenario(run):
    from lobsim.scenario.schema import Scenario

    return Scenario.model_validate(run.manifest["scenario"])


def test_limits_move_alike_in_both_engines(tmp_path):
    settings = ["risk.volatility_s=0.02", "risk.max_inventory=4"]
    runs = [
        lobsim.run("quickstart", settings=settings, engine=engine, out=tmp_path / engine)
        for engine in ("event", "compiled")
    ]
    assert (runs[0].orders.query("kind == 'replace'")["size"] < 4).any()
    assert runs[0].manifest["digest"] == runs[1].manifest["digest"]


def test_it_needs_a_limit_to_scale():
    with pytest.raises(ScenarioError, match="scales max_inventory: give that too"):
        scenario("risk.volatility_s=1")
    assert run_day(prepare(scenario("risk.volatility_s=1", "risk.max_inventory=3")))
