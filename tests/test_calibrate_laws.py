"""The estimators of a calibration, each against a second way to the same figure."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from lobsim.data.blocks import blocks
from lobsim.data.clusters import hawkes, log_likelihood
from lobsim.data.intensity import agreement, deviations, likeliest, log_linear
from lobsim.data.quotes import Quotes
from lobsim.data.sizes import sizes
from lobsim.data.volatility import two_scales, variances


def made_distances(seed):
    """Distances, how long each stood, and how many orders found it, at rate 0.8 exp(-0.4 d)."""
    rng = np.random.default_rng(seed)
    halves = np.arange(1, 16) / 2
    seconds = rng.uniform(50, 300, len(halves))
    return halves, seconds, rng.poisson(2 * seconds * 0.8 * np.exp(-0.4 * halves))


def point_process(halves, seconds, orders, log_A, k):
    """Sum of the log intensity less its integral, both sides."""
    rate = np.exp(log_A - k * halves)
    return float((orders * np.log(rate)).sum() - 2 * (seconds * rate).sum())


@pytest.mark.parametrize("seed", range(5))
def test_the_likeliest_law_is_that_of_a_search(seed):
    halves, seconds, orders = made_distances(seed)
    total, distance = np.array([orders.sum()]), np.array([(orders * halves).sum()])
    log_A, k = likeliest(halves, seconds[np.newaxis], total, distance)
    searched = minimize(
        lambda point: -point_process(halves, seconds, orders, *point), (0.0, 0.2), tol=1e-10
    )
    np.testing.assert_allclose((log_A[0], k[0]), searched.x, rtol=1e-4)


def test_deviations_are_those_of_the_curvature():
    halves, seconds, orders = made_distances(1)
    total, distance = np.array([orders.sum()]), np.array([(orders * halves).sum()])
    log_A, k = likeliest(halves, seconds[np.newaxis], total, distance)
    step, at = 1e-3, np.array([log_A[0], k[0]])

    def bent(i, j):
        one, other = step * np.eye(2)[i], step * np.eye(2)[j]
        return sum(
            sign * point_process(halves, seconds, orders, *(at + move))
            for sign, move in (
                (1, one + other), (-1, one - other), (-1, other - one), (1, -one - other),
            )
        ) / (4 * step * step)  # fmt: skip

    information = -np.array([[bent(i, j) for j in range(2)] for i in range(2)])
    wanted = np.sqrt(np.diag(np.linalg.inv(information)))
    got = deviations(halves, seconds, float(orders.sum()), log_A[0], k[0])
    np.testing.assert_allclose(got, wanted, rtol=1e-4)


def test_one_distance_determines_no_k():
    nothing = likeliest(np.array([0.5]), np.array([[60.0]]), np.array([9.0]), np.array([4.5]))
    assert np.isnan(nothing).all()


def test_classes_of_distance_hold_what_came():
    halves, seconds, orders = made_distances(2)
    held = agreement(halves, seconds, orders.astype(float), math.log(0.8), 0.4)
    assert held.p > 0.001
    expected = 2 * seconds * 0.8 * np.exp(-0.4 * halves)
    each = np.diff([0.0, *(expected[halves <= end].sum() for end in held.up_to)])
    assert (each >= expected.sum() / 10).all()
    came = np.diff([0, *(orders[halves <= end].sum() for end in held.up_to)])
    np.testing.assert_allclose(held.ratio, came / each)
    assert held.up_to[-1] == halves[-1]
    assert agreement(halves, seconds, orders * (halves > 2.0), math.log(0.8), 0.4).p < 1e-6


def test_the_line_is_that_of_numpy_over_the_depths_that_were_reached():
    depths = np.arange(6) + 0.5
    counts = np.array([[90.0, 55, 30, 21, 0, 8], [80, 60, 30, 20, 10, 5], [9, 4, 0, 0, 0, 0]])
    line = log_linear(depths, counts, np.array([100.0, 120, 100]))
    for i in range(2):
        x, y = depths[counts[i] > 0], np.log(counts[i][counts[i] > 0] / (2 * (100, 120)[i]))
        slope, height = np.polyfit(x, y, 1)
        got = (line.k[i], line.log_A[i], line.r2[i])
        assert got == pytest.approx((-slope, height, np.corrcoef(x, y)[0, 1] ** 2))
    assert np.isnan(line.k[2])


def test_two_scales_leave_noise_out():
    """A walk of 2 ticks per sqrt(s), seen with noise of 3 ticks: 4 against 4 + 2 * 9 / interval."""
    rng = np.random.default_rng(1)
    seconds = np.arange(40_000.0)
    mid = np.cumsum(2 * rng.standard_normal(len(seconds))) + 3 * rng.standard_normal(len(seconds))
    seen = Quotes(seconds, np.ones(len(seconds)), mid, 0)
    cut = blocks(0, seconds[-1], 1)
    fast, slow = variances(seen, cut, 1), variances(seen, cut, 60)
    assert fast[0] == pytest.approx(22, rel=4 * math.sqrt(3 / 40_000))
    assert slow[0] == pytest.approx(4.3, rel=4 * math.sqrt(2 * 60 / 40_000))
    assert two_scales(fast, 1, slow, 60)[0] == pytest.approx(4, rel=4 * math.sqrt(120 / 40_000))


def naive(times, span, mu, alpha, beta):
    """Every pair."""
    total = -mu * span
    for i, time in enumerate(times):
        total += math.log(mu + sum(alpha * math.exp(-beta * (time - t)) for t in times[:i]))
        total -= alpha / beta * (1 - math.exp(-beta * (span - time)))
    return total


def clustered(seed, mu=0.5, branching=0.4, beta=2.0, span=800.0):
    """Orders that come by themselves, and those that they bring, generation by generation."""
    rng = np.random.default_rng(seed)
    born = rng.uniform(0, span, rng.poisson(mu * span))
    times = [born]
    while len(born):
        born = np.repeat(born, rng.poisson(branching, len(born)))
        born = born + rng.exponential(1 / beta, len(born))
        born = born[born < span]
        times.append(born)
    return np.sort(np.concatenate(times))


@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_of_clusters_is_that_of_all_pairs(seed):
    times, rng = clustered(seed, span=100.0), np.random.default_rng(seed)
    mu, alpha, beta = rng.uniform(0.1, 3, 3)
    wanted = naive(times.tolist(), 100.0, mu, alpha, beta)
    assert log_likelihood(times, 100.0, mu, alpha, beta) == pytest.approx(wanted)


def test_clusters_are_found_and_told_from_none():
    found = [hawkes(clustered(seed), 800.0) for seed in range(8)]
    for name, true in (("mu", 0.5), ("branching", 0.4), ("beta", 2.0)):
        values = np.array([getattr(each, name) for each in found])
        assert abs(values.mean() - true) < 4 * values.std(ddof=1) / math.sqrt(8), name
    assert max(each.p for each in found) < 1e-6
    alone = [hawkes(clustered(seed, branching=0.0), 800.0) for seed in range(8)]
    assert sum(each.p < 0.05 for each in alone) <= 3


def test_sizes_are_told_apart_and_found():
    rng = np.random.default_rng(1)
    few = sizes(rng.geometric(0.4, 4000))
    assert few.is_geometric
    assert few.mean == pytest.approx(2.5, abs=4 * math.sqrt(0.6 / 0.16 / 4000))
    lots = np.ceil(3 * np.exp(0.9 * rng.standard_normal(4000))).astype(np.int64)
    wide = sizes(lots)
    assert not wide.is_geometric
    assert wide.median == pytest.approx(3, rel=4 * 0.9 / math.sqrt(4000) * 1.2)
    assert wide.sigma == pytest.approx(0.9, rel=4 / math.sqrt(2 * 4000) * 1.2)

    def below(n):
        return math.erfc(-math.log(n / wide.median) / wide.sigma / math.sqrt(2)) / 2 if n else 0.0

    wanted = sum(math.log(below(n) - below(n - 1)) for n in lots.tolist())
    assert wide.lognormal == pytest.approx(wanted, rel=1e-6)
    p = 1 / lots.mean()
    wanted = sum(math.log(p * (1 - p) ** (n - 1)) for n in lots.tolist())
    assert wide.geometric == pytest.approx(wanted)


def test_sizes_that_are_all_one_lot():
    found = sizes(np.ones(50, np.int64))
    assert (found.mean, found.geometric) == (1, 0)
    assert found.is_geometric
