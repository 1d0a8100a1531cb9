"""Poisson and gamma variates: their laws, and the same draws in both engines."""

import math

import numpy as np
import pytest
from scipy import stats

from lobsim.batch.draws import new_streams
from lobsim.batch.jit import SHARED, entry
from lobsim.batch.streams import entropy_words, seed_stream, state_words
from lobsim.models.variates import gamma, log_poisson, poisson
from market import by_the_book

COUNT = 50_000
compiled_poisson, compiled_gamma = SHARED["poisson"], SHARED["gamma"]


@entry
def drawn_compiled(words, streams, means, counts, shapes, gammas):
    for i in range(2):
        seed_stream(words[i], streams[i])
    for i in range(len(means)):
        counts[i] = compiled_poisson(means[i], streams[0])
        gammas[i] = compiled_gamma(shapes[i], streams[1], streams[0])


def test_both_engines_draw_the_same_numbers_and_as_many():
    rng = np.random.default_rng(1)
    means, shapes = np.exp(rng.uniform(-8, 30, COUNT)), np.exp(rng.uniform(-6, 30, COUNT))
    words = np.array([entropy_words(2, 3, name) for name in ("uniform", "normal")])
    streams, counts, gammas = new_streams(2), np.zeros(COUNT), np.zeros(COUNT)
    with np.errstate(over="ignore"):
        drawn_compiled(words, streams, means, counts, shapes, gammas)
    uniforms, normals = (by_the_book(2, 3, name) for name in ("uniform", "normal"))
    for i in range(COUNT):
        assert counts[i] == poisson(float(means[i]), uniforms)
        assert gammas[i] == gamma(float(shapes[i]), normals, uniforms)
    assert state_words(uniforms).tolist() == streams[0].tolist()
    assert state_words(normals).tolist() == streams[1].tolist()


@pytest.mark.parametrize("mean", [0, 0.3, 9.9, 10, 40, 1e4])
def test_poisson_numbers_have_their_law(mean):
    uniforms = by_the_book(1, 0, "uniform")
    found = np.array([poisson(mean, uniforms) for _ in range(COUNT)])
    law = stats.poisson(mean)
    edges = np.unique(law.ppf(np.linspace(0.02, 0.98, 25)))
    cells = np.diff(law.cdf([-1, *edges, np.inf]))
    counts = np.histogram(found, [-0.5, *(edges + 0.5), np.inf])[0]
    expected = cells * COUNT
    if (expected > 5).sum() > 1:
        few = expected > 5
        assert stats.chisquare(
            [*counts[few], counts[~few].sum() + 1e-9], [*expected[few], expected[~few].sum() + 1e-9]
        ).pvalue > 1e-4  # fmt: skip
    else:
        assert found.max() == 0


@pytest.mark.parametrize("mean", [1e7, 1e12])
def test_large_poisson_numbers_are_normal(mean):
    uniforms = by_the_book(1, 1, "uniform")
    found = np.array([poisson(mean, uniforms) for _ in range(COUNT)])
    assert stats.kstest((found - mean) / math.sqrt(mean), "norm").pvalue > 1e-4


@pytest.mark.parametrize(("k", "mean"), [(0, 12), (3, 12), (10, 12), (14, 12), (1e6, 999_000)])
def test_the_chance_of_a_poisson_number_is_known_to_9_digits(k, mean):
    assert log_poisson(float(k), mean) == pytest.approx(stats.poisson(mean).logpmf(k), rel=1e-9)


@pytest.mark.parametrize("shape", [0.02, 0.3, 1, 2.5, 100, 1e8])
def test_gamma_numbers_have_their_law(shape):
    normals, uniforms = (by_the_book(1, 0, name) for name in ("normal", "uniform"))
    found = [gamma(shape, normals, uniforms) for _ in range(COUNT)]
    assert stats.kstest(found, stats.gamma(shape).cdf).pvalue > 1e-4
