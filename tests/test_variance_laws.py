"""The exact laws of models with a random variance, each by a second method."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import dblquad, quad, solve_ivp

from laws import cumulants
from lobsim.models.price_laws import Geometric, poisson_weights
from lobsim.models.variance_laws import CoxIngersollRoss, Heston

CIR = CoxIngersollRoss(start=0.04, kappa=2, theta=0.09, xi=0.5)
LOW = CoxIngersollRoss(start=0.01, kappa=1, theta=0.02, xi=0.4)  # touches 0 often
LOG = Heston(variance=CIR, rho=-0.6, mu=0.03)
PLAIN = Heston(variance=CIR, rho=-0.6, mu=0.03, arithmetic=True)


@pytest.mark.parametrize("law", [CIR, LOW], ids=["above 0", "touches 0"])
def test_the_law_of_the_variance(law):
    """Noncentral chi-square: moments of scipy's, its cdf, and its characteristic function."""
    t = 1.5
    other = stats.ncx2(law.degrees, law.noncentrality(t), scale=law.scale(t))
    assert law.mean(t) == pytest.approx(other.mean(), rel=1e-12)
    assert law.variance(t) == pytest.approx(other.var(), rel=1e-12)
    for v in (0.001, 0.05, 0.3):
        mixture = sum(
            weight * stats.gamma.cdf(v, law.degrees / 2 + n, scale=2 * law.scale(t))
            for n, weight in enumerate(poisson_weights(law.noncentrality(t) / 2))
        )
        assert float(law.cdf(v, t)) == pytest.approx(mixture, rel=1e-11)
    sd = math.sqrt(law.variance(t))
    first, second, *_ = cumulants(lambda u: law.characteristic(u, t), sd)
    assert [law.mean(t), law.variance(t)] == pytest.approx([first, second], rel=1e-9)


def test_the_characteristic_function_of_the_variance_by_quadrature():
    other = stats.ncx2(CIR.degrees, CIR.noncentrality(1.5), scale=CIR.scale(1.5))
    u = 3.0
    real = quad(lambda v: math.cos(u * v) * other.pdf(v), 0, 3, epsabs=1e-12, limit=200)[0]
    imaginary = quad(lambda v: math.sin(u * v) * other.pdf(v), 0, 3, epsabs=1e-12, limit=200)[0]
    found = complex(CIR.characteristic(u, 1.5))
    assert found == pytest.approx(complex(real, imaginary), abs=1e-9)


@pytest.mark.parametrize("law", [CIR, LOW], ids=["above 0", "touches 0"])
@pytest.mark.parametrize("t", [0.1, 1.5])
def test_the_integral_of_the_variance(law, t):
    """E I = int E v, Var I = 2 int int Cov(v_s, v_r), Cov = exp(-kappa (s - r)) Var v_r."""
    assert law.integral_mean(t) == pytest.approx(quad(law.mean, 0, t)[0], rel=1e-10)
    both = dblquad(
        lambda r, s: math.exp(-law.kappa * (s - r)) * law.variance(r), 0, t, 0, lambda s: s,
        epsabs=1e-13,
    )[0]  # fmt: skip
    assert law.integral_variance(t) == pytest.approx(2 * both, rel=1e-8)


# Heston


@pytest.mark.parametrize("t", [0.05, 1.5, 20])
def test_the_mean_price_grows_at_mu(t):
    """psi(-i) = E S_t / S_0."""
    assert complex(LOG.characteristic(-1j, t)) == pytest.approx(math.exp(0.03 * t), rel=1e-12)


def riccati(law, u, t):
    """psi by its equations: D' = y/2 - b D + xi^2 D^2/2, C' = kappa theta D."""
    v = law.variance
    y = -(u**2) if law.arithmetic else -(u**2) - 1j * u
    b = v.kappa - 1j * u * law.rho * v.xi

    def slope(_, state):
        D = state[1]
        return [v.kappa * v.theta * D, y / 2 - b * D + v.xi**2 * D**2 / 2]

    C, D = solve_ivp(slope, (0, t), [0j, 0j], method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
    return np.exp(1j * u * law.mu * t + C + D * v.start)


@pytest.mark.parametrize("law", [LOG, PLAIN], ids=["geometric", "arithmetic"])
@pytest.mark.parametrize("u", [0.3, 2.0, 25.0])
@pytest.mark.parametrize("t", [0.05, 1.5, 20])
def test_the_characteristic_function_solves_its_equations(law, u, t):
    assert complex(law.characteristic(u, t)) == pytest.approx(riccati(law, u, t), abs=1e-10)


@pytest.mark.parametrize("law", [LOG, PLAIN], ids=["geometric", "arithmetic"])
def test_the_moments_of_the_price_are_those_of_the_characteristic_function(law):
    t = 1.5
    sd = math.sqrt(law.price_variance(t))
    first, second, third, _ = cumulants(lambda u: law.characteristic(u, t), sd)
    assert law.price_mean(t) == pytest.approx(first, rel=1e-9)
    assert law.price_variance(t) == pytest.approx(second, rel=1e-9)
    if law.arithmetic:
        assert law.third_moment(t) == pytest.approx(third, rel=1e-7)
    else:
        with pytest.raises(ValueError, match="arithmetic"):
            law.third_moment(t)


def test_a_variance_that_hardly_moves_is_a_number():
    """xi -> 0 from theta: geometric Brownian motion with sigma^2 = theta."""
    still = CoxIngersollRoss(start=0.04, kappa=2, theta=0.04, xi=1e-7)
    law, plain = Heston(variance=still, rho=0.5, mu=0.05), Geometric(mu=0.05, sigma=0.2)
    x = np.linspace(-0.4, 0.4, 9)
    assert law.cdf(x, 1.0) == pytest.approx(plain.cdf(x, 1.0), abs=1e-6)
    assert law.price_variance(1.0) == pytest.approx(0.04, rel=1e-6)


def test_the_distribution_of_the_price_given_how_the_variance_ran():
    """rho = 0: normal given I, so E[N((x - mu t + I/2)/sqrt(I))]; I here by its own inversion."""
    free = Heston(variance=CIR, rho=0.0)
    x, t = np.array([-0.5, -0.1, 0.0, 0.2]), 1.5
    found = free.cdf(x, t)
    generator = np.random.default_rng(7)
    n, steps = 20_000, 150
    v, total, h = np.full(n, CIR.start), np.zeros(n), t / 150
    c, left = CIR.scale(h), math.exp(-CIR.kappa * h)
    for _ in range(steps):
        count = generator.poisson(v * left / c / 2)
        after = 2 * c * generator.gamma(CIR.degrees / 2 + count)
        total, v = total + h * (v + after) / 2, after
    assert total.mean() == pytest.approx(CIR.integral_mean(t), abs=5e-3)
    given = stats.norm.cdf((x[:, np.newaxis] + total / 2) / np.sqrt(total))
    error = given.std(axis=1) / math.sqrt(n)
    assert np.all(np.abs(given.mean(axis=1) - found) < 4 * error + 1e-4)
