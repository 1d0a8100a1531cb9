"""Linear differential equations dy/dt = L y whose matrix is constant within each row of a table.

Two exact ways, whichever is cheaper: uniformisation of one vector (all terms positive where L is
a generator), and the matrix exponential of all rows at once, by doubling.
Source: Stewart, "Introduction to the Numerical Solution of Markov Chains", 1994, chapter 8.
"""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lobsim.policy.chain import Ints
from lobsim.policy.quote_table import Floats

Numbers: TypeAlias = NDArray[Any]  # of float, or of complex where y is
SUBSTEP = 400.0  # the most expected terms of a series: exp(-400) is far from underflow
NEGLIGIBLE = 1e-19  # a term's share of its series
TERMS = 14  # of the exponential's series, where the norm is 1/4: the next is below 1e-18
# Nanoseconds, measured: a sparse product and its bookkeeping, an entry of it; an entry of a dense
# matrix in a product, and each of its multiplications.
PRODUCT, ENTRY, CELL, FLOP = 6000.0, 2.0, 2.0, 0.1
LARGEST_DENSE = 4_000_000  # entries of the matrices of all rows
MOST_TERMS, MOST_SCALED = 5e6, 3e5  # weights that need more are likely to have no end
ALONE = 250_000  # multiplications at once: with more, BLAS waits for a second core
LARGEST_FACTOR = 1e120  # of a matrix that may be squared again


@dataclass(frozen=True, slots=True)
class System:
    """L of each row, sparse and with one pattern: entries `values` (m, e) at (rows, columns).

    order        N, of the vector y
    rate (m,)    per second: s, with L + s of no negative diagonal
    growth (m,)  per second: s times the norm of 1 + L/s, but for what only feeds forward
    durations_s (m,)
    """

    order: int
    rows: Ints
    columns: Ints
    values: Numbers
    rate: Floats
    growth: Floats
    durations_s: Floats


@dataclass(frozen=True, slots=True)
class Passage:
    """What becomes of y by the end of each row: exp(log_scales) `ends`, of shapes (m,) and (m, N);
    and its time integral in each, (m, N), which is of y over its own sum where it was scaled.
    """

    ends: Numbers
    integrals: Numbers
    log_scales: Floats


def propagate(system: System, start: Numbers, *, scaled: bool = False) -> Passage:
    """Carry `start` (N,) through all rows; `scaled` where y may grow beyond the largest float.

    Raises ValueError where that would take minutes.
    """
    busy = system.growth * system.durations_s
    substeps = np.maximum(1.0, np.ceil(busy / SUBSTEP))
    mean = busy / substeps
    terms = float(np.sum(substeps * (mean + 9 * np.sqrt(mean) + 9)))
    series = terms * (PRODUCT + ENTRY * len(system.rows))
    norm = float(np.max((system.rate + system.growth) * system.durations_s))
    halvings = max(0, math.ceil(math.log2(max(norm, 1e-300))) + 2)
    cells = len(busy) * system.order**2
    dense = len(busy) * PRODUCT + cells * (TERMS + 2 * halvings) * (CELL + FLOP * system.order)
    if dense < series and cells < LARGEST_DENSE:
        return by_doubling(system, start, halvings, scaled)
    if terms > (MOST_SCALED if scaled else MOST_TERMS):
        raise ValueError(
            f"{terms:.1e} terms needed: too much happens at the rates of these quotes; a floor of "
            f"the flow (d0), a max_inventory or a shorter horizon may help"
        )
    return by_uniformisation(system, start, substeps.astype(np.int64), scaled)


def by_uniformisation(system: System, start: Numbers, substeps: Ints, scaled: bool) -> Passage:
    """exp(L h) y = sum over n of P(N = n) (1 + L/s)^n y, where N is Poisson with mean s h; the
    integral of it over h has P(N > n) / s instead.
    """
    from scipy.sparse import csr_array

    steps = system.durations_s / substeps
    rate = np.maximum(system.rate, 0.01 / steps)
    weights, counts = poisson(rate * steps, np.maximum(system.growth, rate) * steps)
    # P(N > n) from its own terms, not from 1 less the others: small ones keep their digits.
    beyond = weights[:, ::-1].cumsum(axis=1)[:, ::-1] - weights
    order = np.lexsort((system.columns, system.rows))
    rows, columns = system.rows[order], system.columns[order]
    values = system.values[:, order] / rate[:, np.newaxis]
    values[:, rows == columns] += 1
    starts = np.searchsorted(rows, np.arange(system.order + 1))
    matrix = csr_array((values[0], columns, starts), shape=(system.order, system.order))
    y, log_scale = start, 0.0
    passage = empty_passage(system)
    for row, count in enumerate(counts.tolist()):
        matrix.data = values[row]
        for _ in range(substeps[row]):
            y, integral = series(matrix, y, np.stack([weights[row], beyond[row]])[:, :count])
            integral /= rate[row]
            if scaled:
                integral *= steps[row] / np.abs(integral).sum()
                log_scale, y = log_scale + math.log(np.abs(y).max()), y / np.abs(y).max()
            passage.integrals[row] += integral
        passage.ends[row], passage.log_scales[row] = y, log_scale
    return passage


