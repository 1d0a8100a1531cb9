"""What the quotes of a table come to: the result of the exact evaluations, and its sums."""

import math
from dataclasses import dataclass, field

import numpy as np

from lobsim.policy.chain import Ints, Setting
from lobsim.policy.quote_table import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Expectations at the horizon, of profit after fees in currency and of inventory in lots.

    profit_kurtosis        fourth central moment over variance squared, 3 for a normal law; None
                           where it was not asked for
    inventories            (n,) that the maker may end with, `probabilities` (n,) of each
    fills_bid, lots_bid    numbers of fills of the bid, and of lots bought; ask alike
    inventory_time         E int q dt, lot x s
    inventory_square_time  E int q^2 dt, lot^2 x s
    spread_earned          mean of depth x lots over all fills, before `fees`
    profit_inventory_cov   covariance of profit and final inventory, currency x lot
    objective              E[profit - phi q_T^2 - phi_r int q^2 dt], with the penalties asked for
    left_out               the share of the paths that would have passed through inventories left
                           out, at most
    """

    profit_mean: float
    profit_sd: float
    profit_kurtosis: float | None
    inventory_mean: float
    inventory_sd: float
    inventories: Ints
    probabilities: Floats
    fills_bid: float
    fills_ask: float
    lots_bid: float
    lots_ask: float
    inventory_time: float
    inventory_square_time: float
    spread_earned: float
    fees: float
    profit_inventory_cov: float
    objective: float
    left_out: float


@dataclass(slots=True)
class Tally:
    """Sums over time: of both sides (2,); `held` of q dt and q^2 dt; `centre` is E[W] so far."""

    setting: Setting
    centre: float = 0.0
    fills: Floats = field(default_factory=lambda: np.zeros(2))
    lots: Floats = field(default_factory=lambda: np.zeros(2))
    held: Floats = field(default_factory=lambda: np.zeros(2))
    spread: float = 0.0
    left_out: float = 0.0

    def evaluation(
        self,
        q: Ints,
        moments: Floats,
        variance: float,
        fourth: float | None,
        terminal_penalty: float = 0.0,
        running_penalty: float = 0.0,
    ) -> Evaluation:
        """`moments` (2 or more, n) are probabilities and E[W - centre; q] at the end."""
        p = moments[0]
        mean = float(p @ q)
        penalty = terminal_penalty * float(p @ q**2) + running_penalty * float(self.held[1])
        return Evaluation(
            profit_mean=self.centre,
            profit_sd=math.sqrt(max(0.0, variance)),
            profit_kurtosis=fourth / variance**2 if fourth is not None and variance > 0 else None,
            inventory_mean=mean,
            inventory_sd=math.sqrt(float(p @ (q - mean) ** 2)),
            inventories=q,
            probabilities=p,
            fills_bid=float(self.fills[0]),
            fills_ask=float(self.fills[1]),
            lots_bid=float(self.lots[0]),
            lots_ask=float(self.lots[1]),
            inventory_time=float(self.held[0]),
            inventory_square_time=float(self.held[1]),
            spread_earned=self.spread,
            fees=self.setting.maker_fee * float(self.lots.sum()),
            profit_inventory_cov=float(moments[1] @ q),
            objective=self.centre - penalty,
            left_out=self.left_out,
        )
