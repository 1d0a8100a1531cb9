"""The scheduling problem: which depths to quote, step by step, without looking at the inventory.

In a step of dt seconds a quote at depth d trades L = A exp(-k d) dt lots on average.  As a
schedule does not look at the inventory, mean and variance of the inventory and of the profit are
sums over its steps, and exact.
Source of the fills: Avellaneda and Stoikov, "High-frequency trading in a limit order book",
Quantitative Finance 8(3), 2008.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from lobsim.policy.drawdown import drawdown_quantile
from lobsim.policy.quote_table import Floats
from lobsim.policy.unsolvable import UnsolvableError

MOST = 1000  # steps, levels
MOST_FILLS = 10_000.0  # lots a side over the horizon: the model's integers are that exact
LIMITS = ("min_spread", "max_spread", "max_change", "max_inventory", "max_drawdown", "max_var")
WHOLE = ("steps", "levels", "inventory", "max_change")
ABOVE_0 = (
    "k", "horizon_s", "depth_step", "steps", "levels", "max_inventory", "max_drawdown",
    "max_spread",
)  # fmt: skip
AT_LEAST_0 = ("A_bid", "A_ask", "sigma", "terminal_penalty", "running_penalty", "max_change")
CHANCES = {"max_inventory_chance": 0.0, "drawdown_level": 0.0, "var_level": 0.5}  # and what above


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleProblem:
    """A maker who plans `steps` quotes a side over `horizon_s` seconds and keeps to the plan.

    Maximises  E[W] - terminal_penalty E[q_T^2] - running_penalty int E[q_t^2] dt,  where W is the
    profit at the mid (dS = sigma dW) and q the inventory, from `inventory` lots at the start.

    A_bid, A_ask      fills per second of a bid (an ask) at the mid
    k                 per currency; a quote at depth d is filled at A exp(-k d), also where d < 0
    sigma             currency per sqrt(s)
    min_depth, depth_step, levels
                      currency: level l is the depth min_depth + l depth_step, l < levels; the
                      level `levels` is no quote
    fee               currency per lot traded; a rebate is below 0
    terminal_penalty  currency per lot^2;  running_penalty: currency per lot^2 and second
    fills             "poisson": any number in a step, the quote stays; "bernoulli": one at most,
                      with probability 1 - exp(-A exp(-k d) dt), at the step's end

    What the schedule must keep, where it is given:

    min_spread, max_spread  currency, on bid depth + ask depth at every step.  No quote is a depth
                      of infinity: it keeps the first, and breaks the second
    max_change        levels a side may move from one step to the next (no quote counts as a level)
    max_inventory     lots Q: |E q_n| + z sd q_n <= Q at every step n, with z the normal quantile
                      of 1 - max_inventory_chance / 2
    max_drawdown      currency D: c sd W <= D, with c the `drawdown_level` quantile of the largest
                      drawdown of a Brownian motion in unit time (2.2414 at 0.95)
    max_var           currency: z sd W - E W <= max_var, z the normal quantile of `var_level`

    Raises ValueError with one line for each thing that is wrong.
    """

    A_bid: float
    A_ask: float
    k: float
    sigma: float
    horizon_s: float
    steps: int
    depth_step: float
    levels: int
    min_depth: float = 0.0
    inventory: int = 0
    fee: float = 0.0
    terminal_penalty: float = 0.0
    running_penalty: float = 0.0
    min_spread: float | None = None
    max_spread: float | None = None
    max_change: int | None = None
    max_inventory: float | None = None
    max_inventory_chance: float = 0.05
    max_drawdown: float | None = None
    drawdown_level: float = 0.95
    max_var: float | None = None
    var_level: float = 0.95
    fills: Literal["poisson", "bernoulli"] = "poisson"

    def __post_init__(self) -> None:
        wrong = list(self._wrong()) or list(self._too_large())
        if wrong:
            raise UnsolvableError("\n".join(wrong))

    def _wrong(self) -> Iterator[str]:
        for name in self.__slots__:
            value = getattr(self, name)
            if name == "fills" or (value is None and name in LIMITS):
                continue
            whole = name in WHOLE
            if type(value) is not int and (whole or type(value) is not float):
                yield f"{name} = {value!r}: must be a {'whole ' if whole else ''}number"
            elif not math.isfinite(value):
                yield f"{name} = {value:g}: must be finite"
            elif name in ABOVE_0 and value <= 0:
                yield f"{name} = {value:g}: must be above 0"
            elif name in AT_LEAST_0 and value < 0:
                yield f"{name} = {value:g}: must be 0 or more"
            elif name in CHANCES and not CHANCES[name] < value < 1:
                yield f"{name} = {value:g}: must be between {CHANCES[name]:g} and 1"
        if self.fills not in ("poisson", "bernoulli"):
            yield f"fills = {self.fills!r}: must be 'poisson' or 'bernoulli'"

    def _too_large(self) -> Iterator[str]:
        for name in ("steps", "levels"):
            if getattr(self, name) > MOST:
                yield f"{name} = {getattr(self, name)}: must be {MOST} at most"
        least, most = self.min_spread, self.max_spread
        if least is not None and most is not None and least > most:
            yield f"min_spread = {least:g}: must be max_spread = {most:g} at most"
        if abs(self.inventory) > MOST_FILLS:
            yield f"inventory = {self.inventory}: must be within {MOST_FILLS:g} lots"
        elif self.max_inventory is not None and abs(self.inventory) > self.max_inventory:
            yield (
                f"inventory = {self.inventory}: "
                f"must be within max_inventory = {self.max_inventory:g}"
            )
        fills = math.log(max(self.A_bid, self.A_ask, 1e-300) * self.horizon_s)
        if fills - self.k * self.min_depth > math.log(MOST_FILLS):
            yield (
                f"min_depth = {self.min_depth:g}: a quote there must fill {MOST_FILLS:g} times "
                f"over the horizon at most"
            )

    @property
    def dt(self) -> float:
        """Seconds of a step."""
        return self.horizon_s / self.steps

    @property
    def depths(self) -> Floats:
        """(levels + 1,) currency; the last, no quote, is inf."""
        return np.append(self.min_depth + self.depth_step * np.arange(self.levels), np.inf)

    @property
    def least_levels(self) -> int:
        """What the levels of bid and ask add up to at least: a bid is below the ask."""
        least = math.floor(-2 * self.min_depth / self.depth_step + 1e-9) + 1
        if self.min_spread is not None:
            wanted = (self.min_spread - 2 * self.min_depth) / self.depth_step
            least = max(least, math.ceil(wanted - 1e-9))
        return max(0, least)

    def fill_moments(self, A: float) -> tuple[Floats, Floats]:
        """Mean and variance of the lots traded in a step, by level: (levels + 1,) each."""
        mean = A * self.dt * np.exp(-self.k * self.depths)
        if self.fills == "poisson":
            return mean, mean
        chance = -np.expm1(-mean)
        return chance, chance * (1 - chance)

    @property
    def asked(self) -> tuple[str, ...]:
        """The limits asked for, in the order of LIMITS."""
        return tuple(name for name in LIMITS if getattr(self, name) is not None)

    def without(self, names: Sequence[str]) -> "ScheduleProblem":
        """The same problem, less these limits."""
        none: dict[str, Any] = dict.fromkeys(names)
        return replace(self, **none)

    @property
    def earnings(self) -> Floats:
        """(levels + 1,) currency that a lot traded at each level earns; 0 for no quote."""
        return np.append(self.depths[:-1] - self.fee, 0.0)

    @property
    def most_earned(self) -> float:
        """Currency: no schedule has a larger E[W]."""
        sides = (self.fill_moments(A)[0] * self.earnings for A in (self.A_bid, self.A_ask))
        return self.steps * sum(max(0.0, float(np.max(side))) for side in sides)

    def relative_gap(self, objective: float, bound: float) -> float:
        """How far the bound is above the objective, as a part of the latter; at an objective near
        0, of a twentieth of the most that can be earned.
        """
        if bound <= objective:
            return 0.0
        return (bound - objective) / max(abs(objective), self.most_earned / 20, 1e-300)

    @property
    def drawdown_variance(self) -> float:
        """The largest variance of the profit that max_drawdown allows, currency^2; or inf."""
        if self.max_drawdown is None:
            return math.inf
        return (self.max_drawdown / self.drawdown_c) ** 2

    @property
    def var_variance(self) -> float:
        """The largest variance of the profit that max_var could allow, currency^2; or inf."""
        if self.max_var is None:
            return math.inf
        return (max(0.0, self.most_earned + self.max_var) / self.var_z) ** 2

    @property
    def inventory_z(self) -> float:
        return NormalDist().inv_cdf(1 - self.max_inventory_chance / 2)

    @property
    def var_z(self) -> float:
        return NormalDist().inv_cdf(self.var_level)

    @property
    def drawdown_c(self) -> float:
        return drawdown_quantile(self.drawdown_level, sigma=1.0, horizon_s=1.0)
