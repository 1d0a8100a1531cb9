"""How the mid moves where it is more than a Brownian motion: reversion, variance, curve, jumps.

All moves are exact over any time, but for the price under a random variance: there the variance
itself is drawn from its exact law, and the mid given both ends of it.

    I = g (v + v') + theta (h - 2 g),   g = tanh(kappa h/2)/kappa,   h = the time
    move = (rho/xi) (v' - v - kappa theta h + kappa I) + sqrt((1 - rho^2) I) Z    (- I/2 for logs)

I stands for the integral of the variance: it has the exact mean given v, so that the mid stays a
martingale whatever the step, and is (v + v') h/2 to second order.  Sources: Uhlenbeck and
Ornstein, Physical Review 36, 1930; Heston, Review of Financial Studies 6, 1993; Broadie and Kaya,
Operations Research 54, 2006; Merton, Journal of Financial Economics 3, 1976; Kou, Management
Science 48, 2002.
"""

import math
from typing import Any, NamedTuple

from lobsim.compiled import arithmetic_move, compiled
from lobsim.models.curves import Column, seconds_between
from lobsim.models.variates import gamma, poisson
from lobsim.models.world import BROWNIAN, RANDOM_WALK, SECONDS

ORNSTEIN_UHLENBECK, HESTON, LOG_HESTON = 3, 4, 5  # beside the prices of a plain world
NO_JUMPS, MERTON, KOU = 0, 1, 2

MID, VARIANCE = 0, 1  # where the world's levels stand


class Reverting(NamedTuple):
    """What reverts to `theta` at rate `kappa`: the mid, or its variance (per second)."""

    kappa: float
    theta: float


class Variance(NamedTuple):
    """A random variance per second, of the mid in ticks or of its logarithm."""

    start: float
    xi: float
    rho: float


class Jumps(NamedTuple):
    """Jumps of the mid in ticks, or of its logarithm where `relative`."""

    law: int
    relative: int
    mean_gap: float  # ns
    mean: float  # of Merton's normal sizes
    sd: float
    up_share: float  # of Kou's double exponential sizes
    mean_up: float
    mean_down: float


@compiled
def reverting_move(
    mid: float, kappa: float, theta: float, sigma: float, dt: float, z: float
) -> float:
    """Ornstein and Uhlenbeck's process over `dt` seconds, exact."""
    deviation = sigma * math.sqrt(-math.expm1(-2.0 * kappa * dt) / (2.0 * kappa))
    return theta + (mid - theta) * math.exp(-kappa * dt) + deviation * z


@compiled
def next_variance(v: float, kappa: float, theta: float, xi: float, dt: float, rngs: Any) -> float:
    """Cox, Ingersoll and Ross's process after `dt` seconds: noncentral chi-square, exactly.

    A gamma number whose shape is a Poisson number more than half the degrees of freedom, which
    may be as few as one likes; `rngs` are those of the number, the gamma and its rejection.
    """
    counts_rng, normals_rng, rejects_rng = rngs
    gone = -math.expm1(-kappa * dt)
    scale = xi * xi * gone / (2.0 * kappa)
    count = poisson(v * (1.0 - gone) / scale, counts_rng)
    return scale * gamma(2.0 * kappa * theta / (xi * xi) + count, normals_rng, rejects_rng)


@compiled
def stochastic_move(plan: Any, levels: Column, dt: float, z: float, rngs: Any) -> None:
    """Heston's mid and variance over `dt` seconds, above 0."""
    kappa, theta = plan.reverting.kappa, plan.reverting.theta
    xi, rho = plan.variance.xi, plan.variance.rho
    v = levels[VARIANCE]
    after = next_variance(v, kappa, theta, xi, dt, rngs)
    levels[VARIANCE] = after
    gone = -math.expm1(-kappa * dt)
    weight = gone / (2.0 - gone)  # kappa g
    integral = (weight * (v + after) + theta * (kappa * dt - 2.0 * weight)) / kappa
    # v' less its mean, which is the sum in the first brackets above.
    surprise = 2.0 / (2.0 - gone) * (after - v * (1.0 - gone) - theta * gone)
    change = plan.mu * dt + rho / xi * surprise
    change += math.sqrt(max((1.0 - rho * rho) * integral, 0.0)) * z
    if plan.price == HESTON:
        levels[MID] = levels[MID] + change
    else:
        levels[MID] = levels[MID] * math.exp(min(change - 0.5 * integral, 700.0))


@compiled
def curved_move(plan: Any, mid: float, since: int, now: int, z: float) -> float:
    """Brownian motion, plain or geometric; the curve's factors are of the variance."""
    dt, varied = (now - since) * SECONDS, seconds_between(plan.curve, since, now)
    deviation = plan.sigma * math.sqrt(varied) * z
    if plan.price == BROWNIAN:
        moved: float = mid + plan.mu * dt + deviation
        return moved
    power = plan.mu * dt - 0.5 * plan.sigma * plan.sigma * varied + deviation
    return mid * math.exp(min(power, 700.0))


@compiled
def diffuse(plan: Any, levels: Column, since: int, now: int, stepping: bool, rngs: Any) -> None:
    """Move the mid from `since` to `now`; `rngs` are the mid's and three of its variance."""
    mids_rng, counts_rng, normals_rng, rejects_rng = rngs
    if plan.price == RANDOM_WALK:
        if stepping:
            z = 1.0 if mids_rng.random() < 0.5 else -1.0
            mid = levels[MID]
            levels[MID] = arithmetic_move(mid, plan.mu, plan.sigma, plan.step * SECONDS, z)
        return
    z = mids_rng.standard_normal()
    diffuse_by(plan, levels, since, now, z, (counts_rng, normals_rng, rejects_rng))


@compiled
def diffuse_by(plan: Any, levels: Column, since: int, now: int, z: float, rngs: Any) -> None:
    """As `diffuse`, with the mid's own standard normal number given; no random walk."""
    price, mid, dt = plan.price, levels[MID], (now - since) * SECONDS
    if price == ORNSTEIN_UHLENBECK:
        kappa, theta = plan.reverting.kappa, plan.reverting.theta
        levels[MID] = reverting_move(mid, kappa, theta, plan.sigma, dt, z)
    elif price in (HESTON, LOG_HESTON):
        if dt > 0.0:
            stochastic_move(plan, levels, dt, z, rngs)
    else:
        levels[MID] = curved_move(plan, mid, since, now, z)


@compiled
def jump_size(jumps: Jumps, sizes_rng: Any, sides_rng: Any) -> float:
    """Normal, or exponential up or down: each law has its own kind of variates."""
    if jumps.law == MERTON:
        z: float = sizes_rng.standard_normal()
        return jumps.mean + jumps.sd * z
    length: float = sizes_rng.standard_exponential()
    if sides_rng.random() < jumps.up_share:
        return jumps.mean_up * length
    return -jumps.mean_down * length


@compiled
def jumped(jumps: Jumps, mid: float, sizes_rng: Any, sides_rng: Any) -> float:
    """The mid after a jump."""
    size = jump_size(jumps, sizes_rng, sides_rng)
    return mid * math.exp(min(size, 700.0)) if jumps.relative else mid + size
