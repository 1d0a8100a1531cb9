"""One line of the scorecard: a number that is known, the same number as found here, a verdict."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Kind = Literal["exact", "sampled", "control"]
LIMIT = 4.0  # standard errors: a sound sample is further off once in 16,000


@dataclass(frozen=True, slots=True)
class Line:
    """A comparison.  What is not a finite number never passes, whatever the kind.

    exact    got must be within `tolerance` of expected
    sampled  one of the two is a sample's: its distance, `z` standard errors, must be within `limit`
    control  got must differ from expected by more than `tolerance`: what would find an error does

    source     where expected is from
    tolerance  in the unit of expected
    chance     that a sound sample fails, where that is not the two-sided normal tail at `limit`
    """

    group: str
    name: str
    source: str
    expected: float
    got: float
    tolerance: float = 0.0
    kind: Kind = "exact"
    z: float | None = None
    limit: float = LIMIT
    chance: float | None = None

    @property
    def passed(self) -> bool:
        if not (math.isfinite(self.expected) and math.isfinite(self.got)):
            return False
        if self.kind == "sampled":
            return self.z is not None and abs(self.z) <= self.limit
        apart = abs(self.got - self.expected)
        return apart > self.tolerance if self.kind == "control" else apart <= self.tolerance

    @property
    def used(self) -> float:
        """The share of what is allowed that is used up: above 1 has failed, inf beyond measure."""
        apart = abs(self.got - self.expected)
        if self.kind == "sampled":
            share = part(abs(self.z), self.limit) if self.z is not None else math.inf
        elif self.kind == "control":
            share = part(self.tolerance, apart) if apart > 0 else math.inf
        else:
            share = part(apart, self.tolerance)
        return share if math.isfinite(apart) and math.isfinite(share) else math.inf

    @property
    def false_alarm(self) -> float:
        """The chance that this line fails although all is right: 0 unless it is a sample's."""
        if self.kind != "sampled":
            return 0.0
        return math.erfc(self.limit / math.sqrt(2)) if self.chance is None else self.chance


def part(amount: float, whole: float) -> float:
    """amount / whole; of nothing, nothing is no part and anything is infinitely much."""
    if amount == whole == 0:
        return 0.0
    return amount / whole if whole > 0 else math.inf


def chance_of_false_alarm(lines: Iterable[Line]) -> float:
    """That any of these samples, as if independent, fails although all is right."""
    return 0.0 - math.expm1(sum(math.log1p(-line.false_alarm) for line in lines))


def worst(lines: Iterable[Line], count: int = 1) -> list[Line]:
    """Those that use up most of what they are allowed, first the failed ones."""
    return sorted(lines, key=lambda line: (line.passed, -line.used))[:count]


def farthest(found: ArrayLike, expected: ArrayLike) -> tuple[float, float]:
    """Of many comparisons the one furthest apart: (expected, found); nan where there is a nan."""
    pairs = np.broadcast_arrays(
        np.asarray(expected, dtype=np.float64), np.asarray(found, dtype=np.float64)
    )
    known, got = (each.reshape(-1) for each in pairs)
    place = int(np.argmax(np.abs(got - known)))  # the first nan, if any
    return float(known[place]), float(got[place])
