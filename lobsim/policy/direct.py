"""Optimal quotes where nothing is linear: the value itself, step by step back from the horizon.

    -v_t = mu q - (phi_r + gamma sigma^2/2) q^2 + sup_d A_b exp(-k_b d) U(d + D_b) + (the same, ask)
    D_b = v(q+1) - v(q) - fee_b - xi (q+1),   D_a = v(q-1) - v(q) - fee_a + xi (q-1)
    v(T, q) = -phi q^2,   U(y) = y, or (1 - exp(-gamma y)) / gamma

The supremum is at d = markup - D, cut to the bounds on depth: what is maximised has one peak.
Source: Cartea, Jaimungal and Penalva 2015, section 10.2, with signs put right.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lobsim.policy.problem import MakerProblem, markup, number
from lobsim.policy.quote_table import Floats
from lobsim.policy.solution import (
    Solution,
    grid,
    inventories,
    require_cells,
    require_finite,
)

ACCURACY = 3e-14  # per step, of the value; scipy takes nothing below 2.3e-14
MOST_STEPS = 100_000
LARGEST_EXPONENT = 700.0  # exp(710) is beyond the floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the maker: where it quotes and what its fills bring, by inventory.

    It trades from the inventories `where` to those `after`, n - 1 of the n.
    """

    A: float
    k: float
    lot: int
    g: float
    lowest: float
    highest: float
    cost: Floats  # fee and impact per lot, (n - 1,)
    where: slice
    after: slice

    def worth(self, v: Floats) -> Floats:
        """D, (n - 1,): what one lot more of inventory is worth, less what the fill costs."""
        worth: Floats = (v[self.after] - v[self.where]) / self.lot - self.cost
        return worth

    def depth(self, worth: Floats) -> Floats:
        """The best depth, (n - 1,), currency."""
        depth: Floats = np.clip(markup(self.k, self.g) - worth, self.lowest, self.highest)
        return depth

    def gain(self, worth: Floats) -> Floats:
        """What the fills bring at the best depth, (n - 1,), currency per second."""
        depth = self.depth(worth)
        edge = depth + worth
        utility = -np.expm1(-self.g * edge) / self.g if self.g > 0 else edge
        gain: Floats = self.A * self.lot * np.exp(-self.k * depth) * utility
        return gain

    def monotony(self, worth: Floats) -> Floats:
        """d gain / d D, (n - 1,), per second: the rate of fills, times U' with risk aversion."""
        depth = self.depth(worth)
        rate: Floats = self.A * np.exp(-self.k * depth - self.g * (depth + worth))
        return rate


def solve(
    problem: MakerProblem,
    times_s: ArrayLike,
    *,
    k_bid: float | None = None,
    k_ask: float | None = None,
    min_depth: float = -math.inf,
    max_depth: float = math.inf,
) -> Solution:
    """Value and depths, as `linear.solve`, for a k of each side and depths within bounds.

    k_bid, k_ask          per currency; the problem's k where None
    min_depth, max_depth  currency; both sides must quote within, whatever it costs them

    Integrated by an explicit Runge-Kutta method of order 8 to some 1e-12.  Raises ValueError
    for bad arguments, and where more than 100,000 steps would be needed.
    """
    times, lots = grid(problem, times_s)
    if not min_depth <= max_depth or min_depth == math.inf or max_depth == -math.inf:
        raise ValueError(
            f"min_depth = {min_depth:g}: must be a number, max_depth = {max_depth:g} at most"
        )
    sides = _sides(problem, lots.astype(np.float64), (k_bid, k_ask), (min_depth, max_depth))
    holding = _holding(problem, lots.astype(np.float64))
    start = -problem.terminal_penalty * lots.astype(np.float64) ** 2
    for side in sides:
        exponent = float(np.max(-side.k * side.depth(side.worth(start))))
        if exponent > LARGEST_EXPONENT:
            raise ValueError(
                f"terminal_penalty = {problem.terminal_penalty:g}: fills at the horizon would "
                f"be exp({exponent:.0f}) times A; must be exp({LARGEST_EXPONENT:.0f}) at most"
            )

    def slope(_: float, v: Floats) -> Floats:
        return _slope(v, holding, sides)

    with np.errstate(over="ignore", invalid="ignore"):  # a step too long is taken again, shorter
        value = _integrate(slope, start, problem.horizon_s - times[::-1], problem.k)[::-1]
    require_finite(value)
    bid, ask = _depths(value, sides)
    return Solution(times, lots, value, bid, ask)


