"""exp(M h) for one set of scales and many h, by squaring what the series gives for a short one.

D^-1 exp(M h) D has no entry below 0, D being the scales diag(exp(ln w)) of the start, so its
squares lose nothing to cancellation either.  Whoever uses them stops before the components of
w spread too far beside those scales, and makes the scales anew.
"""

import math
from typing import NamedTuple

import numpy as np

from lobsim.policy.uniformisation import Floats, Logs, Tridiagonal

BLOCK = 250_000  # multiplications at once: with more, BLAS waits for a second core
FINE = 1 / 8  # growth times h of the matrix that is squared first, and
TERMS = 10  # the terms it then takes: FINE^11 / 11! is below 1e-17 of FINE
LOW, HIGH = 1e-100, 1e100  # what w may become beside its scales before they are made anew


class Power(NamedTuple):
    """D^-1 exp(M h) D = exp(-s h) 2^exponent (same I + change), D the scales at the start.

    The identity is kept apart, so that squaring, (I + F)^2 = I + 2 F + F^2, loses nothing
    while F is small; and scaling by powers of 2 never does.
    """

    same: float
    change: Floats  # (n, n)
    exponent: int
    decay: float  # s h

    def squared(self) -> "Power":
        change = self.change @ self.change + (2 * self.same) * self.change
        shift = -math.frexp(max(float(change.max()), self.same**2))[1]
        same = math.ldexp(self.same**2, shift)
        change *= math.ldexp(1.0, shift)
        return Power(same, change, 2 * self.exponent - shift, 2 * self.decay)

    @property
    def scale(self) -> float:
        return self.exponent * math.log(2) - self.decay

    def whole(self) -> Floats:
        """same I + change, transposed."""
        matrix = self.change.T.copy()
        matrix.flat[:: len(matrix) + 1] += self.same
        return matrix

    def sums(self) -> Floats:
        sums: Floats = self.same + self.change.sum(axis=1)
        return sums


def _fine(matrix: Tridiagonal, logs: Floats, h: float) -> tuple[Power, int]:
    """The power for h / 2^m by the series, and m: how often it is to be squared."""
    growth = matrix.growth(logs)
    m = math.ceil(math.log2(max(growth * h / FINE, 1.0)))
    middle, right, left = matrix.conjugate(logs)
    step = math.ldexp(h, -m)
    term = np.diag(middle) + np.diag(right[:-1], 1) + np.diag(left[1:], -1)
    hop = term = term * step
    change = term.copy()
    for i in range(2, TERMS + 1):
        term = term @ hop / i
        change += term
    return Power(1.0, change, 0, matrix.shift * step), m


def leap(matrix: Tridiagonal, logs: Floats, h: float) -> tuple[Floats, float, float]:
    """ln w (shape, scale) as far on towards h as one set of scales carries, and how far that is."""
    power, m = _fine(matrix, logs, h)
    sums = power.sums()
    while m > 0:
        further = power.squared()
        if not _within(further.sums()):
            break
        power, sums, m = further, further.sums(), m - 1
    shape = logs + np.log(sums)
    top = float(shape.max())
    return shape - top, power.scale + top, math.ldexp(h, -m)


def rows(matrix: Tridiagonal, here: Logs, step: float, shape: Floats, scale: Floats) -> int:
    """Fill rows at step, 2 step ...; how many before the scales had to be made anew, or 0.

    exp(M m step) makes the m rows that follow of the last m, m doubling up to a whole block.
    """
    power, m = _fine(matrix, here.shape, step)
    for _ in range(m):
        power = power.squared()
    shape[0], scale[0] = power.sums(), here.scale + power.scale
    whole = power.whole()
    ahead, done, more = 1, 0, 1
    while _within(shape[done : done + more]):
        done += more
        if done == len(shape):
            break
        if 2 * ahead <= min(done, max(BLOCK // len(matrix.diagonal) ** 2, 1)):
            power, ahead = power.squared(), 2 * ahead
            whole = power.whole()
        more = min(ahead, len(shape) - done)
        last, following = slice(done - ahead, done - ahead + more), slice(done, done + more)
        np.matmul(shape[last], whole, out=shape[following])
        scale[following] = scale[last] + power.scale
    made = shape[:done]
    np.log(made, out=made)
    made += here.shape
    return done


def _within(values: Floats) -> bool:
    return bool(values.min() >= LOW and values.max() <= HIGH)
