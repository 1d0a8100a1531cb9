"""Quotes in several assets whose mids move together, for ever from the end.

    bid_i = c_i + G_ii L/2 + (G q')_i,   ask_i = c_i + G_ii L/2 - (G q')_i
    G = D^(-1/2) (D^(1/2) gamma Sigma D^(1/2))^(1/2) D^(-1/2),   q' = q - Sigma^-1 mu / gamma
    D_i = 2 k_i A_i exp(-k_i fee_i) L (1 + g/k_i)^-(1 + k_i/g)
    c_i = (1/g) ln(1 + g/k_i) + fee_i,   g = gamma L

An inventory in one asset moves the quotes in all that are correlated with it; without correlation
G is diagonal, and each asset has the quotes of Gueant, Lehalle and Fernandez-Tapia.
Source: Bergault, Evangelista, Gueant and Vieira, "Closed-form approximations in multi-asset market
making", Applied Mathematical Finance 28, 2021.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lobsim.policy.closed_forms import hops
from lobsim.policy.problem import markup
from lobsim.policy.unsolvable import UnsolvableError

Floats = NDArray[np.float64]


class Coupled(NamedTuple):
    """Of n assets: `level` (n,) the middle depths at the inventories `centre` (n,), currency and
    lots; `slope` (n, n) currency per lot.
    """

    level: Floats
    slope: Floats
    centre: Floats

    def depths(self, inventories: ArrayLike) -> tuple[Floats, Floats]:
        """(n,) bid and ask depths, currency, at inventories (n,) in lots."""
        skew = self.slope @ (np.asarray(inventories, dtype=np.float64) - self.centre)
        return self.level + skew, self.level - skew


def coupled(
    covariance: ArrayLike,
    *,
    A: ArrayLike,
    k: ArrayLike,
    gamma: float,
    mu: ArrayLike = 0.0,
    fee: ArrayLike = 0.0,
    lot: int = 1,
) -> Coupled:
    """`covariance` (n, n) is of the mids, currency^2 per second; A, k, mu, fee (n,) as elsewhere.

    Raises ValueError for gamma, A or k not above 0, or a matrix that is no covariance.
    """
    sigma = np.asarray(covariance, dtype=np.float64)
    rates, decays = np.asarray(A, dtype=np.float64), np.asarray(k, dtype=np.float64)
    if not (gamma > 0 and math.isfinite(gamma)):
        raise UnsolvableError(f"gamma = {gamma:g}: must be above 0")
    if not (np.all(rates > 0) and np.all(decays > 0)):
        raise UnsolvableError("A and k: must be above 0 in every asset")
    if not np.allclose(sigma, sigma.T) or np.linalg.eigvalsh(sigma).min() < -1e-9 * sigma.max():
        raise UnsolvableError("covariance: must be symmetric and positive semi-definite")
    g = gamma * lot
    fees = np.broadcast_to(np.asarray(fee, dtype=np.float64), rates.shape)
    each = zip(rates.tolist(), decays.tolist(), fees.tolist(), strict=True)
    root = np.sqrt([2 * one * lot * hops(rate, one, g, cost) for rate, one, cost in each])
    slope = square_root(gamma * sigma * np.outer(root, root)) / np.outer(root, root)
    drift = np.broadcast_to(np.asarray(mu, dtype=np.float64), rates.shape)
    centre = np.linalg.pinv(sigma, hermitian=True) @ drift / gamma
    level = np.array([markup(one, g) for one in decays]) + fees + np.diag(slope) * lot / 2
    return Coupled(level, slope, centre)


def square_root(matrix: Floats) -> Floats:
    """Of a symmetric positive semi-definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    made: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return made
