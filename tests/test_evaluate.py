"""The exact evaluation of quote tables: against golden values, closed forms, equations written
down a second time and solved by other means, paths drawn here, and the simulator.
"""

import math

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import skellam

from lobsim import QuoteTable
from lobsim.policy.certainty import certainty_equivalent
from lobsim.policy.chain import Flow
from lobsim.policy.evaluate import evaluate
from lobsim.policy.problem import MakerProblem
from lobsim.validate.tables import constant, optimal, short_horizon

PAPER = Flow(A_bid=140, A_ask=140, k=1.5)
PAPER_MARKET = {"sigma": 2.0, "horizon_s": 1.0}


# Closed forms


def test_constant_symmetric_quotes_give_a_skellam_inventory_and_the_closed_forms_of_profit():
    """E W = 2 l h T, Var W = 2 l h^2 T + sigma^2 l T^2."""
    h, rate = 0.6, 140 * math.exp(-1.5 * 0.6)
    e = evaluate(constant(h, h), PAPER, **PAPER_MARKET)
    assert e.probabilities == pytest.approx(skellam.pmf(e.inventories, rate, rate), abs=1e-13)
    assert e.probabilities.sum() == pytest.approx(1, abs=1e-12)
    assert e.profit_mean == pytest.approx(2 * rate * h, rel=1e-12)
    assert e.profit_sd**2 == pytest.approx(2 * rate * h**2 + 4 * rate, rel=1e-12)
    assert (e.fills_bid, e.fills_ask) == pytest.approx((rate, rate), rel=1e-12)
    assert e.inventory_square_time == pytest.approx(rate, rel=1e-12)  # int 2 l t dt


def test_without_quotes_profit_is_that_of_the_inventory_held():
    table = constant(math.inf, math.inf)
    e = evaluate(table, PAPER, sigma=2, mu=0.5, horizon_s=4, inventory=-3, kurtosis=True)
    assert (e.profit_mean, e.profit_sd) == pytest.approx((-3 * 0.5 * 4, 3 * 2 * 2), rel=1e-12)
    assert e.profit_kurtosis == pytest.approx(3, rel=1e-12)
    assert (e.inventories.tolist(), e.fills_bid, e.fills_ask) == ([-3], 0, 0)
    ce = certainty_equivalent(
        table, PAPER, gamma=0.1, sigma=2, mu=0.5, horizon_s=4, inventory=-3, terminal_penalty=0.2
    )
    assert ce == pytest.approx(-6 - 0.1 / 2 * 12**2 - 0.2 * 9, rel=1e-12)


def test_the_variance_of_profit_is_that_of_the_spread_and_that_of_the_inventory_at_risk():
    """Var W = Var(spread) + sigma^2 E int q^2 without drift: the mid is independent."""
    table = short_horizon(0.1, 50, k=1.5, **PAPER_MARKET)
    still = evaluate(table, PAPER, sigma=0, horizon_s=1)
    moving = evaluate(table, PAPER, sigma=2, horizon_s=1)
    at_risk = 4 * moving.inventory_square_time
    assert moving.profit_sd**2 == pytest.approx(still.profit_sd**2 + at_risk, rel=1e-12)
    assert moving.profit_mean == pytest.approx(moving.spread_earned, rel=1e-12)


def test_optimal_quotes_earn_their_value_function_and_others_less():
    """E[W - phi q_T^2 - phi_r int q^2] of a table is below v, but for its rows."""
    problem = MakerProblem(
        A_bid=1.5, A_ask=1.5, k=1.5, max_inventory=5, horizon_s=10, terminal_penalty=0.05
    )
    flow, market = Flow(A_bid=1.5, A_ask=1.5, k=1.5), {"sigma": 0.3, "horizon_s": 10}
    market |= {"max_inventory": 5, "terminal_penalty": 0.05}
    best = evaluate(optimal(problem, 800), flow, **market).objective
    assert 0 < 7.014103811560176 - best < 1e-7  # the value: a matrix exponential in 40 digits
    fixed = [evaluate(constant(d, d), flow, **market).objective for d in (0.6, 1 / 1.5, 0.75)]
    assert max(fixed) < best - 0.2


# The equations a second time: written down by loops, solved by a dense matrix exponential


