"""Quotes by formula: the tables of the model, and each formula against the exact solution."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from lobsim.policy.closed_forms import (
    avellaneda_stoikov,
    closure,
    closure_slope,
    cosine_law,
    glft,
)
from lobsim.policy.linear import solve, stationary
from lobsim.policy.problem import MakerProblem
from lobsim_strategies.avellaneda_stoikov import AvellanedaStoikov
from makers import powers

AS = {"k": 1.5, "gamma": 0.1, "sigma": 2}
GLFT = {"A": 0.9, "k": 0.3, "gamma": 0.01, "sigma": 0.3}


@pytest.mark.parametrize(
    ("tau", "flat", "long"),
    [
        (0.001, (0.645585, 0.645585, 0.645585), (0.646785, 0.646785, 0.646785)),
        (0.01, (0.647381, 0.647385, 0.647381), (0.659357, 0.659385, 0.659357)),
        (0.05, (0.654920, 0.655385, 0.654915), (0.712123, 0.715385, 0.712093)),
        (0.1, (0.662214, 0.665385, 0.662165), (0.763134, 0.785385, 0.762847)),
        (0.2, (0.669228, 0.685385, 0.669001), (0.811943, 0.925385, 0.810696)),
        (0.5, (0.671602, 0.745385, 0.671221), (0.828317, 1.345385, 0.826237)),
        (1, (0.671628, 0.845385, 0.671244), (0.828496, 2.045385, 0.826395)),
    ],
)
def test_how_short_the_horizon_of_avellaneda_and_stoikov_must_be(tau, flat, long):
    """Bid depths at inventories 0 and 3: exact, by their formula, by the closure."""
    made = MakerProblem(A_bid=140, A_ask=140, max_inventory=20, horizon_s=tau, **AS)
    q = np.array([0, 3])
    by_formula = avellaneda_stoikov(q, tau, **AS).bid
    closed = closure(q, tau, A=140, **AS).bid
    found = np.array([solve(made, [0]).bid_depth[0, 20 + q], by_formula, closed])
    assert found == pytest.approx(np.transpose([flat, long]), abs=6e-7)


def test_the_other_numbers_of_that_table():
    assert glft([0, 3], A=140, **AS).bid == pytest.approx([0.671244, 0.826395], abs=6e-7)
    assert avellaneda_stoikov(3, 1, k=1.5, gamma=1, sigma=2).bid == pytest.approx(
        14.510826, abs=6e-7
    )
    paper = {name: GLFT[name] for name in ("k", "gamma", "sigma")}
    assert avellaneda_stoikov(3, 600, **paper).bid == pytest.approx(5.168982, abs=6e-7)
    assert closure(3, 600, **GLFT).bid == pytest.approx(3.516513, abs=6e-7)


def test_the_strategy_quotes_the_same_formula():
    class Market:
        sigma, k, duration_s, rows, max_inventory, fill_cost = 2.0, 1.5, 1.0, 10, 7, 0.0

    for gamma in (0.0, 0.1, 1.0):
        table = AvellanedaStoikov(gamma=gamma).quote_table(Market())
        ours = avellaneda_stoikov(
            table.inventories, 1 - table.times_s[:, np.newaxis], k=1.5, gamma=gamma, sigma=2
        )
        assert table.bid_depth == pytest.approx(ours.bid, rel=1e-14)
        assert table.ask_depth == pytest.approx(ours.ask, rel=1e-14)


# The closure


@settings(deadline=None, max_examples=40)
@given(
    alpha=st.just(0.0) | powers(-3, 1),
    penalty=st.just(0.0) | powers(-3, 1),
    A=powers(-1, 1),
    tau=powers(-3, 1),
)
def test_the_slope_solves_its_riccati_equation(alpha, penalty, A, tau):
    """B' = 2 alpha - 2 eta B^2, B(0) = 2 k phi, at k = 2: so alpha = 2 phi_r and eta = A/e."""
    ode = solve_ivp(
        lambda _, B: 2 * alpha - 2 * A / math.e * B**2,
        (0, tau),
        [4 * penalty],
        rtol=1e-10,
        atol=1e-12,
    )
    found = closure_slope(tau, A=A, k=2, terminal_penalty=penalty, running_penalty=alpha / 2)
    assert 2 * found == pytest.approx(ode.y[0, -1], rel=1e-7, abs=1e-10)