def series(matrix: Any, y: Numbers, weights: Floats) -> Numbers:
    """(2, N) the sums over n of weights (2, n) times the n-th power of `matrix` applied to y."""
    width = max(1, ALONE // (2 * y.itemsize // 8 * len(y)))
    total = np.zeros((2, len(y) * y.itemsize // 8))
    for first in range(0, weights.shape[1], width):
        some = weights[:, first : first + width]
        powers = np.empty((some.shape[1], len(y)), y.dtype)
        for n in range(len(powers)):
            y = matrix @ y if first + n else y
            powers[n] = y
        # Of real parts and imaginary apart: a product of real and complex is 20 times slower.
        total += some @ powers.view(np.float64)
    return total.view(y.dtype)


def poisson(mean: Floats, spread: Floats) -> tuple[Floats, Ints]:
    """(m, n) Poisson probabilities, and how many of each row matter where the n-th term is
    larger by (spread / mean)^n.
    """
    from scipy.special import gammaln

    most = float(spread.max())
    n = np.arange(math.ceil(most + 12 * math.sqrt(most) + 30))
    log_n = n * np.log(mean)[:, np.newaxis] - gammaln(n + 1)
    weights = np.exp(log_n - mean[:, np.newaxis])
    shares = np.exp(log_n + n * np.log(spread / mean)[:, np.newaxis] - spread[:, np.newaxis])
    matter = (shares > NEGLIGIBLE) | (n < spread[:, np.newaxis])
    return weights, matter.sum(axis=1) + 1


def by_doubling(system: System, start: Numbers, halvings: int, scaled: bool) -> Passage:
    """E = exp(L h) and F, its integral: E(2h) = E(h)^2, F(2h) = F(h) + E(h) F(h), from a small h.

    E is kept as its difference from 1, so that slow rates keep their digits beside fast ones.
    """
    step = (system.durations_s / 2**halvings)[:, np.newaxis, np.newaxis]
    L = np.zeros((len(step), system.order, system.order), dtype=system.values.dtype)
    L[:, system.rows, system.columns] = system.values
    L *= step
    term, change = L, L.copy()
    integral = L / 2
    for n in range(2, TERMS):
        term = product(L, term) / n
        change += term
        integral += term / (n + 1)
    integral += np.eye(system.order)
    integral *= step
    while halvings and not (scaled and np.abs(change).max() > LARGEST_FACTOR):
        integral = 2 * integral + product(change, integral)
        change = 2 * change + product(change, change)
        halvings -= 1
    y, log_scale = start, 0.0
    passage = empty_passage(system)
    steps = system.durations_s / 2**halvings
    for row, duration in enumerate(steps.tolist()):
        for _ in range(2**halvings):
            part = integral[row] @ y
            y = y + change[row] @ y
            if scaled:
                part *= duration / np.abs(part).sum()
                log_scale, y = log_scale + math.log(np.abs(y).max()), y / np.abs(y).max()
            passage.integrals[row] += part
        passage.ends[row], passage.log_scales[row] = y, log_scale
    return passage


def product(left: Numbers, right: Numbers) -> Numbers:
    """left @ right of (m, N, N), in strips of columns that BLAS takes on one core."""
    order = right.shape[-1]
    width = max(1, ALONE // order**2)
    if width >= order:
        return left @ right
    strips = [left @ right[..., first : first + width] for first in range(0, order, width)]
    return np.concatenate(strips, axis=-1)


def empty_passage(system: System) -> Passage:
    shape, kind = (len(system.durations_s), system.order), system.values.dtype
    return Passage(np.empty(shape, kind), np.zeros(shape, kind), np.empty(shape[0]))
