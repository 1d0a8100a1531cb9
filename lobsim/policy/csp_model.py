"""A scheduling problem in whole numbers, for CP-SAT: one boolean per step, side and level.

Mean and variance of the inventory are linear in the booleans, and squares of the mean are bounded
from below; so the model's objective is that of a schedule or, within `allowance`, above it.
Source of the tangents: Kelley, "The cutting-plane method for solving convex programs", Journal of
the SIAM 8(4), 1960.
"""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lobsim.policy.csp_check import NEITHER, Moments
from lobsim.policy.csp_problem import ScheduleProblem
from lobsim.policy.csp_squares import LOT, MARGIN, SQUARE, Line, apart, terms
from lobsim.policy.quote_table import Floats

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

FINE, LARGEST = 2.0**44, 2.0**58  # of a sum of the booleans' coefficients; of any sum


@dataclass(frozen=True, slots=True)
class Near:
    """A schedule to draw tangents at.

    `spare` is held back from max_drawdown and max_var, currency^2 of variance; `stretch` scales
    the sd of the profit at which its square root is touched.
    """

    moments: Moments
    spare: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True, slots=True)
class Box:
    """Schedules by standard deviations: from where to where they may be.

    inventory   steps + 1 pairs, lots;  profit: a pair, currency
    """

    inventory: tuple[tuple[float, float], ...]
    profit: tuple[float, float]

    @classmethod
    def whole(cls, problem: ScheduleProblem) -> "Box":
        """The box of every schedule that keeps the problem's limits."""
        most = sum(
            float(np.max(problem.fill_moments(A)[1])) for A in (problem.A_bid, problem.A_ask)
        )
        widest = math.inf
        if problem.max_inventory is not None:
            widest = problem.max_inventory / problem.inventory_z
        highs = [min(math.sqrt(n * most), widest) for n in range(problem.steps + 1)]
        return cls(tuple((0.0, high) for high in highs), (0.0, math.sqrt(problem.var_variance)))

    def halves(self, step: int | None, sd: float) -> tuple["Box", "Box"]:
        """Below and above `sd`, of the inventory at the end of a step, or of the profit.

        The sd of the inventory never falls from one step to the next.
        """
        if step is None:
            low, high = self.profit
            return replace(self, profit=(low, sd)), replace(self, profit=(sd, high))
        below = [(low, min(high, sd)) for low, high in self.inventory[: step + 1]]
        above = [(max(low, sd), high) for low, high in self.inventory[step:]]
        return (
            replace(self, inventory=(*below, *self.inventory[step + 1 :])),
            replace(self, inventory=(*self.inventory[:step], *above)),
        )


