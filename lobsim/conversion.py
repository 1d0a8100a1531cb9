"""A scenario's numbers in the units of the market: ns, ticks, and rates of both."""

import math
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from lobsim.market.ledger import Fee, Fees
from lobsim.market.risk import Limits
from lobsim.market.strategy import Market
from lobsim.market.units import LARGEST, Millis
from lobsim.plans import d0_of, extras, jump_moments
from lobsim.scenario.asset import Fees as FeesTable
from lobsim.scenario.checks import whole_ns
from lobsim.scenario.flows import Informed
from lobsim.scenario.prices import curve_of, is_relative
from lobsim.scenario.schema import Group, OneAsset, Risk

TABLE_ROWS = 10_000  # 1,000 would bias gamma 1 by 3 standard errors at 100,000 replications


def limits_of(scenario: OneAsset, *, alone: bool) -> Limits:
    """Those of an account in an asset, in its ticks; where it is not `alone`, equity is that of
    the accounts in all assets, and limited there.
    """
    risk, own = scenario.risk, scenario.asset.risk
    limits = equity_limits(risk, scenario.asset.tick) if alone else Limits()
    return replace(
        limits,
        max_inventory=scenario.max_inventory or LARGEST,
        max_order_size=own.max_order_size or risk.max_order_size or LARGEST,
        flatten=risk.on_halt == "flatten",
        cooldown=None if risk.cooldown_s is None else whole_ns(risk.cooldown_s),
    )


def equity_limits(risk: Risk | Group, tick: Decimal) -> Limits:
    """In integers; in `reduce_at` 1 is never."""
    reduce_at = risk.reduce_at if isinstance(risk, Risk) else Decimal(1)
    drawdown, loss = millis(risk.max_drawdown, tick), millis(risk.max_loss, tick)
    never = reduce_at == 1
    return Limits(
        max_drawdown=drawdown,
        max_loss=loss,
        reduce_drawdown=LARGEST if never else int(drawdown * reduce_at),
        reduce_loss=LARGEST if never else int(loss * reduce_at),
        max_var=millis(risk.max_var, tick),
        max_cvar=millis(risk.max_cvar, tick),
    )


def millis(currency: Decimal | None, tick: Decimal) -> Millis:
    return LARGEST if currency is None else min(LARGEST, int(1000 * currency / tick))


def fees_of(fees: FeesTable, tick: Decimal) -> Fees:
    """As exact fractions: a Decimal has 28 digits, and 1000 / tick may have more."""
    return Fees(
        fee_in_ticks(fees.maker, fees.maker_bps, tick),
        fee_in_ticks(fees.taker, fees.taker_bps, tick),
    )


def fee_in_ticks(per_lot: Decimal, bps: Decimal, tick: Decimal) -> Fee:
    lot, rate = 1000 * Fraction(per_lot) / Fraction(tick), Fraction(bps) / 10
    per = math.lcm(lot.denominator, rate.denominator)
    return Fee(int(lot * per), int(rate * per), per)


def market_of(scenario: OneAsset) -> Market:
    asset = scenario.asset
    price, flow = asset.price, asset.flow
    rows = TABLE_ROWS
    if flow.model == "bernoulli":
        rows = int(scenario.duration_s * 1000 / price.step_ms)
    return Market(
        sigma=sigma_of(scenario),
        A=float(flow.A) * mean_factor(scenario, flow),
        k=float(flow.k),
        d0=d0_of(scenario),
        tick=float(asset.tick),
        mid=float(asset.mid),
        duration_s=float(scenario.duration_s),
        rows=rows,
        max_inventory=scenario.max_inventory,
        mu=mu_of(scenario),
        maker_fee=float(asset.fees.maker_at(asset.mid)),
        informed_cost=informed_cost_of(flow.informed),
    )


def informed_cost_of(informed: Informed | None) -> float:
    """What a lot filled loses on average to the moves that follow, in currency."""
    return 0.0 if informed is None else float(informed.share * informed.move)


def sigma_of(scenario: OneAsset) -> float:
    """The root of the mean squared movement per second, whatever moves the mid; currency.

    Where the model's moves are relative, those at the first mid.
    """
    asset = scenario.asset
    price, informed = asset.price, asset.flow.informed
    if price.model != "heston" and not extras(scenario):
        return float(price.sigma * asset.mid if is_relative(price) else price.sigma)
    unit = float(asset.mid) if is_relative(price) else 1.0
    if price.model == "heston":
        since = float(price.start - price.theta)
        squared = float(price.theta) + since * decayed(float(price.kappa * scenario.duration_s))
    else:
        squared = float(price.sigma * price.sigma) * mean_factor(scenario, price, power=2)
    if price.jumps is not None:
        squared += float(price.jumps.rate) * jump_moments(price.jumps, is_relative(price))[1]
    squared *= unit * unit
    if informed is not None:
        often = 2 * float(asset.flow.A) * mean_factor(scenario, asset.flow)
        squared += often * float(informed.share * informed.move * informed.move)
    return math.sqrt(squared)


def mu_of(scenario: OneAsset) -> float:
    """The mean drift over the run, of jumps too; currency per second, at the first mid."""
    asset, price = scenario.asset, scenario.asset.price
    relative = is_relative(price)
    unit = asset.mid if relative else 1
    if price.model == "ou":
        away = 0 if price.theta is None else price.theta - asset.mid
        reached = decayed(float(price.kappa * scenario.duration_s))
        drift, weight = float(away * price.kappa) * reached, reached
    else:
        drift, weight = float(price.mu * unit), 1.0
    if price.jumps is not None and not price.jumps.compensated:
        mean = jump_moments(price.jumps, relative)[0]
        drift += float(price.jumps.rate * unit) * mean * weight
    return drift


def decayed(x: float) -> float:
    """The mean of exp(-t) for t from 0 to x."""
    return -math.expm1(-x) / x


def mean_factor(scenario: OneAsset, table: object, power: int = 1) -> float:
    """The mean over the run of a price's or a flow's curve, to this power; 1 without one."""
    curve = curve_of(table)
    return 1.0 if curve is None else float(curve.mean(scenario.duration_s, power))
