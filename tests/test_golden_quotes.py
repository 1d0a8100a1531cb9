"""Numbers known from two other methods each: golden.json, and the tables of the literature.

Tables: Cartea, Jaimungal and Penalva 2015, chapter 10, figures 10.1, 10.2 and 10.4; Gueant,
Lehalle and Fernandez-Tapia 2013, figures 1-5.
"""

import numpy as np
import pytest

from golden_quotes import COMPUTE, GOLDEN
from lobsim.policy.closed_forms import glft
from lobsim.policy.linear import law, solve, stationary
from lobsim.policy.problem import MakerProblem

OURS = [number for number in GOLDEN if number["name"] in COMPUTE]


@pytest.mark.parametrize("number", OURS, ids=lambda number: number["name"])
def test_a_golden_number_to_the_digits_it_has(number):
    """What two methods agree on; a few numbers say that they have fewer digits than 12."""
    digits = max(1e-12, 2 * float(number["rel_disagreement"]))
    found = COMPUTE[number["name"]](number["params"])
    assert found == pytest.approx(float(number["value"]), rel=digits, abs=0)


def test_no_golden_number_of_optimal_quoting_is_left_out():
    families = ("RN", "CARA", "CJP", "A-S bid", "A-S ask", "GLFT", "closure")
    named = {number["name"] for number in GOLDEN if number["name"].startswith(families)}
    assert named == COMPUTE.keys()
    assert len(COMPUTE) == 112


def cjp(phi, Q, horizon_s=30.0):
    return MakerProblem(
        A_bid=1,
        A_ask=1,
        k=100,
        max_inventory=Q,
        terminal_penalty=1e-4,
        running_penalty=phi,
        horizon_s=horizon_s,
    )


@pytest.mark.parametrize(
    ("phi", "depths"),
    [
        (1e-5, [37.5887, 72.4443, 91.7776, 108.2224, 127.5557, 162.4113]),
        (2e-4, [19.4664, 58.2156, 86.5417, 113.4583, 141.7844, 180.5336]),
    ],
)
def test_the_depths_of_cartea_jaimungal_and_penalva_figure_10_1(phi, depths):
    """Ask depths x 10^4 for inventories 3, 2 ... -2, a long way from the end and at it."""
    solution = solve(cjp(phi, 3), [0, 30])
    assert 1e4 * solution.ask_depth[:, :0:-1] == pytest.approx(
        np.array([depths, [95, 97, 99, 101, 103, 105]]), abs=5e-5
    )
    assert solution.bid_depth[:, :-1] == pytest.approx(solution.ask_depth[:, :0:-1], abs=1e-15)


@pytest.mark.parametrize(
    ("phi", "rates"),
    [
        (2e-3, [0.23887, 0.56657, 1.21734, 2.24069]),
        (1e-3, [0.27522, 0.49174, 0.85280, 1.38616]),
        (5e-4, [0.30167, 0.44862, 0.66109, 0.95143]),
    ],
)
def test_the_fill_rates_of_figure_10_2_exceed_1_where_the_ask_is_below_the_mid(phi, rates):
    found = stationary(cjp(phi, 10))
    assert np.exp(-100 * found.ask_depth[10:14]) == pytest.approx(rates, abs=5e-6)


@pytest.mark.parametrize(
    ("horizon_s", "phi", "mean", "inventory_sd"),
    [
        (30, 1e-5, 0.21967401, 3.3772222),
        (30, 5e-5, 0.21725013, 2.6767769),
        (30, 1e-3, 0.19532486, 1.3351519),
        (30, 1e-2, 0.12146276, 0.7084548),
        (300, 1e-5, 2.17906659, 3.5713746),
        (300, 5e-5, 2.14597336, 2.6914837),
        (300, 1e-3, 1.92258803, 1.3351519),
        (300, 1e-2, 1.17647414, 0.7084548),
    ],
)
def test_the_profits_of_figure_10_4(horizon_s, phi, mean, inventory_sd):
    """The profit is the value and what the penalties take: phi E[q_T^2] + phi_r E int q^2 dt.

    The numbers: the backward equations of the value and of the profit, by DOP853 at 1e-12.
    """
    made = cjp(phi, 10, horizon_s)
    # The law settles within seconds, at both ends: panels that widen away from them.
    half = np.append(0, np.geomspace(0.05, horizon_s / 2, 8))
    edges = np.append(half, horizon_s - half[-2::-1])
    nodes, weights = np.polynomial.legendre.leggauss(12)
    width = np.diff(edges)[:, np.newaxis] / 2
    times = (edges[:-1, np.newaxis] + width * (nodes + 1)).ravel()
    squares = np.arange(-10, 11) ** 2
    held = (width * weights).ravel() @ law(made, times) @ squares
    at_end = law(made, [horizon_s])[0] @ squares
    value = solve(made, [0]).value[0, 10]
    assert value + 1e-4 * at_end + phi * held == pytest.approx(mean, abs=6e-9)
    assert np.sqrt(at_end) == pytest.approx(inventory_sd, abs=6e-8)


@pytest.mark.parametrize(
    ("sigma", "A", "exact", "by_formula", "spread"),
    [
        (
            0.3,
            0.9,
            [2.632802, 2.972522, 3.313045, 3.653479, 3.992933],
            [2.634257, 2.973586, 3.312915, 3.652244, 3.991574],
            (6.626091, 6.625830),
        ),
        (
            0.4,
            0.9,
            [2.417367, 2.869957, 3.324458, 3.778746, 4.230704],
            [2.419348, 2.871787, 3.324226, 3.776665, 4.229104],
            (6.648916, 6.648452),
        ),
        (
            1.0,
            0.2,
            [-1.072185, 1.100245, 3.525651, 5.918517, 8.022747],
            [-1.279915, 1.119505, 3.518924, 5.918344, 8.317763],
            (7.051302, 7.037848),
        ),
    ],
)
def test_the_quotes_of_gueant_lehalle_and_fernandez_tapia(sigma, A, exact, by_formula, spread):
    """Bid depths at inventories -10, -5 ... 10 and the spread at 0, 600 s from the end."""
    market = {"k": 0.3, "gamma": 0.01, "sigma": sigma}
    solution = solve(MakerProblem(A_bid=A, A_ask=A, max_inventory=30, horizon_s=600, **market), [0])
    formula = glft(np.arange(-10, 11, 5), A=A, **market)
    assert solution.bid_depth[0, 20:41:5] == pytest.approx(exact, abs=6e-7)
    assert formula.bid == pytest.approx(by_formula, abs=6e-7)
    whole = solution.bid_depth[0, 30] + solution.ask_depth[0, 30], formula.bid[2] + formula.ask[2]
    assert whole == pytest.approx(spread, abs=1e-6)
