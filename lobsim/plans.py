"""From a scenario to the numbers of its world: prices in ticks, times in ns, rates per second."""

import math
from decimal import Decimal
from itertools import accumulate

import numpy as np

from lobsim.models import latency as models
from lobsim.models.curves import Curve
from lobsim.models.flows import EMPIRICAL, EVEN, HAWKES, LOGNORMAL, Excitation, Informed, Sizes
from lobsim.models.joint_world import JointPlan, Plan
from lobsim.models.prices import (
    HESTON,
    KOU,
    LOG_HESTON,
    MERTON,
    NO_JUMPS,
    ORNSTEIN_UHLENBECK,
    Jumps,
    Reverting,
    Variance,
)
from lobsim.models.rich_world import RichPlan
from lobsim.models.world import BERNOULLI, BROWNIAN, GEOMETRIC, POISSON, RANDOM_WALK, WorldPlan
from lobsim.scenario import flows, latency, prices
from lobsim.scenario.asset import Asset
from lobsim.scenario.checks import whole_ns
from lobsim.scenario.correlation import cholesky, matrix_of
from lobsim.scenario.prices import curve_of, is_relative
from lobsim.scenario.schema import OneAsset, Scenario

PRICES = {
    "brownian": BROWNIAN, "geometric": GEOMETRIC, "random_walk": RANDOM_WALK,
    "ou": ORNSTEIN_UHLENBECK, "heston": HESTON,
}  # fmt: skip
FLOWS = {"poisson": POISSON, "bernoulli": BERNOULLI, "hawkes": HAWKES}
SIZES = {"lognormal": LOGNORMAL, "empirical": EMPIRICAL}
PLAIN_PRICES = ("brownian", "geometric", "random_walk")
PLAIN_SIZES = ("constant", "geometric")


def plan_of(scenario: Scenario) -> Plan:
    """Of one asset a plain plan where that is enough: its world is made in less time."""
    if not isinstance(scenario.asset, Asset):
        factor = cholesky(matrix_of(scenario.correlation, list(scenario.assets)))
        assert factor is not None, "a checked scenario's correlations are possible"
        return JointPlan(
            tuple(scenario.assets),
            tuple(rich_plan(scenario.of(name)) for name in scenario.assets),
            tuple(map(tuple, factor)),
        )
    one = scenario.of("asset")
    return rich_plan(one) if extras(one) else plain_plan(one)


def rich_plan(scenario: OneAsset) -> RichPlan:
    plain = plain_plan(scenario)
    asset, tick = scenario.asset, float(scenario.asset.tick)
    price, informed = asset.price, asset.flow.informed
    unit = 1.0 if is_relative(price) else tick
    curve, variance = curve_of(price), Variance(0.0, 1.0, 0.0)
    if price.model == "heston":
        variance = Variance(
            float(price.start) / (unit * unit), float(price.xi) / unit, float(price.rho)
        )
    times = Curve(np.array([0]), np.array([1.0]))
    return RichPlan(
        *plain,
        curve=times if curve is None else squared(curve_arrays(curve)),
        reverting=reverting_of(scenario, unit),
        variance=variance,
        jumps=jumps_of(scenario, unit),
        rates=times if (rates := curve_of(asset.flow)) is None else curve_arrays(rates),
        excitation=excitation_of(asset.flow, 1e9 / plain.mean_gap),
        sizes=sizes_of(asset.flow.size),
        informed=Informed(0.0, 0.0)
        if informed is None
        else Informed(float(informed.share), float(informed.move) / tick),
    )


def extras(scenario: OneAsset) -> list[str]:
    """What makes a world richer than Brownian prices and independent orders, in words."""
    price, flow = scenario.asset.price, scenario.asset.flow
    given = {
        f"{price.model} prices": price.model not in PLAIN_PRICES,
        "a volatility curve": curve_of(price) is not None,
        "jumps": price.jumps is not None,
        "hawkes flow": flow.model == "hawkes",
        "a curve of the flow": curve_of(flow) is not None,
        f"{flow.size.model} sizes": flow.size.model not in PLAIN_SIZES,
        "informed orders": flow.informed is not None,
    }
    return [what for what, is_there in given.items() if is_there]


def plain_plan(scenario: OneAsset) -> WorldPlan:
    asset = scenario.asset
    price, flow, tick = asset.price, asset.flow, float(asset.tick)
    d0 = d0_of(scenario)
    rate = float(flow.A) * (1.0 if flow.model == "bernoulli" else math.exp(float(flow.k) * d0))
    relative = is_relative(price)
    mean = float(flow.size.mean) if flow.size.model == "geometric" else None
    mu, sigma = getattr(price, "mu", 0), getattr(price, "sigma", 0)
    drift = float(mu if relative else mu / asset.tick)
    if price.jumps is not None and price.jumps.compensated and price.model != "ou":
        first, _ = jump_moments(price.jumps, relative)
        drift -= float(price.jumps.rate) * first / (1.0 if relative else tick)
    return WorldPlan(
        duration=whole_ns(scenario.duration_s),
        step=whole_ns(price.step_ms / 1000),
        price=LOG_HESTON if relative and price.model == "heston" else PRICES[price.model],
        mid=float(asset.mid / asset.tick),
        mu=drift,
        sigma=float(sigma if relative else sigma / asset.tick),
        flow=FLOWS[flow.model],
        mean_gap=1e9 / rate if rate > 0 else math.inf,
        mean_reach=1 / (float(flow.k) * tick),
        floor=d0 / tick,
        log_ratio=-math.log1p(-1 / mean) if mean is not None and mean > 1 else math.inf,
        constant_size=flow.size.size if flow.size.model == "constant" else 0,
    )


