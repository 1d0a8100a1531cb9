"""Distribution functions from characteristic functions.

Source: Gil-Pelaez, "Note on the inversion theorem", Biometrika 38, 1951.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
PERIOD = 64.0  # standard deviations: the inverted law repeats itself at these distances
NEGLIGIBLE = 1e-17
MOST_NODES = 2**17
ENTRIES = 2_000_000  # of the tables made at once


def inverted_cdf(
    characteristic: Callable[[Floats], Complex], x: ArrayLike, mean: float, sd: float
) -> Floats:
    """P(X <= x) = 1/2 - (1/pi) int_0^inf Im(exp(-iux) psi(u)) / u du, by the midpoint rule.

    For a law whose tails are negligible PERIOD/2 deviations from the mean.  Raises ValueError
    where psi does not fall off.
    """
    step, count = 2 * math.pi / (PERIOD * sd), 256
    while np.abs(characteristic(np.array([count * step]))[0]) > NEGLIGIBLE:
        count *= 2
        if count > MOST_NODES:
            raise ValueError(
                "the law has no density smooth enough to be inverted: without a Brownian motion, "
                "or with too small a one, its characteristic function does not fall off"
            )
    u = np.asarray((np.arange(count) + 0.5) * step, dtype=np.float64)
    psi = characteristic(u) * np.exp(-1j * u * mean) / u
    far = np.asarray(x, dtype=np.float64) - mean
    flat = [
        0.5 - step / math.pi * np.sum((np.exp(-1j * np.multiply.outer(some, u)) * psi).imag, -1)
        for some in np.array_split(far.reshape(-1), math.ceil(far.size * count / ENTRIES) or 1)
    ]
    return np.asarray(np.concatenate(flat).reshape(far.shape))
