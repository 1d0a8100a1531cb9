"""ln w at any times, where w' = M w: the series at first, squares once nothing is steep.

A terminal penalty makes the start steep: there the outer components grow by powers of ten in
next to no time, filled by their neighbours.  The cost grows with the logarithm of the time
for times equally spaced, or far apart; each other time costs some 0.5 ms.
"""

from typing import NamedTuple

import numpy as np

from lobsim.policy.squaring import leap, rows
from lobsim.policy.uniformisation import SHORT, Floats, Logs, Tridiagonal, series

STEEP = 1e3  # times r: growth faster than this is left to the series


class Paths(NamedTuple):
    """ln w = shape + scale[:, None] at several times: (T, n) and (T,)."""

    shape: Floats
    scale: Floats


def evolve(matrix: Tridiagonal, start: Floats, times: Floats, shape: Floats | None = None) -> Paths:
    """ln w at these times, rising and >= 0, where ln w = start, (n,), at time 0; in `shape`, if
    it is given, (T, n).

    `start` may hold -inf, for a component that is 0, if all become positive at once (up and
    down > 0).  The cost grows with the logarithm of r t for times equally spaced, or far apart.
    """
    shape = np.empty((len(times), len(start))) if shape is None else shape
    scale = np.empty(len(times))
    here, now, row = Logs(start, 0.0), 0.0, 0
    base, since = here, now  # where single rows start from: a logarithm loses digits every time
    rounding = 4 * np.finfo(float).eps * float(times[-1])
    changes = np.flatnonzero(np.abs(np.diff(times, n=2, prepend=0.0)) > rounding) + 1
    while row < len(times):
        place = int(np.searchsorted(changes, row + 1))
        end = int(changes[place]) if place < len(changes) else len(times)
        done = 0
        if end - row > max(2, len(start) // 8) and not _steep(matrix, here.shape):
            step = (float(times[end - 1]) - now) / (end - row)
            strays = times[row:end] - (now + step * np.arange(1, end - row + 1))
            if np.all(np.abs(strays) <= rounding):
                done = rows(matrix, here, step, shape[row:end], scale[row:end])
        if not done:
            done = 1
            shape[row], scale[row] = advance(matrix, base, float(times[row]) - since)
        row += done
        here, now = Logs(shape[row - 1], float(scale[row - 1])), float(times[row - 1])
        if done > 1 or matrix.rate * (now - since) > SHORT:
            base, since = here, now
    return Paths(shape, scale)


def advance(matrix: Tridiagonal, here: Logs, h: float) -> Logs:
    """ln w at a time h later."""
    shape, scale = here
    rate, left = matrix.rate, h
    while left > 0 and rate > 0:
        # Squaring costs n^3, so many series n each.
        if rate * left <= SHORT + len(shape) / 4 or _steep(matrix, shape):
            step = min(left, SHORT / rate)
            shape, gain = series(matrix, shape, step)
        else:
            shape, gain, step = leap(matrix, shape, left)
        scale, left = scale + gain, left - step
    return Logs(shape, scale)


def _steep(matrix: Tridiagonal, logs: Floats) -> bool:
    if not np.all(np.isfinite(logs)):
        return True
    return not matrix.growth(logs) <= STEEP * matrix.rate
