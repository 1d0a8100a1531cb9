"""Quotes by formula: approximations where nothing need be solved, each where it holds.

    short horizon  Avellaneda and Stoikov 2008, equations (29) and (30)
    long horizon   Gueant, Lehalle and Fernandez-Tapia 2013, section 4
    both           ln w taken as quadratic in q: a Riccati equation, here called the closure

Depths are currency from the mid, and arrays broadcast: inventories q in lots, times tau_s in
seconds to the horizon.  At gamma = 0 every formula is its limit.  Every fill is of `lot` lots and
costs `fee` (currency per lot; a rebate is below 0), which moves both quotes out by as much and, as
they then fill exp(-k fee) times as often, counts as fewer orders where quotes depend on A.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lobsim.policy.problem import hop_rate, markup, number
from lobsim.policy.quote_table import Floats
from lobsim.policy.solution import CROSSED
from lobsim.policy.unsolvable import UnsolvableError


class Depths(NamedTuple):
    """Currency from the mid, of the shape that inventories and times broadcast to."""

    bid: Floats
    ask: Floats


def avellaneda_stoikov(
    q: ArrayLike,
    tau_s: ArrayLike,
    *,
    gamma: float,
    sigma: float,
    k: float,
    fee: float = 0.0,
    lot: int = 1,
) -> Depths:
    """c + fee + (L/2 +- q) gamma sigma^2 tau,  c = (1/g) ln(1 + g/k),  g = gamma L.

    The first order of the exact quotes in tau: the skew is too large by the part
    (4/3) alpha eta tau^2, alpha = k gamma sigma^2/2, eta = A (1 + gamma/k)^-(1 + k/gamma).
    Raises ValueError for k <= 0, and gamma, sigma or tau_s below 0.
    """
    _require(k=k, gamma=gamma, sigma=sigma, lot=lot)
    level = markup(k, gamma * lot) + number("fee", fee)
    return _leaning(level, q, gamma * sigma**2 * _taus(tau_s), lot)


def closure_slope(
    tau_s: ArrayLike,
    *,
    A: float,
    k: float,
    terminal_penalty: float = 0.0,
    running_penalty: float = 0.0,
    gamma: float = 0.0,
    sigma: float = 0.0,
    fee: float = 0.0,
    lot: int = 1,
) -> Floats:
    """s, currency per lot: how much farther each lot held moves the quotes.

    ln w ~ -B n^2/2 at n = q/L, with B' = 2 alpha - 2 eta B^2, B(0) = 2 k L phi; s = B/(k L).  Here
    alpha = k L (phi_r + gamma sigma^2/2), eta = A exp(-k fee) (1 + g/k)^-(1 + k/g), g = gamma L,
    and the solution is

        B = (B_0 + (alpha/eta) u) / (1 + B_0 u),  u = tanh(2 sqrt(alpha eta) tau) / sqrt(alpha/eta)

    or u = 2 eta tau where alpha = 0.  It holds for bounds far from the inventory.  Raises
    ValueError for A or k <= 0 and for penalties, gamma, sigma or tau_s below 0.
    """
    _require(
        k=k,
        A=A,
        terminal_penalty=terminal_penalty,
        running_penalty=running_penalty,
        gamma=gamma,
        sigma=sigma,
        lot=lot,
    )
    tau = _taus(tau_s)
    alpha, eta = k * lot * (running_penalty + gamma * sigma**2 / 2), hops(A, k, gamma * lot, fee)
    B_0, limit = 2 * k * lot * terminal_penalty, math.sqrt(alpha / eta)
    # Far below the rounding of 1 the tangent is its argument, and limit may be too small to
    # divide by.
    u = np.tanh(2 * eta * limit * tau) / limit if limit > 1e-100 else 2 * eta * tau
    slope: Floats = (B_0 + limit**2 * u) / (1 + B_0 * u) / (k * lot)
    return slope


def closure(
    q: ArrayLike,
    tau_s: ArrayLike,
    *,
    A: float,
    k: float,
    terminal_penalty: float = 0.0,
    running_penalty: float = 0.0,
    gamma: float = 0.0,
    sigma: float = 0.0,
    fee: float = 0.0,
    lot: int = 1,
) -> Depths:
    """c + fee + (L/2 +- q) s with s = closure_slope: within 0.4 % up to k s L = 0.08, bounds far
    off.

    Without penalties it is c + (1/2 +- q) (1/k) sqrt(alpha/eta) tanh(2 sqrt(alpha eta) tau):
    Avellaneda-Stoikov for small tau, Gueant-Lehalle-Fernandez-Tapia for large.
    """
    slope = closure_slope(
        tau_s,
        A=A,
        k=k,
        terminal_penalty=terminal_penalty,
        running_penalty=running_penalty,
        gamma=gamma,
        sigma=sigma,
        fee=fee,
        lot=lot,
    )
    return _leaning(markup(k, gamma * lot) + fee, q, slope, lot)


def glft(
    q: ArrayLike,
    *,
    A: float,
    k: float,
    gamma: float,
    sigma: float,
    mu: float = 0.0,
    impact: float = 0.0,
    fee: float = 0.0,
    lot: int = 1,
) -> Depths:
    """c + fee + xi/2 +- [(2q +- L)/2 - mu/(gamma sigma^2)] e^(k xi/4) sqrt(...): for ever from the
    end.

    c = (1/g) ln(1 + g/k), g = gamma L, and under the root gamma sigma^2/(2 k A exp(-k fee) L)
    (1 + g/k)^(1 + k/g).  Raises ValueError as `closure_slope` does, and for a drift at
    gamma sigma^2 = 0: there the quotes have no limit.
    """
    _require(k=k, A=A, gamma=gamma, sigma=sigma, lot=lot)
    number("impact", impact)
    lots, risk = np.asarray(q, dtype=np.float64), gamma * sigma**2
    if number("mu", mu) != 0 and risk == 0:
        raise UnsolvableError(f"mu = {mu:g}: must be 0 where gamma sigma^2 is")
    target = mu / risk if risk > 0 else 0.0
    root = math.sqrt(risk / (2 * k * lot * hops(A, k, gamma * lot, fee)))
    step = math.exp(k * impact / 4) * root
    level = markup(k, gamma * lot) + fee + impact / 2
    return _apart(
        level + (lots + lot / 2 - target) * step,
        level - (lots - lot / 2 - target) * step,
    )


class CosineLaw(NamedTuple):
    """What holds for ever without running penalty or drift: (2Q+1,) arrays and the growth."""

    bid: Floats  # depths, currency; inf at Q
    ask: Floats  # inf at -Q
    law: Floats  # of the inventory
    growth: float  # of the value, currency per second


def cosine_law(max_inventory: int, *, A: float, k: float) -> CosineLaw:
    """f_q = cos(pi q / (2Q+2)), the lowest mode of a path with closed ends; law f^2/(Q+1).

    d^b = 1/k - (1/k) ln(f_{q+1}/f_q), growth (2A/(k e)) cos(pi/(2Q+2)): risk neutral, A on
    both sides, whatever phi and sigma.  Raises ValueError for A or k <= 0 and Q below 1.
    """
    _require(k=k, A=A, max_inventory=max_inventory)
    angle = math.pi / (2 * max_inventory + 2)
    f = np.cos(angle * np.arange(-max_inventory, max_inventory + 1))
    rise = np.diff(np.log(f)) / k
    return CosineLaw(
        bid=np.append(1 / k - rise, np.inf),
        ask=np.append(np.inf, 1 / k + rise),
        law=f**2 / (max_inventory + 1),
        growth=2 * hop_rate(A, k, 0.0) / k * math.cos(angle),
    )


def _leaning(level: float, q: ArrayLike, slope: Floats, lot: int) -> Depths:
    lots = np.asarray(q, dtype=np.float64)
    return _apart(level + (lot / 2 + lots) * slope, level + (lot / 2 - lots) * slope)


def _apart(bid: Floats, ask: Floats) -> Depths:
    if np.any(bid + ask <= 0):
        raise UnsolvableError(CROSSED)
    return Depths(bid, ask)


def hops(A: float, k: float, g: float, fee: float) -> float:
    """eta: hop_rate where every fill costs a fee; per second."""
    exponent = k * number("fee", fee)
    if abs(exponent) > 600:
        raise UnsolvableError(f"fee = {fee:g}: must be within 600/k = {600 / k:g}")
    return hop_rate(A, k, g) * math.exp(-exponent)


def _taus(tau_s: ArrayLike) -> Floats:
    taus = np.asarray(tau_s, dtype=np.float64)
    if not np.all((taus >= 0) & np.isfinite(taus)):
        raise UnsolvableError("tau_s: must be finite, 0 or more")
    return taus


def _require(**values: float) -> None:
    """k and A above 0, lot and max_inventory whole, the rest not below 0."""
    for name, value in values.items():
        found = number(name, value)
        if name in ("k", "A") and found <= 0:
            raise UnsolvableError(f"{name} = {found:g}: must be above 0")
        if name in ("lot", "max_inventory") and (found < 1 or found != math.floor(found)):
            raise UnsolvableError(f"{name} = {found:g}: must be whole, 1 or more")
        if name == "max_inventory" and found > 1e6:
            raise UnsolvableError(f"{name} = {found:g}: must be 1,000,000 at most")
        if found < 0:
            raise UnsolvableError(f"{name} = {found:g}: must be 0 or more")
