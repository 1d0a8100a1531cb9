"""The exact laws of price models, each by a second method."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad, solve_ivp

from laws import cumulants
from lobsim.models.inversion import inverted_cdf
from lobsim.models.price_laws import (
    Arithmetic,
    Geometric,
    Kou,
    Merton,
    OrnsteinUhlenbeck,
    normal_cdf,
    poisson_weights,
)

T = 0.5
MERTON = Merton(mu=0.05, sigma=0.2, rate=3, jump_mean=-0.02, jump_sd=0.05)
KOU = Kou(mu=0.05, sigma=0.2, rate=3, p=0.4, eta_up=25, eta_down=15)
OU = OrnsteinUhlenbeck(start=1, kappa=3, theta=2, sigma=0.7)
BY_CUMULANTS = [
    Arithmetic(mu=0.3, sigma=0.7),
    Geometric(mu=0.05, sigma=0.2),
    MERTON,
    KOU,
]


@pytest.mark.parametrize("law", BY_CUMULANTS, ids=lambda law: type(law).__name__)
def test_the_cumulants_are_those_of_the_characteristic_function(law):
    found = law.cumulants(T)
    expected = cumulants(lambda u: law.characteristic(u, T), math.sqrt(found[1]))
    sd = math.sqrt(found[1])
    for n, (ours, theirs) in enumerate(zip(found, expected, strict=True), start=1):
        assert ours == pytest.approx(theirs, rel=1e-10, abs=1e-12 * sd**n)


@pytest.mark.parametrize("law", [MERTON, KOU, Geometric(mu=0.05, sigma=0.2)], ids=repr)
def test_the_mean_price_grows_at_mu_whatever_else_moves_it(law):
    """psi(-i) = E S_t / S_0 = exp(mu t)."""
    assert complex(law.characteristic(-1j, T)) == pytest.approx(math.exp(law.mu * T), rel=1e-13)


def test_the_moments_of_a_lognormal_price():
    law = Geometric(mu=0.05, sigma=0.2)
    other = stats.lognorm(s=0.2 * math.sqrt(2), scale=100 * math.exp((0.05 - 0.02) * 2))
    assert law.price_mean(100, 2) == pytest.approx(other.mean(), rel=1e-13)
    assert law.price_variance(100, 2) == pytest.approx(other.var(), rel=1e-12)
    x = np.array([-0.3, 0.0, 0.5])
    assert law.cdf(x, 2) == pytest.approx(other.cdf(100 * np.exp(x)), rel=1e-13)


@pytest.mark.parametrize("law", BY_CUMULANTS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("t", [0.02, 0.5, 40])
def test_the_distribution_is_that_of_the_characteristic_function(law, t):
    mean, variance = law.cumulants(t)[:2]
    sd = math.sqrt(variance)
    x = mean + sd * np.linspace(-5, 5, 21)
    other = inverted_cdf(lambda u: law.characteristic(u, t), x, mean, sd)
    assert law.cdf(x, t) == pytest.approx(other, abs=1e-11)
    assert np.all(np.diff(law.cdf(x, t)) > 0)


def test_a_double_exponential_jump_against_its_convolution_with_a_normal_law():
    """At most one jump in a short time: P(X <= x) to the second order in rate t."""
    t, rate = 0.01, 1e-4
    law = Kou(mu=0.1, sigma=0.3, rate=rate, p=0.3, eta_up=20, eta_down=10)
    smooth = stats.norm(law.drift * t, 0.3 * math.sqrt(t))

    def jumped(x):
        up = quad(lambda y: 20 * math.exp(-20 * y) * smooth.cdf(x - y), 0, 2, epsabs=1e-13)[0]
        down = quad(lambda y: 10 * math.exp(-10 * y) * smooth.cdf(x + y), 0, 4, epsabs=1e-13)[0]
        return 0.3 * up + 0.7 * down

    for x in (-0.05, 0.01, 0.06):
        expected = math.exp(-rate * t) * (smooth.cdf(x) + rate * t * jumped(x))
        assert float(law.cdf(x, t)) == pytest.approx(expected, abs=1e-11)
        difference = float(law.cdf(x, t)) - smooth.cdf(x)
        assert difference == pytest.approx(rate * t * (jumped(x) - smooth.cdf(x)), rel=1e-4)


def test_merton_without_jumps_or_with_many():
    plain = Merton(mu=0.05, sigma=0.2, rate=0, jump_mean=-0.02, jump_sd=0.05)
    x = np.linspace(-0.5, 0.5, 5)
    assert plain.cdf(x, T) == pytest.approx(Geometric(mu=0.05, sigma=0.2).cdf(x, T), abs=1e-15)
    assert sum(poisson_weights(300)) == pytest.approx(1, abs=1e-13)
    assert poisson_weights(2.5)[:9] == pytest.approx(stats.poisson.pmf(range(9), 2.5), rel=1e-13)


def test_a_law_without_a_brownian_motion_is_not_inverted():
    with pytest.raises(ValueError, match="Brownian"):
        Kou(mu=0, sigma=0, rate=3, p=0.4, eta_up=25, eta_down=15).cdf(0.1, T)


def test_as_many_points_as_a_sample_has_at_once():
    x = np.linspace(-1, 1, 20_001)
    found = KOU.cdf(x, T)
    assert found.shape == x.shape
    assert found[[0, 10_000, 20_000]].tolist() == [float(KOU.cdf(at, T)) for at in (-1, 0, 1)]
    assert KOU.cdf(x.reshape(3, -1), T) == pytest.approx(found.reshape(3, -1), abs=1e-15)
    assert KOU.cdf([], T).shape == (0,)


def test_a_normal_law_of_no_width():
    assert normal_cdf([-1, 0, 1], 0, 0).tolist() == [0, 1, 1]


# Ornstein and Uhlenbeck


def test_the_moments_of_a_reverting_price_solve_their_equations():
    """m' = kappa (theta - m), V' = sigma^2 - 2 kappa V, and C(s, t)' = -kappa C in t."""
    found = solve_ivp(
        lambda _, y: [3 * (2 - y[0]), 0.49 - 6 * y[1]], (0, 0.4), [1, 0], rtol=1e-12, atol=1e-14
    ).y[:, -1]
    assert [OU.mean(0.4), OU.variance(0.4)] == pytest.approx(found, rel=1e-9)
    assert OU.covariance(0.4, 0.4) == OU.variance(0.4)
    assert OU.covariance(0.9, 0.4) == OU.covariance(0.4, 0.9)
    slope = (OU.covariance(0.4, 0.9 + 1e-5) - OU.covariance(0.4, 0.9 - 1e-5)) / 2e-5
    assert slope == pytest.approx(-3 * OU.covariance(0.4, 0.9), rel=1e-8)
    long = OU.covariance(50, 50.2) / OU.variance(50)
    assert OU.autocorrelation(0.2) == pytest.approx(long, rel=1e-13)


def test_two_steps_of_a_reverting_price_are_one():
    """psi of X_{s+t} is the mean of psi of X_t from X_s, itself normal: Chapman and Kolmogorov."""
    u, s, t = 1.7, 0.3, 0.5
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    middle = OU.mean(s) + math.sqrt(OU.variance(s)) * nodes
    onward = [
        complex(OrnsteinUhlenbeck(start=x, kappa=3, theta=2, sigma=0.7).characteristic(u, t))
        for x in middle.tolist()
    ]
    total = weights @ np.array(onward) / math.sqrt(2 * math.pi)
    assert complex(OU.characteristic(u, s + t)) == pytest.approx(total, rel=1e-13)
    assert float(OU.cdf(OU.mean(1), 1)) == 0.5
