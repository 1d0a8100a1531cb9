"""A calibration on the terminal, and as a page."""

import math

import numpy as np

from lobsim.console.write import say, table, warn
from lobsim.data.calibrate import Calibration
from lobsim.data.findings import figure3, fits, rows, warnings, words
from lobsim.report.calibration_page import Bars, Bounded, Curve, calibration_page


def print_calibration(found: Calibration) -> None:
    say(f"{found.orders:,} market orders of {found.span_s:,.1f} s", "")
    cells = [
        [row.figure, f"{row.value:.4g}", written(row.low), written(row.high), row.unit]
        for row in rows(found)
    ]
    table(("figure", "value", "low", "high", "unit"), cells)
    say("", *words(found))
    warn(*warnings(found))


def written(bound: float | None) -> str:
    return "" if bound is None else f"{bound:.4g}"


def page_of(found: Calibration, name: str) -> str:
    """HTML with the signature plot, the intensity by depth with its fits, and the sizes."""
    volatility = found.volatility
    realised = [each.scaled(found.tick) for each in volatility.realised]
    both = volatility.two_scales
    lines = [
        Curve(
            f"{fit.name}: A {figure3(fit.A.value)}, k {figure3(fit.k.value)}",
            np.array([fit.low, min(fit.high, float(found.depths[-1]))]),
            fit.A.value
            * np.exp(-fit.k.value * np.array([fit.low, min(fit.high, float(found.depths[-1]))])),
        )
        for fit in fits(found)
    ]
    return calibration_page(
        f"{name}\n{found.orders:,} market orders of {found.span_s:,.1f} s",
        Bounded(
            [float(each) for each in volatility.intervals_s],
            [each.value for each in realised],
            [each.low for each in realised],
            [each.high for each in realised],
        ),
        None if both is None else both.value * found.tick,
        Curve("reached", found.depths, found.intensity),
        lines,
        Bars(f"lots of {found.lot}", *found.lots_seen),
        size_laws(found),
    )


def size_laws(found: Calibration) -> list[Curve]:
    """Expected numbers of orders of each size, by both laws."""
    lots = found.lots
    most = min(int(found.lots_seen[0].max()), 50)
    sizes = np.arange(1, most + 1, dtype=float)
    geometric = (1 - 1 / lots.mean) ** (sizes - 1) / lots.mean
    below = [normal((math.log(n) - math.log(lots.median)) / lots.sigma) for n in sizes]
    lognormal = np.diff(np.array([0.0, *below]))
    return [
        Curve("geometric", sizes, found.orders * geometric),
        Curve("lognormal", sizes, found.orders * lognormal),
    ]


def normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2