class ScheduleModel:
    """The choices, and what follows from them.

    `worth` is an objective, in currency, of which `gap` is a small part; `silent` says which sides
    give no first quote.

    A linear function of a solution is a vector: a coefficient for each boolean (of the bids, step
    by step and level by level, then of the asks), one for each square, and a constant.
    """

    def __init__(
        self,
        problem: ScheduleProblem,
        *,
        gap: float,
        worth: float,
        place: Box | Near,
        silent: tuple[bool, bool] = NEITHER,
    ) -> None:
        from ortools.sat.python import cp_model

        self.problem, self.place, self.silent = problem, place, silent
        near = place if isinstance(place, Near) else None
        self.spare = near.spare if near else 0.0
        self.model = cp_model.CpModel()
        self.weighted = cp_model.LinearExpr.weighted_sum
        moments = [problem.fill_moments(A) for A in (problem.A_bid, problem.A_ask)]
        self.means, self.variances = ([each[i] for each in moments] for i in range(2))
        self.quotes = [[self._choice() for _ in range(problem.steps)] for _ in range(2)]
        for side in range(2):
            if silent[side]:
                self.model.add(self.quotes[side][0][-1] == 1)
        self.reach = abs(problem.inventory) + problem.steps * float(np.max(self.means))
        if problem.max_inventory is not None:
            self.reach = min(self.reach, problem.max_inventory + 1)
        self.error = problem.steps / LOT  # lots: what rounding may do to a sum over the steps
        self.mean = self.walk(self.means, -1, problem.inventory)
        self.squares = self._squares(
            near, gap, min(max(worth, problem.most_earned / 20), problem.most_earned)
        )
        self.variables = [
            *(quote for side in self.quotes for choice in side for quote in choice),
            *(square for square, _ in self.squares),
        ]
        self.profit, self.profit_variance, self.objective = self._lines()

    def _choice(self) -> list["cp_model.IntVar"]:
        choice = [self.model.new_bool_var("") for _ in range(self.problem.levels + 1)]
        self.model.add_exactly_one(choice)
        return choice

    def walk(self, gains: list[Floats], sign: int, start: int) -> list[Line]:
        """Sums of gains[0][bid] + sign gains[1][ask] over the first steps, in LOTs: steps + 1."""
        bids, asks = ([round(float(gain) * LOT) for gain in side] for side in gains)
        most = abs(start) * LOT + self.problem.steps * (max(bids) + max(asks))
        if sign < 0:
            most = min(most, math.ceil(self.reach * LOT))
        path: list[Line] = [start * LOT]
        for bid, ask in zip(*self.quotes, strict=True):
            after = self.model.new_int_var(-most if sign < 0 else 0, most, "")
            gained = self.weighted(bid, bids) + sign * self.weighted(ask, asks)
            self.model.add(after == path[-1] + gained)
            path.append(after)
        return path

    def _squares(
        self, near: Near | None, gap: float, worth: float
    ) -> list[tuple["cp_model.IntVar", tuple[float, float, float]]]:
        """Variables for the squares, and what each may reach and counts for.

        Being too low may cost an eighth of the gap, as a part of what a schedule is worth, and
        half of it as a part of a limit on the variance.
        """
        problem, budget = self.problem, gap / 8 * worth
        dense = abs(problem.inventory) + MARGIN
        path = [apart(problem.running_penalty * problem.horizon_s, budget, dense)]
        for limit in (problem.drawdown_variance, problem.var_variance):
            if limit < math.inf:
                cost = problem.sigma**2 * problem.horizon_s
                path.append(apart(cost, gap / 2 * limit, dense))
        last = apart(problem.terminal_penalty, budget, dense)
        known = near.moments.mean if near else None
        return [
            (term.variable(self.model, dense), (term.most, term.weight, term.last))
            for term in terms(
                problem, self.mean, reach=self.reach, apart=(min(path), last), known=known
            )
        ]

    # Linear functions of a solution

    def _lines(self) -> tuple[Floats, Floats, Floats]:
        """Mean and variance of the profit, and the objective."""
        problem, depth = self.problem, self.problem.earnings
        poisson = problem.fills == "poisson"
        left = np.arange(problem.steps, 0, -1) - (0.5 if poisson else 1.0)
        held = problem.dt * left
        first = 0.0 if poisson else problem.dt * problem.inventory**2
        weights = [weight for _, (_, weight, _) in self.squares]
        lasts = [last for _, (_, _, last) in self.squares]
        once: Floats = np.ones(problem.steps)
        none: Floats = np.zeros(len(self.squares))
        profit = self._line([mean * depth for mean in self.means], once, none)
        spread = self._line([each * depth**2 for each in self.variances], once, none)
        squared_time = self._line(self.variances, held, np.array(weights, dtype=float), first)
        ended = self._line(self.variances, once, np.array(lasts, dtype=float))
        objective = profit - problem.terminal_penalty * ended
        return (
            profit,
            spread + problem.sigma**2 * squared_time,
            objective - problem.running_penalty * squared_time,
        )

    def _line(
        self, gains: list[Floats], weights: NDArray[Any], squares: Floats, constant: float = 0.0
    ) -> Floats:
        choices = [np.outer(weights, side).ravel() for side in gains]
        return np.concatenate([*choices, squares, [constant]])

    def scale(self, line: Floats) -> float:
        """A power of two that makes a line whole numbers, fine and far from overflow."""
        choices, rest = self._largest(line)
        if choices + rest == 0:
            return 1.0
        fine = min(FINE / max(choices, rest / 2**20), LARGEST / (choices + rest))
        return 2.0 ** math.floor(math.log2(fine))

    def total(self, line: Floats, scale: float) -> Line:
        """The value of a line, in 1 / scale."""
        units = np.full(len(line), scale)
        units[len(line) - 1 - len(self.squares) : -1] /= SQUARE
        *whole, constant = np.rint(line * units).astype(np.int64).tolist()
        used = [i for i, coefficient in enumerate(whole) if coefficient]
        variables = [self.variables[i] for i in used]
        return self.weighted(variables, [whole[i] for i in used]) + constant

    def allowance(self, line: Floats, scale: float) -> float:
        """How far rounding may take the total of a line from the line."""
        most = np.array([counts[0] for _, counts in self.squares])
        coefficients = np.abs(line[len(line) - 1 - len(self.squares) : -1])
        squares = float(np.sum(coefficients)) * (2 * self.reach * self.error + 1 / SQUARE)
        halves = self.problem.steps + 1 + SQUARE / 2 * float(most @ (coefficients > 0))
        return squares + halves / scale

    def _largest(self, line: Floats) -> tuple[float, float]:
        """The largest that a line's booleans, and its squares and constant, can add up to."""
        squares = len(self.squares)
        choices = np.abs(line[: -1 - squares]).reshape(2 * self.problem.steps, -1)
        most = np.array([counts[0] for _, counts in self.squares])
        rest = float(np.abs(line[-1 - squares : -1]) @ most) + abs(float(line[-1]))
        return float(choices.max(axis=1).sum()), rest
