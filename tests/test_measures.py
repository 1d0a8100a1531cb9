"""Measures against closed forms: of the normal law, of reflected Brownian motion, of the exact law
of a maker's profit; and their standard errors against the errors made."""

import math

import numpy as np
import pytest
from scipy import stats

from lobsim.compare import compare
from lobsim.errors import UsageError
from lobsim.policy.profit_law import profit_law
from lobsim.quotes import flow_of, quotes_of
from lobsim.report.measures import (
    conditional_value_at_risk,
    half_life,
    max_drawdown,
    on_grid,
    sharpe_ratio,
    standard_deviation,
    time_weighted,
    value_at_risk,
)
from lobsim.setup import open_scenario
from lobsim.workers.batches import joined

MEAN, SD, LEVEL = 2.0, 3.0, 0.95
Z = stats.norm.ppf(LEVEL)
NORMAL = {  # of a normal law
    "deviation": (standard_deviation, SD),
    "var": (value_at_risk, SD * Z - MEAN),
    "cvar": (conditional_value_at_risk, SD * stats.norm.pdf(Z) / (1 - LEVEL) - MEAN),
    "sharpe": (sharpe_ratio, MEAN / SD),
}
ERRORS = {  # of n values, times sqrt(n)
    "deviation": SD / math.sqrt(2),
    "var": math.sqrt(LEVEL * (1 - LEVEL)) / (stats.norm.pdf(Z) / SD),
    "sharpe": math.sqrt(1 + (MEAN / SD) ** 2 / 2),  # Lo's
}


@pytest.mark.parametrize("name", NORMAL)
def test_of_a_normal_law(name):
    """4,000 values, 300 times: no bias beyond 4 standard errors, and the errors that are told."""
    measure, expected = NORMAL[name]
    rng = np.random.default_rng(3)
    found = np.array([measure(rng.normal(MEAN, SD, 4000)) for _ in range(300)])
    values, errors = found.T
    assert abs(values.mean() - expected) < 4 * values.std() / math.sqrt(300) + expected / 4000
    assert np.median(errors) == pytest.approx(values.std(), rel=0.17)  # its own error is 4 %
    if name in ERRORS:
        assert np.median(errors) == pytest.approx(ERRORS[name] / math.sqrt(4000), rel=0.06)


def test_the_exact_law_of_a_maker_s_profit():
    """VaR and CVaR of simulated profits, alone, against the inversion of their law."""
    scenario = open_scenario("base-case", ())
    quotes = quotes_of(scenario, "fixed-spread")
    law = profit_law(quotes.table, flow_of(scenario.of("asset")), **quotes.maker)
    cells = []
    compare(scenario, mode="isolated", reps=4000, strategies=["fixed-spread"], each=cells.append)
    profits = joined(cells)["isolated"]["fixed-spread"].column("profit")
    for level in (0.9, 0.99):
        for measure, expected in (
            (value_at_risk, law.var(level)),
            (conditional_value_at_risk, law.cvar(level)),
        ):
            value, error = measure(profits, level)
            assert abs(value - expected) < 4 * error < 1.5


def test_few_values_by_hand():
    """Losses -3 to 4; of eight, 0.9 is the last's: the mean of the worst tenth is it alone."""
    gains = [1, -4, 0, 3, -2, 2, -1, -3]
    assert value_at_risk(gains, 0.9)[0] == 4
    assert conditional_value_at_risk(gains, 0.9)[0] == pytest.approx(4)
    assert value_at_risk(gains, 0.75)[0] == 2  # the sixth of eight
    # The worst quarter are 4 and 3; x + E(L - x)+ / 0.25 at x = 2 is 2 + (2 + 1) / 8 / 0.25.
    assert conditional_value_at_risk(gains, 0.75)[0] == pytest.approx(3.5)
    # The worst 0.3 of eight are 2.4 losses: 4, 3 and 0.4 of 2.
    assert conditional_value_at_risk(gains, 0.7)[0] == pytest.approx((4 + 3 + 0.4 * 2) / 2.4)
    assert value_at_risk(np.arange(10), 0.9)[0] == -1  # 0.9 x 10 is 9, whatever floats make of it
    assert value_at_risk([5.0])[0] == conditional_value_at_risk([5.0])[0] == -5
    assert standard_deviation([1, 2, 3])[0] == 1
    assert max_drawdown([0, 3, 1, 2, -2, 7, 6]) == 5
    assert max_drawdown([1, 2, 3]) == 0


