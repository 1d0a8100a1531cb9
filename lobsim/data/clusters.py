"""Whether market orders bring more of their side: Hawkes against Poisson, by likelihood."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from lobsim.data.blocks import Floats

STARTS = (0.1, 1.0, 10.0, 100.0)  # per s, where the search for the decay begins
FASTEST = 1e6  # per s


@dataclass(frozen=True, slots=True)
class Hawkes:
    """Orders of a side come at rate mu + sum of alpha exp(-beta age) over those before."""

    mu: float
    alpha: float
    beta: float
    likelihood_ratio: float  # twice the gain over Poisson
    p: float  # chi-squared with two degrees of freedom

    @property
    def branching(self) -> float:
        """How many orders an order brings."""
        return self.alpha / self.beta


def log_likelihood(times_s: Floats, span_s: float, mu: float, alpha: float, beta: float) -> float:
    """Of times in order, from 0 to span_s; in one pass (Ogata, 1981)."""
    fading = np.exp(-beta * np.diff(times_s)).tolist()
    excited = np.fromiter(
        accumulate(fading, lambda before, fade: fade * (1 + before), initial=0.0), float
    )
    brought = alpha / beta * -np.expm1(-beta * (span_s - times_s)).sum()
    return float(np.log(mu + alpha * excited).sum() - mu * span_s - brought)


def hawkes(times_s: Floats, span_s: float) -> Hawkes:
    """The likeliest of the orders of one side, 10 at least."""
    from scipy.optimize import minimize
    from scipy.special import chdtrc, expit, logit

    rate = len(times_s) / span_s

    def natural(point: Any) -> tuple[float, float, float]:
        log_mu, share, log_beta = point
        beta = float(np.exp(log_beta))
        return float(np.exp(log_mu)), float(expit(share)) * beta, beta

    def loss(point: Any) -> float:
        return -log_likelihood(times_s, span_s, *natural(point)) / len(times_s)

    bounds = [(np.log(rate) - 12, np.log(rate) + 3), (-16, 8), (-np.log(span_s), np.log(FASTEST))]
    tries = [
        minimize(
            loss, (np.log(0.6 * rate), logit(0.4), np.log(beta)), method="L-BFGS-B", bounds=bounds
        )
        for beta in STARTS
    ]
    best = min(tries, key=lambda found: float(found.fun))
    mu, alpha, beta = natural(best.x)
    poisson = len(times_s) * (np.log(rate) - 1)
    ratio = max(2 * (-float(best.fun) * len(times_s) - float(poisson)), 0.0)
    return Hawkes(mu, alpha, beta, ratio, float(chdtrc(2, ratio)))
