"""What an inventory could lose until the end of the market: VaR and CVaR of the mid's law.

The inventory is taken as held unchanged.  The loss of q lots over h seconds is -q (S_h - S_0):
under Brownian motion normal with mean -q mu h and deviation |q| sigma sqrt(h); under geometric
Brownian motion a long inventory loses in the lower tail of the lognormal and a short one in the
upper.  A random walk counts as the Brownian motion it tends to.
Source: McNeil, Frey, Embrechts, Quantitative Risk Management, section 2.3.
"""

import math
from collections.abc import Callable
from statistics import NormalDist

from lobsim.market.units import SECOND, Lots, Nanos
from lobsim.models.rich_world import Plan
from lobsim.models.world import GEOMETRIC

NORMAL = NormalDist()
Exposure = Callable[[Nanos, float, Lots], tuple[float, float]]


def exposure_of(plan: Plan, level: float) -> Exposure:
    """A function of time (ns), mid (ticks) and inventory (lots): VaR and CVaR at `level` of the
    loss until the end, in tick x lot.
    """

    def left(now: Nanos) -> float:
        return (plan.duration - now) / SECOND

    def arithmetic(now: Nanos, mid: float, inventory: Lots) -> tuple[float, float]:
        return arithmetic_tail(plan.mu, plan.sigma, left(now), inventory, level)

    def geometric(now: Nanos, mid: float, inventory: Lots) -> tuple[float, float]:
        return geometric_tail(mid, plan.mu, plan.sigma, left(now), inventory, level)

    return geometric if plan.price == GEOMETRIC else arithmetic


def arithmetic_tail(
    mu: float, sigma: float, h: float, inventory: Lots, level: float
) -> tuple[float, float]:
    z = NORMAL.inv_cdf(level)
    drift, deviation = -inventory * mu * h, abs(inventory) * sigma * math.sqrt(h)
    return drift + deviation * z, drift + deviation * NORMAL.pdf(z) / (1 - level)


def geometric_tail(
    mid: float, mu: float, sigma: float, h: float, inventory: Lots, level: float
) -> tuple[float, float]:
    """mu and sigma are relative."""
    z, s = NORMAL.inv_cdf(level), sigma * math.sqrt(h)
    side = 1 if inventory > 0 else -1
    quantile = math.exp(mu * h - s * s / 2 - side * s * z)
    mean_beyond = math.exp(mu * h) * NORMAL.cdf(-z - side * s) / (1 - level)
    return inventory * mid * (1 - quantile), inventory * mid * (1 - mean_beyond)
