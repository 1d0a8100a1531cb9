"""The laws of price models at one time, exactly: moments, distribution, characteristic function.

A time t is seconds since the start.  `characteristic` is E exp(iuX) at any u, complex ones too
where the expectation is finite.  What is relative is per unit of price: mu per second, sigma per
sqrt(second), with X = ln(S_t / S_0); X is in currency, and so are mu and sigma, where a class says
so.  Models of a stochastic variance are in lobsim/models/variance_laws.py.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lobsim.models.inversion import Complex, Floats, inverted_cdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """dS = mu dt + sigma dW, X = S_t - S_0 in currency: normal.

    Source: Bachelier, "Theorie de la speculation", 1900.
    """

    mu: float
    sigma: float

    def cumulants(self, t: float) -> tuple[float, float, float, float]:
        return self.mu * t, self.sigma**2 * t, 0.0, 0.0

    def characteristic(self, u: ArrayLike, t: float) -> Complex:
        return normal_characteristic(u, self.mu * t, self.sigma**2 * t)

    def cdf(self, x: ArrayLike, t: float) -> Floats:
        return normal_cdf(x, self.mu * t, self.sigma**2 * t)


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometric:
    """dS = mu S dt + sigma S dW: X = ln(S_t / S_0) is normal, (mu - sigma^2/2) t and sigma^2 t.

    Source: Black and Scholes, Journal of Political Economy 81, 1973.
    """

    mu: float
    sigma: float

    def cumulants(self, t: float) -> tuple[float, float, float, float]:
        return (self.mu - self.sigma**2 / 2) * t, self.sigma**2 * t, 0.0, 0.0

    def characteristic(self, u: ArrayLike, t: float) -> Complex:
        return normal_characteristic(u, *self.cumulants(t)[:2])

    def cdf(self, x: ArrayLike, t: float) -> Floats:
        return normal_cdf(x, *self.cumulants(t)[:2])

    def price_mean(self, start: float, t: float) -> float:
        """S_0 exp(mu t), currency."""
        return start * math.exp(self.mu * t)

    def price_variance(self, start: float, t: float) -> float:
        """S_0^2 exp(2 mu t) (exp(sigma^2 t) - 1), currency^2."""
        return self.price_mean(start, t) ** 2 * math.expm1(self.sigma**2 * t)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrnsteinUhlenbeck:
    """dX = kappa (theta - X) dt + sigma dW from X_0 = start; all in currency, kappa per second.

    Source: Uhlenbeck and Ornstein, Physical Review 36, 1930.
    """

    start: float
    kappa: float
    theta: float
    sigma: float

    def mean(self, t: float) -> float:
        """theta + (X_0 - theta) exp(-kappa t)."""
        return self.theta + (self.start - self.theta) * math.exp(-self.kappa * t)

    def variance(self, t: float) -> float:
        """sigma^2 (1 - exp(-2 kappa t)) / (2 kappa)."""
        return self.sigma**2 * -math.expm1(-2 * self.kappa * t) / (2 * self.kappa)

    def covariance(self, s: float, t: float) -> float:
        """Of X_s and X_t: exp(-kappa |t - s|) times the variance at the earlier."""
        return math.exp(-self.kappa * abs(t - s)) * self.variance(min(s, t))

    def autocorrelation(self, lag: float) -> float:
        """Of X_t and X_{t + lag} long after the start: exp(-kappa lag)."""
        return math.exp(-self.kappa * lag)

    def characteristic(self, u: ArrayLike, t: float) -> Complex:
        return normal_characteristic(u, self.mean(t), self.variance(t))

    def cdf(self, x: ArrayLike, t: float) -> Floats:
        return normal_cdf(x, self.mean(t), self.variance(t))


@dataclass(frozen=True, slots=True, kw_only=True)
class Merton:
    """Geometric Brownian motion with Poisson jumps of ln S, normal: mean jump_mean, sd jump_sd.

        X = (mu - sigma^2/2 - rate c) t + sigma W + sum of N jumps,  c = exp(m + s^2/2) - 1

    so that E S_t = S_0 exp(mu t).  Source: Merton, Journal of Financial Economics 3, 1976.
    """

    mu: float
    sigma: float
    rate: float  # jumps per second
    jump_mean: float
    jump_sd: float

    @property
    def drift(self) -> float:
        """Of ln S between jumps, per second."""
        compensator = math.expm1(self.jump_mean + self.jump_sd**2 / 2)
        return self.mu - self.sigma**2 / 2 - self.rate * compensator

    def cumulants(self, t: float) -> tuple[float, float, float, float]:
        """rate t E[Y^n], with drift t for n = 1 and sigma^2 t for n = 2."""
        m, v = self.jump_mean, self.jump_sd**2
        moments = m, m**2 + v, m**3 + 3 * m * v, m**4 + 6 * m**2 * v + 3 * v**2
        return jump_cumulants(self.drift, self.sigma, self.rate, moments, t)

    def characteristic(self, u: ArrayLike, t: float) -> Complex:
        at = np.asarray(u, dtype=np.complex128)
        jump = np.expm1(1j * at * self.jump_mean - (at * self.jump_sd) ** 2 / 2)
        smooth = normal_characteristic(at, self.drift * t, self.sigma**2 * t)
        found: Complex = smooth * np.exp(self.rate * t * jump)
        return found

    def cdf(self, x: ArrayLike, t: float) -> Floats:
        """A mixture of normal laws over the number of jumps."""
        at = np.asarray(x, dtype=np.float64)
        total: Floats = np.zeros_like(at)
        for n, weight in enumerate(poisson_weights(self.rate * t)):
            mean = self.drift * t + n * self.jump_mean
            total = total + weight * normal_cdf(at, mean, self.sigma**2 * t + n * self.jump_sd**2)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Kou:
    """As Merton, jumps of ln S double exponential: up with probability p, mean 1/eta_up; else down.

        c = p eta_up / (eta_up - 1) + (1 - p) eta_down / (eta_down + 1) - 1,  eta_up > 1

    Source: Kou, "A jump-diffusion model for option pricing", Management Science 48, 2002.
    """

    mu: float
    sigma: float
    rate: float  # jumps per second
    p: float
    eta_up: float
    eta_down: float

    @property
    def drift(self) -> float:
        """Of ln S between jumps, per second."""
        up, down = self.p / (self.eta_up - 1), (1 - self.p) / (self.eta_down + 1)
        return self.mu - self.sigma**2 / 2 - self.rate * (up - down)

    def cumulants(self, t: float) -> tuple[float, float, float, float]:
        """rate t n! (p / eta_up^n + (-1)^n (1-p) / eta_down^n), and the drift and sigma^2."""
        first, second, third, fourth = (
            math.factorial(n)
            * (self.p / self.eta_up**n + (-1) ** n * (1 - self.p) / self.eta_down**n)
            for n in range(1, 5)
        )
        moments = first, second, third, fourth
        return jump_cumulants(self.drift, self.sigma, self.rate, moments, t)

    def characteristic(self, u: ArrayLike, t: float) -> Complex:
        at = 1j * np.asarray(u, dtype=np.complex128)
        jump = self.p * at / (self.eta_up - at) - (1 - self.p) * at / (self.eta_down + at)
        smooth = normal_characteristic(u, self.drift * t, self.sigma**2 * t)
        found: Complex = smooth * np.exp(self.rate * t * jump)
        return found

    def cdf(self, x: ArrayLike, t: float) -> Floats:
        """By inversion, to some 1e-12; sigma must be above 0."""
        mean, variance = self.cumulants(t)[:2]
        return inverted_cdf(lambda u: self.characteristic(u, t), x, mean, math.sqrt(variance))


def normal_characteristic(u: ArrayLike, mean: float, variance: float) -> Complex:
    at = np.asarray(u, dtype=np.complex128)
    return np.asarray(np.exp(1j * at * mean - at**2 * (variance / 2)))


def normal_cdf(x: ArrayLike, mean: float, variance: float) -> Floats:
    """With variance 0 all is at the mean."""
    from scipy.special import ndtr

    far = np.asarray(x, dtype=np.float64) - mean
    if variance == 0:
        return np.where(far >= 0, 1.0, 0.0)
    return np.asarray(ndtr(far / math.sqrt(variance)))


def jump_cumulants(
    drift: float, sigma: float, rate: float, moments: tuple[float, float, float, float], t: float
) -> tuple[float, float, float, float]:
    """Of a drift, a Brownian motion and Poisson jumps with these moments E[Y^n]."""
    first, second, third, fourth = (rate * moment for moment in moments)
    return (drift + first) * t, (sigma**2 + second) * t, third * t, fourth * t


def poisson_weights(mean: float) -> list[float]:
    """P(N = 0), P(N = 1), ... until what is left is negligible."""
    last = mean + 12 * math.sqrt(mean) + 20
    return [
        math.exp(-mean + n * math.log(mean) - math.lgamma(n + 1)) if mean > 0 else float(n == 0)
        for n in range(math.ceil(last))
    ]
