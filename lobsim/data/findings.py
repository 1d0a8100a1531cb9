"""A calibration in rows and in words."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from lobsim.data.blocks import Estimate
from lobsim.data.calibrate import ONE_TICK, Calibration, Fit
from lobsim.errors import figure

UNLIKELY = 0.001


class Row(NamedTuple):
    """A figure with its 95 % interval, if it has one."""

    figure: str
    value: float
    low: float | None
    high: float | None
    unit: str


def rows(found: Calibration) -> Iterator[Row]:
    """All figures of a calibration."""
    yield Row("spread", found.spread, None, None, "ticks")
    yield row("market orders", found.rate, "per s and side")
    per_root = "currency per sqrt(s)"
    volatility = found.volatility
    for interval_s, estimate in zip(volatility.intervals_s, volatility.realised, strict=True):
        yield row(f"sigma, {interval_s} s", estimate.scaled(found.tick), per_root)
    if volatility.two_scales is not None:
        yield row("sigma, two scales", volatility.two_scales.scaled(found.tick), per_root)
    for fit in fits(found):
        yield row(f"A, {fit.name}", fit.A, "per s and side")
        yield row(f"k, {fit.name}", fit.k, "per tick")
        if fit.A_information is not None and fit.k_information is not None:
            yield row(f"A, {fit.name} (information)", fit.A_information, "per s and side")
            yield row(f"k, {fit.name} (information)", fit.k_information, "per tick")
    yield Row("size", found.shares * found.size_step, None, None, "shares")
    yield Row("size", found.lots.mean, None, None, f"lots of {found.lot}")
    for name, each in found.hawkes.items():
        yield Row(f"mu, {name}", each.mu, None, None, "per s")
        yield Row(f"alpha, {name}", each.alpha, None, None, "per s")
        yield Row(f"beta, {name}", each.beta, None, None, "per s")
        yield Row(f"branching, {name}", each.branching, None, None, "")


def row(what: str, estimate: Estimate, unit: str) -> Row:
    return Row(what, estimate.value, estimate.low, estimate.high, unit)


def fits(found: Calibration) -> list[Fit]:
    return [fit for fit in (found.plain, found.tail, found.likelihood) if fit is not None]


def words(found: Calibration) -> list[str]:
    """What stands behind the figures, and whether they hold."""
    lines = [
        f"{fit.name}: least squares on the log intensity of the depth reached, "
        f"{figure(fit.low)} to {figure(fit.high)} ticks, R2 {fit.r2:.3f}"
        for fit in (found.plain, found.tail)
        if fit is not None and fit.r2 is not None
    ]
    if found.likelihood is not None:
        lines.append(
            "likelihood: of when orders came, at rate A exp(-k distance of the best quote); "
            "(information): its interval if they come one by one"
        )
    lots = found.lots
    better, ratio = "geometric", lots.geometric - lots.lognormal
    if not lots.is_geometric:
        better, ratio = "lognormal", -ratio
    lines.append(f"sizes: {better} is the likelier by {ratio:.1f} of log likelihood")
    for name, each in found.hawkes.items():
        probability = f"p {each.p:.2g}" if each.p >= UNLIKELY else f"p < {UNLIKELY}"
        lines.append(
            f"{name}: an order brings {each.branching:.2f} more, half of them in "
            f"{1000 * math.log(2) / each.beta:,.3g} ms; likelihood ratio against Poisson "
            f"{each.likelihood_ratio:,.1f}, {probability}"
        )
    return lines


def warnings(found: Calibration) -> list[str]:
    """What not to believe."""
    lines = []
    if found.one_tick >= ONE_TICK:
        lines.append(
            f"the spread is one tick for {found.one_tick:.1%} of the time: quotes are nearly "
            f"always at one distance, so no exponential can be fitted"
        )
    elif found.chosen is None:
        lines.append("fewer orders did not come further away: no exponential can be fitted")
    elif found.likelihood is None:
        lines.append("orders did not come more often at narrow spreads: no fit by likelihood")
    if found.plain is not None and found.plain.A.value > found.rate.value:
        lines.append(
            f"{found.at_touch:.0%} of the orders stop at the best quote, so the log intensity is "
            f"concave inside the half-spread and the plain fit overstates how many reach the mid: "
            f"A {figure3(found.plain.A.value)}, where {figure3(found.rate.value)} came at all; "
            f"take the tail's, for depths beyond {figure3(found.spread / 2)} ticks, and no rate "
            f"above {figure3(found.rate.value)}"
        )
    held = None if found.likelihood is None else found.likelihood.agreement
    if held is not None and held.p < UNLIKELY:
        lines.append(
            f"by distance of the best quote {held.ratio.min():.2f} to {held.ratio.max():.2f} times "
            f"as many orders came as the likelihood expects (chi-squared p < {UNLIKELY}): the "
            f"exponential is a rough description"
        )
    if any(each.p < UNLIKELY for each in found.hawkes.values()):
        lines.append(
            "orders come in clusters: intervals (information) are too narrow; model = "
            '"hawkes" has them'
        )
    if found.without_quotes:
        lines.append(f"{found.without_quotes} market orders came where a side was empty: left out")
    return lines


def figure3(value: float) -> str:
    return f"{value:.3g}".replace("e+", "e")
