"""The inventory of a lone maker as a Markov chain, under any quote table.

With inventory q the bid, d below the mid, is met at rate A exp(-k max(d, -d0)) by an order of V
lots, of which it buys min(V, size); the ask alike.  Within a row of the table rates are constant.
Source: Gueant, Lehalle and Fernandez-Tapia, "Dealing with the inventory risk", Mathematics and
Financial Economics 7, 2013, section 2; there orders are of one lot, and no depth has a floor.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lobsim.policy.quote_table import Floats, QuoteTable

Ints = NDArray[np.int64]
AT_ONCE = 230.0  # log of 1e100 per second: no faster rate is told from it, and none overflows
NEGLIGIBLE = 1e-20  # probability of an order's size


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Market orders: how many meet a quote at a depth, and how large they are.

    A_bid, A_ask  per second: those that meet a bid, an ask, at the mid
    k             per currency: those that meet a depth d are exp(-k d) of those
    d0            currency: no depth below -d0 is met by more; inf is no floor
    lots          the size of every order, unless
    mean_lots     their mean size is given: it is geometric, 1 or more

    Raises ValueError for a number that no flow can have.
    """

    A_bid: float
    A_ask: float
    k: float
    d0: float = math.inf
    lots: int = 1
    mean_lots: float | None = None

    def __post_init__(self) -> None:
        for name in ("A_bid", "A_ask"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: must be 0 or more, and finite")
        if not 0 < self.k < math.inf:
            raise ValueError(f"k = {self.k}: must be above 0, and finite")
        if not self.d0 > -math.inf:
            raise ValueError(f"d0 = {self.d0}: must be a number, or inf for no floor")
        if self.lots < 1 or self.lots != int(self.lots):
            raise ValueError(f"lots = {self.lots}: must be whole, 1 or more")
        if self.mean_lots is not None and not 1 <= self.mean_lots < math.inf:
            raise ValueError(f"mean_lots = {self.mean_lots}: must be 1 or more, and finite")

    def rates(self, depth: Floats) -> Floats:
        """Orders per second that meet quotes at `depth` (2, ...), bids first; currency."""
        A = np.reshape([self.A_bid, self.A_ask], (2, *[1] * (depth.ndim - 1)))
        rates: Floats = A * np.exp(np.minimum(-self.k * np.maximum(depth, -self.d0), AT_ONCE))
        return rates

    def tail(self, lots: Ints) -> Floats:
        """P(V >= lots) for lots of 1 or more."""
        if self.mean_lots is None:
            return np.where(lots <= self.lots, 1.0, 0.0)
        return np.asarray((1 - 1 / self.mean_lots) ** (lots - 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All but the quotes: the flow, the mid dS = mu dt + sigma dW, and the maker.

    sigma in currency per sqrt(s), mu in currency per s, maker_fee in currency per lot.
    """

    flow: Flow
    sigma: float
    mu: float
    horizon_s: float
    inventory: int
    size: int
    max_inventory: int | None
    maker_fee: float

    def __post_init__(self) -> None:
        if not 0 <= self.sigma < math.inf:
            raise ValueError(f"sigma = {self.sigma}: must be 0 or more, and finite")
        if not 0 < self.horizon_s < math.inf:
            raise ValueError(f"horizon_s = {self.horizon_s}: must be above 0, and finite")
        for name in ("mu", "maker_fee"):
            if not math.isfinite(getattr(self, name)):
                raise ValueError(f"{name} = {getattr(self, name)}: must be finite")
        if self.size < 1 or self.size != int(self.size):
            raise ValueError(f"size = {self.size}: must be whole, 1 or more")
        if self.max_inventory is not None and abs(self.inventory) > self.max_inventory:
            raise ValueError(
                f"inventory = {self.inventory}: must be within max_inventory = {self.max_inventory}"
            )

    def sizes(self, states: Ints) -> Ints:
        """(2, n) lots that bid and ask are quoted for: `size`, cut to what the limit leaves."""
        if self.max_inventory is None:
            return np.full((2, len(states)), self.size)
        room = np.stack([self.max_inventory - states, self.max_inventory + states])
        return np.clip(room, 0, self.size)

    def jumps(self, states: Ints) -> Floats:
        """(2, n, size) probabilities that an order which meets the quote fills 1, 2, ... lots."""
        lots = np.arange(1, self.size + 1)
        at_least = self.flow.tail(lots)
        exactly = at_least - self.flow.tail(lots + 1)
        size = self.sizes(states)[:, :, np.newaxis]
        law = np.where(lots < size, exactly, np.where(lots == size, at_least, 0.0))
        return np.where(law < NEGLIGIBLE, 0.0, law)


class Rows:
    """A quote table until the horizon, equal rows after one another made one.

    starts_s and durations_s (m,); left_s (m,) from a start to the horizon; depths of bid and
    ask, `depth` (2, m, Q).  Raises ValueError for ladders.
    """

    def __init__(self, table: QuoteTable, horizon_s: float) -> None:
        if table.rungs > 1:
            raise ValueError(
                f"exact figures are for one price a side, these quotes are ladders of {table.rungs}"
            )
        last = int(np.searchsorted(table.times_s, horizon_s))  # rows from the horizon on are none
        depth = np.stack([table.bid_depth[:last], table.ask_depth[:last]])
        changes = np.any(depth[:, 1:] != depth[:, :-1], axis=(0, 2))
        kept = np.flatnonzero(np.concatenate([[True], changes]))
        self.starts_s: Floats = table.times_s[kept]
        self.durations_s: Floats = np.diff(self.starts_s, append=horizon_s)
        self.left_s: Floats = horizon_s - self.starts_s
        self.depth: Floats = depth[:, kept]
        self._lowest, self._last = int(table.inventories[0]), len(table.inventories) - 1

    def __len__(self) -> int:
        return len(self.durations_s)

    def at(self, rows: slice, states: Ints) -> Floats:
        """(2, rows, n) depths at these inventories; the outermost columns hold beyond."""
        columns = np.clip(states - self._lowest, 0, self._last)
        return self.depth[:, rows][:, :, columns]


class Window:
    """The chain over some rows and inventories `low` to `high`; jumps out of it are refused.

    states (n,), durations_s and left_s (m,); of bid and ask, (2, m, n): rates per second, depths
    and gains (depth less fee) in currency per lot, 0 where nothing is quoted.  Of each of the J
    possible jumps: side, source (as an index), lots, probability, target; `inside` are those kept.
    """

    def __init__(self, setting: Setting, rows: Rows, some: slice, low: int, high: int) -> None:
        self.setting, self.low, self.high = setting, low, high
        self.states = np.arange(low, high + 1)
        self.durations_s, self.left_s = rows.durations_s[some], rows.left_s[some]
        depth = rows.at(some, self.states)
        law = setting.jumps(self.states)
        quoted = np.isfinite(depth) & np.any(law > 0, axis=2)[:, np.newaxis]
        self.rates = np.where(quoted, setting.flow.rates(depth), 0.0)
        self.depth = np.where(quoted, depth, 0.0)
        self.gains = np.where(quoted, depth - setting.maker_fee, 0.0)
        self.side, self.source, lots = np.nonzero(law)
        self.probability = law[self.side, self.source, lots]
        self.lots = lots + 1
        self.target = self.source + np.where(self.side == 0, self.lots, -self.lots)
        self.inside = (self.target >= 0) & (self.target < len(self.states))

    @cached_property
    def jump_rates(self) -> Floats:
        """(J, m) per second."""
        rates: Floats = self.rates[self.side, :, self.source]
        return rates * self.probability[:, np.newaxis]

    @cached_property
    def jump_gains(self) -> Floats:
        """(J, m) currency: what a jump earns against the mid, after the fee."""
        gains: Floats = self.gains[self.side, :, self.source]
        return gains * self.lots[:, np.newaxis]

    @cached_property
    def exits(self) -> Floats:
        """(m, n) per second: jumps that leave an inventory and stay in the window."""
        total = np.zeros((len(self.states), len(self.durations_s)))
        np.add.at(total, self.source[self.inside], self.jump_rates[self.inside])
        return total.T

    def lots_moment(self, power: int) -> Floats:
        """(2, n) E[lots^power] of a fill, jumps out of the window counted as none."""
        total = np.zeros((2, len(self.states)))
        kept = self.inside
        what = self.probability[kept] * self.lots[kept].astype(np.float64) ** power
        np.add.at(total, (self.side[kept], self.source[kept]), what)
        return total
