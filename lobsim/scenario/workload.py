"""How much there is to simulate: the events of a run, what makes for fewer, what they cost."""

import math
from decimal import Decimal

from lobsim.scenario.prices import curve_of
from lobsim.scenario.schema import OneAsset, Scenario

SECONDS_PER_EVENT = 15e-6  # measured
BYTES_PER_EVENT = 16  # a happening's row of `mids` alone, compressed; orders come on top


def expected_events(scenario: Scenario) -> float:
    """How many happenings the world will have: orders of both sides, and moves of the mid.

    Of several assets all mids move whenever anything comes.
    """
    count = len(scenario.assets)
    events = sum(events_of(scenario.of(name)) for name in scenario.assets)
    return events if count == 1 else (count + 1) * events


def events_of(scenario: OneAsset) -> float:
    """Those of an asset by itself."""
    flow, steps = scenario.asset.flow, steps_of(scenario)
    if flow.model == "bernoulli":
        return 3 * steps + extra_moves(scenario)
    curve, at_mid = curve_of(flow), 2 * flow.A * scenario.duration_s
    if curve is not None:
        at_mid *= curve.mean(scenario.duration_s)
    return float(at_mid) * math.exp(float(flow.k * flow.d0)) + steps + extra_moves(scenario)


def steps_of(scenario: OneAsset) -> float:
    return float(scenario.duration_s * 1000 / scenario.asset.price.step_ms)


def extra_moves(scenario: OneAsset) -> float:
    """How often the mid jumps, or moves with informed orders."""
    jumps, flow = scenario.asset.price.jumps, scenario.asset.flow
    rate = Decimal(0) if jumps is None else jumps.rate
    if flow.informed is not None:
        rate += 2 * flow.A * flow.informed.share
    return float(rate * scenario.duration_s)


def expected_questions(scenario: Scenario) -> float:
    """How often timers will ask strategies."""
    if scenario.requote_ms is None:
        return 0
    return float(scenario.duration_s * 1000 / scenario.requote_ms) * len(scenario.strategy)


def remedy(scenario: Scenario) -> str:
    """What makes for fewer events: the longest list of them comes first."""
    one = max(map(scenario.of, scenario.assets), key=events_of)
    asset = "asset" if len(scenario.assets) == 1 else f"asset.{one.asset_name}"
    flow, lower, higher = one.asset.flow, ["duration_s"], ["max_events"]
    steps = steps_of(one)
    if one.asset.price.jumps and extra_moves(one) > events_of(one) / 2:
        lower.insert(0, f"{asset}.price.jumps.rate")
    elif expected_questions(scenario) > expected_events(scenario):
        higher.insert(0, "requote_ms")
    elif flow.model == "bernoulli" or steps > events_of(one) / 2:
        higher.insert(0, f"{asset}.price.step_ms")
    else:
        lower.insert(0, f"{asset}.flow.A")
    if scenario.summary_reps:
        lower.append("summary_reps")
    return f"lower {' or '.join(lower)}, or raise {' or '.join(higher)}"


def price_of(events: float) -> str:
    """What so many events cost, where that is worth a word."""
    if events < 10**8:
        return ""
    hours, gigabytes = events * SECONDS_PER_EVENT / 3600, events * BYTES_PER_EVENT / 1e9
    return f" (some {hours:,.0f} hours, and {gigabytes:,.0f} GB if all are kept)"
