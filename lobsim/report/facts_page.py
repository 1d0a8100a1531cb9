"""A page of stylised facts: the verdicts, and a picture of each fact, run over data."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.report.looks import INK, colour_of
from lobsim.report.page import Page, Picture, plain

Floats = NDArray[np.float64]
LOG = {"type": "log", "dtick": 1}
ZERO = {"rangemode": "tozero"}
BAND = "33"  # of 255, how much of what is behind a band it hides


class Line(NamedTuple):
    """Values with their intervals, if they have them; the name is not from outside."""

    name: str
    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None


class Told(NamedTuple):
    """What was looked at, and tables: what of, headings, rows, words below."""

    about: list[str]
    tables: list[tuple[str, list[str], list[list[str]], list[str]]]


class Look(NamedTuple):
    """How the picture of a fact is drawn: steps hold until the next, a law is drawn beside."""

    heading: str
    across: str
    up: str
    x: Mapping[str, Any] = MappingProxyType({})
    y: Mapping[str, Any] = MappingProxyType({})
    mode: str = "lines+markers"
    steps: bool = False
    law: str = ""


LOOKS = {
    "spread": Look(
        "spread: share of the time in which it is no wider", "spread (currency)", "share", {}, ZERO,
        "lines", steps=True,
    ),
    "depth": Look("depth by level, mean of both sides", "level", "lots", {"dtick": 1}, ZERO),
    "gaps": Look(
        "gaps between market orders: share that is longer", "gap over the mean gap", "share",
        LOG, {"type": "log", "range": [-3.2, 0.1]}, "lines", law="exponential",
    ),
    "signs": Look("autocorrelation of the signs of orders", "orders later", "correlation"),
    "sigma": Look(
        "volatility signature", "sampling interval (s)", "currency per sqrt(s)", LOG, ZERO
    ),
    "moves": Look("autocorrelation of moves", "intervals of {0:g} s later", "correlation"),
    "|moves| short": Look(
        "autocorrelation of |moves|", "intervals of {0:g} s later", "correlation"
    ),
    "|moves| middle": Look(
        "autocorrelation of |moves|", "intervals of {1:g} s later", "correlation"
    ),
    "tail": Look(
        "tail of moves: share that is larger", "|move| of {1:g} s in deviations", "share", LOG,
        {"type": "log", "range": [-4.2, 0.1]}, "lines", law="normal",
    ),
    "impact": Look(
        "response: mid's move in the order's direction", "orders later", "half-spreads", LOG
    ),
    "impact by size": Look(
        "the same until the next order, by size", "size (lots)", "half-spreads"
    ),
}  # fmt: skip


def facts_page(
    title: str,
    told: Told,
    cautions: Sequence[str],
    lines: dict[str, list[Line]],
    intervals_s: Sequence[float],
) -> str:
    """HTML with everything in it; `lines` by the name of their look."""
    page = Page(title)
    page.notes(*told.about, *(f"Warning: {caution}." for caution in cautions))
    for what, headings, rows, words in told.tables:
        page.section(what)
        page.table(headings, rows)
        page.notes(*words)
    page.section("Pictures", "Shaded: 95 % of each value by itself.")
    page.pictures([picture(LOOKS[key], lines[key], intervals_s) for key in LOOKS if key in lines])
    return page.html()


def picture(look: Look, lines: list[Line], intervals_s: Sequence[float]) -> Picture:
    traces = [trace for i, line in enumerate(lines) for trace in drawn(look, line, i)]
    if look.law:
        traces.append(law(look.law, lines))
    layout = {
        "xaxis": {"title": {"text": look.across.format(*intervals_s)}, **look.x},
        "yaxis": {"title": {"text": look.up}, **look.y},
    }
    return Picture(look.heading, traces, layout)


def drawn(look: Look, line: Line, number: int) -> list[dict[str, Any]]:
    """A line over its band."""
    colour = colour_of(number)
    shape = {"shape": "hv"} if look.steps else {}
    made: list[dict[str, Any]] = []
    if line.low is not None and line.high is not None:
        both = np.concatenate([line.x, line.x[::-1]])
        band = np.concatenate([line.high, line.low[::-1]])
        known = np.isfinite(band)
        made.append({
            "type": "scatter", "mode": "lines", "x": plain(both[known]), "y": plain(band[known]),
            "fill": "toself", "fillcolor": colour + BAND, "line": {"width": 0, "color": colour},
            "hoverinfo": "skip", "showlegend": False, "legendgroup": line.name,
        })  # fmt: skip
    made.append({
        "type": "scatter", "mode": look.mode, "name": line.name, "x": plain(line.x),
        "y": plain(line.y), "line": {"color": colour, **shape}, "marker": {"color": colour},
        "legendgroup": line.name,
    })  # fmt: skip
    return made


def law(name: str, lines: list[Line]) -> dict[str, Any]:
    """What gaps or moves without any memory or risk of their own would have."""
    most = max(float(line.x.max()) for line in lines)
    x = np.geomspace(0.01, max(most, 1.0), 200)
    root = math.sqrt(2)
    y = np.exp(-x) if name == "exponential" else np.array([math.erfc(v / root) for v in x.tolist()])
    shown = y > 1e-12
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": plain(x[shown]),
        "y": plain(y[shown]), "line": {"color": INK, "dash": "dot"},
    }  # fmt: skip
