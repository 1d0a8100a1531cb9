"""The maximum drawdown of driftless Brownian motion, max over s < t <= T of W_s - W_t.

The fall from the running maximum has the law of |W| (Levy), so that the drawdown stays below d
where a Brownian motion stays between -d and d.
Source: Karatzas and Shreve, "Brownian Motion and Stochastic Calculus", 2nd edition, 1991,
theorem 3.6.17 (Levy) and section 2.8.C (two boundaries).
"""

import math

import numpy as np

TERMS = 12  # both series fall faster than exp(-n^2) where they are used


def drawdown_cdf(depth: float, *, sigma: float, horizon_s: float) -> float:
    """P(maximum drawdown <= depth); depth in currency, sigma in currency per sqrt(s).

    By images beyond one deviation sigma sqrt(T), by the series of eigenfunctions below:

        sum over n of (-1)^n (Phi((2n + 1) d) - Phi((2n - 1) d))
        (4/pi) sum over n >= 0 of (-1)^n / (2n + 1) exp(-(2n + 1)^2 pi^2 / (8 d^2))
    """
    scale = scale_of(sigma, horizon_s)
    if depth <= 0:
        return 0.0
    d = depth / scale
    if d < 1:
        n = np.arange(TERMS)
        odd = 2 * n + 1
        terms = (-1.0) ** n / odd * np.exp(-((odd * math.pi / d) ** 2) / 8)
        return float(4 / math.pi * terms.sum())
    from scipy.special import ndtr

    n = np.arange(-TERMS, TERMS + 1)
    return float(np.sum((-1.0) ** n * (ndtr((2 * n + 1) * d) - ndtr((2 * n - 1) * d))))


def drawdown_quantile(probability: float, *, sigma: float, horizon_s: float) -> float:
    """The drawdown, in currency, not passed with this probability; ValueError outside (0, 1)."""
    from scipy.optimize import brentq

    if not 0 < probability < 1:
        raise ValueError(f"probability = {probability}: must be between 0 and 1")
    scale = scale_of(sigma, horizon_s)
    found = brentq(
        lambda d: drawdown_cdf(d, sigma=1.0, horizon_s=1.0) - probability, 1e-2, 40.0, xtol=1e-14
    )
    return scale * float(found)


def drawdown_mean(*, sigma: float, horizon_s: float) -> float:
    """Currency: sqrt(pi / 2) sigma sqrt(T)."""
    return math.sqrt(math.pi / 2) * scale_of(sigma, horizon_s)


def scale_of(sigma: float, horizon_s: float) -> float:
    scale = sigma * math.sqrt(horizon_s) if horizon_s > 0 else 0.0
    if not 0 < scale < math.inf:
        raise ValueError(f"sigma = {sigma}, horizon_s = {horizon_s}: must be above 0, and finite")
    return scale
