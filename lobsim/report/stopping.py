"""How many replications it takes to know something to a half-width that was asked for.

Stein's two stages: a pilot of PILOT replications fixes the number from its deviations alone and
never looks at a mean; its replications are kept, exactly so many are run, and the intervals are
those of all means with the pilot's deviations.  They are as wide as was asked for at most, and for
normal values hold with the confidence they say: who looks again and again and stops when the
interval is narrow, or away from 0, has intervals that hold less often.
Source: Stein, "A two-sample test for a linear hypothesis whose power is independent of the
variance", Annals of Mathematical Statistics 16, 1945.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lobsim.errors import UsageError, cut
from lobsim.report.statistics import Interval, student

PILOT = 400
MOST = 2**32 - 1  # replications have numbers below
SHARE = "%sd"

Key = tuple[str, str]  # mode and strategy, of a row or of a difference


@dataclass(frozen=True, slots=True)
class HalfWidth:
    """In currency, or, if it is a `share`, in deviations of the baseline's profit in the pilot."""

    value: float
    share: bool = False

    @classmethod
    def parse(cls, text: str) -> "HalfWidth":
        """From "0.05" or "1%sd".  Raises UsageError for what is no finite number above 0."""
        plain = text.strip()
        share = plain.endswith(SHARE)
        try:
            value = float(plain.removesuffix(SHARE)) / (100 if share else 1)
        except ValueError:
            value = math.nan
        if not 0 < value < math.inf:
            raise UsageError(
                f"until '{cut(text)}': must be a number above 0 in currency, such as 0.05, or a "
                f"share of the baseline's deviation, such as 1%sd"
            )
        return cls(value, share)


@dataclass(frozen=True, slots=True)
class Settled:
    """What the pilot fixed: `reps` in all, for `half_width` in currency.

    `deviations` are the pilot's, of every profit or difference of profits that is to be known, by
    mode and strategy; `confidences` are those of their intervals.
    """

    reps: int
    half_width: float
    deviations: Mapping[Key, float]
    confidences: Mapping[Key, float]

    def interval(self, key: Key, mean: float) -> Interval:
        """Stein's, about the mean of all replications."""
        points = student(PILOT - 1, self.confidences[key])
        half = points * self.deviations[key] / math.sqrt(self.reps)
        return Interval(mean - half, mean + half)


def settle(wanted: HalfWidth, sd: float, known: Mapping[Key, tuple[float, float]]) -> Settled:
    """After a pilot of PILOT replications, in which the baseline's profit had the deviation `sd`.

    `known` holds the pilot's deviation and the confidence of each mean that is to be known.
    Raises UsageError if more than MOST replications would be needed.
    """
    half_width = wanted.value * (sd if wanted.share else 1.0)
    reps = PILOT
    for deviation, confidence in known.values():
        widths = student(PILOT - 1, confidence) * deviation
        ratio = widths / half_width if half_width else math.inf if widths else 0.0
        if not ratio * ratio <= MOST:
            many = f"{ratio * ratio:.3g}" if ratio < 1e150 else "endlessly many"
            raise UsageError(
                f"until {half_width:g}: would take {many} replications, {MOST:,} is the most; "
                f"ask for a larger half-width"
            )
        reps = max(reps, math.ceil(ratio * ratio))
    deviations = {key: deviation for key, (deviation, _) in known.items()}
    return Settled(reps, half_width, deviations, {key: each for key, (_, each) in known.items()})
