"""Differences between strategies: against scipy on whole columns, and closed forms."""

import math

import numpy as np
import pytest
from scipy import stats

from lobsim.report.bootstrap import SEED, expanded
from lobsim.tally import Tally
from made_summaries import found_of, parts, summaries
from test_tally import tally_of

FOUND = found_of(2_600)


def pairs_of(found):
    """(mode, strategy, baseline) and both profits, in the order of the differences."""
    for mode in found:
        for name in "bc":
            yield (mode, name, "a"), found[mode][name], found[mode]["a"]
    for name in "abc":
        yield ("shared - isolated", name, name), found["shared"][name], found["isolated"][name]


def of(x, y, modes=("isolated",)):
    """The difference of two columns of profit."""
    tally = Tally(modes, ("x", "y"), "y")
    tally.add({mode: {"x": summaries("x", x), "y": summaries("y", y)} for mode in modes})
    return tally.differences()[0]


@pytest.mark.parametrize("n", [3, 29, 50, 200, 2_600])
def test_differences_are_those_of_whole_columns(n):
    found = parts(FOUND, 0, n)
    for each, (names, strategy, base) in zip(
        tally_of(found).differences(), pairs_of(found), strict=True
    ):
        x, y = strategy.column("profit"), base.column("profit")
        assert (each.mode, each.strategy, each.baseline) == names
        assert each.reps == n
        assert each.mean == pytest.approx((x - y).mean(), rel=1e-12)
        assert each.sd == pytest.approx(x.std(ddof=1) - y.std(ddof=1), rel=1e-9)
        assert each.correlation == pytest.approx(np.corrcoef(x, y)[0, 1], rel=1e-9)
        unpaired = math.sqrt(x.var(ddof=1) + y.var(ddof=1))
        assert each.narrowed == pytest.approx(unpaired / (x - y).std(ddof=1), rel=1e-9)
        assert each.comparisons == (3 if each.mode == "shared - isolated" else 2)
        assert each.confidence == pytest.approx(1 - 0.05 / each.comparisons)
        assert each.method == ("bca" if 30 <= n < 200 else "student")
        assert each.low < each.mean < each.high
        assert each.sd_low < each.sd < each.sd_high


@pytest.mark.parametrize("n", [2, 5, 29, 200, 2_600])
def test_intervals_of_means_are_students_of_the_paired_differences(n):
    found = parts(FOUND, 0, n)
    for each, (_, x, y) in zip(tally_of(found).differences(), pairs_of(found), strict=True):
        apart = x.column("profit") - y.column("profit")
        expected = stats.t.interval(each.confidence, n - 1, apart.mean(), stats.sem(apart))
        assert (each.low, each.high) == pytest.approx(expected, rel=1e-9)


def test_between_30_and_199_they_are_scipys_bca_of_each_pair_by_itself():
    found = parts(FOUND, 0, 60)
    for each, (_, x, y) in zip(tally_of(found).differences(), pairs_of(found), strict=True):
        x, y = x.column("profit"), y.column("profit")

        def scipys(statistic, x=x, y=y, confidence=each.confidence):
            return stats.bootstrap(
                (x, y), statistic, paired=True, vectorized=True,
                confidence_level=expanded(confidence, 60), random_state=np.random.default_rng(SEED),
            ).confidence_interval  # fmt: skip

        means = scipys(lambda x, y, axis: x.mean(axis) - y.mean(axis))
        sds = scipys(lambda x, y, axis: x.std(axis, ddof=1) - y.std(axis, ddof=1))
        assert (each.low, each.high) == pytest.approx(tuple(means), rel=1e-9)
        assert (each.sd_low, each.sd_high) == pytest.approx(tuple(sds), rel=1e-9)


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.9])
def test_the_error_of_a_difference_of_deviations_is_that_of_normal_pairs(correlation):
    """var(s - t) = (a^2 + b^2 - 2 r^2 a b) / (2 n): cov(s^2, t^2) is 2 (r a b)^2 / n."""
    n, a, b = 200_000, 2.0, 3.0
    rng = np.random.default_rng(6)
    x, y = rng.multivariate_normal(
        [5, 7], [[a * a, correlation * a * b], [correlation * a * b, b * b]], n
    ).T
    each = of(x, y)
    error = math.sqrt((a * a + b * b - 2 * correlation**2 * a * b) / (2 * n))
    assert (each.sd_high - each.sd_low) / 2 == pytest.approx(1.96 * error, rel=0.02)


