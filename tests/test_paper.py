"""Avellaneda and Stoikov (2008), Tables 1 to 3: every row within 4 standard errors of its exact
value, in the paper's discrete scheme and in continuous time.
"""

import pytest
from paper import exact_of, moments

from lobsim import compare

DISCRETE, CONTINUOUS = "avellaneda-stoikov-2008", "avellaneda-stoikov-continuous"
ROWS = [f"{kind}-{gamma}" for kind in ("inventory", "symmetric") for gamma in ("g01", "g001", "g1")]
# The paper's own numbers: average spread, from 1,000 simulations each.
SPREADS = {"g01": 1.49, "g001": 1.35, "g1": 3.02}


def distances(scenario, row, reps=1000):
    """Standard errors from the exact mean profit, sd of profit and sd of the inventory."""
    result = compare(scenario, mode="isolated", reps=reps, seed=1, strategies=[row], jobs=1)
    summaries = result.summaries["isolated"][row]
    mean, mean_se, sd, sd_se = moments([s.profit for s in summaries])
    _, _, q_sd, q_se = moments([float(s.inventory) for s in summaries])
    exact = exact_of(scenario, row)
    z = ((mean - exact[0]) / mean_se, (sd - exact[1]) / sd_se, (q_sd - exact[2]) / q_se)
    return z, (q_sd, q_se), result.rows[0]


@pytest.mark.parametrize("row", ROWS)
def test_the_discrete_scheme_gives_the_exact_discrete_values(row):
    z, _, summary = distances(DISCRETE, row)
    assert max(map(abs, z)) < 4, z
    assert summary.spread_mean == pytest.approx(SPREADS[row.split("-")[1]], abs=0.012)


@pytest.mark.parametrize("row", ROWS)
def test_continuous_time_gives_the_exact_continuous_values(row):
    z, (q_sd, q_se), _ = distances(CONTINUOUS, row)
    assert max(map(abs, z)) < 4, z
    if row.startswith("inventory"):
        discrete = exact_of(DISCRETE, row)[2]
        assert abs(q_sd - discrete) / q_se > 4, "continuous time must not give the paper's value"


def test_the_standard_errors_are_those_of_a_sample_worked_by_hand():
    """98 zeros and +-7: variance 98/99, fourth moment 48.02, kurtosis 49.005."""
    mean, mean_se, sd, sd_se = moments([0.0] * 98 + [7.0, -7.0])
    assert mean == 0
    assert mean_se == pytest.approx(sd / 10)
    assert sd == pytest.approx(0.994937, abs=1e-6)
    assert sd_se == pytest.approx(0.34467, abs=1e-5)
