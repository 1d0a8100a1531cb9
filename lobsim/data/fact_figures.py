"""Figures of a market with intervals that come from resampled blocks of time."""

from dataclasses import dataclass, field

import numpy as np

from lobsim.data.blocks import Estimate, Floats, deviation, student
from lobsim.data.record import Record

FACTOR, DIFFERENCE, MEAN_DIFFERENCE, FAINT = 1.5, 0.1, 0.05, 0.02  # what matters of a fact
MISSING = 0.05  # share of the resamples that may have no figure
SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Figure:
    """One fact.

    ratio    it is above 0, and two are compared by their ratio, not difference
    matters  the difference (as a factor, where `ratio`) that a comparison must be able to show
    """

    name: str
    unit: str
    resampled: Floats
    ratio: bool
    matters: float

    @property
    def value(self) -> float:
        return float(self.resampled[0])

    @property
    def scaled(self) -> Floats:
        """As two are compared: logarithms, where by ratio; NaN where there is none."""
        known = np.isfinite(self.resampled)
        if self.ratio:
            known &= self.resampled > SMALLEST
        found = np.full(len(self.resampled), np.nan)
        found[known] = np.log(self.resampled[known]) if self.ratio else self.resampled[known]
        return found

    @property
    def error(self) -> float:
        """On that scale; NaN where too many resamples have no figure."""
        scaled = self.scaled
        missing = not np.isfinite(scaled[0]) or np.isnan(scaled).mean() > MISSING
        return float("nan") if missing else deviation(scaled)

    def interval(self, lines: int = 1) -> Estimate:
        """95 %, of `lines` figures at once; NaN where it cannot be had."""
        centre, reach = float(self.scaled[0]), student(lines) * self.error
        ends = centre - reach, centre + reach
        low, high = map(float, np.exp(ends)) if self.ratio else ends
        return Estimate(self.value, low, high)


@dataclass(frozen=True, slots=True)
class Curve:
    """Figures by something, for a picture: y has one column for each of x."""

    x: Floats
    y: Floats


@dataclass(slots=True)
class Facts:
    """figures are in order, by name; intervals_s two or three at which the mid was looked at."""

    of: Record
    intervals_s: tuple[float, ...]
    figures: dict[str, Figure] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)

    def add(
        self, name: str, unit: str, resampled: Floats, *, ratio: bool = False,
        matters: float = DIFFERENCE,
    ) -> None:  # fmt: skip
        self.figures[name] = Figure(name, unit, resampled, ratio, FACTOR if ratio else matters)