def d0_of(scenario: OneAsset) -> float:
    """How far through the mid the flow reaches; under `bernoulli` from A exp(k d0) dt = 1."""
    flow = scenario.asset.flow
    if flow.model != "bernoulli":
        return float(flow.d0)
    if flow.A == 0:
        return math.inf
    return -math.log(float(flow.A * scenario.asset.price.step_ms / 1000)) / float(flow.k)


def curve_arrays(curve: prices.Curve) -> Curve:
    starts = np.array([whole_ns(at) for at in curve.at_s], np.int64)
    return Curve(starts, np.array([float(factor) for factor in curve.factor]))


def squared(curve: Curve) -> Curve:
    """From factors of sigma to those of the variance."""
    return Curve(curve.starts, curve.factors * curve.factors)


def reverting_of(scenario: OneAsset, unit: float) -> Reverting:
    """Of the mid in ticks, or of the variance; kappa 1 where nothing reverts."""
    price = scenario.asset.price
    if price.model == "heston":
        return Reverting(float(price.kappa), float(price.theta) / (unit * unit))
    if price.model != "ou":
        return Reverting(1.0, 0.0)
    level = float(scenario.asset.mid if price.theta is None else price.theta)
    if price.jumps is not None and price.jumps.compensated:
        level -= float(price.jumps.rate / price.kappa) * jump_moments(price.jumps, False)[0]
    return Reverting(float(price.kappa), level / unit)


def jumps_of(scenario: OneAsset, unit: float) -> Jumps:
    price = scenario.asset.price
    jumps, relative = price.jumps, int(is_relative(price))
    if jumps is None:
        return Jumps(NO_JUMPS, relative, math.inf, 0.0, 0.0, 0.0, 0.0, 0.0)
    gap = 1e9 / float(jumps.rate) if jumps.rate > 0 else math.inf
    if jumps.model == "merton":
        mean, sd = float(jumps.mean) / unit, float(jumps.sd) / unit
        return Jumps(MERTON, relative, gap, mean, sd, 0.0, 0.0, 0.0)
    up, down = 1 / (float(jumps.eta_up) * unit), 1 / (float(jumps.eta_down) * unit)
    return Jumps(KOU, relative, gap, 0.0, 0.0, float(jumps.p), up, down)


def jump_moments(jumps: prices.Jumps, relative: bool) -> tuple[float, float]:
    """E[J] and E[J^2] of a jump: currency, or of exp(Y) - 1 for the share of the mid."""
    if jumps.model == "merton":
        m, v = float(jumps.mean), float(jumps.sd * jumps.sd)
        if not relative:
            return m, m * m + v
        once, twice = math.expm1(m + v / 2), math.expm1(2 * m + 2 * v)
        return once, twice - 2 * once
    p, up, down = float(jumps.p), float(jumps.eta_up), float(jumps.eta_down)
    if not relative:
        return p / up - (1 - p) / down, 2 * p / (up * up) + 2 * (1 - p) / (down * down)
    once = p / (up - 1) - (1 - p) / (down + 1)
    twice = 2 * p / (up - 2) - 2 * (1 - p) / (down + 2)
    return once, twice - 2 * once


def excitation_of(flow: flows.Flow, rate: float) -> Excitation:
    """`rate` is the mean one of a side, the share (1 - own - cross) of it comes by itself."""
    if flow.model != "hawkes":
        return Excitation(0.0, 0.0, 0.0, 1.0)
    own, cross = float(flow.own), float(flow.cross)
    return Excitation(rate * (1.0 - own - cross), own, cross, float(flow.decay))


def sizes_of(size: flows.Size) -> Sizes:
    law = SIZES.get(size.model, EVEN)
    lots, chances = [1], [0.0]
    if size.model == "empirical":
        lots = list(size.sizes)
        weights = [float(each) for each in size.weights or [1] * len(lots)]
        total = math.fsum(weights)
        chances = [math.fsum(weights[:i]) / total for i in range(len(lots))]
    median, sigma = (
        (float(size.median), float(size.sigma)) if size.model == "lognormal" else (1.0, 0.0)
    )
    return Sizes(law, median, sigma, np.array(lots, np.int64), np.array(chances))


def latency_of(table: latency.Latency) -> models.Latency:
    return models.Latency(
        delay_of(table.data_ms), delay_of(table.orders_ms), delay_of(table.acks_ms)
    )


def delay_of(delay: latency.Delay) -> models.Delay:
    match delay:
        case latency.ConstantDelay():
            return models.Constant(whole_ns(delay.ms / 1000))
        case latency.LognormalDelay():
            return models.Lognormal(float(delay.median_ms * 1_000_000), float(delay.sigma))
    weights = delay.weights or (Decimal(1),) * len(delay.values_ms)
    total = sum(weights)
    return models.Empirical(
        tuple(whole_ns(ms / 1000) for ms in delay.values_ms),
        tuple(float(share / total) for share in accumulate(weights)),
    )
