"""What a quote table earns a lone maker and at what risk, exactly: no path is simulated.

The forward equations of the inventory's law p, of a = E[W; q] and b = E[W^2; q], where W is cash
plus inventory at the mid, start from 0 and are solved row by row of the table.
Source: Cartea, Jaimungal and Penalva, "Algorithmic and High-Frequency Trading", 2015, chapter 10
(the model); the equations follow from the chain's generator.
"""

from math import comb

import numpy as np

from lobsim.policy.chain import Flow, Rows, Setting, Window
from lobsim.policy.evaluation import Evaluation, Tally
from lobsim.policy.march import Block, march
from lobsim.policy.propagate import System
from lobsim.policy.quote_table import QuoteTable
from lobsim.policy.systems import held, moment_system, shifted


def evaluate(
    table: QuoteTable,
    flow: Flow,
    *,
    sigma: float,
    horizon_s: float,
    mu: float = 0.0,
    inventory: int = 0,
    size: int = 1,
    max_inventory: int | None = None,
    maker_fee: float = 0.0,
    terminal_penalty: float = 0.0,
    running_penalty: float = 0.0,
    kurtosis: bool = False,
) -> Evaluation:
    """Evaluate the quotes of `table`, `size` lots on each side, requoted continuously.

    The mid is a Brownian motion (sigma per sqrt(s), mu per s; currency), and the order of lots a
    quote is given for is cut to what max_inventory leaves.  maker_fee is per lot, the penalties
    per lot^2 and per lot^2 and second.  Errors are about 1e-12 of the values.  Raises ValueError
    for numbers that no market has, and for inventories that spread beyond 20,000.
    """
    setting = Setting(
        flow=flow, sigma=sigma, mu=mu, horizon_s=horizon_s, inventory=inventory, size=size,
        max_inventory=max_inventory, maker_fee=maker_fee,
    )  # fmt: skip
    sums = Sums(setting, order=4 if kurtosis else 2)
    start = np.zeros(sums.order)
    start[0] = 1.0
    for block in march(setting, Rows(table, horizon_s), sums.system, start):
        sums.add(block)
    return sums.evaluation(terminal_penalty, running_penalty)


class Sums:
    """Sums over blocks, and moments of profit up to `order` about its mean at each inventory."""

    def __init__(self, setting: Setting, order: int) -> None:
        self.order = order
        self._tally = Tally(setting)
        self._highest = 0.0  # E[(W - mean)^order], which needs no equation of its own

    def system(self, window: Window) -> System:
        return moment_system(window, self.order)

    def add(self, block: Block) -> None:
        """Add a block's integrals, and write its moments about the mean at its end into it, so
        that no block has digits to lose.
        """
        window, tally, p = block.window, self._tally, block.integrals[:, 0]
        rates, depth, gains = (
            each[:, : len(p)] for each in (window.rates, window.depth, window.gains)
        )
        q = window.states.astype(np.float64)
        met = rates * p
        lots = met * window.lots_moment(1)[:, np.newaxis]
        tally.fills += np.sum(met * window.lots_moment(0)[:, np.newaxis], axis=(1, 2))
        tally.lots += lots.sum(axis=(1, 2))
        tally.spread += float(np.sum(lots * depth))
        tally.held += [float(np.sum(p * q)), float(np.sum(p * q**2))]
        tally.left_out += block.lost
        for of in range(self.order):
            power = self.order - of
            gain = window.lots_moment(power)[:, np.newaxis] * gains**power
            flows = np.sum(rates * gain, axis=0) + held(window, power)
            self._highest += comb(self.order, of) * float(np.sum(flows * block.integrals[:, of]))
        mean = float(block.end[1].sum())
        tally.centre += mean
        totals = [*block.end.sum(axis=1).tolist(), self._highest]
        self._highest = shifted(totals, -mean)[-1]
        block.end[:] = np.stack(shifted(block.end, -mean))
        self._last = window.states, block.end

    def evaluation(self, terminal_penalty: float = 0.0, running_penalty: float = 0.0) -> Evaluation:
        """After the last block."""
        states, end = self._last
        variance, fourth = self._highest, None
        if self.order == 4:
            variance, fourth = float(end[2].sum()), self._highest
        return self._tally.evaluation(
            states, end, variance, fourth, terminal_penalty, running_penalty
        )
