"""Solving for the value itself: two k, bounds on depth, and the explicit scheme done right."""

import re
from dataclasses import replace
from itertools import pairwise
from math import inf, nan

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from lobsim.policy import direct, linear
from lobsim.policy.problem import MakerProblem
from makers import problems, rates, times

BASE = MakerProblem(
    A_bid=1.5, A_ask=1.5, k=1.5, horizon_s=10, max_inventory=5, terminal_penalty=0.05
)
HARD = replace(BASE, A_bid=140, A_ask=140, max_inventory=10, horizon_s=1, terminal_penalty=0.5)
seldom = settings(deadline=None, max_examples=25)


def moderate(problem):
    return problem.horizon_s * max(problem.A_bid, problem.A_ask) < 100


@seldom
@given(problems().filter(moderate))
def test_without_bounds_it_is_the_exact_solution(problem):
    exact, found = (solve(problem, times(problem, 3)) for solve in (linear.solve, direct.solve))
    scale = 1 / problem.k + np.abs(exact.value).max()
    assert found.value == pytest.approx(exact.value, rel=0, abs=1e-10 * scale)
    for side in ("bid_depth", "ask_depth"):
        depths = getattr(exact, side)
        assert getattr(found, side) == pytest.approx(depths, rel=0, abs=1e-10 * scale)


@seldom
@given(problems().filter(moderate), st.floats(-1, 1), st.floats(0, 2))
def test_quotes_keep_to_their_bounds_and_bounds_cost(problem, low, width):
    low, high = low / problem.k, (low + width) / problem.k
    free = linear.solve(problem, times(problem, 3))
    bound = direct.solve(problem, times(problem, 3), min_depth=low, max_depth=high)
    for depths, other in ((bound.bid_depth, free.bid_depth), (bound.ask_depth, free.ask_depth)):
        assert np.array_equal(np.isinf(depths), np.isinf(other))
        inside = depths[np.isfinite(depths)]
        assert np.all((low <= inside) & (inside <= high))
    assert np.all(bound.value <= free.value + 1e-10 * (1 / problem.k + np.abs(free.value)))


def brute(p, low, high, k_bid, k_ask):
    """v(0, .) with the supremum taken over 4,001 depths, by an ODE of its own: lots of one."""
    q = np.arange(-p.max_inventory, p.max_inventory + 1.0)
    d = np.linspace(low, high, 4001)[:, np.newaxis]

    def utility(y):
        return y if p.gamma == 0 else (1 - np.exp(-p.gamma * y)) / p.gamma

    def slope(_, v):
        rate = p.mu * q - (p.running_penalty + p.gamma * p.sigma**2 / 2) * q**2
        bought = v[1:] - v[:-1] - p.fee_bid - p.impact * q[1:]
        sold = v[:-1] - v[1:] - p.fee_ask + p.impact * q[:-1]
        rate[:-1] += (p.A_bid * np.exp(-k_bid * d) * utility(d + bought)).max(axis=0)
        rate[1:] += (p.A_ask * np.exp(-k_ask * d) * utility(d + sold)).max(axis=0)
        return rate

    start = -p.terminal_penalty * q**2
    return solve_ivp(slope, (0, p.horizon_s), start, method="DOP853", rtol=1e-8).y[:, -1]


@pytest.mark.parametrize(
    ("changes", "bounds"),
    [
        ({}, (0.0, 1.0)),
        ({"terminal_penalty": 0.3}, (0.0, 3.0)),
        ({"gamma": 0.5, "sigma": 0.4, "fee_bid": 0.1, "impact": 0.1}, (0.2, 0.9)),
        ({"gamma": 2.0, "sigma": 1.0, "mu": 0.3, "running_penalty": 0.05}, (-0.5, 4.0)),
    ],
)
def test_no_other_depth_within_the_bounds_is_better(changes, bounds):
    problem = replace(BASE, **changes, horizon_s=2, max_inventory=3)
    low, high = bounds
    found = direct.solve(problem, [0], k_bid=1.2, k_ask=2.0, min_depth=low, max_depth=high)
    coarse = brute(problem, low, high, 1.2, 2.0)
    assert np.all(found.value[0] >= coarse - 1e-7)
    assert found.value[0] == pytest.approx(coarse, abs=5e-5)


def test_one_fixed_depth_is_a_linear_equation():
    """With min_depth = max_depth the maker has no choice: v = E[profit - phi q_T^2]."""
    found = direct.solve(BASE, [0], min_depth=0.6, max_depth=0.6)
    q, rate = np.arange(-5, 6.0), 1.5 * np.exp(-0.9)
    G = np.eye(11, k=1) + np.eye(11, k=-1)
    moves = G.sum(axis=1)
    slope = rate * (G - np.diag(moves))
    ode = solve_ivp(
        lambda _, v: slope @ v + 0.6 * rate * moves, (0, 10), -0.05 * q**2, rtol=1e-12, atol=1e-12
    )
    assert found.value[0] == pytest.approx(ode.y[:, -1], abs=1e-9)


