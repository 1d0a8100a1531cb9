"""The exact solver where other solvers fail, and where the answer is known in the limit."""

import decimal
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lobsim.policy.evolution import evolve
from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem
from lobsim.policy.uniformisation import Tridiagonal

BASE = MakerProblem(
    A_bid=1.5, A_ask=1.5, k=1.5, horizon_s=10, max_inventory=5, terminal_penalty=0.05
)
AS = MakerProblem(A_bid=140, A_ask=140, k=1.5, horizon_s=1, max_inventory=20, gamma=0.1, sigma=2)


# Every component to its last digits, however small it is beside the others


def by_taylor(matrix, start, tau):
    """ln exp(M tau) exp(start) by its Taylor series, in decimals of 120 digits."""
    with decimal.localcontext(prec=120, Emin=-(10**9), Emax=10**9):
        diagonal = [Decimal(x) for x in matrix.diagonal.tolist()]
        up, down, h = Decimal(matrix.up), Decimal(matrix.down), Decimal(tau)
        w = [Decimal(x).exp() for x in start.tolist()]
        term, count = w, 0
        while count < 300:
            count += 1
            around = zip(diagonal, term, [*term[1:], 0], [0, *term[:-1]], strict=True)
            term = [(d * x + up * y + down * z) * h / count for d, x, y, z in around]
            w = [x + y for x, y in zip(w, term, strict=True)]
        return [x.ln() for x in w]


@settings(deadline=None, max_examples=30)
@given(
    hops=st.integers(1, 8),
    terminal=st.just(0.0) | st.floats(-3, 4),
    holding=st.just(0.0) | st.floats(-3, 1),
    drift=st.just(0.0) | st.floats(-1, 1),
    up=st.floats(-3, 1),
    down=st.floats(-3, 1),
    length=st.floats(-9, 1.5),
    rows=st.sampled_from([1, 2, 4, 50]),
)
def test_every_component_is_exact(hops, terminal, holding, drift, up, down, length, rows):
    """k phi Q^2 up to 640,000, times from 10^-9 to 30 of the fastest rate."""
    q = np.arange(-hops, hops + 1.0)
    start = -(10.0**terminal if terminal else 0.0) * q**2
    diagonal = drift * q - (10.0**holding if holding else 0.0) * q**2
    matrix = Tridiagonal(10.0**up, 10.0**down, diagonal)
    tau = 10.0**length / matrix.rate
    paths = evolve(matrix, start, np.linspace(0, tau, rows + 1)[1:])
    expected = by_taylor(matrix, start, tau)
    found = [Decimal(x) + Decimal(float(paths.scale[-1])) for x in paths.shape[-1].tolist()]
    off = [float(abs(x - y)) for x, y in zip(found, expected, strict=True)]
    assert max(off) < 4e-15 * (1 + np.abs(start).max() + 10.0**length)


@pytest.mark.parametrize("penalty", [5.0, 50.0, 1e6])
def test_a_terminal_penalty_beyond_the_smallest_float(penalty):
    """k phi Q^2 = 3,000 ... 6 10^8.  At the horizon quotes are 1/k + phi (2q + 1), and far from
    it they do not feel the penalty any more.
    """
    problem = replace(AS, gamma=0, terminal_penalty=penalty)
    times = np.append(1 - np.geomspace(1, 1e-14, 50), 1)
    solution = solve(problem, times)
    q = solution.inventories[:-1]
    assert solution.bid_depth[-1, :-1] == pytest.approx(1 / 1.5 + penalty * (2 * q + 1), rel=1e-13)
    assert np.all(np.isfinite(solution.value))
    assert np.all(np.diff(solution.bid_depth[:, :-1], axis=1) > 0)
    # The skew falls with the time left: s = 2 phi / (1 + 4 (A/e) k phi tau) where bounds are far.
    assert np.all(np.diff(solution.bid_depth[:, 20]) >= 0)
    assert solution.bid_depth[-1, 20] - solution.bid_depth[0, 20] > 0.9 * penalty


def test_long_horizons():
    """10^7 market orders: quotes those of ever after, the value their growth times the time."""
    problem = replace(BASE, A_bid=1e3, A_ask=1e3, max_inventory=20, horizon_s=1e4)
    solution = solve(problem, [0, 9990])
    growth = 2e3 / (1.5 * np.e) * np.cos(np.pi / 42)
    assert solution.value[0] - solution.value[1] == pytest.approx(np.full(41, growth * 9990))
    f = np.cos(np.pi * np.arange(-20, 21) / 42)
    expected = 1 / 1.5 - np.diff(np.log(f)) / 1.5
    assert solution.bid_depth[:, :-1] == pytest.approx(np.array([expected, expected]), rel=1e-13)


