"""What the tables of a scenario must satisfy together."""

import math
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from typing import Any

from lobsim.errors import figure, shown
from lobsim.market.units import LARGEST, LARGEST_VALUE, SECOND
from lobsim.scenario.lines import line_at
from lobsim.scenario.schema import RESERVED, OneAsset, Scenario
from lobsim.scenario.several_checks import SEVERAL_CHECKS
from lobsim.scenario.workload import (
    events_of,
    expected_events,
    expected_questions,
    price_of,
    remedy,
)
from lobsim.scenario.world_checks import WORLD_CHECKS, Problem

MOST_POWER = 700  # of e, in floats
NOT_FINITE = "must hold finite numbers only"


def problems(scenario: Scenario, faulty: Collection[str] = ()) -> Iterator[Problem]:
    """What is wrong, but for checks of keys that are `faulty` in themselves."""
    told = set()
    for name in scenario.assets:
        place = () if isinstance(scenario, OneAsset) or name == "asset" else (name,)
        prefix = ".".join(("asset", *place, ""))
        own = [fault.replace(prefix, "asset.", 1) for fault in faulty]
        for one_check, keys in ASSET_CHECKS.items():
            if any(fault.startswith(keys) for fault in own):
                continue
            for path, what in one_check(scenario.of(name)):
                problem = (("asset", *place, *path[1:]) if path[0] == "asset" else path, what)
                if problem not in told:
                    told.add(problem)
                    yield problem
    for check, keys in (CHECKS | SEVERAL_CHECKS).items():
        if not any(fault.startswith(keys) for fault in faulty):
            yield from check(scenario)


def _times(scenario: OneAsset) -> Iterator[Problem]:
    duration_ms = scenario.duration_s * 1000
    step_ms = scenario.asset.price.step_ms
    if scenario.duration_s > 4 * 10**9:
        yield ("duration_s",), "must be at most 4e9 (126 years)"
    whole = True
    for path, length_ms in (
        (("duration_s",), duration_ms),
        (("asset", "price", "step_ms"), step_ms),
        (("requote_ms",), scenario.requote_ms),
        (("risk", "cooldown_s"), scaled(scenario.risk.cooldown_s, 1000)),
    ):
        if length_ms is not None and length_ms * 1_000_000 % 1:
            whole = False
            yield path, "must be a whole number of nanoseconds"
    if step_ms > duration_ms:
        yield (
            ("asset", "price", "step_ms"),
            f"must be at most the duration, {figure(duration_ms)} ms",
        )
    elif whole and duration_ms % step_ms:
        yield (
            ("asset", "price", "step_ms"),
            f"must divide the duration, {figure(duration_ms)} ms: "
            f"that would be {figure(duration_ms / step_ms)} steps",
        )
    if scenario.requote == "timer" and scenario.requote_ms is None:
        yield ("requote_ms",), 'is needed with requote = "timer"'
    if scenario.requote == "continuous" and scenario.requote_ms is not None:
        yield ("requote_ms",), 'goes with requote = "timer" only'


def _asset(scenario: OneAsset) -> Iterator[Problem]:
    asset, flow = scenario.asset, scenario.asset.flow
    far = LARGEST_VALUE * asset.tick
    for path, length in (
        (("asset", "mid"), asset.mid),
        (("asset", "flow", "k"), 1 / flow.k),
        (("asset", "flow", "d0"), getattr(flow, "d0", 0)),
        (("risk", "close_cost"), scenario.risk.close_cost),
        (("asset", "risk", "close_cost"), asset.risk.close_cost or 0),
    ):
        if length > far:
            what = "1/k" if path[-1] == "k" else path[-1]
            yield path, f"{what} must be at most {figure(far)} (1e15 ticks)"
    if asset.mid < asset.tick:
        yield ("asset", "mid"), f"must be at least one tick, {shown(asset.tick)}"


def _load(scenario: OneAsset) -> Iterator[Problem]:
    """Whether the events can be counted, awaited and paid for."""
    asset, flow, step_s = scenario.asset, scenario.asset.flow, scenario.asset.price.step_ms / 1000
    if flow.model == "bernoulli":
        if flow.A * step_s > 1:
            yield (
                ("asset", "flow", "A"),
                f"A times the step must be at most 1, is {figure(flow.A * step_s)}: "
                f"a probability; lower A or asset.price.step_ms",
            )
    elif flow.k * flow.d0 > MOST_POWER:
        yield ("asset", "flow", "d0"), f"k times d0 must be at most {MOST_POWER}"
        return
    events = events_of(scenario)
    key, mean = flow.size.mean_lots()
    fits = LARGEST / (8000 * float(asset.mid / asset.tick) * max(events, 1))
    if fits < 1:
        yield ("asset", "tick"), "cash could exceed 2^63 - 1; raise tick, or lower A or duration_s"
    elif mean > fits:
        yield (
            ("asset", "flow", "size", key),
            f"cash could exceed 2^63 - 1; at most {fits:.3g} here: lower {key} or raise asset.tick",
        )