def test_values_that_hardly_differ_have_no_errors():
    assert math.isnan(value_at_risk([0.0] * 50).error)
    assert standard_deviation([2.0] * 50) == (0.0, 0.0)
    assert all(map(math.isnan, sharpe_ratio([2.0] * 50)))
    assert all(map(math.isnan, standard_deviation([1.0])))
    assert math.isnan(half_life([1.0] * 50, 0.1))


@pytest.mark.parametrize("values", [[], [1, math.nan], [[1, 2]], [1, math.inf]])
def test_what_is_no_row_of_numbers_is_refused(values):
    for measure in (standard_deviation, value_at_risk, conditional_value_at_risk, max_drawdown):
        with pytest.raises(UsageError, match="finite numbers"):
            measure(values)
    for level in (0, 1, 1.5):
        with pytest.raises(UsageError, match="must be above 0, below 1"):
            value_at_risk([1, 2], level)


def test_drawdown_is_that_of_reflected_brownian_motion():
    """Its mean and quantiles, less the 2 x 0.5826 sigma sqrt(dt) that times apart do not see."""
    paths, steps, sigma, horizon = 4000, 2500, 2.0, 3.0
    rng = np.random.default_rng(8)
    scale = sigma * math.sqrt(horizon)
    found = []
    for _ in range(paths):
        path = np.cumsum(rng.normal(0, scale / math.sqrt(steps), steps))
        found.append(max_drawdown(np.concatenate([[0.0], path])))
    unseen = 2 * 0.5826 * scale / math.sqrt(steps)
    values = np.array(found)
    mean = math.sqrt(math.pi / 2) * scale - unseen
    assert abs(values.mean() - mean) < 4 * values.std() / math.sqrt(paths)
    for chance, quantile in ((0.5, 1.148973), (0.95, 2.241403), (0.99, 2.807034)):
        below = (values <= quantile * scale - unseen).mean()
        assert abs(below - chance) < 4 * math.sqrt(chance * (1 - chance) / paths)


def test_a_grid_shows_what_holds_at_its_times():
    values, times = [1, 2, 3, 4], [0, 0.25, 0.5, 0.5]
    assert on_grid(values, times, 0.25, 1).tolist() == [1, 2, 4, 4, 4]
    assert on_grid(values, times, 0.3, 1).tolist() == [1, 2, 4, 4, 4]
    assert len(on_grid(values, times, 0.001, 1)) == 1001
    for grid in (0, -1, 1.5, math.nan):
        with pytest.raises(UsageError, match="grid_s"):
            on_grid(values, times, grid, 1)
    assert time_weighted([2, 5], [0, 3], 4) == pytest.approx((2.75, math.sqrt(1.6875)))


def test_half_life_is_that_of_a_process_that_reverts():
    """Ornstein and Uhlenbeck's, exact at its steps; se of r is sqrt((1 - r^2) / n)."""
    kappa, grid, n = 2.0, 0.05, 100_000
    rng = np.random.default_rng(4)
    r = math.exp(-kappa * grid)
    z = rng.normal(size=n)
    path = np.empty(n)
    path[0] = z[0]
    for i in range(1, n):
        path[i] = r * path[i - 1] + math.sqrt(1 - r * r) * z[i]
    error = math.log(2) / kappa * math.sqrt((1 - r * r) / n) / r / -math.log(r)
    assert abs(half_life(path, grid) - math.log(2) / kappa) < 4 * error


def test_a_sharpe_ratio_of_periods_is_that_of_the_whole():
    gains = np.random.default_rng(1).normal(0.1, 1, 500)
    once, of_run = sharpe_ratio(gains), sharpe_ratio(gains, 500)
    assert once.value == pytest.approx(gains.mean() / gains.std(ddof=1))
    assert tuple(of_run) == pytest.approx([each * math.sqrt(500) for each in once])
