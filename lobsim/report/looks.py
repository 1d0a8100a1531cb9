"""Colours and symbols of every page's pictures, which all eyes can tell apart."""

from typing import Any

COLOURS = (  # of Okabe and Ito; their yellow cannot be seen on white
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000",
)  # fmt: skip
INK = COLOURS[-1]  # on a dark ground the page's script draws it light
RED_BLUE = "#b2182b", "#ef8a62", "#f7f7f7", "#67a9cf", "#2166ac"
BID, ASK = COLOURS[0], COLOURS[1]
SYMBOLS = "circle", "square", "diamond", "triangle-up", "x"
DASHES = "solid", "dash", "dot", "dashdot"


def colour_of(i: int) -> str:
    return COLOURS[i % len(COLOURS)]


def dash_of(i: int) -> str:
    """Another where the colours come again."""
    return DASHES[i // len(COLOURS) % len(DASHES)]


def scale_of(low: float, high: float, neutral: float | None = None) -> dict[str, Any]:
    """Plotly's colours from dark to light; about a neutral value red and blue."""
    if neutral is None:
        return {"colorscale": "Viridis", "cmin": low, "cmax": high if high > low else low + 1}
    reach = max(high - neutral, neutral - low) or 1.0
    scale = [[i / 4, colour] for i, colour in enumerate(RED_BLUE)]
    return {"colorscale": scale, "cmin": neutral - reach, "cmax": neutral + reach}
