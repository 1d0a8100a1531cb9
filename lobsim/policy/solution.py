"""The answer to a maker's problem: what it is worth and how to quote, by time and inventory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lobsim.policy.problem import MakerProblem
from lobsim.policy.quote_table import Floats, QuoteTable
from lobsim.policy.unsolvable import UnsolvableError

CROSSED = "the best bid is not below the best ask: the rebate is more than a spread can give back"
MOST_HOPS = 200  # max_inventory / lot
MOST_CELLS = 10_000_000  # times x inventories


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Value and depths at T times and n inventories, the multiples of the lot from -Q to Q.

    times_s      (T,) seconds since the start
    inventories  (n,) lots
    value        (T, n) currency over cash and inventory at the mid; with risk aversion, the
                 certainty equivalent
    bid_depth    (T, n) currency below the mid; inf in the last column only
    ask_depth    (T, n) currency above the mid; inf in the first column only
    """

    times_s: Floats
    inventories: NDArray[np.int64]
    value: Floats
    bid_depth: Floats
    ask_depth: Floats

    def table(self, horizon_s: float | None = None, start: int = 0) -> QuoteTable:
        """The quotes as a table for every whole inventory from -Q to Q; its figures have the
        value at the first time and the inventory `start`, where that is one of these.

        Between two multiples of the lot, where a fill in part may have led, the bid is that of
        the upper and the ask that of the lower: no fill can lead beyond Q.  Raises ValueError
        where times_s does not start at 0, and where rebates make a bid cross the ask.
        """
        if np.any(self.bid_depth + self.ask_depth <= 0):
            raise UnsolvableError(CROSSED)
        lots = np.arange(self.inventories[0], self.inventories[-1] + 1)
        above = np.searchsorted(self.inventories, lots, side="left")
        below = np.searchsorted(self.inventories, lots, side="right") - 1
        value = self.value[0, self.inventories == start]
        return QuoteTable(
            self.times_s,
            lots,
            self.bid_depth[:, above],
            self.ask_depth[:, below],
            horizon_s=horizon_s,
            figures={"value": float(value[0])} if len(value) else {},
        )


def grid(problem: MakerProblem, times_s: ArrayLike) -> tuple[Floats, NDArray[np.int64]]:
    """The times, (T,), and the inventories, (n,), of a solution.

    Raises ValueError for times that do not rise within [0, horizon_s] and for more than a
    solver should be asked.
    """
    times = np.array(times_s, dtype=np.float64)
    if times.ndim != 1 or not len(times) or not np.all(np.diff(times) > 0):
        raise UnsolvableError("times_s must be a list of times that rise, at least one")
    if not (times[0] >= 0 and times[-1] <= problem.horizon_s):
        worst = times[0] if not times[0] >= 0 else times[-1]
        raise UnsolvableError(
            f"times_s: {worst:g}: must be within 0 and horizon_s = {problem.horizon_s:g}"
        )
    lots = inventories(problem)
    require_cells(len(times), len(lots))
    return times, lots


def require_cells(times: int, lots: int) -> None:
    """Raises ValueError for more cells than memory should hold."""
    if times * lots > MOST_CELLS:
        raise UnsolvableError(
            f"{times:,} times x {lots} inventories: must be {MOST_CELLS:,} at most; "
            f"ask for fewer times or trade larger lots"
        )


def inventories(problem: MakerProblem) -> NDArray[np.int64]:
    """The multiples of the lot from -max_inventory to max_inventory, (n,), lots."""
    hops = problem.max_inventory // problem.lot
    if hops > MOST_HOPS:
        raise UnsolvableError(
            f"max_inventory = {problem.max_inventory}: must be {MOST_HOPS} times lot = "
            f"{problem.lot} at most; a larger lot makes the same problem smaller"
        )
    return np.arange(-hops, hops + 1, dtype=np.int64) * problem.lot


def require_finite(values: Floats) -> None:
    """Raises ValueError unless all are far enough within the floats to be added and subtracted."""
    if not max(values.max(), -values.min()) < 1e300:  # 5 times as fast as np.isfinite
        raise UnsolvableError("the solution is beyond the floats: scale the currency or the time")
