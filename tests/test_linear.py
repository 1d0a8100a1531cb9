"""The exact solver: its invariants, and the same numbers by other ways of solving."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from lobsim.policy.linear import risk_neutral_twin, solve
from makers import problems, rates, times

often = settings(deadline=None, max_examples=60)


def near(expected, problem, digits=1e-12):
    """Within so much of the largest number, or of 1/k."""
    return pytest.approx(expected, rel=0, abs=digits * (1 / problem.k + np.max(np.abs(expected))))


# Invariants


@often
@given(problems())
def test_a_bid_and_the_ask_one_lot_up_add_up_to_a_constant(problem):
    solution = solve(problem, times(problem))
    whole = 2 * problem.markup + problem.fee_bid + problem.fee_ask + problem.impact
    both = solution.bid_depth[:, :-1] + solution.ask_depth[:, 1:]
    assert both == near(np.full_like(both, whole), problem)


@often
@given(problems(risk_neutral=True))
def test_their_rates_of_fills_multiply_to_a_constant(problem):
    bid, ask = rates(problem, solve(problem, times(problem)))
    costs = problem.fee_bid + problem.fee_ask + problem.impact
    constant = problem.A_bid * problem.A_ask * np.exp(-2 - problem.k * costs)
    assert bid[:, :-1] * ask[:, 1:] == pytest.approx(np.full(bid[:, 1:].shape, constant), rel=1e-11)


@often
@given(problems(symmetric=True))
def test_where_the_sides_are_alike_long_is_short_upside_down(problem):
    solution = solve(problem, times(problem))
    assert solution.value == near(solution.value[:, ::-1], problem)
    assert solution.bid_depth[:, :-1] == near(solution.ask_depth[:, :0:-1], problem)


@often
@given(problems())
def test_swapping_the_sides_turns_everything_upside_down(problem):
    mirror = replace(
        problem,
        A_bid=problem.A_ask,
        A_ask=problem.A_bid,
        fee_bid=problem.fee_ask,
        fee_ask=problem.fee_bid,
        mu=-problem.mu,
    )
    ours, theirs = solve(problem, times(problem)), solve(mirror, times(problem))
    assert ours.value == near(theirs.value[:, ::-1], problem)
    assert ours.bid_depth[:, :-1] == near(theirs.ask_depth[:, :0:-1], problem)


@often
@given(problems())
def test_the_longer_the_deeper_the_bid_and_the_nearer_the_ask(problem):
    solution = solve(problem, times(problem))
    step = 1e-13 * (1 / problem.k + np.abs(solution.bid_depth[:, :-1]).max())
    assert np.all(np.diff(solution.bid_depth[:, :-1]) > -step)
    assert np.all(np.diff(solution.ask_depth[:, 1:]) < step)


@often
@given(problems())
def test_there_is_no_quote_at_the_bounds_and_always_one_inside(problem):
    solution = solve(problem, times(problem))
    assert np.all(solution.bid_depth[:, -1] == np.inf)
    assert np.all(solution.ask_depth[:, 0] == np.inf)
    for values in (solution.value, solution.bid_depth[:, :-1], solution.ask_depth[:, 1:]):
        assert np.all(np.isfinite(values))


@often
@given(problems(risk_neutral=True), st.floats(0, 1e6))
def test_sigma_does_not_matter_to_who_is_risk_neutral(problem, sigma):
    plain, wild = (solve(replace(problem, sigma=s), [0]) for s in (0, sigma))
    assert np.array_equal(plain.value, wild.value)
    assert np.array_equal(plain.bid_depth, wild.bid_depth)


@often
@given(problems())
def test_the_value_at_the_horizon_is_the_terminal_penalty(problem):
    solution = solve(problem, [problem.horizon_s])
    penalty = -problem.terminal_penalty * solution.inventories[np.newaxis] ** 2
    assert solution.value == near(penalty, problem, 1e-14)


@often
@given(problems())
def test_a_lot_of_several_is_a_lot_of_one_in_other_units(problem):
    """Money per lot times L: penalties and gamma L times, value 1/L times, depths the same."""
    L = problem.lot
    single = replace(
        problem,
        lot=1,
        max_inventory=problem.max_inventory // L,
        terminal_penalty=problem.terminal_penalty * L,
        running_penalty=problem.running_penalty * L,
        gamma=problem.gamma * L,
    )
    several, one = solve(problem, times(problem)), solve(single, times(problem))
    assert several.inventories.tolist() == (one.inventories * L).tolist()
    assert several.value == near(one.value * L, problem)
    assert several.bid_depth[:, :-1] == near(one.bid_depth[:, :-1], problem)


@often
@given(problems(), st.integers(2, 40))
def test_a_time_has_one_answer_whatever_other_times_are_asked(problem, count):
    """Equal steps go by squares, single times by series."""
    grid = solve(problem, times(problem, count))
    for row in {0, 1, count // 2, count - 1}:
        alone = solve(problem, [grid.times_s[row]])
        assert grid.value[row] == near(alone.value[0], problem, 1e-13)
        assert grid.bid_depth[row, :-1] == near(alone.bid_depth[0, :-1], problem)


# The same by other means


@often
@given(problems())
def test_the_dictionary_between_risk_aversion_and_running_penalty(problem):
    twin, shift = risk_neutral_twin(problem)
    assert twin.gamma == twin.sigma == 0
    ours, theirs = solve(problem, times(problem)), solve(twin, times(problem))
    assert ours.value == near(theirs.value, problem)
    assert ours.bid_depth[:, :-1] == near(theirs.bid_depth[:, :-1] + shift, problem)


def bellman(problem):
    """v(0, .) by the nonlinear equation, written down again, for lots of one."""
    p, Q = problem, problem.max_inventory
    q = np.arange(-Q, Q + 1.0)
    y = p.gamma / p.k
    best = np.exp(-1) / p.k if y == 0 else (1 + y) ** -(1 + 1 / y) / p.k

    def slope(_, v):
        rate = p.mu * q - (p.running_penalty + p.gamma * p.sigma**2 / 2) * q**2
        rise = v[1:] - v[:-1]
        bought = rise - p.fee_bid - p.impact * q[1:]
        sold = -rise - p.fee_ask + p.impact * q[:-1]
        rate[:-1] += p.A_bid * best * np.exp(p.k * bought)
        rate[1:] += p.A_ask * best * np.exp(p.k * sold)
        return rate

    accuracy = {"method": "DOP853", "rtol": 3e-14, "atol": 1e-14 / p.k}
    return solve_ivp(slope, (0, p.horizon_s), -p.terminal_penalty * q**2, **accuracy).y[:, -1]


@settings(deadline=None, max_examples=25)
@given(problems().filter(lambda p: p.horizon_s * max(p.A_bid, p.A_ask) < 100))
def test_the_nonlinear_equation_gives_the_same_value(problem):
    single = replace(problem, lot=1, max_inventory=problem.max_inventory // problem.lot)
    assert solve(single, [0]).value[0] == near(bellman(single), problem, 1e-10)


@settings(deadline=None, max_examples=40)
@given(problems(risk_neutral=True).filter(lambda p: p.horizon_s * max(p.A_bid, p.A_ask) < 50))
def test_a_matrix_exponential_gives_the_same_value(problem):
    """In the norm, which is all that expm promises: there all components are alike in size."""
    p = replace(problem, lot=1, max_inventory=problem.max_inventory // problem.lot)
    q = np.arange(-p.max_inventory, p.max_inventory + 1.0)
    M = np.diag(p.k * (p.mu * q - p.running_penalty * q**2))
    for A, fee, above in ((p.A_bid, p.fee_bid, 1), (p.A_ask, p.fee_ask, -1)):
        M += A / np.e * np.exp(-p.k * (fee + p.impact / 2)) * np.eye(len(q), k=above)
    w = expm(M * p.horizon_s) @ np.exp(-p.k * (p.terminal_penalty + p.impact / 2) * q**2)
    found = np.exp(p.k * (solve(p, [0]).value[0] - p.impact / 2 * q**2))
    assert found == pytest.approx(w, rel=0, abs=1e-10 * w.max())
