"""The search in rounds: far from any schedule first, then near the best, then box by box.

The far model of a box is one that no schedule in it falls out of: it gives the bound, tells what
is impossible, and mostly has the answer.  Where its answer breaks a limit, the models near that
answer, and near theirs, are ones that no schedule which breaks one falls into; and the box is
halved at the answer, where its chords are then exact.
Source of the halving: Falk and Soland, "An algorithm for separable nonconvex programming
problems", Management Science 15(9), 1969.
"""

import math
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import NamedTuple

from lobsim.policy.csp_check import NEITHER, Levels, Moments, checks, excess_variance, moments
from lobsim.policy.csp_guess import guess
from lobsim.policy.csp_model import Box, Near
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.csp_search import Effort, Found, search
from lobsim.policy.unsolvable import UnsolvableError

FIRST = 0.15  # of the work: the first far model, by the simple search
LATER, LEAST = 0.6, 1e-3  # of the work that is left: the next ones; of all: too little to go on
ROUNDS = 4  # near
SHRINK = 0.7  # of the sd that the next model is drawn at, where one is impossible
FINER, FINEST = 4, 1 / 10  # from one gap to the next in the same box; of the gap asked for
EDGE = 0.1  # of a box: no closer to its ends is it halved
NARROW = 1e-4  # of its upper end: a box that is not halved any more


@dataclass(frozen=True, slots=True)
class Plan:
    """Levels, the bound on any plan's objective in currency, and the work it took."""

    bids: Levels
    asks: Levels
    bound: float
    work: float


def best_plan(
    problem: ScheduleProblem, effort: Effort, silent: tuple[bool, bool] = NEITHER
) -> Plan:
    """The best schedule.  `silent`: which sides give no first quote.

    Raises ValueError where no schedule keeps the limits, and where none was found.
    """
    boxes = Boxes(problem, effort, silent)
    boxes.search()
    if boxes.best is not None:
        return Plan(*boxes.best, boxes.bound, effort.work - boxes.left)
    if boxes.impossible:
        raise UnsolvableError(_why(problem, effort, silent))
    raise UnsolvableError(
        f"no schedule found that keeps {_named(problem)}, and none is proven impossible: "
        f"allow more time, or fewer steps and levels"
    )


class Open(NamedTuple):
    """A box that is to be searched to a relative gap.  The highest bound comes first."""

    minus_bound: float
    rank: int
    box: Box
    gap: float