def test_the_slope_in_its_limits():
    k, A, phi = 1.5, 1.5, 0.05
    taus = np.array([0, 0.1, 1, 10, 1e6])
    plain = 2 * phi / (1 + 4 * A / math.e * k * phi * taus)
    for tiny in (0.0, 5e-324, 1e-250, 1e-30):
        found = closure_slope(taus, A=A, k=k, terminal_penalty=phi, running_penalty=tiny)
        assert found == pytest.approx(plain, rel=1e-9)
    for_ever = math.sqrt(0.01 * math.e / (k * A))
    assert closure_slope(1e9, A=A, k=k, running_penalty=0.01) == pytest.approx(for_ever, rel=1e-14)
    assert closure_slope(1, A=A, k=k) == 0


@pytest.mark.parametrize(
    ("A", "k", "changes", "horizon_s"),
    [
        (1.5, 1.5, {"terminal_penalty": 0.05}, 1.0),
        (1.5, 1.5, {"terminal_penalty": 0.05}, 10.0),
        (1.5, 1.5, {"terminal_penalty": 0.02, "running_penalty": 0.002}, 10.0),
        (1.5, 1.5, {"running_penalty": 0.002}, 100.0),
        (140, 1.5, {"gamma": 0.1, "sigma": 2}, 1.0),
        (140, 1.5, {"gamma": 0.1, "sigma": 2}, 0.05),
        (0.9, 0.3, {"gamma": 0.01, "sigma": 0.3}, 60.0),
        (1.5, 1.5, {"terminal_penalty": 0.05, "fee": -0.3}, 10.0),
        (140, 1.5, {"gamma": 0.1, "sigma": 2, "fee": 0.2}, 1.0),
        (1.5, 1.5, {"terminal_penalty": 0.02, "running_penalty": 0.0005, "lot": 2}, 10.0),
        (0.9, 0.3, {"gamma": 0.01, "sigma": 0.3, "lot": 4, "fee": 0.5}, 60.0),
    ],
)
def test_the_closure_is_within_0_4_percent_where_the_bounds_are_far(A, k, changes, horizon_s):
    lot = changes.get("lot", 1)
    made = MakerProblem(
        A_bid=A, A_ask=A, k=k, max_inventory=40 * lot, horizon_s=horizon_s, **charged(changes)
    )
    n = np.arange(-3, 4)
    exact = solve(made, [0])
    formula = closure(n * lot, horizon_s, A=A, k=k, **changes)
    assert formula.bid == pytest.approx(exact.bid_depth[0, 40 + n], rel=4e-3)
    assert formula.ask == pytest.approx(exact.ask_depth[0, 40 + n], rel=4e-3)


def charged(changes):
    """With one fee on both sides."""
    rest = {name: value for name, value in changes.items() if name != "fee"}
    return rest | dict.fromkeys(("fee_bid", "fee_ask"), changes.get("fee", 0.0))


@pytest.mark.parametrize(("fee", "lot"), [(0.2, 1), (-0.1, 3)])
def test_the_short_formula_is_the_first_order_with_fees_and_lots_too(fee, lot):
    """Its error is of the third order in tau: at half of it, an eighth."""
    errors = []
    for tau in (2e-3, 1e-3):
        made = MakerProblem(
            A_bid=140, A_ask=140, max_inventory=40 * lot, horizon_s=tau, lot=lot,
            fee_bid=fee, fee_ask=fee, **AS,
        )  # fmt: skip
        formula = avellaneda_stoikov(4 * lot, tau, fee=fee, lot=lot, **AS)
        exact = solve(made, [0]).bid_depth[0, 44]
        errors.append(abs(formula.bid - exact))
    assert errors[0] < 2e-3 * AS["gamma"] * AS["sigma"] ** 2
    assert errors[1] / errors[0] == pytest.approx(1 / 8, rel=0.05)


def test_the_closure_joins_the_short_formula_to_the_long_one():
    q = np.arange(-3, 4)
    short, long = (closure(q, tau, A=140, **AS) for tau in (1e-5, 100))
    assert short.bid == pytest.approx(avellaneda_stoikov(q, 1e-5, **AS).bid, rel=1e-9)
    assert long.bid == pytest.approx(glft(q, A=140, **AS).bid, rel=1e-13)
    assert long.ask == pytest.approx(glft(q, A=140, **AS).ask, rel=1e-13)


