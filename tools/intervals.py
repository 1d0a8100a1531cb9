"""How often do the intervals of a comparison hold?  Many small ones whose truth is known exactly.

    python tools/intervals.py                     1,000 experiments, some minutes
    python tools/intervals.py 200

Each experiment is replications of its own of three strategies, each alone in its market, put
through the Tally that `lobsim compare` uses; mean and deviation of every profit are solved from
the equations of the quotes.  Shares are printed with their own 95 % interval (Clopper and Pearson,
1934).  The profits are far from normal (kurtosis up to 5.5).  Quantiles have no exact figure here
and are held against those of 200,000 other replications.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from lobsim.batch.many import Found, Player
from lobsim.quotes import quotes_of
from lobsim.report.paired import Difference
from lobsim.report.quantiles import LEVELS
from lobsim.report.stopping import PILOT, HalfWidth
from lobsim.setup import open_scenario, prepare
from lobsim.summaries import NUMBERS, Summaries
from lobsim.tally import Tally

MODE = "isolated"
NAMES = "symmetric-g01", "inventory-g01", "symmetric-g1"  # the first is the baseline
SIZES = 50, 199, 200, 400, 2000  # replications of the experiments with a number given
UNTIL = HalfWidth(0.06, share=True)  # of the baseline's deviation: about 1,000 replications
APART = 10_000  # replications from one experiment to the next, so that none are in two
OTHERS = 200_000  # replications for what has no exact figure, of another seed

Claim = tuple[float | None, float, float | None]  # low, truth, high


@dataclass
class Held:
    """How many intervals were made of each kind, and how many of them held the truth."""

    made: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, kind: str, *claims: Claim) -> None:
        """One verdict on one interval, or on several that are to hold at once."""
        self.made[kind] += 1
        self.held[kind] += all(
            low is not None and high is not None and low <= true <= high
            for low, true, high in claims
        )

    def share(self, kind: str) -> tuple[float, float, float]:
        """How often they held, and from where to where that may be by chance."""
        from scipy.stats import binomtest

        found = binomtest(self.held[kind], self.made[kind]).proportion_ci()
        return self.held[kind] / self.made[kind], float(found.low), float(found.high)

    def lines(self) -> Iterator[str]:
        for kind, made in sorted(self.made.items()):
            share, low, high = (100 * each for each in self.share(kind))
            yield f"{kind:<52} {made:>6} {share:7.1f} %  ({low:.1f} to {high:.1f})"


class Market:
    """Three strategies, each alone, and what is true of them.

    d0 = 0 cuts off the quotes through the mid; the exact figures are of quotes so cut.
    """

    def __init__(self, seed: int) -> None:
        scenario = open_scenario("avellaneda-stoikov-continuous", ("asset.flow.d0=0",))
        setup = prepare(scenario)
        seats = setup.choose(NAMES)
        self.player = Player(setup, seed, seats, (MODE,))
        self.others = Player(setup, seed + 1, seats, (MODE,))
        self.truth: dict[str, tuple[float, float]] = {}  # mean and deviation
        for name in NAMES:
            moments = quotes_of(scenario, name).moments()
            self.truth[name] = moments.profit_mean, moments.profit_sd

    def experiment(
        self, number: int, held: Held, sizes: Sequence[int] = SIZES, until: HalfWidth = UNTIL
    ) -> int:
        """The number of replications that `until` took."""
        first = number * APART
        found = self.player.play(first, max(*sizes, PILOT))
        for size in sizes:
            part = cut(found, 0, size)
            self.note(f"n = {size:>4}", tally_of(part, NAMES[:2]).differences(), held)
            self.note(f"n = {size:>4}", tally_of(part, NAMES).differences(), held)
        tally = tally_of(cut(found, 0, PILOT), NAMES)
        settled = tally.settle(until)
        tally.add(self.player.play(first + PILOT, settled.reps - PILOT))
        self.note("to a half-width", tally.differences(settled), held, sds=False)
        return settled.reps

    def note(self, what: str, found: Sequence[Difference], held: Held, *, sds: bool = True) -> None:
        """The intervals of one or more differences, which are to hold at once."""
        means, deviations = [], []
        for each in found:
            mean, sd = self.truth[each.strategy]
            base_mean, base_sd = self.truth[each.baseline]
            means.append((each.low, mean - base_mean, each.high))
            deviations.append((each.sd_low, sd - base_sd, each.sd_high))
        several = f", {len(found)} at once" if len(found) > 1 else ""
        held.note(f"mean difference, {what}{several}: {found[0].method}", *means)
        if sds:
            held.note(f"sd difference, {what}{several}: {found[0].method}", *deviations)

    def rows(self, number: int, held: Held, sizes: Sequence[int] = SIZES) -> None:
        """Every strategy's own mean, deviation and quantiles."""
        if number == 0:
            rest = self.others.play(0, OTHERS)[MODE]
            self.quantiles = {
                name: np.quantile(rest[name].column("profit"), LEVELS).tolist() for name in NAMES
            }
        found = self.player.play(number * APART, max(sizes))
        for size in sizes:
            for row in tally_of(cut(found, 0, size), NAMES).rows():
                what = f"n = {size:>4}"
                mean, sd = self.truth[row.strategy]
                q05, q50, q95 = self.quantiles[row.strategy]
                held.note(f"mean, {what}", (row.profit_low, mean, row.profit_high))
                held.note(f"sd, {what}", (row.profit_sd_low, sd, row.profit_sd_high))
                held.note(f"5 % quantile, {what}", (row.profit_q05_low, q05, row.profit_q05_high))
                held.note(f"median, {what}", (row.profit_q50_low, q50, row.profit_q50_high))
                held.note(f"95 % quantile, {what}", (row.profit_q95_low, q95, row.profit_q95_high))


def tally_of(found: Found, names: Sequence[str]) -> Tally:
    tally = Tally((MODE,), names, names[0])
    tally.add(found)
    return tally


def cut(found: Found, first: int, last: int) -> Found:
    """Some of the replications."""
    return {
        MODE: {
            name: Summaries(name, {key: each.column(key)[first:last] for key in NUMBERS})
            for name, each in found[MODE].items()
        }
    }


def main(count: str = "1000") -> None:
    market, held, started, needed = Market(seed=1), Held(), perf_counter(), []
    for number in range(int(count)):
        needed.append(market.experiment(number, held))
        market.rows(number, held)
        if number % 50 == 49:
            print(f"{number + 1} experiments, {perf_counter() - started:.0f} s", file=sys.stderr)
    print(f"{'interval':<52} {'made':>6} {'held':>9}")
    for line in held.lines():
        print(line)
    print(f"to a half-width of {100 * UNTIL.value:g} % of a deviation: "
          f"{min(needed)} to {max(needed)} replications")  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
