"""The best schedule of quotes that keeps its limits, and how good it is proven to be.

A schedule says for every step where to bid and where to ask, whatever the inventory.
The search is by CP-SAT, of OR-Tools; see csp_model for the equations.
"""

import math
from dataclasses import dataclass

import numpy as np

from lobsim.policy.csp_check import Check, Levels, Moments, checks, moments
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.csp_rounds import best_plan
from lobsim.policy.csp_search import WORK, Effort
from lobsim.policy.quote_table import Floats, QuoteTable
from lobsim.policy.unsolvable import UnsolvableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Quotes of `problem`, step by step, and what is proven about them.

    bids, asks   (steps,) levels; problem.levels is no quote
    bound        currency: no schedule that keeps the limits has a larger objective
    moments      exact, as is `objective`
    checks       every limit that was asked for, by those moments
    """

    problem: ScheduleProblem
    bids: Levels
    asks: Levels
    bound: float
    wanted_gap: float
    moments: Moments
    checks: tuple[Check, ...]

    @property
    def objective(self) -> float:
        """E[W] - terminal_penalty E[q_T^2] - running_penalty int E[q_t^2] dt, currency."""
        return self.moments.objective

    @property
    def gap(self) -> float:
        """How much larger the bound is than the objective, as a part of it; see `relative_gap`."""
        return self.problem.relative_gap(self.objective, self.bound)

    @property
    def status(self) -> str:
        """`optimal`: to the gap that was asked for."""
        return "optimal" if self.gap <= self.wanted_gap else f"feasible with gap {self.gap:.2g}"

    @property
    def bid_depth(self) -> Floats:
        """(steps,) currency below the mid; inf where no bid is quoted."""
        return self.problem.depths[list(self.bids)]

    @property
    def ask_depth(self) -> Floats:
        """(steps,) currency above the mid; inf where no ask is quoted."""
        return self.problem.depths[list(self.asks)]

    def table(self, stop_at: int | None = None) -> QuoteTable:
        """The schedule as a quote table.

        By default one column: the same quotes at any inventory, which is what the moments are of.
        A market whose risk limit is hard refuses the orders that could pass it, and the maker
        then waits, one side short, for the other to fill.  `stop_at` says the same beforehand: no
        bid at `stop_at` lots or more, no ask at -stop_at or less.  Either way the inventory's law
        is that of the moments only so far as the limit is rarely reached.
        """
        if stop_at is None:
            lots = np.array([0])
        elif stop_at < 1:
            raise UnsolvableError(f"stop_at = {stop_at}: must be 1 or more")
        else:
            lots = np.arange(-stop_at, stop_at + 1)
        bid, ask = (np.tile(each[:, None], len(lots)) for each in (self.bid_depth, self.ask_depth))
        if stop_at is not None:
            bid[:, -1] = ask[:, 0] = np.inf
        return QuoteTable(
            np.arange(self.problem.steps) * self.problem.dt, lots, bid, ask,
            horizon_s=self.problem.horizon_s,
            figures={
                "value": self.objective, "bound": self.bound, "gap": self.gap,
                "status": self.status,
            },
        )  # fmt: skip


def solve_schedule(
    problem: ScheduleProblem,
    *,
    time_limit_s: float = 60.0,
    gap: float = 1e-3,
    workers: int = 1,
    seed: int = 1,
) -> Schedule:
    """The best schedule that keeps the problem's limits, to a relative gap.

    `time_limit_s` is counted in CP-SAT's own units of work, about as many as a core does in that
    time; so with one worker the answer is the same every time, however busy the machine.  More
    workers are for more cores: then it may differ from time to time, within its gap.

    Raises ValueError where no schedule keeps the limits, naming them and the first that cannot be
    kept with those before it, and where none was found in time.
    """
    effort = effort_of(time_limit_s, gap, workers, seed)
    plan = best_plan(problem, effort)
    return schedule_of(problem, plan.bids, plan.asks, plan.bound, gap)


def effort_of(time_limit_s: float, gap: float, workers: int, seed: int) -> Effort:
    if not 0 < time_limit_s < math.inf:
        raise UnsolvableError(f"time_limit_s = {time_limit_s:g}: must be above 0, and finite")
    if not 0 < gap < 1:
        raise UnsolvableError(f"gap = {gap:g}: must be between 0 and 1")
    for name, value, least in (("workers", workers, 1), ("seed", seed, 0)):
        if type(value) is not int or not least <= value < 2**31:
            raise UnsolvableError(f"{name} = {value!r}: must be whole, {least} or more")
    return Effort(WORK * time_limit_s, gap, workers, seed)


def schedule_of(
    problem: ScheduleProblem, bids: Levels, asks: Levels, bound: float, gap: float
) -> Schedule:
    """The schedule of these levels, evaluated.  Raises ValueError where they are no schedule."""
    for side in (bids, asks):
        if len(side) != problem.steps or any(type(level) is not int for level in side):
            raise UnsolvableError(f"a schedule has {problem.steps} levels a side, all whole")
        if not 0 <= min(side) <= max(side) <= problem.levels:
            raise UnsolvableError(f"levels are from 0 to {problem.levels}")
    found = moments(problem, bids, asks)
    return Schedule(
        problem=problem,
        bids=bids,
        asks=asks,
        bound=max(bound, found.objective),
        wanted_gap=gap,
        moments=found,
        checks=checks(problem, bids, asks, found),
    )
