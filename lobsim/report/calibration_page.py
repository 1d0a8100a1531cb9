"""A page with what a calibration saw and fitted, in one file."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEEN = "#333333"
FITTED = ("#d95f02", "#1b9e77", "#7570b3")


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
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    figure: Any = make_subplots(
        rows=1, cols=3, horizontal_spacing=0.07,
        subplot_titles=["sigma by sampling interval", "orders that reach a depth", "sizes"],
    )  # fmt: skip
    for trace in sigma_traces(sigma, two_scales):
        figure.add_trace(trace, row=1, col=1)
    for curve, colour, mode in (
        (reached, SEEN, "markers"),
        *((fit, colour, "lines") for fit, colour in zip(fits, FITTED, strict=False)),
    ):
        figure.add_trace(line(curve, colour, mode), row=1, col=2)
    figure.add_trace(
        go.Bar(x=sizes.x.tolist(), y=sizes.y.tolist(), name="orders", marker_color="#bbbbbb"),
        row=1, col=3,
    )  # fmt: skip
    for law, colour in zip(laws, FITTED, strict=False):
        figure.add_trace(line(law, colour, "lines+markers"), row=1, col=3)
    figure.update_xaxes(type="log", title_text="interval (s)", col=1)
    figure.update_yaxes(title_text="currency per sqrt(s)", rangemode="tozero", col=1)
    figure.update_xaxes(title_text="depth (ticks)", col=2)
    figure.update_yaxes(type="log", title_text="per s and side", col=2)
    figure.update_xaxes(title_text=sizes.unit, range=[0.4, laws[0].x[-1] + 0.6], col=3)
    top = float(np.log10(sizes.y.max())) + 0.2
    figure.update_yaxes(type="log", title_text="orders", range=[-0.5, top], col=3)
    figure.update_layout(
        title={"text": title.replace("\n", "<br>"), "font": {"size": 15}},
        template="plotly_white",
        font={"family": "system-ui, sans-serif", "size": 13},
        legend={"orientation": "h", "y": -0.15},
        margin={"l": 70, "r": 30, "t": 110, "b": 90},
    )
    return str(
        figure.to_html(
            include_plotlyjs=True, full_html=True, default_height="92vh",
            config={
                "displaylogo": False, "responsive": True,
                "modeBarButtons": [["toImage", "resetScale2d"]],  # another would send data away
            },
        )
    )  # fmt: skip


def sigma_traces(sigma: Bounded, two_scales: float | None) -> list[Any]:
    import plotly.graph_objects as go

    above = [high - y for y, high in zip(sigma.y, sigma.high, strict=True)]
    below = [y - low for y, low in zip(sigma.y, sigma.low, strict=True)]
    bars = {"type": "data", "symmetric": False, "array": above, "arrayminus": below}
    realised = go.Scatter(
        x=sigma.x, y=sigma.y, error_y=bars, mode="markers+lines", name="realised, 95 %",
        marker_color=SEEN,
    )  # fmt: skip
    if two_scales is None:
        return [realised]
    both = go.Scatter(
        x=[sigma.x[0], sigma.x[-1]], y=[two_scales] * 2, mode="lines", name="two scales",
        line={"color": FITTED[0], "dash": "dash"},
    )  # fmt: skip
    return [realised, both]


def line(curve: Curve, colour: str, mode: str) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=curve.x.tolist(), y=curve.y.tolist(), mode=mode, name=curve.name, marker_color=colour
    )
