"""Quote tables of which the exact results are known, and the limit of ever finer ones."""

from collections.abc import Callable, Sequence

import numpy as np

from lobsim.policy.closed_forms import avellaneda_stoikov
from lobsim.policy.linear import solve
from lobsim.policy.problem import MakerProblem
from lobsim.policy.quote_table import Floats, QuoteTable

MIDDLE = 0.5  # of a row


def constant(bid: float, ask: float) -> QuoteTable:
    """These depths for ever, whatever the inventory."""
    return QuoteTable([0], [0], [[bid]], [[ask]])


def short_horizon(
    gamma: float, rows: int, *, sigma: float, k: float, horizon_s: float, at: float = MIDDLE
) -> QuoteTable:
    """The quotes of Avellaneda and Stoikov 2008; `at` is where in a row they are right."""
    starts, q = np.arange(rows) * horizon_s / rows, np.arange(-100, 101)
    left = horizon_s - starts - at * horizon_s / rows
    depths = avellaneda_stoikov(q, left[:, np.newaxis], gamma=gamma, sigma=sigma, k=k)
    return QuoteTable(starts, q, depths.bid, depths.ask)


def optimal(problem: MakerProblem, rows: int) -> QuoteTable:
    """The optimal quotes, each row as they are in its middle.

    The rows end at horizon (1 - x^3), x falling evenly from 1 to 0: they crowd towards the
    horizon, where quotes move most.
    """
    x = 1 - np.arange(rows + 1) / rows
    ends = problem.horizon_s * (1 - x**3)
    table = solve(problem, ends[:-1] + MIDDLE * np.diff(ends))
    return QuoteTable(ends[:-1], table.inventories, table.bid_depth, table.ask_depth)


def limit(value: Callable[[int], Sequence[float]], rows: int = 40, levels: int = 3) -> list[float]:
    """value(rows), a list, for ever more rows.

    Where each row quotes what is right in its middle, the error has only even powers of the
    row's length; from rows, 2 rows, 4 rows, ... they are taken out (Romberg).
    """
    column: Floats = np.array([value(rows * 2**level) for level in range(levels)])
    for level in range(1, levels):
        column = (4**level * column[1:] - column[:-1]) / (4**level - 1)
    found: list[float] = column[0].tolist()
    return found
