"""What an inventory could lose until the end of the market: VaR and CVaR of the mid's law.

The inventory is taken as held unchanged.  The loss of q lots over h seconds is -q (S_h - S_0):
under Brownian motion normal with mean -q mu h and deviation |q| sigma sqrt(h); under geometric
Brownian motion a long inventory loses in the lower tail of the lognormal and a short one in the
upper.  A random walk counts as the Brownian motion it tends to.
Source: McNeil, Frey, Embrechts, Quantitative Risk Management, section 2.3.
"""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

from lobsim.market.units import SECOND, Lots, Millis, Nanos
from lobsim.models.joint_world import JointPlan, Plan
from lobsim.models.rich_world import RichPlan
from lobsim.models.world import GEOMETRIC, WorldPlan

NORMAL = NormalDist()
Exposure = Callable[[Nanos, float, Lots], tuple[float, float]]


def pool_exposure(
    plan: Plan,
    level: float,
    weights: Sequence[int],
    mids: Sequence[Callable[[], float]],
    lots: Sequence[Callable[[], Lots]],
) -> Callable[[Nanos], tuple[Millis, Millis]]:
    """A function of time: VaR and CVaR of what several accounts hold together, by asset.

    `mids` and `lots` tell what is so now; the figures are in 1/1000 (unit x lot), a tick of an
    asset being `weight` units.  Of Brownian mids the loss is normal with deviation
    sqrt(q' Sigma q h): Markowitz, Journal of Finance 7, 1952.
    """
    if not isinstance(plan, JointPlan):
        single = exposure_of(plan, level)
        return lambda now: rounded_up(*single(now, mids[0](), lots[0]()))
    factor = plan.factor
    sigmas = [weight * each.sigma for weight, each in zip(weights, plan.assets, strict=True)]
    drifts = [weight * each.mu for weight, each in zip(weights, plan.assets, strict=True)]

    def joint(now: Nanos) -> tuple[Millis, Millis]:
        held = [lots_now() for lots_now in lots]
        risks = [q * sigma for q, sigma in zip(held, sigmas, strict=True)]
        # q' Sigma q = |L' (sigma q)|^2, with L the correlation's Cholesky factor.
        loads = [
            sum(row[j] * risk for row, risk in zip(factor, risks, strict=True))
            for j in range(len(factor))
        ]
        sigma = math.sqrt(sum(load * load for load in loads))
        mu = sum(q * drift for q, drift in zip(held, drifts, strict=True))
        left = (plan.duration - now) / SECOND
        return rounded_up(*arithmetic_tail(mu, sigma, left, 1, level))

    return joint


def rounded_up(var: float, cvar: float) -> tuple[Millis, Millis]:
    return math.ceil(1000 * var), math.ceil(1000 * cvar)


def exposure_of(plan: WorldPlan | RichPlan, level: float) -> Exposure:
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
