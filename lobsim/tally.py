"""Figures of strategies side by side, streamed: memory is flat in the number of replications.

Sums are made per cell of an absolute grid and then cell after cell, so that the figures depend on
the replications alone, and not on how they were cut into batches.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from lobsim.cells import cells
from lobsim.report.bootstrap import bca
from lobsim.report.paired import BOTH, Difference, Pair
from lobsim.report.row import Figures, Row
from lobsim.report.statistics import CONFIDENCE, Interval, each_of
from lobsim.report.stopping import PILOT, HalfWidth, Key, Settled, settle
from lobsim.summaries import Summaries

__all__ = ["BOTH", "Difference", "Problem", "Row", "Tally"]

FEW, TINY = 200, 30  # BCa intervals below FEW replications; Student's from there on, and below TINY

Group = list[tuple[Pair, Key, Key]]  # compared together: the pairs, and whose profits they are of


@dataclass(frozen=True, slots=True)
class Problem:
    """A plugin failed in `count` replications, first in `replication`, where it said `text`."""

    mode: str
    strategy: str
    replication: int
    text: str
    count: int


class Tally:
    """Streamed figures of every strategy in every mode, and of the differences between them."""

    def __init__(self, modes: Sequence[str], strategies: Sequence[str], baseline: str) -> None:
        """`modes` are "isolated", "shared" or both, `baseline` is one of the strategies."""
        if baseline not in strategies:
            raise ValueError(f"baseline '{baseline}' is not among {', '.join(strategies)}")
        self.modes, self.strategies, self.baseline = tuple(modes), tuple(strategies), baseline
        self.count = 0
        self._figures = {(mode, name): Figures() for mode in modes for name in strategies}
        self._groups = [group for group in self._pairs() if group]

    def _pairs(self) -> Iterator[Group]:
        def pair(label: str, x: Key, y: Key) -> tuple[Pair, Key, Key]:
            sums = self._figures[x].profit, self._figures[y].profit
            return Pair(label, (x[1], y[1]), *sums), x, y

        for mode in self.modes:
            base = mode, self.baseline
            others = [name for name in self.strategies if name != self.baseline]
            yield [pair(mode, (mode, name), base) for name in others]
        if {"shared", "isolated"} <= set(self.modes):
            yield [pair(BOTH, ("shared", name), ("isolated", name)) for name in self.strategies]

    def add(self, found: Mapping[str, Mapping[str, Summaries]]) -> None:
        """The next replications, in their order: found[mode][strategy].

        Raises ValueError, a defect, if they are of unlike numbers, or if those before ended inside
        a cell of the grid.
        """
        given = {key: found[key[0]][key[1]] for key in self._figures}
        lengths = {len(summaries) for summaries in given.values()}
        if len(lengths) != 1:
            raise ValueError(f"strategies with unlike numbers of replications: {sorted(lengths)}")
        start = self.count
        for cell in cells(start, start + lengths.pop()):
            here = slice(cell.start - start, cell.stop - start)
            for key, figures in self._figures.items():
                figures.add(given[key].column, cell.start, here)
            profits = {key: each.column("profit")[here] for key, each in given.items()}
            for pair, x, y in chain.from_iterable(self._groups):
                pair.add(profits[x], profits[y])
            self.count = cell.stop
        for key, figures in self._figures.items():
            figures.note(given[key].problems, start)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the plugins that failed, by mode, then strategy."""
        return tuple(
            Problem(*key, *figures.first_problem, figures.benched)
            for key, figures in self._figures.items()
            if figures.benched
        )

    def rows(self, settled: Settled | None = None) -> tuple[Row, ...]:
        """By mode, then strategy, of one replication or more; `settled` as of `settle`."""
        self._check(settled)
        if self._groups:
            settled = None  # then it is of differences, and not of means
        return tuple(figures.row(*key, settled) for key, figures in self._figures.items())

    def differences(self, settled: Settled | None = None) -> tuple[Difference, ...]:
        """By mode, then strategy; "shared - isolated" last.

        Intervals are BCa bootstrap's below FEW replications, Student's from there on, and below
        TINY too: resamples of so few are too much alike (of 15, intervals of means held in 91 of
        100 experiments, Student's in 95).  With `settled`, those of means are Stein's; the
        replications are then the number it fixed.
        """
        self._check(settled)
        return tuple(
            chain.from_iterable(self._differences(group, settled) for group in self._groups)
        )

    def _differences(self, group: Group, settled: Settled | None) -> Iterator[Difference]:
        if settled is not None:
            for pair, *_ in group:
                interval = settled.interval((pair.mode, pair.names[0]), pair.apart.mean)
                yield pair.difference(len(group), "stein", interval)
            return
        found = self._bootstrapped(group) if TINY <= self.count < FEW else {}
        for pair, *_ in group:
            if pair.names in found:
                yield pair.difference(len(group), "bca", *found[pair.names])
            else:
                yield pair.difference(len(group))

    def _bootstrapped(self, group: Group) -> dict[tuple[str, str], tuple[Interval, Interval]]:
        """Of pairs whose differences vary, by names: intervals of mean and deviation."""
        varied = [(pair, x, y) for pair, x, y in group if pair.error]
        if not varied:
            return {}
        keys = list(dict.fromkeys(key for _, *both in varied for key in both))
        profits = np.stack([self._figures[key].quantiles.recent for key in keys])
        numbers = [(keys.index(x), keys.index(y)) for _, x, y in varied]
        found = bca(profits, numbers, each_of(len(group)))
        return {pair.names: each for (pair, *_), each in zip(varied, found, strict=True)}

    def settle(self, wanted: HalfWidth) -> Settled:
        """After the pilot of PILOT replications: how many it takes to know to this half-width
        every difference of means, each at its level; the mean itself where there is none.

        Raises UsageError if they are more than there are numbers for.
        """
        if self.count != PILOT:
            raise ValueError(f"a pilot has {PILOT} replications, not {self.count}")
        base = self._figures[self.modes[0], self.baseline].profit.sd or 0.0
        known = {
            (pair.mode, pair.names[0]): (pair.apart.sd or 0.0, each_of(len(group)))
            for group in self._groups
            for pair, *_ in group
        }
        known = known or {(self.modes[0], self.baseline): (base, CONFIDENCE)}
        return settle(wanted, base, known)

    def _check(self, settled: Settled | None) -> None:
        if not self.count:
            raise ValueError("no replications")
        if settled is not None and settled.reps != self.count:
            raise ValueError(f"{settled.reps} replications were settled, there are {self.count}")
