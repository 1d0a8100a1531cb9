"""Assets as the exchange has them: their numbers in ticks, and what their ticks have in common."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lobsim.conversion import equity_limits, fees_of, limits_of, market_of
from lobsim.market.ledger import Fees
from lobsim.market.risk import Limits
from lobsim.market.strategy import Market
from lobsim.market.units import Nanos
from lobsim.models.rich_world import RichPlan
from lobsim.models.world import WorldPlan
from lobsim.scenario.checks import whole_ns
from lobsim.scenario.schema import OneAsset, Scenario


@dataclass(frozen=True, slots=True)
class Listing:
    """One asset as the exchange has it; of its ticks the `weight` says how many units they are.

    `window` is that of the volatility by which its limit to inventories is divided; None: it stays.
    """

    name: str
    market: Market
    plan: WorldPlan | RichPlan
    limits: Limits
    fees: Fees
    close_cost: float
    weight: int
    window: Nanos | None


def listing_of(
    one: OneAsset, plan: WorldPlan | RichPlan, unit: Fraction, scenario: Scenario
) -> Listing:
    asset = one.asset
    own = asset.risk.close_cost
    return Listing(
        name=one.asset_name,
        market=market_of(one),
        plan=plan,
        limits=limits_of(one, alone=len(scenario.assets) == 1),
        fees=fees_of(asset.fees, asset.tick),
        close_cost=float((one.risk.close_cost if own is None else own) / asset.tick),
        weight=int(Fraction(asset.tick) / unit),
        window=None if scenario.risk.volatility_s is None else whole_ns(scenario.risk.volatility_s),
    )


@dataclass(frozen=True, slots=True)
class Together:
    """A [group]: names of strategies, and what they may do together; equity in units."""

    strategies: tuple[str, ...]
    limits: Limits
    max_inventory: int | None


def groups_of(scenario: Scenario, unit: Fraction) -> tuple[Together, ...]:
    return tuple(
        Together(group.strategies, equity_limits(group, exact(unit)), group.max_inventory)
        for group in scenario.group.values()
    )


def common_unit(ticks: Sequence[Decimal]) -> Fraction:
    """The largest number of which all ticks are whole multiples."""
    fractions = [Fraction(tick) for tick in ticks]
    below = math.lcm(*(each.denominator for each in fractions))
    return Fraction(math.gcd(*(int(each * below) for each in fractions)), below)


def exact(unit: Fraction) -> Decimal:
    return Decimal(unit.numerator) / Decimal(unit.denominator)
