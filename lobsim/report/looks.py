"""Colours and symbols of every page's pictures, which all eyes can tell apart."""

COLOURS = (  # of Okabe and Ito; their yellow cannot be seen on white
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000",
)  # fmt: skip
INK = COLOURS[-1]  # on a dark ground the page's script draws it light
BID, ASK = COLOURS[0], COLOURS[1]
SYMBOLS = "circle", "square", "diamond", "triangle-up", "x"
DASHES = "solid", "dash", "dot", "dashdot"


def colour_of(i: int) -> str:
    return COLOURS[i % len(COLOURS)]


def dash_of(i: int) -> str:
    """Another where the colours come again."""
    return DASHES[i // len(COLOURS) % len(DASHES)]
