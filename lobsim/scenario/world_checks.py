"""What fees and the models of prices and orders must satisfy, beyond the range of each key."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from lobsim.errors import figure, shown
from lobsim.scenario.flows import EmpiricalSize, LognormalSize
from lobsim.scenario.prices import Curve, HestonPrice, curve_of, is_relative
from lobsim.scenario.schema import OneAsset

Problem = tuple[tuple[str | int, ...], str]  # the path to a key, and what is wrong with it

PRICE, FLOW = ("asset", "price"), ("asset", "flow")
WIDEST = 5  # a jump by a factor of exp(5), and a size e^5 times the median one deviation up
LEAST_XI = 1e-7  # of xi^2 to the variance: below, numbers of the variance's law pass 64 bits


def fee_problems(scenario: OneAsset) -> Iterator[Problem]:
    """Each alone, and both sides together at the first mid: the venue does not pay for trading."""
    fees, mid = scenario.asset.fees, scenario.asset.mid
    for keys, most, what in (
        (("maker", "taker"), mid, "the mid"),
        (("maker_bps", "taker_bps"), Decimal(10_000), "the price itself"),
    ):
        for key in keys:
            if abs(getattr(fees, key)) > most:
                limit = shown(most)
                yield ("asset", "fees", key), f"must be between -{limit} and {limit} ({what})"
    maker, taker = fees.maker_at(mid), fees.taker_at(mid)
    if maker + taker < 0:
        side, rebate, fee = ("maker", maker, taker) if maker < taker else ("taker", taker, maker)
        per_lot = getattr(fees, side)
        key = side if per_lot <= rebate - per_lot else f"{side}_bps"
        yield (
            ("asset", "fees", key),
            f"a rebate must not exceed the other side's fee: with all bps at the first mid, "
            f"{figure(-rebate)} a lot against {figure(fee)}",
        )


def curve_of_price_problems(scenario: OneAsset) -> Iterator[Problem]:
    if curve := curve_of(scenario.asset.price):
        yield from curve_problems(scenario, (*PRICE, "curve"), curve)


def variance_problems(scenario: OneAsset) -> Iterator[Problem]:
    price = scenario.asset.price
    if isinstance(price, HestonPrice):
        most = float(max(price.theta, price.start))
        if float(price.xi) ** 2 < LEAST_XI * most:
            least = figure((LEAST_XI * most) ** 0.5)
            yield (*PRICE, "xi"), f"must be at least {least}: the variance hardly moves otherwise"


def curve_of_flow_problems(scenario: OneAsset) -> Iterator[Problem]:
    if curve := curve_of(scenario.asset.flow):
        yield from curve_problems(scenario, (*FLOW, "curve"), curve)


def curve_problems(scenario: OneAsset, path: tuple[str, ...], curve: Curve) -> Iterator[Problem]:
    starts, factors = curve.at_s, curve.factor
    if not starts or len(starts) != len(factors):
        counts = f"{len(starts)} of at_s, {len(factors)} of factor"
        yield path, f"must have a factor for each start: has {counts}"
        return
    if starts[0] != 0:
        yield (*path, "at_s", 0), "must be 0: the first factor holds from the start"
    for i in range(1, len(starts)):
        if starts[i] <= starts[i - 1]:
            yield (*path, "at_s", i), "must be later than the one before"
        if starts[i] * 10**9 % 1:
            yield (*path, "at_s", i), "must be a whole number of nanoseconds"
    if starts[-1] >= scenario.duration_s:
        last = len(starts) - 1
        yield (*path, "at_s", last), f"must be below the duration, {figure(scenario.duration_s)} s"


def jump_problems(scenario: OneAsset) -> Iterator[Problem]:
    """Those of the mid's logarithm must leave it a mean and a variance."""
    jumps, path = scenario.asset.price.jumps, (*PRICE, "jumps")
    if jumps is None or not is_relative(scenario.asset.price):
        return
    if jumps.model == "kou":
        if jumps.eta_up <= 2:
            yield (*path, "eta_up"), "must be above 2 here: the mid would have no variance"
        return
    for key, size in (("mean", abs(jumps.mean)), ("sd", jumps.sd)):
        if size > WIDEST:
            what = f"from -{WIDEST} to {WIDEST}" if key == "mean" else f"at most {WIDEST}"
            yield (*path, key), f"must be {what} here: it is of the mid's logarithm"


def excitation_problems(scenario: OneAsset) -> Iterator[Problem]:
    flow = scenario.asset.flow
    if flow.model == "hawkes" and flow.own + flow.cross >= 1:
        ratio = figure(flow.own + flow.cross)
        yield (
            (*FLOW, "own"),
            f"the process explodes: branching ratio {ratio} (own + cross), must be below 1",
        )


def size_problems(scenario: OneAsset) -> Iterator[Problem]:
    size, path = scenario.asset.flow.size, (*FLOW, "size")
    if isinstance(size, LognormalSize) and size.sigma > WIDEST:
        yield (*path, "sigma"), f"must be at most {WIDEST}"
    if isinstance(size, EmpiricalSize):
        if not size.sizes:
            yield (*path, "sizes"), "must have a size at least"
        if size.weights is not None:
            counts = len(size.sizes), len(size.weights)
            if counts[0] != counts[1]:
                what = f"{counts[0]} sizes, {counts[1]} weights"
                yield (*path, "weights"), f"must have a weight for each size: has {what}"
            elif not sum(size.weights):
                yield (*path, "weights"), "must have one above 0"


def exposure_problems(scenario: OneAsset) -> Iterator[Problem]:
    """VaR and CVaR need the law of the mid."""
    price, flow = scenario.asset.price, scenario.asset.flow
    unknown = [
        what
        for what, is_there in (
            (f"{price.model} prices", price.model in ("ou", "heston")),
            ("a volatility curve", curve_of(price) is not None),
            ("jumps", price.jumps is not None),
            ("informed orders", flow.informed is not None),
        )
        if is_there
    ]
    for key in ("max_var", "max_cvar"):
        if unknown and getattr(scenario.risk, key) is not None:
            law = "it takes the mid for a Brownian motion, plain or geometric"
            yield ("risk", key), f"is not known with {', '.join(unknown)}: {law}"


# What each check looks at.
WORLD_CHECKS: dict[Callable[[OneAsset], Iterator[Problem]], tuple[str, ...]] = {
    fee_problems: ("asset.mid", "asset.fees"),
    curve_of_price_problems: ("asset.price.curve", "duration_s"),
    variance_problems: ("asset.price.theta", "asset.price.xi", "asset.price.v0"),
    jump_problems: ("asset.price.jumps", "asset.price.form"),
    curve_of_flow_problems: ("asset.flow.curve", "duration_s"),
    excitation_problems: ("asset.flow.own", "asset.flow.cross"),
    size_problems: ("asset.flow.size",),
    exposure_problems: ("asset.price", "asset.flow", "risk"),
}
