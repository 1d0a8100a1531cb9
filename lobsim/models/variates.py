"""Poisson and gamma variates made of uniforms and normals, by the same steps in both engines.

numpy's and numba's own differ in a few draws of a million, and then in all that follow.
Sources: Hoermann, "The transformed rejection method for generating Poisson random variables",
Insurance: Mathematics and Economics 12, 1993 (PTRS); Marsaglia and Tsang, "A simple method for
generating gamma variables", ACM Transactions on Mathematical Software 26, 2000.
"""

import math
from typing import Any

from lobsim.compiled import compiled


@compiled
def log_poisson(k: float, mean: float) -> float:
    """ln P(N = k); by Stirling's series from 10 on, without cancellation for large means."""
    if k < 10.0:
        total = k * math.log(mean) - mean
        for i in range(2, int(k) + 1):
            total -= math.log(i)
        return total
    over = 1.0 / k
    series = over * (1.0 / 12.0 - over * over * (1.0 / 360.0 - over * over / 1260.0))
    apart = k - mean
    return apart - k * math.log1p(apart / mean) - 0.5 * math.log(2.0 * math.pi * k) - series


@compiled
def poisson(mean: float, uniforms: Any) -> float:
    """A Poisson number, as a float: it may be larger than 64 bits hold."""
    if mean < 10.0:
        count, product, least = 0.0, uniforms.random(), math.exp(-mean)
        while product > least:
            count += 1.0
            product *= uniforms.random()
        return count
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    surely = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u = uniforms.random() - 0.5
        v = 1.0 - uniforms.random()
        tail = 0.5 - abs(u)
        if tail < 0.013 and v >= tail:
            continue
        k = float(math.floor((2.0 * a / tail + b) * u + mean + 0.43))
        if tail >= 0.07 and v <= surely:
            return k
        if k >= 0.0 and math.log(v * inverse_alpha / (a / (tail * tail) + b)) <= log_poisson(
            k, mean
        ):
            return k


@compiled
def gamma(shape: float, normals: Any, uniforms: Any) -> float:
    """A gamma number of scale 1, for any shape above 0."""
    boost = 1.0
    if shape < 1.0:
        boost = math.exp(math.log(1.0 - uniforms.random()) / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x: float = normals.standard_normal()
        root = 1.0 + c * x
        if root <= 0.0:
            continue
        v = root * root * root
        u = 1.0 - uniforms.random()
        square = x * x
        if u < 1.0 - 0.0331 * square * square:
            return d * v * boost
        if math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v)):
            return d * v * boost
