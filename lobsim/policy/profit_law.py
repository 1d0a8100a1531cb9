"""The law of a quote table's terminal profit W: its distribution function, VaR and CVaR.

Of its characteristic function the paths without a fill, and a normal law of the others' mean and
variance, are taken out; what is left is inverted:

    F(x) = F_out(x) - (1/pi) int_0^inf Im(exp(-iux) (psi - psi_out)(u)) / u du

Source: Gil-Pelaez, "Note on the inversion theorem", Biometrika 38, 1951; the trapezoidal rule as in
Abate and Whitt, "The Fourier-series method for inverting transforms", Queueing Systems 10, 1992.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lobsim.policy.chain import Flow, Rows, Setting
from lobsim.policy.characteristic import Complex, Normal, Paths
from lobsim.policy.quote_table import Floats, QuoteTable

PERIOD = 32.0  # standard deviations: the sum repeats the law at these distances
NODES, MOST_NODES = 64, 1024  # terms of the sum: at once, and at all
TOO_ROUGH = 1e-3  # an error of F beyond which there is no answer


@dataclass(frozen=True, slots=True, eq=False)
class ProfitLaw:
    """The law of profit, in currency.

    `error` is that of `cdf`, as far as the sum itself can tell: what it changes when the last
    quarter, or every other, of its terms is left out.  Over the density it is a quantile's.
    `parts` are the normal laws taken out, `rest` (n,) what is left of psi at `u` (n,).
    """

    mean: float
    sd: float
    error: float
    parts: tuple[Normal, ...]
    u: Floats
    rest: Complex

    def density(self, x: ArrayLike) -> Floats:
        """Per currency; what is held without a fill where the inventory is 0 has none."""
        return self._at(x)[0]

    def cdf(self, x: ArrayLike) -> Floats:
        """P(W <= x)."""
        return self._at(x)[1]

    def shortfall(self, x: ArrayLike) -> Floats:
        """E[(x - W)+], currency: how far profit falls short of x, on average."""
        return self._at(x)[2]

    def quantile(self, probability: float) -> float:
        """The least x with P(W <= x) >= probability; ValueError for less than the error."""
        from scipy.optimize import brentq

        if not self.error < min(probability, 1 - probability):
            raise ValueError(
                f"probability = {probability}: must be {self.error:.1g}, the error of the law, or "
                f"more from 0 and from 1"
            )
        if self.sd == 0:
            return self.mean
        reach = PERIOD / 4 * self.sd
        found = brentq(
            lambda x: float(self.cdf(x)) - probability,
            self.mean - reach,
            self.mean + reach,
            xtol=1e-12 * self.sd,
        )
        return float(found)

    def var(self, level: float) -> float:
        """Value at risk: with probability `level` the loss -W is no larger; currency."""
        return -self.quantile(1 - level)

    def cvar(self, level: float) -> float:
        """The mean loss beyond VaR, E[L; L > VaR] / (1 - level) but for atoms; currency.

        Source: Rockafellar and Uryasev, Journal of Banking and Finance 26, 2002.
        """
        x = self.quantile(1 - level)
        return -x + float(self.shortfall(x)) / (1 - level)

    def _at(self, x: ArrayLike) -> tuple[Floats, Floats, Floats]:
        at = np.asarray(x, dtype=np.float64)
        density, probability, shortfall = inverted(self.u, self.rest, at)
        for part in self.parts:
            more = part.below(at)
            density, probability, shortfall = (
                density + more[0], probability + more[1], shortfall + more[2],
            )  # fmt: skip
        return density, probability, shortfall


def inverted(u: Floats, rest: Complex, x: Floats) -> tuple[Floats, Floats, Floats]:
    """What `rest` (n,), at equal steps `u` from the first, adds to density, F and shortfall."""
    turned = np.exp(-1j * np.multiply.outer(x, u)) * rest * (u[0] / math.pi)
    return (
        np.sum(turned.real, axis=-1),
        -np.sum(turned.imag / u, axis=-1),
        -np.sum(turned.real / u**2, axis=-1),
    )


def profit_law(
    table: QuoteTable,
    flow: Flow,
    *,
    sigma: float,
    horizon_s: float,
    mu: float = 0.0,
    inventory: int = 0,
    size: int = 1,
    max_inventory: int | None = None,
    maker_fee: float = 0.0,
    tolerance: float = 1e-6,
) -> ProfitLaw:
    """The law of what `evaluate` gives the moments of, with the same arguments.

    Terms are summed until leaving out the last quarter changes F by less than `tolerance`, 1024
    at most.  Raises ValueError as `evaluate` does, and where that is not enough for a law at all:
    with a sigma so small that profit keeps to a lattice.
    """
    setting = Setting(
        flow=flow, sigma=sigma, mu=mu, horizon_s=horizon_s, inventory=inventory, size=size,
        max_inventory=max_inventory, maker_fee=maker_fee,
    )  # fmt: skip
    paths = Paths(setting, Rows(table, horizon_s))
    parts = taken_out(paths)
    scale = parts[-1].sd
    if len(parts) == 1:
        return ProfitLaw(paths.mean, paths.sd, 0.0, parts, np.ones(1), np.zeros(1, complex))
    step = 2 * math.pi / (PERIOD * scale)
    x = parts[-1].mean + scale * np.linspace(-6, 6, 97)
    u, rest = np.empty(0), np.empty(0, dtype=np.complex128)
    while True:
        more = step * np.arange(len(u) + 1.0, len(u) + 1.0 + NODES)
        left = paths.psi(more)
        for part in parts:
            left -= part.characteristic(more)
        u, rest = np.concatenate([u, more]), np.concatenate([rest, left])
        fewer = inverted(u[: 3 * len(u) // 4], rest[: 3 * len(u) // 4], x)[1]
        full = inverted(u, rest, x)[1]
        cut = float(np.abs(full - fewer).max())
        if cut < tolerance or len(u) >= MOST_NODES:
            break
    coarse = inverted(u[1::2], rest[1::2], x)[1]
    error = max(cut, float(np.abs(full - coarse).max()))
    if error > TOO_ROUGH:
        raise ValueError(
            f"no law of profit: {len(u)} terms leave an error of {error:.1g} of its distribution "
            f"function; sigma = {sigma} is too small"
        )
    return ProfitLaw(paths.mean, paths.sd, error, parts, u, rest)


def taken_out(paths: Paths) -> tuple[Normal, ...]:
    """The paths without a fill, and a normal law with mean and variance of the others."""
    still = paths.without_fills
    share = 1 - still.share
    if share < 1e-15:
        return (still,)
    mean = (paths.mean - still.share * still.mean) / share
    square = paths.sd**2 - still.share * (still.sd**2 + (still.mean - paths.mean) ** 2)
    return still, Normal(share, mean, math.sqrt(square / share - (mean - paths.mean) ** 2))
