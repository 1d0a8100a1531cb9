"""The golden numbers: 195 values known from two other methods each, against this package's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lobsim.validate import golden_prices, golden_profits, golden_quotes
from lobsim.validate.golden_quotes import Compute
from lobsim.validate.line import Line

GROUPS: dict[str, Mapping[str, Compute]] = {
    "golden quotes": golden_quotes.FAMILIES,
    "golden profits": golden_profits.FAMILIES,
    "golden prices": golden_prices.FAMILIES,
}
DIGITS = 1e-12  # relative: what the values and the code have unless they say otherwise
# What the code reaches less of, by how a name begins; relative.
FEWER = {
    "A-S quotes cont.": 1e-10,  # a limit of ever finer tables
    # Two inversions that were cut off agreed to 1e-5 and 6e-5 on these; the paths without a fill,
    # 2.7e-5 of all, cost them another 2e-5.
    "RN-sym P(W_T<=0.5)": 5e-5,
    "RN-sym P(W_T<=7)": 2e-7,
}


@dataclass(frozen=True, slots=True)
class Golden:
    """A number, the parameters it holds for, and how far the two methods that gave it differ."""

    name: str
    params: Mapping[str, Any]
    value: float
    source: str
    disagreement: float  # relative


@cache
def golden_numbers() -> dict[str, Golden]:
    """All, by name."""
    text = (resources.files("lobsim") / "golden.json").read_text(encoding="utf-8")
    return {
        each["name"]: Golden(
            each["name"],
            each["params"],
            float(each["value"]),
            f"golden.json: {each['method1']}",
            float(each["rel_disagreement"]),
        )
        for each in json.loads(text)["values"]
    }


def golden_line(name: str) -> Line:
    """The number of this name, as the package computes it.  Raises KeyError for another name."""
    number = golden_numbers()[name]
    group, compute = way(name)
    fewer = max((digits for start, digits in FEWER.items() if name.startswith(start)), default=0.0)
    return Line(
        group=group,
        name=name,
        source=number.source,
        expected=number.value,
        got=float(compute(name, number.params)),
        tolerance=max(DIGITS, 2 * number.disagreement, fewer) * abs(number.value),
    )


def golden_lines(group: str | None = None) -> list[Line]:
    """All of them, or those of one of GROUPS."""
    return [
        golden_line(name) for name in golden_numbers() if group is None or way(name)[0] == group
    ]


def way(name: str) -> tuple[str, Compute]:
    """The group of a number, and how to compute it: that of the longest beginning that fits."""
    fits = [
        (len(start), group, compute)
        for group, families in GROUPS.items()
        for start, compute in families.items()
        if name.startswith(start)
    ]
    if not fits:
        raise KeyError(name)
    _, group, compute = max(fits, key=lambda fit: fit[0])
    return group, compute
