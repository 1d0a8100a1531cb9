"""Quantiles of a stream, against the whole column and against the law it was drawn from."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lobsim.report.quantiles import BLOCK, FINE, LEVELS, Quantiles


def quantiles(values, cuts=()):
    found = Quantiles()
    for piece in np.split(values, sorted(cuts)):
        found.add(piece)
    return found


def numpys(values, axis=None):
    return np.quantile(values, LEVELS, axis=axis, method="median_unbiased")


def test_below_40_values_nothing_is_said():
    for n in (1, 39):
        assert all(each == (None, None, None) for each in quantiles(np.arange(n) * 1.0).estimates)
    assert all(None not in each for each in quantiles(np.arange(40) * 1.0).estimates)


@pytest.mark.parametrize("n", [40, 203, 5_000, BLOCK - 1])
def test_up_to_a_block_it_is_the_quantile_of_all(n):
    values = np.random.default_rng(n).normal(size=n)
    found = quantiles(values).estimates
    assert [each.value for each in found] == pytest.approx(numpys(values).tolist(), rel=1e-14)
    for each in found:
        assert each.low < each.value < each.high


@pytest.mark.parametrize(
    ("n", "size"), [(BLOCK, FINE), (57_001, FINE), (399_999, FINE), (443_210, BLOCK)]
)
def test_beyond_it_is_the_mean_over_batches_with_students_interval(n, size):
    values = np.random.default_rng(n).gamma(2, 1, n)
    batches = numpys(values[: n // size * size].reshape(-1, size), axis=1)
    for found, each in zip(quantiles(values).estimates, batches, strict=True):
        low, high = stats.t.interval(0.95, len(each) - 1, each.mean(), stats.sem(each))
        assert found == pytest.approx((each.mean(), low, high), rel=1e-12)


def test_by_sections_the_interval_is_students_about_the_quantile_of_all():
    values = np.random.default_rng(9).normal(size=203)
    sections = numpys(values[:200].reshape(10, 20), axis=1)
    for found, each, whole in zip(
        quantiles(values).estimates, sections, numpys(values), strict=True
    ):
        half = stats.t.ppf(0.975, 9) * math.sqrt(((each - whole) ** 2).sum() / 9 / 10)
        assert found.high - found.value == pytest.approx(half)
        assert found.value - found.low == pytest.approx(half)


@given(st.lists(st.integers(0, 45_000), max_size=6))
def test_it_does_not_matter_how_values_were_cut(cuts):
    values = np.random.default_rng(5).normal(size=45_000)
    assert quantiles(values, cuts).estimates == quantiles(values).estimates


def test_equal_values_are_their_own_quantiles():
    for n in (60, 50_000, 420_000):
        assert all(each == (0.1, 0.1, 0.1) for each in quantiles(np.full(n, 0.1)).estimates)


def test_memory_is_flat():
    found = Quantiles()
    for _ in range(60):
        found.add(np.zeros(7_777))
    assert len(found.recent) < BLOCK


@pytest.mark.parametrize(("size", "share"), [(FINE, 0.22), (BLOCK, 0.02)])
def test_the_bias_of_batches_of_normal_values_is_what_the_docstring_says(size, share):
    """By the law of the order statistics on both sides of the 5 % quantile, which are beta's."""
    place = (size + 1 / 3) * 0.05 + 1 / 3
    below, weight = int(place), place % 1
    chances = np.linspace(0, 1, 400_003)[1:-1]
    means = [
        np.trapezoid(stats.norm.ppf(chances) * stats.beta.pdf(chances, k, size + 1 - k), chances)
        for k in (below, below + 1)
    ]
    bias = (1 - weight) * means[0] + weight * means[1] - stats.norm.ppf(0.05)
    most = 20 * BLOCK if size == FINE else 1_000_000  # values
    error = math.sqrt(0.05 * 0.95 / most) / stats.norm.pdf(stats.norm.ppf(0.05))
    assert abs(bias) * size == pytest.approx(0.8, rel=0.2)
    assert abs(bias) < share * error


@pytest.mark.parametrize(("n", "law"), [(60, "norm"), (200, "norm"), (2_000, "gumbel_r")])
def test_intervals_hold_in_95_of_100_samples(n, law):
    rng, samples = np.random.default_rng(77), 500
    true = getattr(stats, law).ppf(LEVELS)
    held = np.zeros(3)
    for values in getattr(stats, law).rvs(size=(samples, n), random_state=rng):
        found = quantiles(values).estimates
        held += [each.low <= q <= each.high for each, q in zip(found, true, strict=True)]
    assert ((held / samples) > 0.92).all()
