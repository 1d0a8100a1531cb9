"""What the tables of a scenario must satisfy together."""

import math
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal

from lobsim.market.units import LARGEST, SECOND
from lobsim.scenario.schema import RESERVED, Scenario

Problem = tuple[tuple[str | int, ...], str]  # the path to a key, and what is wrong with it


def problems(scenario: Scenario, faulty: Collection[str] = ()) -> Iterator[Problem]:
    """What is wrong, but for checks of keys that are `faulty` in themselves."""
    for check, keys in CHECKS.items():
        if not any(fault.startswith(keys) for fault in faulty):
            yield from check(scenario)


def _times(scenario: Scenario) -> Iterator[Problem]:
    duration_ms = scenario.duration_s * 1000
    step_ms = scenario.asset.price.step_ms
    if scenario.duration_s > 4 * 10**9:
        yield ("duration_s",), "must be at most 4e9 (126 years)"
    for path, length_ms in (
        (("duration_s",), duration_ms),
        (("asset", "price", "step_ms"), step_ms),
        (("requote_ms",), scenario.requote_ms),
        (("risk", "cooldown_s"), scaled(scenario.risk.cooldown_s, 1000)),
    ):
        if length_ms is not None and length_ms * 1_000_000 % 1:
            yield path, "must be a whole number of nanoseconds"
    if step_ms > duration_ms:
        yield ("asset", "price", "step_ms"), f"must be at most the duration, {duration_ms:f} ms"
    elif duration_ms % step_ms:
        yield (
            ("asset", "price", "step_ms"),
            f"must divide the duration, {duration_ms:f} ms: "
            f"that would be {float(duration_ms / step_ms):.6g} steps",
        )
    if scenario.requote == "timer" and scenario.requote_ms is None:
        yield ("requote_ms",), 'is needed with requote = "timer"'
    if scenario.requote == "continuous" and scenario.requote_ms is not None:
        yield ("requote_ms",), 'goes with requote = "timer" only'


def _asset(scenario: Scenario) -> Iterator[Problem]:
    asset = scenario.asset
    if asset.mid < asset.tick:
        yield ("asset", "mid"), f"must be at least one tick, {asset.tick}"
    if asset.mid / asset.tick > 2**50:
        yield ("asset", "mid"), "must be at most 2^50 ticks"
    flow, step_s = asset.flow, asset.price.step_ms / 1000
    if flow.model == "bernoulli":
        if flow.A * step_s > 1:
            yield (
                ("asset", "flow", "A"),
                f"A times the step must be at most 1, is {float(flow.A * step_s):.6g}: "
                f"a probability; lower A or asset.price.step_ms",
            )
    elif flow.k * flow.d0 > 700:
        yield ("asset", "flow", "d0"), "k times d0 must be at most 700"
        return
    events = expected_events(scenario)
    if events > scenario.max_events:
        yield (
            ("max_events",),
            f"about {events:.3g} events would come, {scenario.max_events} are allowed: "
            f"lower asset.flow.A or duration_s, or raise max_events",
        )
    mean = float(getattr(flow.size, "mean", getattr(flow.size, "size", 1)))
    if 1000 * 8 * float(asset.mid / asset.tick) * mean * max(events, 1) > LARGEST:
        yield ("asset", "tick"), "cash could exceed 2^63 - 1; raise tick, or lower A or duration_s"
    for key in ("maker", "taker"):
        if abs(getattr(asset.fees, key)) > asset.mid:
            yield ("asset", "fees", key), f"must be at most the mid, {asset.mid}"
    if asset.fees.maker + asset.fees.taker < 0:
        yield ("asset", "fees", "maker"), "a rebate must not exceed the other side's fee"


def expected_events(scenario: Scenario) -> float:
    """How many happenings the world will have: orders of both sides, and steps of the mid."""
    flow = scenario.asset.flow
    steps = float(scenario.duration_s * 1000 / scenario.asset.price.step_ms)
    if flow.model == "bernoulli":
        return 3 * steps
    reached = math.exp(float(flow.k * flow.d0))
    return 2 * float(flow.A * scenario.duration_s) * reached + steps


def _strategies(scenario: Scenario) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    limit = scenario.risk.max_inventory
    for i, spec in enumerate(scenario.strategy):
        if spec.name in RESERVED or spec.name in Scenario.model_fields:
            yield ("strategy", i, "name"), "is reserved: it means something else in a scenario"
        if spec.name in seen:
            yield (
                ("strategy", i, "name"),
                f"two strategies have this name, number {seen[spec.name] + 1} and {i + 1}; "
                f"give one of them another",
            )
        seen[spec.name] = i
        if limit is not None and abs(spec.inventory) > limit:
            yield ("strategy", i, "inventory"), f"must be within risk.max_inventory, {limit}"
        if (spec.cash / scenario.asset.tick) % 1:
            yield (
                ("strategy", i, "cash"),
                f"must be a whole number of ticks of {scenario.asset.tick}",
            )


def _risk(scenario: Scenario) -> Iterator[Problem]:
    risk = scenario.risk
    if risk.reduce_at < 1 and risk.max_drawdown is None and risk.max_loss is None:
        yield ("risk", "reduce_at"), "is a share of max_drawdown and max_loss: give one of them"


# What each check looks at.
CHECKS: dict[Callable[[Scenario], Iterator[Problem]], tuple[str, ...]] = {
    _times: ("duration_s", "asset.price.step_ms", "requote", "risk.cooldown_s"),
    _asset: (
        "duration_s", "max_events", "asset.tick", "asset.mid", "asset.price.step_ms",
        "asset.flow", "asset.fees",
    ),
    _risk: ("risk",),
    _strategies: ("strategy", "risk.max_inventory", "asset.tick"),
}  # fmt: skip


def whole_ns(seconds: Decimal) -> int:
    return int(seconds * SECOND)


def scaled(number: Decimal | None, factor: int) -> Decimal | None:
    return None if number is None else number * factor
