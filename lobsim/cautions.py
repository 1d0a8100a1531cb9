"""What a user should know of a scenario before believing its result."""

import math
from collections.abc import Mapping

from lobsim.errors import figure
from lobsim.market.strategy import Market
from lobsim.scenario.schema import OneAsset, Scenario


def cautions(scenario: Scenario, markets: Mapping[str, Market]) -> list[str]:
    """What a user should know before believing the result."""
    several = len(markets) > 1
    found: list[str] = []
    for name, market in markets.items():
        one = scenario.of(name)
        told = [*variance_warnings(one), *stale_warnings(one, market)]
        found += [f"{name}: {line}" if several else line for line in told]
    return found


def variance_warnings(scenario: OneAsset) -> list[str]:
    price = scenario.asset.price
    if price.model != "heston" or 2 * price.kappa * price.theta >= price.xi * price.xi:
        return []
    pull, push = figure(2 * price.kappa * price.theta), figure(price.xi * price.xi)
    return [
        f"the variance will touch 0 (Feller): 2 kappa theta = {pull} is below xi^2 = {push}; it is "
        f"simulated exactly all the same"
    ]


def stale_warnings(scenario: Scenario, market: Market) -> list[str]:
    if scenario.requote_ms is None:
        return []
    drift = market.sigma * math.sqrt(float(scenario.requote_ms) / 1000)
    if drift <= 0.3 / market.k:
        return []
    return [
        f"the mid moves {drift:.3g} between two quotes (sigma sqrt(requote)), more than 0.3/k = "
        f"{0.3 / market.k:.3g}: quotes are stale when they trade; lower requote_ms"
    ]
