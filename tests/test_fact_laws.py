"""Stylised facts of markets whose facts are known, and how often the intervals hold them."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest, norm, t

import made_facts
from lobsim.data.blocks import blocks
from lobsim.data.fact_flow import exponential_distance
from lobsim.data.fact_moves import NORMAL_TAIL, TAIL, moves_at, tail_index
from lobsim.data.fact_verdicts import FAIL, compare
from lobsim.data.facts import facts
from lobsim.data.known_facts import judge
from made_facts import STAY, TRUE, market, random_market


def value(found, name):
    return found.figures[name].value


def test_intervals_hold_the_truth_and_two_samples_of_one_market_do_not_differ():
    """Most 95 % intervals hold it in 92 to 96 % (python tools/fact_intervals.py 200)."""
    found = [facts(random_market(i, span_s=3600, stay=STAY), seed=i) for i in range(200)]
    for name, true in TRUE.items():
        each = [one.figures[name].interval() for one in found]
        held = np.mean([one.low <= true <= one.high for one in each])
        assert held >= (0.80 if "60 s" in name or "kurtosis" in name else 0.88), name
        if "60 s" not in name and "kurtosis" not in name:  # which are biased in short samples
            values = np.array([one.value for one in each])
            error = values.std(ddof=1) / math.sqrt(200)
            assert abs(values.mean() - true) <= 4 * error + 0.004, name
    differ = [
        any(line.verdict == FAIL for line in compare(*found[i : i + 2])) for i in range(0, 200, 2)
    ]
    assert sum(differ) <= 14  # of 100, where 5 are expected: 4 standard errors


def test_a_poisson_market_is_told_apart_from_real_ones():
    found = {
        each.claim.says: each.verdict for each in judge(facts(random_market(1, span_s=20_000)))
    }
    assert {says for says, verdict in found.items() if verdict == "pass"} == {
        "the spread varies", "moves are uncorrelated",
    }  # fmt: skip
    assert {says for says, verdict in found.items() if verdict == "FAIL"} >= {
        "orders come in clusters", "gaps are not exponential", "signs persist",
        "signs persist for long", "heavy tails", "volatility clusters", "busy is volatile",
    }  # fmt: skip


def test_clusters_and_lasting_signs_are_seen():
    found = {
        each.claim.says: each.verdict
        for each in judge(facts(random_market(2, span_s=5000, stay=0.99, clusters=4)))
    }
    for says in (
        "orders come in clusters", "gaps are not exponential", "signs persist",
        "signs persist for long",
    ):  # fmt: skip
        assert found[says] == "pass"


def test_a_busy_morning_is_no_cluster():
    """A rate that falls from quarter to quarter: gaps vary more than a Poisson process's."""
    rng = np.random.default_rng(5)
    come = np.concatenate(
        [2500 * i + made_facts.poisson_times(rng, 1.2 / 3**i, 2500) for i in range(4)]
    )
    at = np.arange(0.0, 10_000)
    bid = 100_000 + np.cumsum(np.rint(20 * rng.standard_normal(len(at)))).astype(int)
    side = made_facts.markov_signs(rng, len(come), 0.5)
    found = facts(market(at, bid, 2, come, side))
    assert found.figures["gaps, variation"].interval().low > 1.2
    within = found.figures["gaps, within quarters"].interval(15)
    assert within.low < 1 < within.high


def test_a_bouncing_mid_has_the_correlation_of_its_noise():
    """A random walk of steps sigma, seen with noise eta: -eta^2 / (sigma^2 + 2 eta^2) at lag 1,
    0 later; the variance of a move over n steps is n sigma^2 + 2 eta^2.
    """
    rng = np.random.default_rng(7)
    at = np.arange(0.0, 20_000)
    walk = np.cumsum(20 * rng.standard_normal(len(at)))
    bid = np.rint(100_000 + walk + 30 * rng.standard_normal(len(at))).astype(int)
    come = made_facts.poisson_times(rng, 0.2, 20_000)
    found = facts(market(at, bid, 2, come, made_facts.markov_signs(rng, len(come), 0.5)))
    figure = found.figures["moves, lag 1 of 1 s"]
    assert abs(figure.value + 900 / (400 + 1800)) < 4 * figure.error
    assert abs(found.curves["moves"].y[0, 1:]).max() < 0.04
    for steps in (1, 10, 60):
        sigma = found.figures[f"sigma, {steps} s"]
        true = 0.01 * math.sqrt((steps * 400 + 1800) / steps)
        assert abs(math.log(sigma.value / true)) < 4 * sigma.error


def hill(law):
    """1 / the mean logarithm of how far beyond the tail's begin a value of this law is."""
    begin = law.isf(TAIL / 2)
    return TAIL / quad(lambda x: 2 * law.sf(x) / x, begin, np.inf)[0]


def test_tail_indices_are_those_of_the_laws():
    assert hill(norm) == pytest.approx(NORMAL_TAIL, abs=5e-4)
    found = facts(
        random_market(3, span_s=30_000, moves=lambda rng, count: 20 * rng.standard_t(3, count))
    )
    # Moves of 10 s are sums of ten, at ten offsets: of single ones the law is known.
    cut = blocks(found.of.quotes.first_s, found.of.quotes.last_s, 1)
    index = tail_index(cut, moves_at(found.of, 1.0), 0.005)
    assert abs(math.log(index[0] / hill(t(3)))) < 4 * np.std(np.log(index[1:]))
    assert found.figures["tail index, 60 s"].interval(15).low < NORMAL_TAIL
    assert np.isnan(tail_index(cut, moves_at(found.of, 1.0), 1.0)).all()  # all in a few steps


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_impact_is_as_the_size_to_its_power(power):
    """Each order of 1 or 4 lots moves the mid by 2 x size^power ticks, for good."""
    rng = np.random.default_rng(8)
    come = np.cumsum(rng.uniform(1, 3, 2000))
    lots = rng.choice((1, 4), len(come))
    side = made_facts.markov_signs(rng, len(come), 0.5)
    ticks = np.rint(2 * lots**power).astype(int)
    at = np.concatenate([[0.0], come + 0.5])
    bid = 100_000 + np.concatenate([[0], np.cumsum(side * ticks)])
    found = facts(market(at, bid, 2, come, side, 100 * lots))
    assert value(found, "impact, power of size") == pytest.approx(power)
    assert value(found, "impact, after 1 order") == pytest.approx(ticks[:-1].mean())
    size = found.curves["impact by size"]
    assert size.x == pytest.approx([1, 4])
    assert size.y[0] == pytest.approx([2, 2 * 4**power])


def test_the_distance_that_exponential_gaps_seldom_exceed():
    rng = np.random.default_rng(9)
    exceeded = 0
    for _ in range(2000):
        gaps = rng.standard_exponential(200)
        distance = kstest(gaps, "expon", args=(0, gaps.mean())).statistic
        exceeded += distance > exponential_distance(200)
    assert 20 - 4 * math.sqrt(20) < exceeded < 20 + 4 * math.sqrt(20)
