"""What a schedule does, by exact formulas in floats: moments, objective, and every constraint.

The solver's own word counts for nothing here.  With poisson fills the inventory is the start plus
a Skellam variable, whose variance grows linearly within a step; with bernoulli fills it moves at
the steps' ends alone.  With L_b, L_a the means and V_b, V_a the variances of the lots traded in a
step, at depths b and a:

    m' = m + L_b - L_a,   s' = s + V_b + V_a,   E W = sum of L_b b + L_a a
    Var W = sum of V_b b^2 + V_a a^2  +  sigma^2 int E q^2 dt,   E q^2 = s + m^2

The last holds as the mid is a martingale that is independent of the fills.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lobsim.policy.csp_problem import ScheduleProblem

Levels = tuple[int, ...]

NEITHER = (False, False)
ROUNDING = 1e-9  # relative: a constraint kept to the last digits is kept


@dataclass(frozen=True, slots=True)
class Moments:
    """Of inventory and profit under a schedule; N steps.

    mean, variance    N + 1 each: of the inventory, in lots and lots^2, at the steps' ends
    squared_time      int E[q_t^2] dt, lots^2 s
    profit_mean, profit_variance   of the profit at the mid, currency and currency^2
    objective         currency
    """

    mean: tuple[float, ...]
    variance: tuple[float, ...]
    squared_time: float
    profit_mean: float
    profit_variance: float
    objective: float


@dataclass(frozen=True, slots=True)
class Check:
    """One constraint: the worst of its left sides, the step of it (None: of all), the limit.

    `kept` says value <= limit, for min_spread value >= limit.
    """

    name: str
    value: float
    limit: float
    step: int | None
    kept: bool


def moments(problem: ScheduleProblem, bids: Sequence[int], asks: Sequence[int]) -> Moments:
    """Exact moments of the schedule with these levels, (steps,) each side."""
    depths = problem.earnings
    b, a = np.array(bids), np.array(asks)
    bid_mean, bid_variance = (each[b] for each in problem.fill_moments(problem.A_bid))
    ask_mean, ask_variance = (each[a] for each in problem.fill_moments(problem.A_ask))
    m = problem.inventory + np.append(0.0, np.cumsum(bid_mean - ask_mean))
    s = np.append(0.0, np.cumsum(bid_variance + ask_variance))
    earned = float(bid_mean @ depths[b] + ask_mean @ depths[a])
    earned_variance = float(bid_variance @ depths[b] ** 2 + ask_variance @ depths[a] ** 2)
    if problem.fills == "poisson":  # m and s are linear within a step
        squares = (s[:-1] + s[1:]) / 2 + (m[:-1] ** 2 + m[:-1] * m[1:] + m[1:] ** 2) / 3
    else:
        squares = s[:-1] + m[:-1] ** 2
    squared_time = problem.dt * float(np.sum(squares))
    ended = float(s[-1] + m[-1] ** 2)
    return Moments(
        mean=tuple(m.tolist()),
        variance=tuple(s.tolist()),
        squared_time=squared_time,
        profit_mean=earned,
        profit_variance=earned_variance + problem.sigma**2 * squared_time,
        objective=earned
        - problem.terminal_penalty * ended
        - problem.running_penalty * squared_time,
    )


def checks(
    problem: ScheduleProblem,
    bids: Sequence[int],
    asks: Sequence[int],
    found: Moments,
    silent: tuple[bool, bool] = NEITHER,
) -> tuple[Check, ...]:
    """Every constraint that the problem asks for, in the order in which they are added.

    `silent`: which sides give no first quote; it is then not held against max_spread and
    max_change.
    """
    return tuple(_checks(problem, bids, asks, found, silent))


def _checks(
    problem: ScheduleProblem,
    bids: Sequence[int],
    asks: Sequence[int],
    found: Moments,
    silent: tuple[bool, bool],
) -> Iterator[Check]:
    depths = problem.depths
    spread = depths[list(bids)] + depths[list(asks)]
    if problem.min_spread is not None:
        narrow = int(np.argmin(spread))
        kept = _at_most(problem.min_spread, float(spread[narrow]))
        yield Check("min_spread", float(spread[narrow]), problem.min_spread, narrow, kept)
    if problem.max_spread is not None:
        if any(silent):
            spread[0] = 0.0
        yield _check("max_spread", spread, problem.max_spread)
    if problem.max_change is not None:
        moved = np.abs(np.diff([bids, asks]))
        moved[list(silent), :1] = 0
        yield _check("max_change", np.append(0, moved.max(axis=0)), problem.max_change)
    if problem.max_inventory is not None:
        reached = np.abs(found.mean) + problem.inventory_z * np.sqrt(found.variance)
        yield _check("max_inventory", reached, problem.max_inventory)
    sd = math.sqrt(found.profit_variance)
    if problem.max_drawdown is not None:
        fall = problem.drawdown_c * sd
        kept = _at_most(fall, problem.max_drawdown)
        yield Check("max_drawdown", fall, problem.max_drawdown, None, kept)
    if problem.max_var is not None:
        loss = problem.var_z * sd - found.profit_mean
        kept = _at_most(loss, problem.max_var)
        yield Check("max_var", loss, problem.max_var, None, kept)


def _check(name: str, values: np.ndarray, limit: float) -> Check:
    worst = int(np.argmax(values))
    value = float(values[worst])
    return Check(name, value, limit, worst, _at_most(value, limit))


def _at_most(value: float, limit: float) -> bool:
    return value <= limit + ROUNDING * max(abs(value), abs(limit))


def excess_variance(problem: ScheduleProblem, found: Moments) -> float:
    """By how much the variance of the profit is too large for max_drawdown and max_var."""
    most = problem.drawdown_variance
    if problem.max_var is not None:
        room = max(0.0, found.profit_mean + problem.max_var)
        most = min(most, (room / problem.var_z) ** 2)
    return max(0.0, found.profit_variance - most)