def _events(scenario: Scenario) -> Iterator[Problem]:
    """Whether so much can be simulated."""
    flows = [asset.flow for asset in scenario.assets.values()]
    if any(flow.k * getattr(flow, "d0", 0) > MOST_POWER for flow in flows):
        return
    total = (expected_events(scenario) + expected_questions(scenario)) * (1 + scenario.summary_reps)
    if total > scenario.max_events:
        yield (
            ("max_events",),
            f"about {total:.3g} events would come, {scenario.max_events} are allowed: "
            f"{remedy(scenario)}{price_of(total)}",
        )


def _names(scenario: Scenario) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for i, spec in enumerate(scenario.strategy):
        if spec.name in RESERVED or spec.name in Scenario.model_fields:
            yield ("strategy", i, "name"), "is reserved: it means something else in a scenario"
        if spec.name in seen:
            first = seen[spec.name]
            source = scenario.source
            line = None if source is None else line_at(source.text, ("strategy", first, "name"))
            at = "" if line is None else f" (line {line})"
            yield (
                ("strategy", i, "name"),
                f"two strategies have this name, number {first + 1}{at} and {i + 1}; "
                f"give one of them another",
            )
        seen.setdefault(spec.name, i)


def _endowments(scenario: OneAsset) -> Iterator[Problem]:
    asset = scenario.asset
    limit, tick = scenario.max_inventory, asset.tick
    for i, spec in enumerate(scenario.strategy):
        held = spec.inventory_in(scenario.asset_name)
        own = (scenario.asset_name,) if isinstance(spec.inventory, dict) else ()
        path = ("strategy", i, "inventory", *own)
        if limit is not None and abs(held) > limit:
            yield path, f"must be within risk.max_inventory, {limit}"
        if abs(held) * asset.mid > LARGEST_VALUE * tick:
            lots = int(LARGEST_VALUE * tick / asset.mid)
            yield path, f"must be from -{lots} to {lots}: at most 1e15 ticks at the mid"
        if abs(spec.cash) > LARGEST_VALUE * tick:
            most = figure(LARGEST_VALUE * tick)
            yield ("strategy", i, "cash"), f"must be from -{most} to {most} (1e15 ticks)"
        elif (spec.cash / tick) % 1:
            yield ("strategy", i, "cash"), f"must be a whole number of ticks of {shown(tick)}"


def _latency(scenario: Scenario) -> Iterator[Problem]:
    for i, spec in enumerate(scenario.strategy):
        for path, what in spec.latency.problems(scenario.duration_s * 1000):
            yield ("strategy", i, "latency", *path), what
        if scenario.requote == "continuous" and not spec.latency.is_none:
            yield (
                ("strategy", i, "latency"),
                'goes with requote = "timer" only: asked before every order, it would know of '
                "orders that it has not heard of",
            )


def _parameters(scenario: Scenario) -> Iterator[Problem]:
    """Numbers that JSON cannot hold, in whatever a strategy's parameters may be."""
    for i, spec in enumerate(scenario.strategy):
        for key, value in spec.params.items():
            if any(not math.isfinite(number) for number in numbers_in(value)):
                what = "must be a finite number" if isinstance(value, Decimal) else NOT_FINITE
                yield ("strategy", i, "params", key), what


def numbers_in(value: Any) -> Iterator[float | Decimal]:
    """The fractions in a parameter, which may be a list or a table."""
    if isinstance(value, float | Decimal):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(each)


def _risk(scenario: Scenario) -> Iterator[Problem]:
    risk = scenario.risk
    if risk.reduce_at < 1 and risk.max_drawdown is None and risk.max_loss is None:
        yield ("risk", "reduce_at"), "is a share of max_drawdown and max_loss: give one of them"
    limits = [risk.max_inventory, *(a.risk.max_inventory for a in scenario.assets.values())]
    if risk.volatility_s is not None and not any(limits):
        yield ("risk", "volatility_s"), "scales max_inventory: give that too"


# What each check looks at.
CHECKS: dict[Callable[[Scenario], Iterator[Problem]], tuple[str, ...]] = {
    _events: ("duration_s", "max_events", "asset", "requote", "summary_reps"),
    _risk: ("risk",),
    _names: ("strategy",),
    _latency: ("strategy", "duration_s", "requote"),
    _parameters: ("strategy",),
}
# As seen from each asset.
ASSET_CHECKS: dict[Callable[[OneAsset], Iterator[Problem]], tuple[str, ...]] = {
    _times: ("duration_s", "asset.price.step_ms", "requote", "risk.cooldown_s"),
    _asset: ("asset.tick", "asset.mid", "asset.flow", "asset.risk", "risk"),
    _load: ("duration_s", "asset.tick", "asset.mid", "asset.price", "asset.flow"),
    _endowments: ("strategy", "risk.max_inventory", "asset.tick", "asset.mid", "asset.risk"),
    **WORLD_CHECKS,
}


def whole_ns(seconds: Decimal) -> int:
    return int(seconds * SECOND)


def scaled(number: Decimal | None, factor: int) -> Decimal | None:
    return None if number is None else number * factor
