"""One strategy in one mode, over all replications: what `compare` prints, and its sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.report.moments import Powers, Total, WholePowers, whole_sum
from lobsim.report.quantiles import Quantiles
from lobsim.report.statistics import around
from lobsim.report.stopping import Settled

MEANS = (
    "profit_closed", "spread_earned", "luck", "fees", "uptime", "best_share", "drawdown",
)  # fmt: skip
SUMS = "fills", "halts", "maker_trades", "saturated", "quotes"  # whole numbers


@dataclass(frozen=True, slots=True)
class Row:
    """One strategy in one mode: what `compare` prints, money in currency.

    Means and deviations (n - 1) are over replications; `profit_low` to `profit_high` is the 95 %
    interval of the mean, Student's, or Stein's where it was to be known to a half-width.  `halts`
    counts them over all replications, `benched` those in which its plugin failed and was taken
    out; `worst_rep` is that of the lowest profit, `best_rep` of the highest, the first of equals.
    The deviation and the quantiles of profit (5, 50 and 95 %) have 95 % intervals too; quantiles
    are None below 40 replications, deviations and intervals with one.
    """

    mode: str
    strategy: str
    reps: int
    profit_mean: float
    profit_sd: float | None
    profit_low: float | None
    profit_high: float | None
    profit_closed_mean: float
    spread_earned_mean: float
    luck_mean: float
    fees_mean: float
    inventory_mean: float
    inventory_sd: float | None
    fills_mean: float
    spread_mean: float | None
    uptime: float
    best_share: float
    drawdown_mean: float
    halts: int
    benched: int
    maker_trades_mean: float
    saturated_share: float | None
    worst_rep: int
    best_rep: int
    profit_worst: float
    profit_best: float
    profit_sd_low: float | None
    profit_sd_high: float | None
    profit_q05: float | None
    profit_q05_low: float | None
    profit_q05_high: float | None
    profit_q50: float | None
    profit_q50_low: float | None
    profit_q50_high: float | None
    profit_q95: float | None
    profit_q95_low: float | None
    profit_q95_high: float | None


class Figures:
    """The sums of one strategy in one mode."""

    def __init__(self) -> None:
        self.profit = Powers(4)
        self.quantiles = Quantiles()
        self._inventory = WholePowers()
        self._means = {name: Total() for name in MEANS}
        self._counts = dict.fromkeys(SUMS, 0)
        self._spread, self._quoted = Total(), 0
        self._worst = self._best = (0.0, 0)
        self.benched, self.first_problem = 0, (0, "")

    def add(self, column: Callable[[str], NDArray[Any]], first: int, cell: slice) -> None:
        """A cell of some replications, of which `first` is the number of its first.

        `column` gives the (replications,) of a figure of Summary by its name.
        """
        profit = column("profit")[cell]
        worst, best = int(profit.argmin()), int(profit.argmax())
        if not self.profit.n or profit[worst] < self._worst[0]:
            self._worst = float(profit[worst]), first + worst
        if not self.profit.n or profit[best] > self._best[0]:
            self._best = float(profit[best]), first + best
        self.profit.add(profit)
        self.quantiles.add(profit)
        self._inventory.add(column("inventory")[cell])
        for name, total in self._means.items():
            total.add(column(name)[cell])
        for name in SUMS:
            self._counts[name] += whole_sum(column(name)[cell])
        spread = column("spread")[cell]
        known = spread[~np.isnan(spread)]
        self._spread.add(known)
        self._quoted += len(known)

    def note(self, problems: Mapping[int, str], first: int) -> None:
        """The plugin's failures, by number of the replication from `first` on."""
        if problems and not self.benched:
            at = min(problems)
            self.first_problem = first + at, problems[at]
        self.benched += len(problems)

    def row(self, mode: str, strategy: str, settled: Settled | None = None) -> Row:
        profit, n, counts = self.profit, self.profit.n, self._counts
        means = {name: total.value / n for name, total in self._means.items()}
        low, high = around(profit.mean, profit.error, n)
        if settled is not None and (mode, strategy) in settled.deviations:
            low, high = settled.interval((mode, strategy), profit.mean)
        sd_low, sd_high = profit.sd_interval()
        q05, q50, q95 = self.quantiles.estimates
        quotes, spread_mean = counts["quotes"], None
        if self._quoted:
            spread_mean = self._spread.value / self._quoted
        return Row(
            mode=mode, strategy=strategy, reps=n,
            profit_mean=profit.mean, profit_sd=profit.sd, profit_low=low, profit_high=high,
            profit_closed_mean=means["profit_closed"], spread_earned_mean=means["spread_earned"],
            luck_mean=means["luck"], fees_mean=means["fees"],
            inventory_mean=self._inventory.mean, inventory_sd=self._inventory.sd,
            fills_mean=counts["fills"] / n, spread_mean=spread_mean, uptime=means["uptime"],
            best_share=means["best_share"], drawdown_mean=means["drawdown"],
            halts=counts["halts"], benched=self.benched,
            maker_trades_mean=counts["maker_trades"] / n,
            saturated_share=counts["saturated"] / quotes if quotes else None,
            worst_rep=self._worst[1], best_rep=self._best[1],
            profit_worst=self._worst[0], profit_best=self._best[0],
            profit_sd_low=sd_low, profit_sd_high=sd_high,
            profit_q05=q05.value, profit_q05_low=q05.low, profit_q05_high=q05.high,
            profit_q50=q50.value, profit_q50_low=q50.low, profit_q50_high=q50.high,
            profit_q95=q95.value, profit_q95_low=q95.low, profit_q95_high=q95.high,
        )  # fmt: skip