def test_the_error_of_a_difference_of_deviations_is_that_of_the_jackknife():
    """Of a law that leans, which normal theory knows nothing of."""
    n = 2_600
    x = FOUND["shared"]["c"].column("profit")
    y = FOUND["shared"]["a"].column("profit")

    def without_one(values):
        apart = values - values.mean()
        return np.sqrt((np.sum(apart**2) - apart**2 * n / (n - 1)) / (n - 2))

    left = without_one(x) - without_one(y)
    error = math.sqrt((n - 1) / n * np.sum((left - left.mean()) ** 2))
    each = of(x, y)
    assert (each.sd_high - each.sd_low) / 2 == pytest.approx(
        stats.t.ppf(0.975, n - 1) * error, rel=0.02
    )


@pytest.mark.parametrize("n", [2, 29, 30, 150, 200, 450])
def test_equal_differences_have_an_interval_that_is_the_point(n):
    y = np.random.default_rng(n).integers(0, 1000, n).astype(float)
    each = of(y + 2, y)
    assert (each.mean, each.low, each.high) == (2, 2, 2)
    assert (each.sd, each.sd_low, each.sd_high) == (0, 0, 0)
    assert each.narrowed is each.no_larger_than is None
    assert each.correlation == pytest.approx(1)
    same = of(y, y)
    assert (same.mean, same.low, same.high, same.no_larger_than) == (0, 0, 0, 0)


@pytest.mark.parametrize("n", [2, 30, 150, 300])
def test_a_baseline_that_does_not_vary_leaves_the_strategys_own(n):
    x = np.random.default_rng(n).normal(size=n)
    each = of(x, np.full(n, 5.0))
    assert each.correlation is None
    assert each.narrowed == pytest.approx(1)
    assert each.sd == pytest.approx(x.std(ddof=1))


def test_one_replication_has_means_and_nothing_else():
    each = of(np.array([3.0]), np.array([1.0]))
    assert (each.mean, each.method) == (2, "student")
    unknown = (each.low, each.high, each.sd, each.sd_low, each.narrowed, each.correlation)
    assert set(unknown) == {None}


@pytest.mark.parametrize("n", [30, 90])
def test_data_too_degenerate_for_the_bootstrap_have_students_intervals(n):
    """One differing pair of many: all deviations of the others are equal."""
    x = np.zeros(n)
    x[0] = 1
    each = of(x, -x)
    assert all(math.isfinite(value) for value in (each.low, each.high, each.sd_low, each.sd_high))
    assert each.low <= each.mean <= each.high


def test_a_difference_that_may_be_0_says_how_large_it_can_be():
    rng = np.random.default_rng(8)
    y = rng.normal(size=400)
    near, far = of(y + rng.normal(size=400), y), of(y + 5 + rng.normal(size=400), y)
    assert near.low < 0 < near.high
    assert near.no_larger_than == max(-near.low, near.high)
    assert far.no_larger_than is None


def test_one_mode_or_one_strategy_has_fewer_groups():
    assert tally_of({"shared": {"a": summaries("a", np.arange(6.0))}}).differences() == ()
    alone = {mode: {"a": summaries("a", np.arange(6.0))} for mode in ("isolated", "shared")}
    (each,) = tally_of(alone).differences()
    assert (each.mode, each.comparisons, each.mean) == ("shared - isolated", 1, 0)


def test_the_baseline_is_whom_one_names():
    found = parts(FOUND, 0, 200)
    by_b = tally_of(found, baseline="b").differences()[0]
    by_a = tally_of(found, baseline="a").differences()[0]
    assert (by_b.strategy, by_b.baseline) == ("a", "b")
    assert by_b.mean == pytest.approx(-by_a.mean)
    assert (by_b.low, by_b.sd_high) == pytest.approx((-by_a.high, -by_a.sd_low))


@pytest.mark.parametrize(("n", "confidence"), [(31, 0.95), (199, 0.975)])
def test_the_bootstraps_percentiles_are_as_far_out_as_student(n, confidence):
    far = stats.norm.ppf((1 + expanded(confidence, n)) / 2)
    assert far == pytest.approx(stats.t.ppf((1 + confidence) / 2, n - 1) * math.sqrt(n / (n - 1)))


def test_bootstrap_intervals_of_differences_that_lean_hold_where_students_do_not():
    """Gamma of shape 1/2 has a skewness of 2.8: Student's hold in 93 of 100 at n = 50."""
    rng, samples, n = np.random.default_rng(21), 300, 50
    held = 0
    for _ in range(samples):
        y = rng.normal(size=n)
        each = of(y + rng.gamma(0.5, 2, n), y)
        held += each.low <= 1 <= each.high
    assert 0.92 < held / samples < 0.98
