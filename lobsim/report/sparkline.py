"""Paths of small whole numbers as one line of text."""

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"


def sparkline(times: Sequence[int], values: Sequence[int], end: int, scale: int, width: int) -> str:
    """A step path from 0 at time 0, sampled at the ends of `width` equal parts of [0, end].

    `values` hold from `times` on, in order of time; -scale is the lowest bar, scale the highest.
    """
    marks = []
    value = position = 0
    for column in range(1, width + 1):
        until = end * column // width
        while position < len(times) and times[position] <= until:
            value = values[position]
            position += 1
        level = (value + scale) / (2 * scale) if scale else 0.5
        marks.append(BARS[min(7, max(0, int(level * 8)))])
    return "".join(marks)