# The long horizon


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mu": 0.002},
        {"impact": 0.5},
        {"lot": 2},
        {"mu": -0.002, "impact": 0.2, "lot": 2},
        {"fee": 0.6},
        {"fee": -0.5, "lot": 2},
    ],
)
def test_the_long_formula_is_near_the_exact_quotes(changes):
    """Near the inventory that the drift favours; with impact the exact bid depth is over it."""
    exact = stationary(
        MakerProblem(
            A_bid=0.9,
            A_ask=0.9,
            horizon_s=1,
            max_inventory=60,
            k=0.3,
            gamma=0.01,
            sigma=0.3,
            **charged(changes),
        )
    )
    near = np.abs(exact.inventories) <= 4
    formula = glft(exact.inventories[near], **GLFT, **changes)
    assert formula.bid == pytest.approx(exact.bid_depth[near], rel=2e-3)
    assert formula.ask == pytest.approx(exact.ask_depth[near], rel=2e-3)


def test_without_risk_aversion_every_formula_is_its_limit():
    for gamma in (0.0, 5e-324, 1e-300, 1e-14):
        short = avellaneda_stoikov([-2, 2], 1, gamma=gamma, sigma=2, k=1.5)
        long = glft([-2, 2], A=140, k=1.5, gamma=gamma, sigma=2, impact=0.1)
        assert short.bid == pytest.approx([1 / 1.5] * 2, rel=1e-7)
        assert long.ask == pytest.approx([1 / 1.5 + 0.05] * 2, rel=1e-6)


@pytest.mark.parametrize("Q", [1, 5, 40])
def test_the_cosine_law_is_the_exact_one_for_ever(Q):
    formula = cosine_law(Q, A=1.5, k=1.5)
    exact = stationary(MakerProblem(A_bid=1.5, A_ask=1.5, k=1.5, horizon_s=1, max_inventory=Q))
    assert formula.bid == pytest.approx(exact.bid_depth, rel=1e-11)
    assert formula.ask == pytest.approx(exact.ask_depth, rel=1e-11)
    assert formula.law == pytest.approx(exact.law, rel=1e-11)
    assert formula.growth == pytest.approx(exact.growth, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: avellaneda_stoikov(0, 1, gamma=-1, sigma=2, k=1.5),
            "gamma = -1: must be 0",
        ),
        (
            lambda: avellaneda_stoikov(0, 1, gamma=1, sigma=-2, k=1.5),
            "sigma = -2: must be 0",
        ),
        (lambda: avellaneda_stoikov(0, 1, gamma=1, sigma=2, k=0), "k = 0: must be above 0"),
        (lambda: avellaneda_stoikov(0, -1, **AS), "tau_s: must be finite, 0 or more"),
        (lambda: avellaneda_stoikov(0, math.nan, **AS), "tau_s: must be finite"),
        (lambda: closure(0, 1, A=0, **AS), "A = 0: must be above 0"),
        (
            lambda: closure_slope(1, A=1, k=1, terminal_penalty=-1),
            "terminal_penalty = -1",
        ),
        (lambda: closure_slope(1, A=1, k=1, running_penalty=math.inf), "running_penalty = inf"),
        (lambda: glft(0, A=1, k=1, gamma=0, sigma=1, mu=0.1), "mu = 0.1: must be 0 where gamma"),
        (lambda: glft(0, **GLFT, lot=1.5), r"lot = 1\.5: must be whole, 1 or more"),
        (lambda: glft(0, **GLFT, fee=3000), "fee = 3000: must be within 600/k = 2000"),
        (lambda: closure(0, 1, A=1, **AS, fee=math.nan), "fee = nan: must be finite"),
        (lambda: glft(0, **GLFT, impact=math.nan), "impact = nan: must be finite"),
        (lambda: cosine_law(0, A=1, k=1), "max_inventory = 0: must be whole, 1 or more"),
        (lambda: cosine_law(10**7, A=1, k=1), "max_inventory = 1e.07: must be 1,000,000 at most"),
    ],
)
def test_a_formula_refuses_what_it_does_not_hold_for(call, words):
    with pytest.raises(ValueError, match=words):
        call()
