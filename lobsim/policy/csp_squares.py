"""Squares of the mean inventory, bounded from below by the tangents that touch them.

Tangents h apart are h^2/4 too low half way between, and exact where they touch.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lobsim.policy.csp_problem import ScheduleProblem

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

LOT = 2**20  # units of a lot
SQUARE = 2**14  # units of a lot^2
GRAIN = LOT // SQUARE  # tangents touch at multiples of 1 / GRAIN lots
MARGIN = 2.0  # lots past the starting inventory where tangents are as close as asked for
WIDER = 1.15  # from one tangent to the next, farther out
FINEST, COARSEST, MOST = 1 / 32, 8.0, 400  # lots between tangents; how many at that distance

Line = Any  # an expression of OR-Tools, or a whole number


class Term(NamedTuple):
    """The square of x = `twice` / 2, an inventory in [low, high] lots, best known near `at`.

    It counts `weight` seconds in int m_t^2 dt, and `last` times in m_N^2.
    """

    twice: Line  # LOTs
    low: float
    high: float
    at: float | None
    apart: float  # lots between tangents
    weight: float
    last: float

    @property
    def most(self) -> float:
        return max(self.low**2, self.high**2)

    def touching(self, dense: float) -> list[int]:
        """Where tangents touch, in 1 / GRAIN lots: `apart` up to `dense` lots, wider beyond."""
        low, high = max(self.low, -dense), min(self.high, dense)
        at = set(range(math.floor(low / self.apart), math.ceil(high / self.apart) + 1))
        points = {self.apart * i for i in at}
        for end, sign in ((self.high, 1), (-self.low, -1)):
            far = dense
            while far < end:
                far *= WIDER
                points.add(sign * far)
        if self.at is not None:
            points.add(self.at)
        return sorted({round(GRAIN * point) for point in points})

    def variable(self, model: "cp_model.CpModel", dense: float) -> "cp_model.IntVar":
        """A variable that is never below the tangents, in SQUAREs."""
        square = model.new_int_var(0, math.ceil(self.most * SQUARE) + 1, "")
        for i in self.touching(dense):  # x^2 >= 2 a x - a^2 with a = i / GRAIN, times GRAIN LOT
            model.add(GRAIN**2 * square >= i * self.twice - i**2 * SQUARE)
        return square


def terms(
    problem: ScheduleProblem,
    mean: list[Line],
    *,
    reach: float,
    apart: tuple[float, float],
    known: tuple[float, ...] | None,
) -> Iterator[Term]:
    """The squares that make up int m_t^2 dt and m_N^2, of which m at the steps' ends is `mean`.

    Within a step m is linear, and the integral is dt times the square of its middle and a twelfth
    of that of its rise; with bernoulli fills it is dt times the square of its start.  `apart`: on
    the way and at the end, inf where the square is not needed.
    """
    path, last = apart
    down, up = (float(np.max(problem.fill_moments(A)[0])) for A in (problem.A_ask, problem.A_bid))
    wide = path * math.sqrt(12)
    for n in range(problem.steps) if path < math.inf else ():
        low = max(-reach, problem.inventory - (n + 1) * down)
        high = min(reach, problem.inventory + (n + 1) * up)
        m, after = known[n : n + 2] if known else (None, None)
        if problem.fills == "bernoulli":
            if n > 0:
                yield Term(2 * mean[n], low, high, m, path, problem.dt, 0)
            continue
        middle = None if m is None or after is None else (m + after) / 2
        yield Term(mean[n] + mean[n + 1], low, high, middle, path, problem.dt, 0)
        if max(up, down) > wide / 2:
            rise = None if m is None or after is None else after - m
            twice = 2 * (mean[n + 1] - mean[n])
            yield Term(twice, -down, up, rise, wide, problem.dt / 12, 0)
    if last < math.inf:
        yield Term(2 * mean[-1], -reach, reach, known[-1] if known else None, last, 0, 1)


def apart(cost: float, budget: float, dense: float) -> float:
    """Lots between tangents, so that `cost` times a square is `budget` too low at most."""
    if cost == 0:
        return math.inf
    wanted = math.sqrt(4 * budget / cost)
    return min(COARSEST, max(wanted, FINEST, 2 * dense / MOST))
