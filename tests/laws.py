"""Cumulants from a characteristic function alone."""

import math

import numpy as np


def cumulants(characteristic, scale):
    """The first four, from ln psi on a circle about 0 (Cauchy's integral, by the trapezoid)."""
    n, radius = 64, 0.3 / scale
    points = radius * np.exp(2j * np.pi * np.arange(n) / n)
    logs = np.log(characteristic(points / 1j))  # of E exp(points X)
    return [
        float((math.factorial(m) * np.mean(logs / points**m)).real) for m in range(1, 5)
    ]  # fmt: skip
