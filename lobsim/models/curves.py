"""Piecewise constant curves of the time of day: what they add up to, and when they reach it.

A curve's factor holds from each of its starts (ns, the first is 0) to the next one, the last to
the end.
"""

from typing import Any, NamedTuple

from lobsim.compiled import NEVER, compiled
from lobsim.models.world import SECONDS

Column = Any  # a list or an array of numbers


class Curve(NamedTuple):
    """`starts` in ns and `factors`: as many numbers of each."""

    starts: Column
    factors: Column


@compiled
def piece_at(starts: Column, time: int) -> int:
    """The number of the piece that holds at `time`."""
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= time:
            low = middle
        else:
            high = middle
    return low


@compiled
def seconds_between(curve: Curve, since: int, until: int) -> float:
    """The integral of the factors, in seconds."""
    starts, factors = curve.starts, curve.factors
    piece = piece_at(starts, since)
    total: float = 0.0
    while piece + 1 < len(starts) and starts[piece + 1] <= until:
        total += factors[piece] * ((starts[piece + 1] - since) * SECONDS)
        since = starts[piece + 1]
        piece += 1
    total += factors[piece] * ((until - since) * SECONDS)
    return total


@compiled
def time_reached(curve: Curve, since: int, wanted: float) -> int:
    """When the integral of the factors from `since` on reaches `wanted` ns; NEVER or later."""
    starts, factors = curve.starts, curve.factors
    piece = piece_at(starts, since)
    while piece + 1 < len(starts):
        room = factors[piece] * (starts[piece + 1] - since)
        if wanted < room:
            break
        wanted -= room
        since = starts[piece + 1]
        piece += 1
    if factors[piece] == 0.0:
        return NEVER
    gap = wanted / factors[piece]
    # An infinite mean times 0 is NaN, which is not below anything.
    return since + int(gap) if gap < 4.611686018427388e18 else NEVER