class Boxes:
    """The boxes still open, the best bound of those that are not, and the best schedule."""

    def __init__(self, problem: ScheduleProblem, effort: Effort, silent: tuple[bool, bool]) -> None:
        self.problem, self.effort, self.silent = problem, effort, silent
        self.best = guess(problem, silent)
        self.worth = abs(self.value) if self.best else math.inf
        self.left = effort.work
        self.settled, self.neared = -math.inf, False
        self.open = [Open(-math.inf, 0, Box.whole(problem), effort.gap)]

    @property
    def value(self) -> float:
        return moments(self.problem, *self.best).objective if self.best else -math.inf

    @property
    def bound(self) -> float:
        return max([self.settled, *(-each.minus_bound for each in self.open)])

    @property
    def impossible(self) -> bool:
        return self.best is None and self.bound == -math.inf

    def search(self, *, aim: bool = True) -> None:
        """Halve the box of the highest bound until the best is good enough; with no `aim`, any."""
        rank, share, least = 0, FIRST, LEAST * self.left
        while self.open and self.left > least and (aim or not self.best):
            parent, _, box, gap = heappop(self.open)
            if -parent <= self.settled or self._good_enough(-parent):
                self.settled = max(self.settled, -parent)
                break
            work, share = share * self.left, LATER
            found = self._model(work, box, gap, aim=aim)
            if found.status == "impossible":
                continue
            bound = min(-parent, found.bound)
            answer = (found.bids, found.asks) if found.status == "found" else None
            kept = answer is not None and self._offer(answer)
            if found.work >= work:  # cut short: once more
                smaller: tuple[Box, ...] = (box,)
            else:
                if not kept and not self.neared:
                    self._near(answer)
                smaller = () if kept or answer is None else self._halves(box, answer)
                if not smaller and gap > FINEST * self.effort.gap:
                    smaller, gap = (box,), gap / FINER
            if not smaller:
                self.settled = max(self.settled, bound)
            for each in smaller:
                rank += 1
                heappush(self.open, Open(-bound, rank, each, gap))

    def _good_enough(self, bound: float) -> bool:
        return (
            self.best is not None
            and self.problem.relative_gap(self.value, bound) <= self.effort.gap
        )

    def _model(self, work: float, place: Box | Near, gap: float, *, aim: bool = True) -> Found:
        found = search(
            self.problem,
            replace(self.effort, work=work, gap=gap),
            worth=self.worth,
            place=place,
            silent=self.silent,
            aim=aim,
            hint=self.best,
        )
        self.left -= max(found.work, LEAST * self.effort.work)
        if found.work >= work:
            self.effort = replace(self.effort, simple=False)
        return found

    def _keeps(self, levels: tuple[Levels, Levels]) -> Moments | None:
        found = moments(self.problem, *levels)
        kept = all(each.kept for each in checks(self.problem, *levels, found, self.silent))
        return found if kept else None

    def _offer(self, levels: tuple[Levels, Levels]) -> bool:
        """Take it if it keeps the limits and is better than the best; whether it keeps them."""
        found = self._keeps(levels)
        if found is not None and found.objective > self.value:
            self.best = levels
        return found is not None

    def _near(self, answer: tuple[Levels, Levels] | None) -> None:
        """Models near `answer`, which breaks a limit, and then near the best."""
        self.neared = True
        spare, stretch, gap = 0.0, 1.0, self.effort.gap
        for _ in range(ROUNDS):
            centre = answer or self.best
            if centre is None or self.left <= 0:
                break
            found = moments(self.problem, *centre)
            if self._keeps(centre) is None:
                excess = 1.5 * excess_variance(self.problem, found)
                spare += min(excess, gap * found.profit_variance)
            after = self._model(self.left / 4, Near(found, spare, stretch), gap)
            if after.status != "found":
                if answer is None:
                    break
                if self.best is None:
                    stretch *= SHRINK
                else:
                    answer = None
                continue
            answer, before = (after.bids, after.asks), self.value
            if self._offer(answer) and self.value - before <= gap / 4 * abs(self.value):
                break

    def _halves(self, box: Box, answer: tuple[Levels, Levels]) -> tuple[Box, ...]:
        """The box in two, where the answer passes max_inventory or max_var by most; or none."""
        found = moments(self.problem, *answer)
        broken = [
            ((each.value - each.limit) / abs(each.limit or 1.0), each.step)
            for each in checks(self.problem, *answer, found, self.silent)
            if not each.kept and each.name in ("max_inventory", "max_var")
        ]
        if not broken:
            return ()
        _, step = max(broken, key=lambda each: each[0])
        low, high = box.profit if step is None else box.inventory[step]
        variance = found.profit_variance if step is None else found.variance[step]
        if high - low <= NARROW * high:
            return ()
        edge = EDGE * (high - low)
        return box.halves(step, min(max(math.sqrt(variance), low + edge), high - edge))


def _why(problem: ScheduleProblem, effort: Effort, silent: tuple[bool, bool]) -> str:
    """Which limit is the first that cannot be kept, added one by one in their order."""
    names = problem.asked
    first = names[-1]
    part = replace(effort, work=effort.work / len(names))
    for i, name in enumerate(names[:-1]):
        boxes = Boxes(problem.without(names[i + 1 :]), part, silent)
        boxes.search(aim=False)
        if boxes.impossible:
            first = name
            break
    told = f"no schedule keeps {_named(problem)}"
    if len(names) > 1:
        told += f"; the first that cannot be kept, with those before it, is {first}"
    return told


def _named(problem: ScheduleProblem) -> str:
    named = [f"{name} = {getattr(problem, name):g}" for name in problem.asked]
    return ", ".join(named) or "its first quotes"
