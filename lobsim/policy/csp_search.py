"""CP-SAT at work on a model: the search itself, which can be interrupted, and what came of it."""

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lobsim.policy.csp_check import NEITHER, Levels
from lobsim.policy.csp_limits import ADD
from lobsim.policy.csp_model import Box, Near, ScheduleModel
from lobsim.policy.csp_problem import ScheduleProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

SEARCHED = 0.8  # of the gap; the rest is for tangents and rounding
WORK = 0.4  # of CP-SAT's units of work a second: about what one core does


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to search.  `work` is in CP-SAT's own units, not in seconds of a clock: so a search
    that is cut short is cut at the same place each time, however busy the machine.  `simple` is a
    search that is fast for simple models, and gets nowhere with others.
    """

    work: float
    gap: float
    workers: int
    seed: int
    simple: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """`bound` is in currency, and above the objective of every schedule that the model allows."""

    status: Literal["found", "impossible", "unknown"]
    bids: Levels
    asks: Levels
    bound: float
    work: float


def search(
    problem: ScheduleProblem,
    effort: Effort,
    *,
    worth: float,
    place: Box | Near,
    silent: tuple[bool, bool] = NEITHER,
    aim: bool = True,
    hint: tuple[Levels, Levels] | None = None,
) -> Found:
    """The best schedule of the problem's model; with no `aim`, any schedule.

    `worth` is an objective that can be reached, or about that; `hint` a schedule to begin with.
    """
    from ortools.sat.python import cp_model

    model = ScheduleModel(problem, gap=effort.gap, worth=worth, place=place, silent=silent)
    for name in dict.fromkeys(("min_spread", *problem.asked)):
        ADD[name](model)
    scale = model.scale(model.objective)
    if aim:
        model.model.maximize(model.total(model.objective, scale))
    for side, levels in zip(model.quotes, hint or (), strict=False):
        for choice, level in zip(side, levels, strict=True):
            for i, quote in enumerate(choice):
                model.model.add_hint(quote, i == level)
    solver = cp_model.CpSolver()
    p = solver.parameters
    p.num_workers = effort.workers
    p.random_seed = effort.seed
    p.relative_gap_limit = SEARCHED * effort.gap
    p.max_deterministic_time = effort.work
    p.linearization_level = 2
    p.cp_model_probing_level = 0  # it takes longer than the search
    if effort.simple:  # relaxation first: 2 to 10 times as fast where that will do
        p.search_branching = cp_model.LP_SEARCH
    status = run(solver, model.model)
    work = solver.deterministic_time
    if status == cp_model.INFEASIBLE:
        return Found("impossible", (), (), -math.inf, work)
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError(f"CP-SAT refuses the model: {model.model.validate()}")
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found("unknown", (), (), problem.most_earned, work)
    bound = solver.best_objective_bound / scale + model.allowance(model.objective, scale)
    bids, asks = (
        tuple(next(i for i, quote in enumerate(c) if solver.boolean_value(quote)) for c in side)
        for side in model.quotes
    )
    return Found("found", bids, asks, bound, work)


def run(solver: "cp_model.CpSolver", model: "cp_model.CpModel") -> int:
    """Solve in a thread of its own, so that an interrupt reaches whoever waits for it.

    CP-SAT would take Ctrl-C for a time limit, and give the best so far as the answer.
    """
    solver.parameters.catch_sigint_signal = False
    status: list[int] = []
    done = threading.Event()

    def work() -> None:
        try:
            status.append(int(solver.solve(model)))
        finally:
            done.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        done.wait()  # for join, once interrupted, takes the thread for ended: Python before 3.13
    except BaseException:
        while not done.wait(0.05):
            solver.stop_search()
        raise
    finally:
        thread.join()
    if not status:
        raise RuntimeError("CP-SAT broke off")
    return status[0]