def backward_differences(problem: MakerProblem, steps: int) -> Solution:
    """The explicit scheme, at the times 0, dt ... horizon_s:  v(t - dt) = v(t) + dt sup{...}.

    Its error is of the order of dt.  It is monotone, and stable, where dt times the fill rates
    of both sides together (times U', with risk aversion) is 1 at most, all the way: where it is
    not, ValueError names a number of steps that is enough.
    """
    count = number("steps", steps)
    if count < 1 or count != math.floor(count):
        raise ValueError(f"steps = {count:g}: must be whole, 1 or more")
    lots = inventories(problem)
    require_cells(int(count) + 1, len(lots))
    q, dt = lots.astype(np.float64), problem.horizon_s / count
    sides, holding = _sides(problem, q, (None, None), (-math.inf, math.inf)), _holding(problem, q)
    times = np.linspace(0, problem.horizon_s, int(count) + 1)
    value = np.empty((len(times), len(q)))
    value[-1] = -problem.terminal_penalty * q**2
    for row in range(len(times) - 1, 0, -1):
        pace = dt * _monotony(value[row], sides)
        if not pace <= 1 + 1e-12:
            enough = _enough_steps(problem, value[-1], holding, sides)
            raise ValueError(
                f"steps = {count:.0f}: too few to be stable, dt times the rate of fills is "
                f"{pace:.3g}, must be 1 at most; {enough} steps are enough"
            )
        value[row - 1] = value[row] + dt * _slope(value[row], holding, sides)
    bid, ask = _depths(value, sides)
    return Solution(times, lots, value, bid, ask)


def _enough_steps(
    problem: MakerProblem, start: Floats, holding: Floats, sides: tuple[Side, Side]
) -> str:
    """A number of steps for which the explicit scheme is monotone all the way.

    A monotone step keeps differences in the largest norm, so max -v_t never rises, and with it
    (k/L) (max -v_t - holding) bounds the rates.  The least such number if nothing is held.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        fastest = float(_slope(start, holding, sides).max() - holding.min())
    needed = np.ceil(problem.horizon_s * fastest * problem.k / problem.lot)
    # Beyond 2^53 a float is whole anyhow, and its digits say nothing.
    return f"{needed:,.0f}" if needed < 2**53 else f"{needed:.3g}"


def _monotony(v: Floats, sides: tuple[Side, Side]) -> float:
    """The largest rate of fills times U', per second; inf where it is beyond the floats."""
    rates = np.zeros(len(v))
    with np.errstate(over="ignore"):
        for side in sides:
            rates[side.where] += side.monotony(side.worth(v))
    return float(rates.max())


def _sides(
    problem: MakerProblem,
    q: Floats,
    ks: tuple[float | None, float | None],
    bounds: tuple[float, float],
) -> tuple[Side, Side]:
    """The bid, from all but the highest inventory, and the ask, from all but the lowest."""
    up, down = slice(None, -1), slice(1, None)
    impact, lot = problem.impact, problem.lot
    made = []
    for name, A, k, cost, where, after in (
        ("k_bid", problem.A_bid, ks[0], problem.fee_bid + impact * q[down] / lot, up, down),
        ("k_ask", problem.A_ask, ks[1], problem.fee_ask - impact * q[up] / lot, down, up),
    ):
        k = problem.k if k is None else number(name, k)
        if k <= 0:
            raise ValueError(f"{name} = {k:g}: must be above 0")
        made.append(
            Side(
                A=A,
                k=k,
                lot=lot,
                g=problem.gamma * lot,
                lowest=bounds[0],
                highest=bounds[1],
                cost=cost,
                where=where,
                after=after,
            )
        )
    return made[0], made[1]


def _holding(problem: MakerProblem, q: Floats) -> Floats:
    return problem.mu * q - problem.holding_cost * q**2


def _slope(v: Floats, holding: Floats, sides: tuple[Side, Side]) -> Floats:
    """-v_t, (n,), currency per second."""
    slope = holding.copy()
    for side in sides:
        slope[side.where] += side.gain(side.worth(v))
    return slope


def _depths(value: Floats, sides: tuple[Side, Side]) -> tuple[Floats, Floats]:
    """Bid and ask depths, (T, n), inf where a side does not trade."""
    bid, ask = np.full_like(value, np.inf), np.full_like(value, np.inf)
    for depths, side in zip((bid, ask), sides, strict=True):
        for row, v in zip(depths, value, strict=True):
            row[side.where] = side.depth(side.worth(v))
    return bid, ask


def _integrate(slope: Any, start: Floats, taus: Floats, k: float) -> Floats:
    """v at these times to go, rising: (T, n).  Each is stepped on: nothing is interpolated."""
    from scipy.integrate import DOP853

    value = np.empty((len(taus), len(start)))
    now, v, first, steps = 0.0, start, math.inf, 0
    for row, tau in enumerate(taus.tolist()):
        if tau > now:
            step = min(first, tau - now) if math.isfinite(first) else None  # None: it finds out
            solver = DOP853(slope, now, v, tau, rtol=ACCURACY, atol=ACCURACY / k, first_step=step)
            while solver.status == "running" and steps < MOST_STEPS:
                solver.step()
                steps += 1
            if solver.status != "finished":
                raise ValueError(
                    f"horizon_s = {taus[-1]:g}: fills come too fast to be followed: "
                    f"{steps:,} steps led {solver.t:g} s back from the horizon"
                )
            now, v, first = tau, solver.y, solver.h_abs
        value[row] = v
    return value
