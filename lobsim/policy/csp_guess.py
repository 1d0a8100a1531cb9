"""A first schedule, before any search: lean against the inventory that is to be expected.

Bid at c + s m and ask at c - s m, where m is the mean inventory so far, for some hundred c and s;
the best of those that keep every limit.  Where several limits bind at once CP-SAT alone found no
schedule in a minute.  (The optimal quotes lean so on the inventory itself: Gueant, Lehalle and
Fernandez-Tapia, "Dealing with the inventory risk", 2013, section 4.)
"""

import math

import numpy as np
from numpy.typing import NDArray

from lobsim.policy.csp_check import NEITHER, Levels, checks, moments
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.quote_table import Floats

Whole = NDArray[np.int64]

CENTRES = 40  # how many c, spread over the levels
SLOPES = np.concatenate([[0.0], np.geomspace(0.01, 10, 16)])  # s, in 1/k per lot


def guess(
    problem: ScheduleProblem, silent: tuple[bool, bool] = NEITHER
) -> tuple[Levels, Levels] | None:
    """Levels of bids and asks, (steps,) each; None where no schedule of the kind will do.

    `silent`: which sides give no first quote.
    """
    count = min(CENTRES, problem.levels + 1)  # the last centre is no quote
    centres = problem.min_depth + problem.depth_step * np.linspace(0, problem.levels, count)
    c, s = (each.ravel() for each in np.meshgrid(centres, SLOPES / problem.k))
    bids, asks = _leaning(problem, silent, c, s)
    best, most = None, -math.inf
    for bid, ask in zip(bids.T.tolist(), asks.T.tolist(), strict=True):
        found = moments(problem, bid, ask)
        if found.objective <= most:
            continue
        if all(check.kept for check in checks(problem, bid, ask, found, silent)):
            best, most = (tuple(bid), tuple(ask)), found.objective
    return best


def _leaning(
    problem: ScheduleProblem, silent: tuple[bool, bool], c: Floats, s: Floats
) -> tuple[Whole, Whole]:
    """Levels of bids and asks, (steps, G) each, of G schedules."""
    bid_mean, ask_mean = (problem.fill_moments(A)[0] for A in (problem.A_bid, problem.A_ask))
    m = np.full(len(c), float(problem.inventory))
    bids: list[Whole] = []
    asks: list[Whole] = []
    for n in range(problem.steps):
        bid, ask = _levels(problem, c + s * m), _levels(problem, c - s * m)
        short = np.maximum(0, problem.least_levels - bid - ask)
        bid, ask = bid + (short + 1) // 2, ask + (short + 1) // 2
        bid = _quoted(problem, bid, bids, n, silent[0])
        ask = _quoted(problem, ask, asks, n, silent[1])
        bids.append(bid)
        asks.append(ask)
        m = m + bid_mean[bid] - ask_mean[ask]
    return np.array(bids), np.array(asks)


def _levels(problem: ScheduleProblem, depth: Floats) -> Whole:
    levels = np.rint((depth - problem.min_depth) / problem.depth_step)
    return np.clip(levels, 0, problem.levels).astype(np.int64)


def _quoted(
    problem: ScheduleProblem, level: Whole, before: list[Whole], n: int, silent: bool
) -> Whole:
    """The level that may be quoted at step n, after the levels `before`."""
    if n == 0 and silent:
        return np.full_like(level, problem.levels)
    deepest = problem.levels if problem.max_spread is None else problem.levels - 1
    level = np.minimum(level, deepest)
    if problem.max_change is not None and n > (1 if silent else 0):
        most = problem.max_change
        level = np.clip(level, before[-1] - most, before[-1] + most)
    return level
