"""When a fact passes, fails, or cannot be told."""

import math

import numpy as np
import pytest
from scipy.stats import t

from lobsim.data.blocks import BLOCKS, RESAMPLES, Estimate
from lobsim.data.fact_figures import Figure
from lobsim.data.fact_verdicts import FAIL, PASS, UNCLEAR, compared
from lobsim.data.known_facts import ABOVE, BELOW, WITHIN, Claim

# A figure of 20 blocks with this value and standard error.
SPREAD = np.linspace(-1, 1, RESAMPLES)
SPREAD = SPREAD / SPREAD.std() * math.sqrt((BLOCKS - 1) / BLOCKS)


def figure(value, error, *, ratio=False, matters=0.1):
    drawn = value * np.exp(error * SPREAD) if ratio else value + error * SPREAD
    return Figure("f", "", np.concatenate([[value], drawn]), ratio, 1.5 if ratio else matters)


@pytest.mark.parametrize(
    ("run", "data", "verdict"),
    [
        (figure(0.30, 0.01), figure(0.31, 0.01), PASS),
        (figure(0.30, 0.01), figure(0.40, 0.01), FAIL),
        (figure(0.30, 0.10), figure(0.40, 0.10), UNCLEAR),
        (figure(0.30, 0.01), figure(0.90, 0.10), FAIL),  # wide, and still a difference
        (figure(0.0, 0.01), figure(0.025, 0.01), PASS),
        (figure(0.0, 0.01, matters=0.02), figure(0.025, 0.01), UNCLEAR),
        (figure(2.0, 0.05, ratio=True), figure(2.2, 0.05, ratio=True), PASS),
        (figure(2.0, 0.05, ratio=True), figure(4.0, 0.05, ratio=True), FAIL),
        (figure(2.0, 0.30, ratio=True), figure(2.2, 0.05, ratio=True), UNCLEAR),
        (figure(1.0, 0.0), figure(1.0, 0.0), PASS),
        (figure(1.0 + 1e-12, 0.0), figure(1.0, 0.0), PASS),
        (figure(1.1, 0.0), figure(1.0, 0.0), FAIL),
        (figure(math.nan, 0.0), figure(1.0, 0.0), UNCLEAR),
        (figure(0.0, 0.0, ratio=True), figure(1.0, 0.1, ratio=True), FAIL),
        (figure(1.0, 0.1, ratio=True), figure(0.0, 0.0, ratio=True), FAIL),
        (figure(0.0, 0.0, ratio=True), figure(0.0, 0.0, ratio=True), UNCLEAR),
    ],
)
def test_a_run_beside_data(run, data, verdict):
    assert compared(run, data, 1).verdict == verdict


def test_the_interval_is_welchs_and_holds_for_all_lines_at_once():
    found = compared(figure(0.5, 0.03), figure(0.2, 0.04), 10)
    freedom = 19 * (0.03**2 + 0.04**2) ** 2 / (0.03**4 + 0.04**4)
    reach = t.ppf(1 - 0.05 / 20, freedom) * 0.05
    assert found.shows == pytest.approx(reach)
    assert found.between.value == pytest.approx(0.3)
    assert (found.between.low, found.between.high) == pytest.approx((0.3 - reach, 0.3 + reach))
    ratio = compared(figure(6.0, 0.1, ratio=True), figure(2.0, 0.0, ratio=True), 1)
    reach = t.ppf(0.975, 19) * 0.1
    assert ratio.between.value == pytest.approx(3)
    assert ratio.between.low == pytest.approx(3 * math.exp(-reach))
    assert ratio.shows == pytest.approx(math.exp(reach))
    with_many = compared(figure(0.38, 0.03), figure(0.2, 0.04), 1000)
    assert compared(figure(0.38, 0.03), figure(0.2, 0.04), 1).verdict == FAIL
    assert with_many.verdict == UNCLEAR


def test_a_figure_that_many_resamples_lack_has_no_interval():
    drawn = np.ones(RESAMPLES + 1)
    drawn[1:40] = -1.0
    lacking = Figure("f", "", drawn, ratio=True, matters=1.5)
    assert math.isnan(lacking.interval().low)
    drawn[1:20] = 1.0
    assert Figure("f", "", drawn, ratio=True, matters=1.5).interval().low == 1


@pytest.mark.parametrize(
    ("where", "edge", "enough", "low", "high", "verdict"),
    [
        (ABOVE, 3, 4, 3.1, 9, PASS),
        (ABOVE, 3, 4, 2.5, 3.9, FAIL),
        (ABOVE, 3, 4, 2.5, 4.1, UNCLEAR),
        (ABOVE, 0, 0.1, -0.5, -0.2, FAIL),
        (BELOW, 1, 0.9, -0.3, 0.2, PASS),
        (BELOW, 1, 0.9, 0.95, 1.2, FAIL),
        (BELOW, 1, 0.9, 0.5, 1.2, UNCLEAR),
        (WITHIN, 0.1, 0.1, -0.09, 0.05, PASS),
        (WITHIN, 0.1, 0.1, -0.6, -0.2, FAIL),
        (WITHIN, 0.1, 0.1, -0.2, 0.05, UNCLEAR),
        (ABOVE, 0, 0.1, math.nan, math.nan, UNCLEAR),
    ],
)
def test_a_market_beside_what_is_known(where, edge, enough, low, high, verdict):
    claim = Claim("something", "f", where, edge, enough, "someone")
    assert claim.verdict(Estimate((low + high) / 2, low, high)) == verdict
