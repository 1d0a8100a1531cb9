"""The laws of models whose variance is itself random, at one time, exactly.

A time t is seconds since the start; v is a variance per second.  Sources: Cox, Ingersoll and Ross,
"A theory of the term structure of interest rates", Econometrica 53, 1985; Heston, "A closed-form
solution for options with stochastic volatility", Review of Financial Studies 6, 1993; Albrecher,
Mayer, Schoutens and Tistaert, "The little Heston trap", Wilmott, 2007 (the branch that is right).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lobsim.models.inversion import Complex, Floats, inverted_cdf


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxIngersollRoss:
    """dv = kappa (theta - v) dt + xi sqrt(v) dB from v_0 = start.

    v_t / c is noncentral chi-square with 4 kappa theta / xi^2 degrees of freedom and noncentrality
    v_0 exp(-kappa t) / c, where c = xi^2 (1 - exp(-kappa t)) / (4 kappa).  Where 2 kappa theta is
    below xi^2 it touches 0.
    """

    start: float
    kappa: float  # per second
    theta: float
    xi: float

    def scale(self, t: float) -> float:
        """c."""
        return self.xi**2 * -math.expm1(-self.kappa * t) / (4 * self.kappa)

    @property
    def degrees(self) -> float:
        return 4 * self.kappa * self.theta / self.xi**2

    def noncentrality(self, t: float) -> float:
        return self.start * math.exp(-self.kappa * t) / self.scale(t)

    def mean(self, t: float) -> float:
        """theta + (v_0 - theta) exp(-kappa t)."""
        return self.theta + (self.start - self.theta) * math.exp(-self.kappa * t)

    def variance(self, t: float) -> float:
        """v_0 (xi^2/kappa) (E - E^2) + theta (xi^2/(2 kappa)) (1 - E)^2,  E = exp(-kappa t)."""
        left, gone = math.exp(-self.kappa * t), -math.expm1(-self.kappa * t)
        return self.xi**2 / self.kappa * gone * (self.start * left + self.theta / 2 * gone)

    def integral_mean(self, t: float) -> float:
        """Of I = int_0^t v: theta t + (v_0 - theta) (1 - E) / kappa."""
        gone = -math.expm1(-self.kappa * t)
        return self.theta * t + (self.start - self.theta) * gone / self.kappa

    def integral_variance(self, t: float) -> float:
        """(2/kappa) int_0^t (1 - exp(-kappa (t - s))) Var(v_s) ds, with the integral done.

        Loses digits as kappa t falls: some (kappa t)^-3 roundings.
        """
        k, left, gone = self.kappa, math.exp(-self.kappa * t), -math.expm1(-self.kappa * t)
        level = self.theta / 2 * (t - gone / k)
        once = (self.start - self.theta) * (gone / k - t * left)
        twice = (self.theta / 2 - self.start) * gone**2 / (2 * k)
        return 2 * self.xi**2 / k**2 * (level + once + twice)

    def characteristic(self, u: ArrayLike, t: float) -> Complex:
        """E exp(i u v_t) = (1 - 2iuc)^(-d/2) exp(iu v_0 E / (1 - 2iuc))."""
        at, c = 1j * np.asarray(u, dtype=np.complex128), self.scale(t)
        base = 1 - 2 * c * at
        moved = at * self.start * math.exp(-self.kappa * t) / base
        return np.asarray(base ** (-self.degrees / 2) * np.exp(moved))

    def cdf(self, v: ArrayLike, t: float) -> Floats:
        from scipy.special import chndtr

        scaled = np.asarray(v, dtype=np.float64) / self.scale(t)
        return np.asarray(chndtr(scaled, self.degrees, self.noncentrality(t)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heston:
    """A mid with the variance v: dB of v and dW of the mid have the correlation rho.

    arithmetic   dS = mu dt + sqrt(v) dW,       X = S_t - S_0 in currency
    geometric    dS = mu S dt + sqrt(v) S dW,   X = ln(S_t / S_0)
    """

    variance: CoxIngersollRoss
    rho: float
    mu: float = 0.0
    arithmetic: bool = False

    def characteristic(self, u: ArrayLike, t: float) -> Complex:
        """exp(iu mu t + C + D v_0), with y = -u^2 (arithmetic) or -(u^2 + iu):

            D = (b - d)/xi^2 (1 - e)/(1 - g e),   e = exp(-d t),   g = (b - d)/(b + d)
            C = kappa theta/xi^2 ((b - d) t - 2 ln((1 - g e)/(1 - g)))
            b = kappa - i u rho xi,   d = sqrt(b^2 - xi^2 y)

        D and C solve D' = y/2 - b D + xi^2 D^2/2 and C' = kappa theta D from 0.
        """
        v, at = self.variance, 1j * np.asarray(u, dtype=np.complex128)
        y = at**2 if self.arithmetic else at**2 - at
        b = v.kappa - at * self.rho * v.xi
        d = np.sqrt(b**2 - v.xi**2 * y)
        # b - d without cancellation: (b - d)(b + d) = xi^2 y.
        below = v.xi**2 * y / (b + d)
        g, gone = below / (b + d), -np.expm1(-d * t)
        D = below / v.xi**2 * gone / (1 - g * (1 - gone))
        C = v.kappa * v.theta / v.xi**2 * (below * t - 2 * log1p(g * gone / (1 - g)))
        return np.asarray(np.exp(at * self.mu * t + C + D * v.start))

    def price_variance_moment(self, t: float) -> float:
        """int_0^t E[M_s v_s] ds for M = int sqrt(v) dW: a third of E[M_t^3].

        E[M v]' = rho xi E[v] - kappa E[M v].
        """
        v, gone = self.variance, -math.expm1(-self.variance.kappa * t)
        level = v.theta / v.kappa * (t - gone / v.kappa)
        start = (v.start - v.theta) / v.kappa * (gone / v.kappa - t * math.exp(-v.kappa * t))
        return self.rho * v.xi * (level + start)

    def price_mean(self, t: float) -> float:
        """E[X]: mu t, less half of E[I] where X is a logarithm."""
        drag = 0.0 if self.arithmetic else self.variance.integral_mean(t) / 2
        return self.mu * t - drag

    def price_variance(self, t: float) -> float:
        """Var[X]: E[I], and where X is a logarithm Var[I]/4 - Cov[M, I] more."""
        v = self.variance
        if self.arithmetic:
            return v.integral_mean(t)
        return v.integral_mean(t) + v.integral_variance(t) / 4 - self.price_variance_moment(t)

    def third_moment(self, t: float) -> float:
        """E[(X - E X)^3] of the arithmetic model: E[M^3]."""
        if not self.arithmetic:
            raise ValueError("the third moment is known for arithmetic = True only")
        return 3 * self.price_variance_moment(t)

    def cdf(self, x: ArrayLike, t: float) -> Floats:
        """By inversion, to some 1e-10: psi falls off exponentially only."""
        sd = math.sqrt(self.price_variance(t))
        return inverted_cdf(lambda u: self.characteristic(u, t), x, self.price_mean(t), sd)


def log1p(z: Complex) -> Complex:
    """ln(1 + z), to the last digits for small z too; numpy's of complex numbers is not."""
    real = np.log1p(2 * z.real + z.real**2 + z.imag**2) / 2
    return np.asarray(real + 1j * np.arctan2(z.imag, 1 + z.real))
