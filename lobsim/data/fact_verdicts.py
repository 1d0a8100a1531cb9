"""Whether a market is like another, fact by fact: pass, FAIL, or too little was seen to tell."""

import math
from dataclasses import dataclass

from lobsim.data.blocks import BLOCKS, Estimate, student
from lobsim.data.fact_figures import Facts, Figure

PASS, FAIL, UNCLEAR = "pass", "FAIL", "unclear"
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Compared:
    """A fact of a run and of data, with 95 % intervals of each alone.

    between   the run's over the data's, or less it where `ratio` is False, with an interval that
              holds for all facts of the table at once
    shows     half the length of that interval: smaller differences (as a factor, where `ratio`)
              would not have shown; a pass has shown all that matter
    """

    run: Figure
    data: Figure
    between: Estimate
    shows: float
    verdict: str

    @property
    def ratio(self) -> bool:
        return self.run.ratio


def compare(run: Facts, data: Facts) -> list[Compared]:
    """All facts that both have."""
    names = [name for name in run.figures if name in data.figures]
    return [compared(run.figures[name], data.figures[name], len(names)) for name in names]


def compared(run: Figure, data: Figure, lines: int) -> Compared:
    """By Welch's interval (Biometrika 34, 1947), each error being one of BLOCKS blocks.

    A figure that is 0 throughout has no logarithm: one that is not differs from it.
    """
    one, other = not run.resampled.any(), not data.resampled.any()
    if run.ratio and one != other:
        none = Estimate(0.0 if one else math.inf, math.nan, math.nan)
        return Compared(run, data, none, math.nan, FAIL)
    centre = float(run.scaled[0] - data.scaled[0])
    error = math.hypot(run.error, data.error)
    reach = student(lines, freedom(run.error, data.error)) * error
    if abs(centre) < ROUNDING:
        centre = 0.0
    low, high = centre - reach, centre + reach
    widest = math.log(run.matters) if run.ratio else run.matters
    verdict = FAIL
    if math.isnan(reach) or (low <= 0 <= high and reach > widest):
        verdict = UNCLEAR
    elif low <= 0 <= high:
        verdict = PASS
    ends = (centre, low, high)
    between = Estimate(*map(exp, ends)) if run.ratio else Estimate(*ends)
    return Compared(run, data, between, exp(reach) if run.ratio else reach, verdict)


def freedom(one: float, other: float) -> float:
    """Of the error of a difference; that of one sample where the other has no error."""
    largest = max(one, other)
    if not largest > 0:
        return BLOCKS - 1.0
    a, b = (one / largest) ** 2, (other / largest) ** 2
    return (BLOCKS - 1) * (a + b) ** 2 / (a * a + b * b)


def exp(value: float) -> float:
    return math.exp(min(value, 700.0))
