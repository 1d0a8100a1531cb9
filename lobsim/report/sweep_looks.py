"""How the pictures of a sweep look: colours that all eyes can tell apart, ranges, intervals."""

from collections.abc import Sequence
from typing import Any

from lobsim.report.looks import SYMBOLS, colour_of, scale_of
from lobsim.report.sweep_table import STATISTICS, Figure, Value, safe

STEPS = "#0d0887", "#4b03a1", "#7d03a8", "#a82296", "#cb4679", "#e56b5d", "#f3873f", "#f0a020"
NO_FIGURE = "#d9d9d9"
MODES = {
    "shared": "all in one book",
    "isolated": "each alone",
    "shared - isolated": "in one book less alone",
}
TOGETHER = 8  # lines that are seen at once


def heading(mode: str, strategy: str | None = None) -> str:
    of = "" if strategy is None else f"{safe(strategy)}, "
    return f"{of}{MODES.get(mode, safe(mode))}"


def title_of(statistic: str) -> str:
    what, unit = STATISTICS[statistic]
    return f"{what} ({unit})"


def look_of(i: int) -> tuple[str, str]:
    """A strategy's colour and symbol."""
    return colour_of(i), SYMBOLS[i % len(SYMBOLS)]


def looks_of(lines: int | Sequence[Value]) -> list[tuple[str, str]]:
    """Of so many lines; of numbers from dark to light, each group that is seen at once."""
    count = lines if isinstance(lines, int) else len(lines)
    if isinstance(lines, int) or not all(isinstance(value, float) for value in lines):
        return [look_of(i % TOGETHER) for i in range(count)]
    together = min(count, TOGETHER)
    steps = [STEPS[round(i * 7 / max(together - 1, 1))] for i in range(together)]
    return [(steps[i % TOGETHER], SYMBOLS[i % len(SYMBOLS)]) for i in range(count)]


def reach(figures: Sequence[Figure]) -> list[float]:
    """The range of an axis that shows them all, intervals too, and is never empty."""
    known = [end for figure in figures for end in figure if end is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = 0.06 * (high - low) or 0.1 * abs(low) or 1.0
    return [low - room, high + room]


def bars(figures: Sequence[Figure], colour: str) -> dict[str, Any]:
    """To the ends of the intervals."""
    up: list[float | None] = []
    down: list[float | None] = []
    for value, low, high in figures:
        if value is None or low is None or high is None:
            up.append(None)
            down.append(None)
        else:
            up.append(high - value)
            down.append(value - low)
    return {
        "type": "data", "array": up, "arrayminus": down, "color": colour,
        "thickness": 1, "width": 0,
    }  # fmt: skip


def band(xs: Sequence[float], figures: Sequence[Figure], colour: str) -> dict[str, Any]:
    """Between low and high, in pieces where there is no interval."""
    across: list[float | None] = []
    up: list[float | None] = []
    piece: list[tuple[float, float, float]] = []
    for x, figure in [*zip(xs, figures, strict=True), (0.0, Figure(None, None, None))]:
        if figure.low is not None and figure.high is not None:
            piece.append((x, figure.low, figure.high))
        elif piece:
            across += [*(x for x, _, _ in piece), *(x for x, _, _ in reversed(piece)), None]
            up += [*(low for _, low, _ in piece), *(high for _, _, high in reversed(piece)), None]
            piece = []
    return {
        "x": across, "y": up, "mode": "lines", "fill": "toself", "fillcolor": f"{colour}33",
        "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def colours(figures: Sequence[Figure]) -> dict[str, Any]:
    """Of heat maps: from dark to light; where there are losses and gains they are red and blue."""
    known = [figure.value for figure in figures if figure.value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    return scale_of(low, high, 0.0 if low < 0 < high else None)


def choice(labels: Sequence[str], traces: int, together: int) -> dict[str, Any]:
    """A dropdown where there are more than may be seen at once; as many traces for each label."""
    each = traces // max(len(labels), 1)
    starts = range(0, len(labels), together)
    if len(starts) < 2:
        return {}
    buttons = []
    for start in starts:
        seen = range(start * each, (start + together) * each)
        last = labels[min(start + together, len(labels)) - 1]
        buttons.append({
            "method": "update", "label": labels[start] + (f" to {last}" if together > 1 else ""),
            "args": [{"visible": [i in seen for i in range(traces)]}],
        })  # fmt: skip
    menu = {"buttons": buttons, "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    return {"updatemenus": [menu]}
