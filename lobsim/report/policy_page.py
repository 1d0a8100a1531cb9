"""The quotes of a policy as heat maps: bid and ask depth over time and inventory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.report.looks import scale_of
from lobsim.report.page import Page, Picture, plain

Floats = NDArray[np.float64]

NO_QUOTE = "#d9d9d9"  # what is seen where there is no number
HEIGHT = 520


def policy_page(
    title: str,
    times_s: Floats,
    inventories: NDArray[np.int64],
    sides: dict[str, Floats],
    *,
    neutral: float | None = None,
) -> str:
    """HTML with everything in it: a heat map for each of `sides`, (T, Q) currency, by heading.

    `times_s` (T + 1,) are where the rows begin and the last one ends.  NaN is no quote; `neutral`
    is the value of the colour between blue and red; the title may have several lines.
    """
    first, *rest = title.split("\n")
    page = Page(first)
    page.notes(*rest, "Grey: no quote.")
    layout = layout_of([*sides.values()], neutral)
    page.pictures([
        Picture(heading, [heat_map(heading, times_s, inventories, depth)], layout, HEIGHT)
        for heading, depth in sides.items()
    ])  # fmt: skip
    return page.html()


def heat_map(
    what: str, times_s: Floats, inventories: NDArray[np.int64], depth: Floats
) -> dict[str, Any]:
    """Plotly's trace of one side; `what` is not from outside."""
    return {
        "type": "heatmap", "coloraxis": "coloraxis", "x": plain(times_s),
        "y": plain(np.append(inventories, inventories[-1] + 1) - 0.5),
        "z": [plain(row) for row in depth.T],
        "hovertemplate": f"{what} %{{z:.5g}}<br>at %{{x:.4g}} s with %{{y}} lots<extra></extra>",
    }  # fmt: skip


def layout_of(sides: Sequence[Floats], neutral: float | None = None) -> dict[str, Any]:
    """Of heat maps of all these sides, so that they can be compared."""
    known = np.concatenate([side[np.isfinite(side)] for side in sides])
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    bar = {"title": {"text": "currency"}, "thickness": 14}
    return {
        "plot_bgcolor": NO_QUOTE, "showlegend": False,
        "coloraxis": {**scale_of(low, high, neutral), "colorbar": bar},
        "xaxis": {"title": {"text": "time (s)"}, "showgrid": False},
        "yaxis": {"title": {"text": "inventory (lots)"}, "showgrid": False, "zeroline": False},
    }  # fmt: skip
