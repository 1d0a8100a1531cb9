"""A page with what a calibration saw and fitted, in one file."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.report.looks import INK, colour_of
from lobsim.report.page import Page, Picture, plain

Floats = NDArray[np.float64]


class Bounded(NamedTuple):
    """Values with their intervals."""

    x: list[float]
    y: list[float]
    low: list[float]
    high: list[float]


class Curve(NamedTuple):
    name: str
    x: Floats
    y: Floats


class Bars(NamedTuple):
    unit: str
    x: Floats
    y: Floats


def calibration_page(
    title: str,
    sigma: Bounded,
    two_scales: float | None,
    reached: Curve,
    fits: list[Curve],
    sizes: Bars,
    laws: list[Curve],
) -> str:
    """HTML with everything in it: sigma (currency per sqrt(s)) by sampling interval (s), intensity
    (per s and side) by depth (ticks) on a log scale, numbers of orders by size.
    """
    first, *rest = title.split("\n")
    page = Page(first)
    page.notes(*rest)
    depths = [scatter(reached, INK, "markers"), *coloured(fits, "lines")]
    counted = {
        "type": "bar", "x": plain(sizes.x), "y": plain(sizes.y), "name": "orders",
        "marker": {"color": "#bbbbbb"},
    }  # fmt: skip
    top = float(np.log10(sizes.y.max())) + 0.2
    shown = {"range": [0.4, float(laws[0].x[-1]) + 0.6]}
    page.pictures([
        Picture(
            "sigma by sampling interval",
            sigma_traces(sigma, two_scales),
            axes("interval (s)", "currency per sqrt(s)", {"type": "log"}, {"rangemode": "tozero"}),
        ),
        Picture(
            "orders that reach a depth",
            depths,
            axes("depth (ticks)", "per s and side", {}, {"type": "log"}),
        ),
        Picture(
            "sizes",
            [counted, *coloured(laws, "lines+markers")],
            axes(sizes.unit, "orders", shown, {"type": "log", "range": [-0.5, top]}),
        ),
    ])  # fmt: skip
    return page.html()


def sigma_traces(sigma: Bounded, two_scales: float | None) -> list[dict[str, Any]]:
    above = [high - y for y, high in zip(sigma.y, sigma.high, strict=True)]
    below = [y - low for y, low in zip(sigma.y, sigma.low, strict=True)]
    bars = {"type": "data", "symmetric": False, "array": above, "arrayminus": below}
    realised = scatter(
        Curve("realised, 95 %", np.array(sigma.x), np.array(sigma.y)), INK, "markers"
    )
    realised["error_y"] = bars
    if two_scales is None:
        return [realised]
    ends = np.array([sigma.x[0], sigma.x[-1]])
    both = scatter(Curve("two scales", ends, np.full(2, two_scales)), colour_of(0), "lines")
    return [realised, both]


def coloured(curves: list[Curve], mode: str) -> list[dict[str, Any]]:
    return [scatter(curve, colour_of(i), mode) for i, curve in enumerate(curves)]


def scatter(curve: Curve, colour: str, mode: str) -> dict[str, Any]:
    """Plotly's trace; names are not from outside."""
    return {
        "type": "scatter", "mode": mode, "name": curve.name, "x": plain(curve.x),
        "y": plain(curve.y), "marker": {"color": colour}, "line": {"color": colour},
    }  # fmt: skip


def axes(across: str, up: str, x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    return {
        "xaxis": {"title": {"text": across}, **x},
        "yaxis": {"title": {"text": up}, **y},
    }
