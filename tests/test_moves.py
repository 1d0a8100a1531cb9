"""Moves of the mid by what caused them, against the simulator's own steps and against theory."""

import math

import numpy as np
import pytest

from lobsim.models.prices import curved_move, reverting_move
from lobsim.plans import rich_plan
from lobsim.quotes import quotes_of
from lobsim.report.moves import expected_moves
from lobsim.run import keep_run, run
from lobsim.scenario.load import load_scenario
from lobsim.setup import open_scenario, prepare

STEP = 10_000_000  # ns
LONG = '{name="long", plugin="fixed-spread", params={half_spread=50}, inventory=5}'
HOLDER = '{name="maker", plugin="fixed-spread", params={half_spread=0.667}, inventory=3}'


def test_jumps_alone_are_jumps(tmp_path):
    jumps = "{model='merton', rate=40, mean=0.5, sd=1, compensated=false}"
    settings = ("asset.price.sigma=0", f"asset.price.jumps={jumps}")
    made = run("quickstart", settings=settings, out=tmp_path / "run")
    found, luck = made.attribution(), made.summary["luck"]
    assert found["jumps"].tolist() == pytest.approx(luck.tolist(), abs=1e-9)
    assert luck.abs().min() > 0.1
    assert not found[["diffusion", "drift", "informed"]].any(axis=None)


def test_informed_moves_alone_are_informed(tmp_path):
    settings = ("asset.price.sigma=0", "asset.flow.informed={share=0.5, move=0.2}")
    made = run("quickstart", settings=settings, out=tmp_path / "run")
    found, luck = made.attribution(), made.summary["luck"]
    assert found["informed"].tolist() == pytest.approx(luck.tolist(), abs=1e-9)
    assert not found[["diffusion", "drift", "jumps"]].any(axis=None)


def test_drift_is_mu_less_the_compensation_times_the_inventory_held(tmp_path):
    """Of the integral of the inventory over time, by the equity frame."""
    jumps = "{model='merton', rate=20, mean=0.5, sd=0.1}"
    settings = ("asset.price.mu=3", f"asset.price.jumps={jumps}", "risk.max_drawdown=1000")
    made = run("quickstart", settings=settings, out=tmp_path / "run")
    for row in made.attribution().itertuples():
        path = made.equity[made.equity["strategy"] == row.strategy]
        seconds = np.diff(path["ts_event"].to_numpy()) / 1e9
        held = float(path["inventory"].to_numpy()[:-1] @ seconds)
        assert row.drift == pytest.approx((3 - 20 * 0.5) * held, abs=20 * 1e-5 * 50)
        assert abs(row.drift) > 0.5


PRICES = {
    "brownian": '{model="brownian", sigma=2, mu=1.5, step_ms=10}',
    "geometric": '{model="geometric", sigma=0.5, mu=0.7, step_ms=10}',
    "ou": '{model="ou", sigma=2, kappa=9, theta=90, step_ms=10}',
}


@pytest.mark.parametrize("model", PRICES)
def test_drift_is_the_mean_of_the_moves_that_the_simulator_makes(model):
    """Over its normal number, by Gauss and Hermite's rule."""
    scenario = load_scenario("quickstart", (f"asset.price={PRICES[model]}", "duration_s=1"))
    plan = rich_plan(scenario.of("asset"))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    mids = np.array([plan.mid, 0.9 * plan.mid, 1.1 * plan.mid])
    found = expected_moves(plan, mids, np.array([STEP, 3 * STEP, 0]), np.ones(3, bool))
    for mid, ns, expected in zip(mids, (STEP, 3 * STEP, 0), found, strict=True):
        if model == "ou":
            moved = [reverting_move(mid, *plan.reverting, plan.sigma, ns / 1e9, z) for z in nodes]
        else:
            moved = [curved_move(plan, mid, 0, ns, z) for z in nodes]
        mean = float(weights @ moved) / float(weights.sum())
        assert expected == pytest.approx(mean - mid, abs=1e-9 * mid)


def test_a_random_walk_drifts_when_it_steps(tmp_path):
    """And then by mu dt, so that what is left of each step is +- sigma sqrt(dt)."""
    price = 'asset.price={model="random_walk", sigma=2, mu=30, step_ms=10}'
    made = run("quickstart", settings=(price, "strategy=[" + LONG + "]"), out=tmp_path / "run")
    found = made.attribution("time", bins=100)
    assert found["drift"].tolist() == pytest.approx([0.0] + [5 * 0.3] * 98 + [5 * 0.6], abs=1e-4)
    left = (found["diffusion"] / 5).abs().to_numpy()
    np.testing.assert_allclose(left[1:-1], 2 * math.sqrt(0.01), atol=1e-4)


# Against the theory


def test_parts_have_the_moments_that_the_equations_give(tmp_path):
    """E spread, E drift = mu E int q, Var(diffusion) = sigma^2 E int q^2 (mu takes no part
    in it), and no covariance of spread and diffusion; all within 4 standard errors.
    """
    settings = ("asset.price.mu=0.05", "strategy=[" + HOLDER + "]")
    scenario = open_scenario("base-case", settings)
    exact, setup, reps = quotes_of(scenario, "maker").moments(), prepare(scenario), 150
    rows = []
    for rep in range(reps):
        made = keep_run(setup, 7, rep, out=tmp_path / str(rep), audited=False)
        rows.append(made.attribution().iloc[0][["spread", "diffusion", "drift"]].astype(float))
    spread, diffusion, drift = np.array(rows).T

    def check(values, expected):
        error = np.std(values, ddof=1) / math.sqrt(reps)
        assert abs(np.mean(values) - expected) < 4 * error

    check(spread, exact.spread_earned)
    check(diffusion, 0.0)
    check(drift, 0.05 * exact.inventory_time)
    check(diffusion**2, 0.3**2 * exact.inventory_square_time)
    check((spread - exact.spread_earned) * diffusion, 0.0)
