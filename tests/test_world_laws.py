"""The laws of the world outside: how the mid moves, and when, how large and how far orders come.

Deviations are allowed up to 4 standard errors, p-values down to 1e-4.
"""

import math

import numpy as np
import pytest
from scipy import stats

from lobsim.errors import ScenarioError
from lobsim.models.world import END, MOVE, ORDER
from lobsim.setup import prepare
from market import FLOWS, PRICES, drawn, maker, quoting, run_day, scenario, seated, trader

BUY, SELL = 1, -1


@pytest.mark.parametrize("depth", [-0.9, -0.5, -0.3, 0, 1.5])
def test_a_quote_is_filled_at_rate_a_exp_minus_k_depth_down_to_minus_d0(depth):
    fine = "asset.tick=0.000001"  # so that rounding prices changes nothing
    flow = 'asset.flow={model="poisson", A=140, k=1.5, d0=0.5}'
    sides = {"bid": (depth, math.inf), "ask": (math.inf, depth)}
    for name, depths in sides.items():
        setup = prepare(scenario("duration_s=10", fine, PRICES["brownian"], flow))
        day = run_day(seated(setup, [trader([], name, on_quote=quoting(*depths))]))
        expected = 10 * 140 * math.exp(-1.5 * max(depth, -0.5))
        assert abs(day.summaries[name].fills - expected) < 4 * math.sqrt(expected)


def test_a_bernoulli_quote_is_hit_in_a_step_with_probability_a_exp_minus_k_depth_dt():
    fine = ["asset.tick=0.000001", "duration_s=100"]
    happenings = drawn(scenario(*fine, PRICES["random_walk"], FLOWS["bernoulli"]))
    for side in (BUY, SELL):
        reach = [side * (h[4] - h[5]) * 1e-6 for h in happenings if h[2] == side]
        for depth in (-0.2, 0, 0.5):
            p = 60 * math.exp(-1.5 * depth) * 0.01
            hits = sum(r >= depth for r in reach)
            assert abs(hits - 10_000 * p) < 4 * math.sqrt(10_000 * p * (1 - p))


@pytest.mark.parametrize("price", PRICES)
def test_bernoulli_sends_one_order_a_side_and_step_from_0_to_the_last_but_one(price):
    happenings = drawn(scenario("duration_s=0.1", PRICES[price], FLOWS["bernoulli"]))
    for side in (BUY, SELL):
        assert [h[0] for h in happenings if h[2] == side] == list(range(0, 10**8, 10**7))
    assert [h[5] for h in happenings if h[0] == 0] == [100.0, 100.0]
    assert [h[0] for h in happenings if h[1] == MOVE] == list(range(10**7, 10**8, 10**7))


@pytest.mark.parametrize("price", ["brownian", "geometric"])
def test_the_mid_moves_by_independent_normals_at_steps_and_at_orders(price):
    happenings = drawn(scenario("duration_s=60", "asset.tick=0.5", PRICES[price], FLOWS["poisson"]))
    time, mid = np.array([(0, 200.0), *((h[0], h[5]) for h in happenings)]).T
    dt = np.diff(time) * 1e-9
    if price == "brownian":
        z = (np.diff(mid * 0.5) - 1.5 * dt)[dt > 0] / (2 * np.sqrt(dt[dt > 0]))
    else:
        drift = (0.25 - 0.05**2 / 2) * dt
        z = (np.diff(np.log(mid)) - drift)[dt > 0] / (0.05 * np.sqrt(dt[dt > 0]))
    n = len(z)
    assert n > 30_000
    assert abs(z.mean()) < 4 / math.sqrt(n)
    assert abs(z.var() - 1) < 4 * math.sqrt(2 / n)
    assert abs(np.mean(z[1:] * z[:-1])) < 4 / math.sqrt(n)
    assert stats.kstest(z, "norm").pvalue > 1e-4


def test_a_random_walk_goes_up_or_down_by_sigma_root_dt_with_equal_chance():
    walk = 'asset.price={model="random_walk", sigma=2, step_ms=10}'
    happenings = drawn(scenario("duration_s=100", "asset.mid=1000", walk))
    moves = np.diff([1000.0, *(h[5] for h in happenings)])
    assert np.allclose(np.abs(moves), 2 * math.sqrt(0.01), rtol=0, atol=1e-9)
    assert stats.binomtest(int((moves > 0).sum()), len(moves)).pvalue > 1e-4


def test_both_sides_arrive_as_independent_poisson_processes():
    happenings = drawn(scenario("duration_s=40", PRICES["brownian"], FLOWS["poisson"]))
    rate = 140 * math.exp(1.5 * 0.5)
    counts = []
    for side in (BUY, SELL):
        times = np.array([h[0] for h in happenings if h[2] == side]) * 1e-9
        assert stats.kstest(np.diff(times) * rate, "expon").pvalue > 1e-4
        counts.append(np.histogram(times, 400, (0, 40))[0])
    assert abs(np.corrcoef(counts)[0, 1]) < 4 / math.sqrt(400)


def test_geometric_sizes_have_the_right_mean_and_tail():
    happenings = drawn(scenario("duration_s=40", PRICES["brownian"], FLOWS["poisson"]))
    sizes = np.array([h[3] for h in happenings if h[1] == ORDER])
    n = len(sizes)
    assert abs(sizes.mean() - 3) < 4 * math.sqrt(6 / n)  # the variance is mean (mean - 1)
    for least in range(1, 9):
        p = (2 / 3) ** (least - 1)
        assert abs((sizes >= least).mean() - p) <= 4 * math.sqrt(p * (1 - p) / n)


def test_without_a_rate_no_orders_come():
    for flow in FLOWS.values():
        assert {
            h[1]
            for h in drawn(scenario("duration_s=1", PRICES["brownian"], flow, "asset.flow.A=0"))
        } == {MOVE, END}


def test_a_mid_below_one_tick_ends_the_world_with_the_time_and_the_replication():
    falling = 'asset.price={model="brownian", sigma=0, mu=-98, step_ms=10}'
    assert drawn(scenario("duration_s=1", falling))[-1][5] == pytest.approx(2)
    with pytest.raises(ScenarioError, match=r"below one tick at 0\.51 s .*replication 3"):
        drawn(scenario("duration_s=1", falling, "asset.price.mu=-196"), rep=3)


def test_what_happens_outside_does_not_depend_on_the_strategies():
    market = ("duration_s=1", PRICES["brownian"], FLOWS["poisson"])
    days = [
        run_day(prepare(scenario(*market, strategies)))
        for strategies in (
            f"strategy=[{maker('a', 0.7)}]",
            f"strategy=[{maker('b', 5)}, {maker('a', 0.1, 9)}]",
        )
    ]
    outside = [[(r.time, r.side, r.price, r.size) for r in day.of("outside")] for day in days]
    assert outside[0] == outside[1] != []
    assert days[0].mids == days[1].mids