def plain_chain(table, row, flow, size, limit, fee):
    """Of one row: all jumps as (from, to, rate, gain), inventories counted from -limit."""
    jumps = []
    for q in range(-limit, limit + 1):
        column = min(max(q - int(table.inventories[0]), 0), len(table.inventories) - 1)
        for sign, A, depths, room in (
            (1, flow.A_bid, table.bid_depth, limit - q),
            (-1, flow.A_ask, table.ask_depth, limit + q),
        ):
            depth, most = depths[row, column], min(size, room)
            rate = A * math.exp(-flow.k * max(depth, -flow.d0))
            for n in range(1, most + 1):
                rho = 1 - 1 / flow.mean_lots
                part = rho ** (n - 1) * ((1 - rho) if n < most else 1)
                if rate * part:
                    jumps.append((q + limit, q + sign * n + limit, rate * part, n * (depth - fee)))
    return jumps


FLOORED = Flow(A_bid=9.0, A_ask=6.0, k=1.5, d0=0.2, mean_lots=2.5)
UNEVEN = QuoteTable(
    [0, 0.3, 0.8], [-3, -2, -1, 0, 1, 2],
    [[-0.4, -0.1, 0.2, 0.5, 0.9, 1.3], [0.1, 0.2, 0.3, 0.5, 0.6, math.inf],
     [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]],
    [[1.4, 1.0, 0.7, 0.4, 0.1, -0.2], [math.inf, 0.9, 0.6, 0.5, 0.4, 0.1],
     [0.7, 0.6, 0.5, 0.4, 0.3, 0.2]],
)  # fmt: skip
UNEVEN_MARKET = {"sigma": 0.7, "mu": 0.4, "horizon_s": 1.7, "inventory": 1, "size": 3,
                 "max_inventory": 6, "maker_fee": 0.03}  # fmt: skip


def backward(weight, terminal, power):
    """Solve u' = -(jumps + held) u backwards through UNEVEN; blocks of moments where power > 0."""
    q = np.arange(-6, 7.0)
    u = terminal(q)
    for row, h in ((2, 0.9), (1, 0.5), (0, 0.3)):
        n = len(q)
        L = np.zeros(((power + 1) * n, (power + 1) * n))
        for to in range(power + 1):
            for of in range(to + 1):
                block, ways = L[to * n : (to + 1) * n, of * n : (of + 1) * n], math.comb(to, of)
                for source, target, rate, gain in plain_chain(UNEVEN, row, FLOORED, 3, 6, 0.03):
                    block[source, target] += ways * rate * weight(gain) * gain ** (to - of)
                    block[source, source] -= rate * (to == of)
                held = {0: np.log(weight(1.0)) * 0.4 * q + np.log(weight(1.0)) ** 2 * 0.245 * q**2,
                        1: 0.4 * q, 2: 0.49 * q**2}  # fmt: skip
                block += np.diag(ways * held.get(to - of, 0 * q))
        u = expm(L * h) @ u
    return u.reshape(power + 1, -1)[:, 7]


def test_the_backward_equations_of_the_moments_give_the_same():
    """m1' = rates (j + m1(q') - m1) + mu q, and so on to the fourth."""
    one, m1, m2, m3, m4 = backward(
        lambda gain: 1.0, lambda q: np.concatenate([np.ones(13), np.zeros(52)]), 4
    )
    e = evaluate(UNEVEN, FLOORED, kurtosis=True, **UNEVEN_MARKET)
    variance = m2 - m1**2
    fourth = m4 - 4 * m3 * m1 + 6 * m2 * m1**2 - 3 * m1**4
    assert one == pytest.approx(1, rel=1e-12)
    assert e.profit_mean == pytest.approx(m1, rel=1e-11)
    assert e.profit_sd**2 == pytest.approx(variance, rel=1e-11)
    assert e.profit_kurtosis == pytest.approx(fourth / variance**2, rel=1e-10)
    assert e.profit_mean == pytest.approx(
        e.spread_earned - e.fees + 0.4 * e.inventory_time, rel=1e-12
    )
    assert e.inventory_mean == pytest.approx(1 + e.lots_bid - e.lots_ask, rel=1e-12)
    assert e.probabilities.sum() == pytest.approx(1, abs=1e-12)
    plain = evaluate(UNEVEN, FLOORED, **UNEVEN_MARKET)
    assert (plain.profit_sd, plain.profit_kurtosis) == (pytest.approx(e.profit_sd), None)


def test_the_backward_equation_of_the_certainty_equivalent_gives_the_same():
    (u,) = backward(lambda gain: math.exp(-0.8 * gain), lambda q: np.exp(0.8 * 0.05 * q**2), 0)
    ce = certainty_equivalent(UNEVEN, FLOORED, gamma=0.8, terminal_penalty=0.05, **UNEVEN_MARKET)
    assert ce == pytest.approx(-math.log(u) / 0.8, rel=1e-11)