def test_lots_of_several_with_bounds_are_lots_of_one_in_other_units():
    bounds = {"k_bid": 1.0, "k_ask": 2.0, "min_depth": 0.1}
    several = direct.solve(
        replace(BASE, lot=2, max_inventory=6, gamma=0.2, sigma=0.3), [0], **bounds
    )
    one = replace(BASE, max_inventory=3, gamma=0.4, sigma=0.3, terminal_penalty=0.1)
    assert several.value == pytest.approx(2 * direct.solve(one, [0], **bounds).value, abs=1e-11)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (
            {"min_depth": 1, "max_depth": 0},
            "min_depth = 1: must be .* max_depth = 0 at most",
        ),
        ({"min_depth": nan}, "min_depth = nan: must be a number"),
        ({"max_depth": nan}, "max_depth = nan at most"),
        ({"min_depth": inf}, "min_depth = inf: must be a number"),
        ({"max_depth": -inf}, "max_depth = -inf at most"),
        ({"k_bid": 0}, "k_bid = 0: must be above 0"),
        ({"k_ask": -1}, "k_ask = -1: must be above 0"),
        ({"k_ask": "x"}, "k_ask = 'x': must be a number"),
    ],
)
def test_bounds_that_cannot_be_kept_are_refused(bounds, words):
    with pytest.raises(ValueError, match=words):
        direct.solve(BASE, [0], **bounds)


def test_what_cannot_be_followed_is_refused(monkeypatch):
    with pytest.raises(ValueError, match=r"terminal_penalty = 50: fills .* exp\(1424\) times A"):
        direct.solve(replace(HARD, terminal_penalty=50), [0])
    monkeypatch.setattr(direct, "MOST_STEPS", 50)
    with pytest.raises(ValueError, match=r"horizon_s = 1: fills come too fast .* 50 steps"):
        direct.solve(HARD, [0])


# The explicit scheme


def error(steps, problem=BASE):
    return (
        direct.backward_differences(problem, steps).value[0] - linear.solve(problem, [0]).value[0]
    )


def test_the_explicit_scheme_is_of_the_first_order():
    assert np.abs(error(1000)).max() == pytest.approx(8.1e-5, rel=0.01)  # by a second solver
    assert error(1000) / error(2000) == pytest.approx(np.full(11, 2.0), rel=5e-3)


def test_romberg_takes_it_to_the_last_digits():
    """Eight grids, 40 ... 5,120 steps, whose errors are series in dt."""
    rows = [error(40 * 2**i) for i in range(8)]
    for order in range(1, 8):
        rows = [(2**order * fine - coarse) / (2**order - 1) for coarse, fine in pairwise(rows)]
    assert np.abs(rows[0]).max() < 1e-12


def enough(problem):
    """The number of steps that the refusal of a single one names."""
    try:
        direct.backward_differences(problem, 1)
    except ValueError as told:
        return int(re.search(r"([\d,]+) steps are enough", str(told))[1].replace(",", ""))
    return 1


@seldom
@given(problems())
def test_as_many_steps_as_it_names_are_enough_and_the_scheme_is_monotone(problem):
    steps = enough(problem)
    assume(steps <= 500)
    found = direct.backward_differences(problem, steps)
    bid, ask = (rate[1:] for rate in rates(problem, found))  # those stepped from
    premium = 1 + problem.gamma * problem.lot / problem.k
    assert np.max(bid + ask) * problem.horizon_s / steps / premium <= 1 + 1e-9
    gentler = replace(problem, terminal_penalty=problem.terminal_penalty / 2)
    more = direct.backward_differences(gentler, max(steps, enough(gentler)))
    if len(more.value) == len(found.value):
        assert np.all(more.value >= found.value - 1e-12 * (1 / problem.k + np.abs(found.value)))


@pytest.mark.parametrize("penalty", [0.0, 0.05, 0.3, 0.8])
def test_with_a_terminal_penalty_alone_no_fewer_steps_are(penalty):
    """At the horizon asks fill at (A/e) exp(k phi (2q - 1)), bids at (A/e) exp(-k phi (2q + 1))."""
    skew = 1.5 * penalty * 2 * np.arange(-5, 6)
    rates = np.zeros(11)
    rates[1:] += np.exp(skew - 1.5 * penalty)[1:]
    rates[:-1] += np.exp(-skew - 1.5 * penalty)[:-1]
    steps = np.ceil(10 * 1.5 / np.e * rates.max())
    assert enough(replace(BASE, terminal_penalty=penalty)) == steps
    with pytest.raises(ValueError, match="too few to be stable"):
        direct.backward_differences(replace(BASE, terminal_penalty=penalty), steps - 1)


@pytest.mark.parametrize(
    ("problem", "steps", "words"),
    [
        (HARD, 100_000, r"100000: too few .* 795, must be 1 at most; 79,529,806 steps are enough"),
        (replace(HARD, terminal_penalty=50), 10, "too few .* is inf, must be 1 .* inf steps are"),
        (BASE, 0, "steps = 0: must be whole, 1 or more"),
        (BASE, 20.5, r"steps = 20\.5: must be whole"),
        (BASE, nan, "steps = nan: must be finite"),
        (BASE, 10_000_000, "10,000,001 times x 11 inventories: must be 10,000,000 at most"),
    ],
)
def test_too_few_steps_and_too_many_are_refused(problem, steps, words):
    with pytest.raises(ValueError, match=words):
        direct.backward_differences(problem, steps)
