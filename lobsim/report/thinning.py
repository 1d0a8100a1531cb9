"""Fewer points of a path, and still its extremes."""

import numpy as np

from lobsim.report.moments import Floats, Ints

POINTS = 60_000  # of all lines of a picture together, about
FEWEST, MOST = 60, 600  # intervals of a line


def intervals_for(lines: int) -> int:
    """Into how many intervals the time is cut, of so many lines."""
    return max(FEWEST, min(MOST, POINTS // (4 * max(lines, 1))))


def kept(times: Ints | Floats, values: Ints | Floats, intervals: int) -> Ints:
    """The places of the first, lowest, highest and last value of each interval, in order of time;
    of all values where that leaves none out.

    The intervals are as long as each other.  So no peak is lost, and none moves by more than one.
    """
    count = len(times)
    if count <= 4 * intervals:
        return np.arange(count)
    start, end = float(times[0]), float(times[-1])
    width = (end - start) / intervals or 1.0
    at = np.minimum(((times - start) / width).astype(np.int64), intervals - 1)
    firsts = np.flatnonzero(np.diff(at, prepend=-1))
    lasts = np.concatenate([firsts[1:], [count]]) - 1
    by_value = np.lexsort((values, at))  # stable: of equals the first
    return np.unique(np.concatenate([firsts, lasts, by_value[firsts], by_value[lasts]]))
