"""How large market orders are, in whole lots: geometric or lognormal, by likelihood."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Both laws as a scenario has them: lots, rounded up, from 1 on."""

    mean: float  # lots
    median: float  # of the lognormal, before rounding up
    sigma: float  # of its logarithm
    geometric: float  # log likelihoods
    lognormal: float

    @property
    def is_geometric(self) -> bool:
        return self.geometric >= self.lognormal


def sizes(lots: Ints) -> Sizes:
    from scipy.optimize import minimize
    from scipy.special import log_ndtr, xlogy

    values, counts = np.unique(lots, return_counts=True)
    mean = float(lots.mean())
    geometric = float((counts * (xlogy(values - 1, 1 - 1 / mean) - np.log(mean))).sum())
    high = np.log(values)
    low = np.log(np.maximum(values - 1, 1e-300))

    def loss(point: Any) -> float:
        centre, spread = point[0], np.exp(point[1])
        # In the tail that is nearer, so that no difference of two numbers near 1 is taken.
        flip = np.where(low > centre, -1.0, 1.0)
        one, other = (
            log_ndtr(flip * (high - centre) / spread),
            log_ndtr(flip * (low - centre) / spread),
        )
        larger, smaller = np.maximum(one, other), np.minimum(one, other)
        with np.errstate(divide="ignore"):
            inside = larger + np.log(-np.expm1(smaller - larger))
        return -float((counts * np.maximum(inside, -1e6)).sum())

    logs = np.log(np.maximum(lots - 0.5, 0.5))
    start = (float(logs.mean()), float(np.log(max(logs.std(), 0.05))))
    bounds = [(-20.0, 40.0), (np.log(0.01), np.log(5.0))]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    centre, spread = (float(each) for each in found.x)
    return Sizes(mean, float(np.exp(centre)), float(np.exp(spread)), geometric, -float(found.fun))
