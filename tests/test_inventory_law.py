"""The law of the optimal maker's inventory, and what holds for ever."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from lobsim.policy.linear import law, solve, stationary
from lobsim.policy.problem import MakerProblem
from makers import problems, rates

often = settings(deadline=None, max_examples=40)
BASE = MakerProblem(
    A_bid=1.5, A_ask=1.2, k=1.5, horizon_s=10, max_inventory=5, terminal_penalty=0.05
)


@often
@given(problems(risk_neutral=True), st.data())
def test_a_law_begins_where_the_maker_does_and_is_one(problem, data):
    start = data.draw(st.integers(-1, 1)) * problem.lot
    times = np.array([0, 0.01, 0.5, 1]) * problem.horizon_s
    found = law(problem, times, start)
    inventories = solve(problem, [0]).inventories
    assert found[0].tolist() == (inventories == start).tolist()
    assert np.all(found >= 0)
    assert found.sum(axis=1) == pytest.approx(np.ones(4), rel=1e-14)


def forward(problem, start):
    """The law at the horizon by the forward equation, with the quotes of `solve`."""
    n = 2 * problem.max_inventory + 1

    def change(t, p):
        bid, ask = (rate[0] * p for rate in rates(problem, solve(problem, [t])))
        return np.append(0, bid[:-1]) + np.append(ask[1:], 0) - bid - ask

    first = (np.arange(n) == start + problem.max_inventory) + 0.0
    span = (0, problem.horizon_s)
    return solve_ivp(change, span, first, method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({}, 3),
        ({"fee_bid": 0.1, "fee_ask": -0.2, "impact": 0.1, "mu": 0.05, "running_penalty": 0.02}, -2),
        ({"A_bid": 0}, 4),
        ({"A_ask": 0}, 0),
        ({"A_bid": 0, "A_ask": 0}, 2),
    ],
)
def test_the_forward_equation_gives_the_same_law(changes, start):
    problem = replace(BASE, **changes, horizon_s=3)
    assert law(problem, [3], start)[0] == pytest.approx(forward(problem, start), abs=1e-10)


def slope(problem, **step):
    """dv(0, 0) by a change of one number, to the fourth order."""
    ((name, h),) = step.items()
    at = getattr(problem, name)
    values = [
        solve(replace(problem, **{name: at + i * h}), [0]).value[0, problem.max_inventory]
        for i in (-2, -1, 1, 2)
    ]
    return np.dot([1, -8, 8, -1], values) / (12 * h)


def test_what_the_value_loses_by_a_penalty_is_what_it_is_put_on():
    """The envelope: -dv/dphi = E[q_T^2], -dv/dphi_r = E int q^2, dv/dmu = E int q, and
    k A dv/dA the number of fills.
    """
    problem = replace(BASE, running_penalty=0.01, mu=0.02)
    q = np.arange(-5, 6)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    times, weights = 5 * (nodes + 1), 5 * weights
    p = law(problem, times)
    assert -slope(problem, terminal_penalty=1e-3) == pytest.approx(law(problem, [10])[0] @ q**2)
    assert -slope(problem, running_penalty=1e-3) == pytest.approx(weights @ p @ q**2)
    assert slope(problem, mu=1e-3) == pytest.approx(weights @ p @ q)
    for rate, name in zip(rates(problem, solve(problem, times)), ("A_bid", "A_ask"), strict=True):
        fills = weights @ (p * rate).sum(axis=1)
        found = 1.5 * getattr(problem, name) * slope(problem, **{name: 1e-3})
        assert found == pytest.approx(fills)


def test_without_running_penalty_and_drift_fills_come_at_an_even_pace():
    """Their rate is a martingale: the number is the horizon times the rate at the start."""
    times = np.linspace(0, 10, 11)
    p = law(BASE, times)
    both = sum(rates(BASE, solve(BASE, times)))
    assert (p * both).sum(axis=1) == pytest.approx(np.full(11, both[0, 5]), rel=1e-13)


# For ever


@often
@given(problems())
def test_for_ever_is_the_limit_of_ever_longer_horizons(problem):
    found = stationary(problem)
    slowest = problem.max_inventory**2 / problem.lot**2 / min(problem.hop_bid, problem.hop_ask)
    far = replace(problem, horizon_s=100 * slowest)
    solution = solve(far, [0, slowest])
    for side in ("bid_depth", "ask_depth"):
        inside = np.isfinite(getattr(found, side))
        depths = getattr(solution, side)[0, inside]
        assert getattr(found, side)[inside] == pytest.approx(depths, rel=1e-9, abs=1e-9 / far.k)
    grown = (solution.value[0] - solution.value[1]) / slowest
    scale = abs(found.growth) + problem.lot / problem.k / slowest
    assert grown == pytest.approx(np.full_like(grown, found.growth), abs=1e-9 * scale)


@often
@given(problems())
def test_for_ever_as_many_lots_are_bought_as_sold_and_each_hop_is_made_both_ways(problem):
    found = stationary(problem)
    bid = problem.A_bid * np.exp(-problem.k * found.bid_depth)[:-1] * found.law[:-1]
    ask = problem.A_ask * np.exp(-problem.k * found.ask_depth)[1:] * found.law[1:]
    assert found.law.sum() == pytest.approx(1, rel=1e-14)
    assert bid == pytest.approx(ask, rel=1e-10)
    assert found.bid_rate == pytest.approx(bid.sum(), rel=1e-10)
    assert found.ask_rate == pytest.approx(found.bid_rate, rel=1e-10)


def test_the_law_for_ever_leans_to_no_side_whatever_the_fees_and_the_orders():
    """By the chain itself: quotes lean so that the law does not."""
    problem = replace(BASE, fee_bid=0.3, terminal_penalty=0, horizon_s=500)
    found = stationary(problem)
    bid, ask = (rate[0] for rate in rates(problem, solve(problem, [0])))
    G = np.diag(bid[:-1], 1) + np.diag(ask[1:], -1) - np.diag(bid + ask)
    assert found.law == pytest.approx(expm(G * 500)[5], abs=1e-12)
    assert found.law == pytest.approx(np.cos(np.pi * np.arange(-5, 6) / 12) ** 2 / 6, rel=1e-12)


def test_a_long_law_settles_on_the_law_for_ever():
    """Half way, since near its end the maker sells off."""
    problem = replace(BASE, horizon_s=2000, A_bid=1.3, running_penalty=0.002)
    assert law(problem, [1000], 4)[0] == pytest.approx(stationary(problem).law, abs=1e-13)


def test_the_cosine_law():
    problem = replace(BASE, A_ask=1.5, fee_bid=0.1, fee_ask=0.1, max_inventory=12)
    found = stationary(problem)
    f = np.cos(np.pi * np.arange(-12, 13) / 26)
    assert found.law == pytest.approx(f**2 / 13, rel=1e-12)
    assert found.bid_depth[:-1] == pytest.approx((1 - np.diff(np.log(f))) / 1.5 + 0.1, rel=1e-13)
    growth = 3 / (1.5 * np.e) * np.exp(-0.15) * np.cos(np.pi / 26)
    assert found.growth == pytest.approx(growth, rel=1e-13)
