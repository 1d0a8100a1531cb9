"""Assets as the exchange has them: their numbers in ticks, and what their ticks have in common."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lobsim.conversion import fees_of, limits_of, market_of
from lobsim.market.ledger import Fees
from lobsim.market.risk import Limits
from lobsim.market.strategy import Market
from lobsim.models.rich_world import RichPlan
from lobsim.models.world import WorldPlan
from lobsim.scenario.schema import OneAsset, Scenario


@dataclass(frozen=True, slots=True)
class Listing:
    """One asset as the exchange has it; of its ticks the `weight` says how many units they are."""

    name: str
    market: Market
    plan: WorldPlan | RichPlan
    limits: Limits
    fees: Fees
    close_cost: float
    weight: int


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
    )


def common_unit(ticks: Sequence[Decimal]) -> Fraction:
    """The largest number of which all ticks are whole multiples."""
    fractions = [Fraction(tick) for tick in ticks]
    below = math.lcm(*(each.denominator for each in fractions))
    return Fraction(math.gcd(*(int(each * below) for each in fractions)), below)


def exact(unit: Fraction) -> Decimal:
    return Decimal(unit.numerator) / Decimal(unit.denominator)
