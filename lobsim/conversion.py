"""A scenario's numbers in the units of the market: ns, ticks, and rates of both."""

import math
from decimal import Decimal
from itertools import accumulate

from lobsim.market.risk import Limits
from lobsim.market.strategy import Market
from lobsim.market.units import LARGEST, Millis
from lobsim.models import latency as models
from lobsim.models.world import (
    BERNOULLI,
    BROWNIAN,
    GEOMETRIC,
    POISSON,
    RANDOM_WALK,
    WorldPlan,
)
from lobsim.scenario import latency as given
from lobsim.scenario.checks import whole_ns
from lobsim.scenario.schema import Risk, Scenario

PRICES = {"brownian": BROWNIAN, "geometric": GEOMETRIC, "random_walk": RANDOM_WALK}
TABLE_ROWS = 10_000  # 1,000 would bias gamma 1 by 3 standard errors at 100,000 replications


def limits_of(risk: Risk, tick: Decimal) -> Limits:
    """The limits in integers; in `reduce_at` 1 is never."""
    drawdown, loss = millis(risk.max_drawdown, tick), millis(risk.max_loss, tick)
    never = risk.reduce_at == 1
    return Limits(
        max_inventory=risk.max_inventory or LARGEST,
        max_order_size=risk.max_order_size or LARGEST,
        max_drawdown=drawdown,
        max_loss=loss,
        reduce_drawdown=LARGEST if never else int(drawdown * risk.reduce_at),
        reduce_loss=LARGEST if never else int(loss * risk.reduce_at),
        max_var=millis(risk.max_var, tick),
        max_cvar=millis(risk.max_cvar, tick),
        flatten=risk.on_halt == "flatten",
        cooldown=None if risk.cooldown_s is None else whole_ns(risk.cooldown_s),
    )


def millis(currency: Decimal | None, tick: Decimal) -> Millis:
    return LARGEST if currency is None else min(LARGEST, int(1000 * currency / tick))


def market_of(scenario: Scenario) -> Market:
    asset = scenario.asset
    price, flow = asset.price, asset.flow
    relative = price.model == "geometric"
    rows = TABLE_ROWS
    if flow.model == "bernoulli":
        rows = int(scenario.duration_s * 1000 / price.step_ms)
    return Market(
        sigma=float(price.sigma * asset.mid if relative else price.sigma),
        A=float(flow.A),
        k=float(flow.k),
        d0=d0_of(scenario),
        tick=float(asset.tick),
        mid=float(asset.mid),
        duration_s=float(scenario.duration_s),
        rows=rows,
        max_inventory=scenario.risk.max_inventory,
        mu=float(price.mu * asset.mid if relative else price.mu),
        maker_fee=float(asset.fees.maker),
    )


def d0_of(scenario: Scenario) -> float:
    """How far through the mid the flow reaches; under `bernoulli` from A exp(k d0) dt = 1."""
    flow = scenario.asset.flow
    if flow.model == "poisson":
        return float(flow.d0)
    if flow.A == 0:
        return math.inf
    return -math.log(float(flow.A * scenario.asset.price.step_ms / 1000)) / float(flow.k)


def plan_of(scenario: Scenario) -> WorldPlan:
    asset = scenario.asset
    price, flow, tick = asset.price, asset.flow, float(asset.tick)
    poisson = flow.model == "poisson"
    d0 = d0_of(scenario)
    rate = float(flow.A) * (math.exp(float(flow.k) * d0) if poisson else 1.0)
    relative = price.model == "geometric"
    mean = float(flow.size.mean) if flow.size.model == "geometric" else None
    return WorldPlan(
        duration=whole_ns(scenario.duration_s),
        step=whole_ns(price.step_ms / 1000),
        price=PRICES[price.model],
        mid=float(asset.mid / asset.tick),
        mu=float(price.mu if relative else price.mu / asset.tick),
        sigma=float(price.sigma if relative else price.sigma / asset.tick),
        flow=POISSON if poisson else BERNOULLI,
        mean_gap=1e9 / rate if rate > 0 else math.inf,
        mean_reach=1 / (float(flow.k) * tick),
        floor=d0 / tick,
        log_ratio=-math.log1p(-1 / mean) if mean is not None and mean > 1 else math.inf,
        constant_size=flow.size.size if flow.size.model == "constant" else 0,
    )


def latency_of(table: given.Latency) -> models.Latency:
    return models.Latency(
        delay_of(table.data_ms), delay_of(table.orders_ms), delay_of(table.acks_ms)
    )


def delay_of(delay: given.Delay) -> models.Delay:
    match delay:
        case given.ConstantDelay():
            return models.Constant(whole_ns(delay.ms / 1000))
        case given.LognormalDelay():
            return models.Lognormal(float(delay.median_ms * 1_000_000), float(delay.sigma))
    weights = delay.weights or (Decimal(1),) * len(delay.values_ms)
    total = sum(weights)
    return models.Empirical(
        tuple(whole_ns(ms / 1000) for ms in delay.values_ms),
        tuple(float(share / total) for share in accumulate(weights)),
    )
