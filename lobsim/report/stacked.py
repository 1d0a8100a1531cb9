"""Rows of a picture over one axis: what is zoomed in one is zoomed in all."""

from collections.abc import Sequence
from typing import Any

ROW, REST = 185, 110  # pixels
GAP = 0.035  # between rows, of the height


def stacked(
    titles: Sequence[str], across: str, span: Sequence[float]
) -> tuple[dict[str, Any], int]:
    """Layout and height: an axis of each title, from the top down, over `across` from a to b."""
    each = (1 - GAP * (len(titles) - 1)) / len(titles)
    layout: dict[str, Any] = {
        "xaxis": {
            "title": {"text": across}, "range": list(span), "zeroline": False,
            "anchor": axis_of(len(titles) - 1),
        },
    }  # fmt: skip
    for i, title in enumerate(titles):
        top = 1 - i * (each + GAP)
        key = "yaxis" + axis_of(i)[1:]
        layout[key] = {
            "title": {"text": title, "font": {"size": 12}},
            "domain": [max(top - each, 0.0), min(top, 1.0)],
        }  # fmt: skip
    return layout, ROW * len(titles) + REST


def axis_of(row: int) -> str:
    return "y" if row == 0 else f"y{row + 1}"
