"""The characteristic function psi(u) = E exp(iuW) of a quote table's terminal profit W.

Each jump of the inventory is turned by exp(iu gain), and inventory q held for a time t damped by
exp((iu mu q - u^2 sigma^2 q^2 / 2) t), on those inventories that matter to the moments.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lobsim.policy.chain import Rows, Setting, Window
from lobsim.policy.evaluate import Sums
from lobsim.policy.march import march
from lobsim.policy.propagate import propagate
from lobsim.policy.quote_table import Floats
from lobsim.policy.systems import tilted_system

Complex = NDArray[np.complex128]
ENTRIES = 2_000_000  # of the systems solved at once


@dataclass(frozen=True, slots=True)
class Normal:
    """A share of the paths, and the normal law of their profit; with sd 0 all at the mean."""

    share: float
    mean: float
    sd: float

    def characteristic(self, u: Floats) -> Complex:
        result: Complex = self.share * np.exp(1j * u * self.mean - (u * self.sd) ** 2 / 2)
        return result

    def below(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Density, distribution function and E[(x - W)+] of this share; no density with sd 0."""
        from scipy.special import ndtr

        far = x - self.mean
        if self.sd == 0:
            reached = np.where(far >= 0, self.share, 0.0)
            return np.zeros_like(far), reached, reached * far
        z = far / self.sd
        density: Floats = self.share * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        probability: Floats = self.share * ndtr(z)
        shortfall: Floats = far * probability + self.sd * density
        return density / self.sd, probability, shortfall


class Paths:
    """All paths under a quote table: moments of profit at once, psi at any u when asked.

    `without_fills` are those on which no quote is met: the inventory of the start, held.
    """

    def __init__(self, setting: Setting, rows: Rows) -> None:
        self._setting, self._rows = setting, rows
        self._spans: list[tuple[slice, int, int]] = []
        sums = Sums(setting, order=2)
        for block in march(setting, rows, sums.system, np.array([1.0, 0.0])):
            sums.add(block)
            self._spans.append((block.rows, block.window.low, block.window.high))
        moments = sums.evaluation()
        self.mean, self.sd = moments.profit_mean, moments.profit_sd
        alone = Window(setting, rows, slice(None), setting.inventory, setting.inventory)
        never = math.exp(-float(np.sum(alone.jump_rates.sum(axis=0) * alone.durations_s)))
        self.without_fills = Normal(
            share=never,
            mean=setting.inventory * setting.mu * setting.horizon_s,
            sd=abs(setting.inventory) * setting.sigma * math.sqrt(setting.horizon_s),
        )

    def psi(self, u: Floats) -> Complex:
        y = np.ones((len(u), 1), dtype=np.complex128)
        low = high = self._setting.inventory
        for rows, first, last in self._spans:
            y = on_window(y, low, high, first, last)
            low, high = first, last
            entries = len(u) * (high - low + 1) * (2 * self._setting.size + 1)
            count = max(1, ENTRIES // entries)
            for start in range(rows.start, rows.stop, count):
                some = slice(start, min(start + count, rows.stop))
                window = Window(self._setting, self._rows, some, low, high)
                passage = propagate(tilted_system(window, 1j * u), y.reshape(-1))
                y = passage.ends[-1].reshape(y.shape)
        total: Complex = y.sum(axis=1)
        return total


def on_window(y: Complex, low: int, high: int, first: int, last: int) -> Complex:
    """y of inventories low to high, on those from first to last: 0 where it was not known."""
    result = np.zeros((len(y), last - first + 1), dtype=y.dtype)
    from_, to = max(low, first), min(high, last)
    result[:, from_ - first : to - first + 1] = y[:, from_ - low : to - low + 1]
    return result
