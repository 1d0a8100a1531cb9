"""Streamed moments against numpy and scipy on the whole column, and closed forms."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lobsim.cells import cells
from lobsim.report.moments import Powers, Products, Total, WholePowers, whole_sum


def powers(values, order=4):
    found = Powers(order)
    for cell in cells(0, len(values)):
        found.add(values[cell.start : cell.stop])
    return found


def products(x, y):
    one, other = powers(x), powers(y)
    found = Products(one, other)
    for cell in cells(0, len(x)):
        here = slice(cell.start, cell.stop)
        found.add(x[here] - one.about, y[here] - other.about)
    return found


SAMPLES = {
    "normal": lambda rng, n: rng.normal(3, 2, n),
    "leaning": lambda rng, n: rng.gamma(0.5, 3, n),
    "heavy": lambda rng, n: rng.standard_t(5, n),
    "far from 0": lambda rng, n: 1e9 + rng.normal(0, 1, n),
    "first cell far off": lambda rng, n: rng.normal(0, 1, n) + 1e4 * (np.arange(n) < 5),
    "two values": lambda rng, n: rng.permutation(n) % 2.0,
}


@pytest.mark.parametrize("n", [2, 7, 200, 3_333])
@pytest.mark.parametrize("sample", SAMPLES)
def test_moments_are_those_of_the_whole_column(sample, n):
    x = SAMPLES[sample](np.random.default_rng(n), n)
    found = powers(x)
    assert found.mean == pytest.approx(math.fsum(x) / n, rel=1e-15)
    assert found.sd == pytest.approx(x.std(ddof=1), rel=1e-7, abs=1e-12)
    assert found.fourth == pytest.approx(stats.moment(x, 4), rel=1e-6, abs=1e-12)


def test_far_from_0_the_deviation_keeps_its_digits():
    x = 1e9 + np.random.default_rng(1).normal(0, 1, 50_000)
    exact = [Fraction(value) for value in x.tolist()]
    mean = sum(exact) / len(x)
    variance = sum((value - mean) ** 2 for value in exact) / (len(x) - 1)
    assert powers(x).sd == pytest.approx(math.sqrt(variance), rel=1e-14)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9 / 3, 1e-30])
@pytest.mark.parametrize("n", [2, 5, 7, 4_000])
def test_equal_values_have_a_deviation_of_exactly_0(value, n):
    found = powers(np.full(n, value))
    assert (found.mean, found.sd, found.error, found.variance_of_variance) == (value, 0, 0, 0)
    assert found.sd_interval() == (0, 0)


def test_one_value_has_a_mean_and_nothing_else():
    found = powers(np.array([3.5]))
    assert found.mean == 3.5
    assert found.sd is found.error is None
    assert found.sd_interval() == (None, None)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300))
def test_a_total_is_the_exact_sum_but_for_its_last_digit(values):
    total = Total()
    for value in values:
        total.add(np.array([value]))
    exact = sum(Fraction(value) for value in values)
    scale = max(abs(value) for value in values)
    assert abs(Fraction(total.value) - exact) <= Fraction(2.0**-52) * abs(exact) + Fraction(
        scale * 2.0**-90
    )


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=60))
def test_whole_numbers_are_summed_exactly(values):
    cell = np.array(values, dtype=np.int64)
    assert whole_sum(cell) == sum(values)
    assert whole_sum(cell, squares=True) == sum(value * value for value in values)


def test_whole_powers_are_numpys():
    values = np.random.default_rng(2).integers(-30, 50, 777)
    found = WholePowers()
    for cell in cells(0, 777):
        found.add(values[cell.start : cell.stop])
    assert found.mean == pytest.approx(values.mean(), rel=1e-15)
    assert found.sd == pytest.approx(values.std(ddof=1), rel=1e-14)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_variance_of_a_variance_is_that_of_all_samples_there_can_be(n):
    """Drawing n with replacement from three values, every one of the 3^n samples in turn."""
    law = np.array([0.0, 1.0, 5.0])
    every = np.array(np.meshgrid(*[law] * n)).reshape(n, -1).T
    exact = every.var(axis=1, ddof=1).var()
    m2, m4 = law.var(), ((law - law.mean()) ** 4).mean()
    assert (m4 - m2**2 * (n - 3) / (n - 1)) / n == pytest.approx(exact)
    # The law itself as a sample: the same formula, with n - 1 for 3 in the variance.
    found = powers(law)
    assert found.variance_of_variance == pytest.approx((m4 - 0) / 3)


def test_the_covariance_of_variances_is_that_of_all_samples_there_can_be():
    x, y, n = np.array([0.0, 1.0, 5.0]), np.array([2.0, -1.0, 1.0]), 3
    every = np.array(np.meshgrid(*[range(3)] * n)).reshape(n, -1).T
    exact = np.cov(x[every].var(axis=1, ddof=1), y[every].var(axis=1, ddof=1), ddof=0)[0, 1]
    u, v = x - x.mean(), y - y.mean()
    m22, m11 = (u * u * v * v).mean(), (u * v).mean()
    formula = (m22 - (u * u).mean() * (v * v).mean() + 2 * m11**2 / (n - 1)) / n
    assert formula == pytest.approx(exact)
    found = products(x, y)
    covariance = np.cov(x, y)[0, 1]
    of_sample = (m22 - x.var(ddof=1) * y.var(ddof=1) + 2 * covariance**2 / (n - 1)) / n
    assert found.covariance == pytest.approx(covariance)
    assert found.covariance_of_variances == pytest.approx(of_sample)


def test_a_column_with_itself_has_the_covariance_that_is_its_variance():
    x = np.random.default_rng(3).gamma(2, 3, 900)
    assert products(x, x).covariance_of_variances == pytest.approx(powers(x).variance_of_variance)


def test_the_interval_of_a_normal_deviation_is_that_of_chi_square():
    """The delta method of normal values has the error sd / sqrt(2 n)."""
    n = 100_000
    found = powers(np.random.default_rng(4).normal(0, 3, n))
    low, high = found.sd_interval()
    assert (high - low) / 2 == pytest.approx(1.96 * found.sd / math.sqrt(2 * n), rel=0.02)
    exact = found.sd * np.sqrt((n - 1) / stats.chi2.ppf([0.975, 0.025], n - 1))
    assert (low, high) == pytest.approx(exact, rel=1e-4)


def test_the_interval_of_a_deviation_has_it_inside_whatever_the_values():
    """Two values alike in number have a kurtosis of 1, and a deviation all but without error."""
    for n in (2, 3, 10, 200):
        low, high = powers(np.arange(n) % 2.0).sd_interval()
        assert 0 <= low <= powers(np.arange(n) % 2.0).sd <= high < math.inf


def test_the_interval_of_a_deviation_is_bonetts():
    """c = n / (n - z); log of the variance: ln(c s^2) +- t c sqrt((k - (n - 3) / (n - 1)) / n)."""
    x = np.random.default_rng(12).gamma(2, 3, 60)
    c, kurtosis = 60 / (60 - 1.959964), stats.moment(x, 4) / x.var(ddof=1) ** 2
    half = stats.t.ppf(0.975, 59) * c * math.sqrt((kurtosis - 57 / 59) / 60)
    expected = [math.sqrt(c * x.var(ddof=1) * math.exp(sign * half)) for sign in (-1, 1)]
    assert powers(x).sd_interval() == pytest.approx(expected, rel=1e-6)


def test_two_values_at_the_level_of_a_thousand_comparisons_have_a_finite_interval():
    below, above = powers(np.array([1.0, 2.0])).sd_reach(1 - 0.05 / 1000)
    assert below == pytest.approx(math.sqrt(0.5))
    assert 1e6 < above < math.inf
