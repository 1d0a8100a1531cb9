"""Schedules re-planned at every step and inventory, of which only the first quotes are ever used.

So the quotes come to depend on the inventory: a feedback table, though each plan behind it looks
at nothing.  The maker who follows it plans again after every step.
Source: Bertsekas, "Dynamic Programming and Optimal Control", volume 1, 3rd edition, 2005, section
6.1 (open-loop feedback control: without limits it is never worse than the one plan).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lobsim.policy.csp import effort_of
from lobsim.policy.csp_check import moments
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.csp_rounds import best_plan
from lobsim.policy.csp_search import Effort
from lobsim.policy.quote_table import Floats, QuoteTable
from lobsim.policy.unsolvable import UnsolvableError

Whole = NDArray[np.int64]
MOST_INVENTORY = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rolling:
    """First quotes of the plans of `problem` from every step n and inventory -Q to Q.

    bids, asks   (steps, 2Q + 1) levels; problem.levels is no quote
    objectives   (steps, 2Q + 1) currency: of each plan, from its step on
    bounds       (steps, 2Q + 1) currency: no plan from there has a larger objective
    """

    problem: ScheduleProblem
    max_inventory: int
    wanted_gap: float
    bids: Whole
    asks: Whole
    objectives: Floats
    bounds: Floats

    @property
    def gap(self) -> float:
        """The largest of the plans' gaps."""
        return max(map(self.problem.relative_gap, self.objectives.flat, self.bounds.flat))

    @property
    def status(self) -> str:
        """`optimal`: every plan, to the gap that was asked for."""
        return "optimal" if self.gap <= self.wanted_gap else f"feasible with gap {self.gap:.2g}"

    def table(self) -> QuoteTable:
        """The quote table: no bid at max_inventory, no ask at -max_inventory."""
        Q, problem = self.max_inventory, self.problem
        times = np.arange(problem.steps) * problem.dt
        depths = problem.depths
        return QuoteTable(
            times, np.arange(-Q, Q + 1), depths[self.bids], depths[self.asks],
            horizon_s=problem.horizon_s, figures={"gap": self.gap, "status": self.status},
        )  # fmt: skip


def solve_rolling(
    problem: ScheduleProblem,
    *,
    max_inventory: int,
    time_limit_s: float = 600.0,
    gap: float = 1e-3,
    workers: int = 1,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Rolling:
    """Plan from every step and every inventory within `max_inventory` lots; keep first quotes.

    The plan from step n has the problem's remaining steps, and its limits.  (`max_change` binds
    the steps of a plan, not the first quotes of two of them.)  At the outermost inventories the
    side that would pass them gives no first quote.  Where A_bid = A_ask, what is long is the
    mirror of what is short.  The time limit is for all plans together, and is counted as in
    `solve_schedule`.  `progress` is told how many plans are made, of how many.

    Raises ValueError as `solve_schedule` does, naming the step and the inventory.
    """
    effort = effort_of(time_limit_s, gap, workers, seed)
    Q = max_inventory
    if type(Q) is not int or not 1 <= Q <= MOST_INVENTORY:
        raise UnsolvableError(f"max_inventory = {Q!r}: must be whole, from 1 to {MOST_INVENTORY}")
    shape = problem.steps, 2 * Q + 1
    bids, asks = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    objectives, bounds = np.zeros(shape), np.zeros(shape)
    mirrored = problem.A_bid == problem.A_ask
    cells = [(n, q) for n in range(problem.steps) for q in range(0 if mirrored else -Q, Q + 1)]
    left = effort.work
    for done, (n, q) in enumerate(cells):
        share = replace(effort, work=left / (len(cells) - done))
        bid, ask, objective, bound, work = _first(problem, share, n, q, Q)
        left -= work
        at = n, Q + q
        bids[at], asks[at], objectives[at], bounds[at] = bid, ask, objective, bound
        if mirrored and q > 0:
            at = n, Q - q
            bids[at], asks[at], objectives[at], bounds[at] = ask, bid, objective, bound
        if progress is not None:
            progress(done + 1, len(cells))
    return rolling_of(problem, Q, gap, bids, asks, objectives, bounds)


def rolling_of(
    problem: ScheduleProblem,
    max_inventory: int,
    gap: float,
    bids: Whole,
    asks: Whole,
    objectives: Floats,
    bounds: Floats,
) -> Rolling:
    """The table of these plans.  Raises ValueError where they are not of this problem."""
    shape = problem.steps, 2 * max_inventory + 1
    for each in (bids, asks, objectives, bounds):
        if each.shape != shape or not np.all(np.isfinite(each)):
            raise UnsolvableError(f"a table of this problem is of shape {shape}, and finite")
    for each in (bids, asks):
        if each.dtype.kind != "i" or np.any(each < 0) or np.any(each > problem.levels):
            raise UnsolvableError(f"levels are whole, from 0 to {problem.levels}")
    if np.any(bids[:, -1] != problem.levels) or np.any(asks[:, 0] != problem.levels):
        raise UnsolvableError("no quotes that pass max_inventory")
    return Rolling(
        problem=problem,
        max_inventory=max_inventory,
        wanted_gap=gap,
        bids=bids,
        asks=asks,
        objectives=objectives,
        bounds=bounds,
    )


def _first(
    problem: ScheduleProblem, effort: Effort, n: int, q: int, Q: int
) -> tuple[int, int, float, float, float]:
    """First bid and ask, objective, bound and the work of the plan from step n and q lots."""
    steps = problem.steps - n
    try:
        rest = replace(problem, steps=steps, horizon_s=steps * problem.dt, inventory=q)
        plan = best_plan(rest, effort, silent=(q == Q, q == -Q))
    except ValueError as error:
        raise UnsolvableError(f"from step {n} with {q} lots: {error}") from error
    objective = moments(rest, plan.bids, plan.asks).objective
    return plan.bids[0], plan.asks[0], objective, max(plan.bound, objective), plan.work
