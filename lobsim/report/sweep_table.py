"""The table of a sweep as its pictures want it: figures by mode and strategy, and scales of axes.

Every text that goes to a picture is made safe here: plotly reads some HTML in what it shows.
"""

import html
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from lobsim.errors import cut

if TYPE_CHECKING:
    import pandas as pd

Item = TypeVar("Item")
Value = float | str
Values = tuple[Value, ...]

STATISTICS = {  # what each is, and its unit
    "profit": ("mean profit", "currency"),
    "sd": ("deviation of profit", "currency"),
    "q05": ("5 % quantile of profit", "currency"),
    "q50": ("median of profit", "currency"),
    "q95": ("95 % quantile of profit", "currency"),
    "profit_closed": ("mean profit, inventory closed", "currency"),
    "spread_earned": ("mean spread earned", "currency"),
    "luck": ("mean luck", "currency"),
    "fees": ("mean fees", "currency"),
    "inventory": ("mean inventory at the end", "lots"),
    "inventory_sd": ("deviation of inventory at the end", "lots"),
    "fills": ("mean fills", "trades a replication"),
    "spread": ("mean quoted spread", "currency"),
    "uptime": ("uptime", "share of the time"),
    "best_share": ("at the best price", "share of the time"),
    "drawdown": ("mean worst drawdown", "currency"),
    "halts": ("halts", "of all replications"),
    "benched": ("benched", "replications"),
    "maker_trades": ("mean trades between strategies", "trades a replication"),
    "difference": ("difference of mean profit", "currency"),
}


class Figure(NamedTuple):
    """A statistic at a point and its 95 % interval; what is not known is None."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def text(self) -> str:
        if self.value is None:
            return "no figure"
        if self.low is None or self.high is None:
            return f"{self.value:.5g}"
        return f"{self.value:.5g} ({self.low:.5g} to {self.high:.5g})"


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: its values in their order, how each is written, and how they are spaced."""

    name: str
    values: tuple[Value, ...]
    labels: Mapping[Value, str]
    kind: str  # linear, log, or text: one place after another

    def at(self, value: Value) -> float:
        return value if isinstance(value, float) else float(self.values.index(value))

    def edges(self, values: Sequence[Value]) -> list[float]:
        """Where the cells of these values begin, and the last one ends."""
        places = [self.at(value) for value in values]
        if self.kind == "log":
            places = [math.log(place) for place in places]
        inner = [(left + right) / 2 for left, right in itertools.pairwise(places)]
        first = 2 * places[0] - inner[0] if inner else places[0] - 0.5
        last = 2 * places[-1] - inner[-1] if inner else places[0] + 0.5
        edges = [first, *inner, last]
        return [math.exp(edge) for edge in edges] if self.kind == "log" else edges

    def span(self, values: Sequence[Value]) -> list[float]:
        """From the first edge of their cells to the last, as plotly has ranges."""
        ends = self.edges(values)
        return [math.log10(end) if self.kind == "log" else end for end in (ends[0], ends[-1])]

    def layout(self) -> dict[str, Any]:
        """For plotly."""
        ticks: dict[str, Any] = {"type": "log" if self.kind == "log" else "linear"}
        if self.kind == "text" or len(self.values) <= 8:
            shown = evenly(self.values, 25)
            ticks["tickvals"] = [self.at(value) for value in shown]
            ticks["ticktext"] = [self.labels[value] for value in shown]
        return ticks