def test_a_market_without_orders_keeps_what_it_has():
    """mu q - phi_r q^2 per second, and phi q^2 at the end."""
    still = replace(BASE, A_bid=0, A_ask=0, mu=0.2, running_penalty=0.03)
    q = np.arange(-5, 6)
    expected = 10 * (0.2 * q - 0.03 * q**2) - 0.05 * q**2
    assert solve(still, [0]).value[0] == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_a_market_that_only_buys():
    """With hops down only, exp(M tau) is a sum: w_q = sum_d ((A/e) tau)^d / d! w_{q-d}(0)."""
    solution = solve(replace(BASE, A_bid=0), [0])
    weight, expected = 1.0, np.zeros(11)
    for d in range(11):
        expected[d:] += weight * np.exp(-0.075 * np.arange(-5, 6 - d) ** 2)
        weight *= 15 / np.e / (d + 1)
    assert solution.value[0] == pytest.approx(np.log(expected) / 1.5, rel=1e-14)


# Limits


@pytest.mark.parametrize("gamma", [1e-300, 1e-14, 1e-12])
def test_risk_neutral_is_the_limit_of_ever_less_risk_aversion(gamma):
    for problem in (BASE, replace(AS, gamma=0)):
        neutral, averse = (solve(replace(problem, gamma=g), [0, 0.5]) for g in (0, gamma))
        assert averse.value == pytest.approx(neutral.value, rel=1e-9, abs=1e-9)
        for side in ("bid_depth", "ask_depth"):
            assert getattr(averse, side) == pytest.approx(getattr(neutral, side), abs=1e-9)


def test_the_difference_is_of_the_first_order_in_risk_aversion():
    problem = replace(AS, max_inventory=5)
    neutral = solve(replace(problem, gamma=0), [0]).value
    off = [np.abs(solve(replace(problem, gamma=g), [0]).value - neutral) for g in (1e-5, 1e-6)]
    assert off[0] / off[1] == pytest.approx(np.full((1, 11), 10), rel=1e-3)


def test_the_expansion_for_short_horizons_to_the_third_order():
    """ln w_q = 2 eta tau - alpha q^2 tau - alpha eta tau^2 + alpha^2 eta (4 q^2 + 1) tau^3 / 3,
    and what is left is of the order of tau^4, away from the bounds.
    """
    q = np.arange(-20, 21)
    alpha, eta = 1.5 * 0.1 * 4 / 2, 140 * (1 + 0.1 / 1.5) ** -(1 + 1.5 / 0.1)
    left = []
    for tau in (4e-3, 2e-3):
        terms = 2 * eta * tau - alpha * q**2 * tau - alpha * eta * tau**2
        terms = terms + alpha**2 * eta * (4 * q**2 + 1) / 3 * tau**3
        found = 1.5 * solve(replace(AS, horizon_s=tau), [0]).value[0]
        left.append((found - terms)[18:23])
    assert left[0] / left[1] == pytest.approx(np.full(5, 16.0), rel=0.05)
    assert np.abs(left[0]).max() < 1e-6


def test_bounds_that_are_far_do_not_matter():
    near, far, farther = (solve(replace(AS, max_inventory=Q), [0]) for Q in (10, 20, 40))
    wide = [s.bid_depth[0, s.inventories == 3][0] for s in (near, far, farther)]
    assert abs(wide[2] - wide[1]) < 1e-9 < abs(wide[2] - wide[0])


# What the errata of the model demonstrate


def test_the_demonstrations_of_the_errata():
    solution = solve(BASE, [0, 9, 9.9, 10])
    skew = solution.bid_depth[::-1, 7] - solution.ask_depth[::-1, 7]
    assert skew == pytest.approx([0.400, 0.394, 0.347, 0.218], abs=5e-4)  # A16
    assert solution.bid_depth[0, [0, 9]] == pytest.approx([0.22342, 1.10992], abs=5e-6)  # A14
    assert solution.ask_depth[0, 9] == pytest.approx(0.430, abs=5e-4)  # A15
    half = solve(BASE, [9.5]).bid_depth[0]
    assert half[[0, 9]] == pytest.approx([0.190, 1.144], abs=5e-4)  # P2
    for penalty in (0.05, 1):  # A13
        long = solve(replace(BASE, horizon_s=600, terminal_penalty=penalty), [0])
        f = np.cos(np.pi * np.arange(-5, 6) / 12)
        assert long.bid_depth[0, :-1] == pytest.approx((1 - np.diff(np.log(f))) / 1.5, abs=1e-13)
    averse = replace(BASE, terminal_penalty=0, sigma=0.3, gamma=0.05 / 0.09, horizon_s=600)
    assert solve(averse, [0]).bid_depth[0, [0, 9]] == pytest.approx([-0.31, 1.44], abs=5e-3)  # A11
