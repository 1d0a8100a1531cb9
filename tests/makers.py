"""Makers' problems at random, for Hypothesis, and their rates of fills."""

import numpy as np
from hypothesis import strategies as st

from lobsim.policy.problem import MakerProblem


def powers(low, high):
    """10^x, x between low and high."""
    return st.floats(low, high).map(lambda x: 10.0**x)


@st.composite
def problems(draw, symmetric=False, risk_neutral=False, steepest=3.0):
    """Problems with horizons from far too short to far beyond settling.

    steepest: the most that k phi (2Q - 1) may be, so that rates at the horizon are e^steepest A.
    """
    k, lot, hops = draw(powers(-2, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 8))
    zero = st.just(0.0)
    rate = draw(powers(-2, 2))
    fee = draw(zero | st.floats(-0.5, 0.5)) / k
    even = {"A_ask": rate, "fee_ask": fee, "mu": 0.0}
    odd = {
        "A_ask": draw(powers(-2, 2)),
        "fee_ask": draw(zero | st.floats(-0.5, 0.5)) / k,
        "mu": rate * draw(zero | st.floats(-0.3, 0.3)) / k,
    }
    gamma = 0.0 if risk_neutral else draw(zero | powers(-6, 0.5)) * k / lot
    return MakerProblem(
        A_bid=rate,
        k=k,
        lot=lot,
        max_inventory=hops * lot,
        horizon_s=draw(powers(-3, 2)) / rate,
        fee_bid=fee,
        impact=draw(zero | st.floats(0, 0.5)) / k,
        terminal_penalty=draw(zero | st.floats(0, steepest)) / k / (2 * hops - 1) / lot,
        running_penalty=rate * draw(zero | st.floats(0, 1)) / k / hops / lot,
        gamma=gamma,
        sigma=np.sqrt(rate) * draw(zero | st.floats(0, 1)) / k / hops,
        **(even if symmetric else odd),
    )


def rates(problem, solution):
    """Fills per second of the bid and of the ask, (T, n): 0 where there is no quote."""
    return (
        problem.A_bid * np.exp(-problem.k * solution.bid_depth),
        problem.A_ask * np.exp(-problem.k * solution.ask_depth),
    )


def times(problem, count=5):
    return np.linspace(0, problem.horizon_s, count)