class Table:
    """`points` are the axes' values by number; `varied` the axes of more than one value, of those
    that always have the same value the first."""

    def __init__(self, frame: "pd.DataFrame", axes: Sequence[str]) -> None:
        self._frame = frame
        self.axes = tuple(axes)
        own = frame.drop_duplicates("point").sort_values("point")
        columns = [column_of(own[axis].tolist()) for axis in axes]
        rows = zip(*columns, strict=True) if columns else itertools.repeat(())
        self.points: dict[int, Values] = dict(zip(own["point"].tolist(), rows, strict=False))
        self.scales = {axis: scale_of(axis, own) for axis, own in zip(axes, columns, strict=True)}
        self.varied = tuple(
            axis
            for i, axis in enumerate(axes)
            if len(self.scales[axis].values) > 1 and columns[i] not in columns[:i]
        )

    def figures(self, statistic: str) -> dict[tuple[str, str], dict[int, Figure]]:
        """By mode and strategy, and by point."""
        rows = self._frame[self._frame["statistic"] == statistic]
        names = ("mode", "strategy", "point", "value", "low", "high")
        found: dict[tuple[str, str], dict[int, Figure]] = {}
        for mode, strategy, point, *figure in zip(*(rows[n].tolist() for n in names), strict=True):
            found.setdefault((mode, strategy), {})[point] = Figure(*map(finite, figure))
        return found

    def others(self, *axes: str) -> tuple[str, ...]:
        """The varied axes that these leave, and that do not just follow one of them."""
        return tuple(
            each
            for each in self.varied
            if not any(
                all(
                    own[self.axes.index(each)] == own[self.axes.index(axis)]
                    for own in self.points.values()
                )
                for axis in axes
            )
        )

    def part(self, point: int, axes: Sequence[str]) -> Values:
        return tuple(self.points[point][self.axes.index(axis)] for axis in axes)

    def places(self, point: int, axes: Sequence[str]) -> tuple[float, ...]:
        """Where it is on their scales."""
        values = self.part(point, axes)
        return tuple(self.scales[axis].at(v) for axis, v in zip(axes, values, strict=True))

    def combinations(self, axes: Sequence[str]) -> list[Values]:
        """The values of these axes that points have together."""
        first = {self.part(point, axes): point for point in reversed(self.points)}
        return sorted(first, key=lambda own: self.places(first[own], axes))

    def text(self, axes: Sequence[str], values: Values) -> str:
        """a.gamma = 0.1, asset.price.sigma = 2; where there is one axis only its value."""
        labels = [self.scales[axis].labels[v] for axis, v in zip(axes, values, strict=True)]
        if len(axes) == 1:
            return labels[0]
        return ", ".join(f"{safe(axis)} = {v}" for axis, v in zip(axes, labels, strict=True))

    def told(self, point: int) -> str:
        """Every axis at a point, a line each."""
        return "<br>".join(
            f"{safe(axis)} = {self.scales[axis].labels[value]}"
            for axis, value in zip(self.axes, self.points[point], strict=True)
        )


def safe(text: str) -> str:
    """On one line, cut where it is long, and no HTML; plotly reads no other entities than these."""
    return html.escape(cut(text), quote=False)


def finite(value: Any) -> float | None:
    """Or None, also where sums of such numbers are not finite."""
    return None if value is None or not abs(value) < 1e300 else float(value)


def evenly(items: Sequence[Item], most: int) -> list[Item]:
    """So many of them at most, from the first to the last."""
    if len(items) <= most:
        return list(items)
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]


def column_of(values: Sequence[Any]) -> list[Value]:
    """Numbers where all are, else texts."""
    numbers = all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in values
    )
    return [float(value) if numbers else str(value) for value in values]


def scale_of(name: str, column: Sequence[Value]) -> Scale:
    values = tuple(dict.fromkeys(column))
    numbers = sorted(value for value in values if isinstance(value, float))
    if not numbers:
        return Scale(name, values, labels_of(values), "text")
    return Scale(
        name, tuple(numbers), labels_of(numbers), "log" if geometric(numbers) else "linear"
    )


def labels_of(values: Sequence[Value]) -> dict[Value, str]:
    """How each is written, so that no two look alike."""
    short = [f"{value:.6g}" if isinstance(value, float) else safe(value) for value in values]
    if len(set(short)) == len(short):
        return dict(zip(values, short, strict=True))
    return {v: f"{text} (#{i})" for i, (v, text) in enumerate(zip(values, short, strict=True), 1)}


def geometric(numbers: Sequence[float]) -> bool:
    """Whether sorted numbers have equal ratios rather than equal distances."""
    if len(numbers) < 3 or numbers[0] <= 0 or numbers[-1] < 3 * numbers[0]:
        return False
    gaps = [right - left for left, right in itertools.pairwise(numbers)]
    ratios = [math.log(right / left) for left, right in itertools.pairwise(numbers)]
    return max(ratios) / min(ratios) < max(gaps) / min(gaps)
