"""From an asset and those who trade it to the rows that its compiled market is played on."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch.far import Measured, far_rows, wire_streams
from lobsim.batch.live import Sheets
from lobsim.batch.tape_rows import Tables
from lobsim.compiled import NEVER
from lobsim.listings import Listing
from lobsim.market.risk import Limits
from lobsim.market.units import LARGEST_VALUE
from lobsim.models.world import GEOMETRIC
from lobsim.policy.quote_table import TickTable
from lobsim.seats import Seat
from lobsim.setup import Setup

FAR = 2**62  # a limit that no sum of 64 bits passes, and to which lots can be added
# What the mid may grow to, and what lots and cash then may be for equity to fit in 64 bits.
GROWTH, MOST_EQUITY = 64, 2**61
FURTHEST = 2.0**40  # ticks from the mid that a compiled function may quote


def is_several(setup: Setup) -> bool:
    """Whether assets are several, or limits held in common or moving."""
    scenario = setup.scenario
    return bool(len(setup.listings) > 1 or scenario.group or scenario.risk.volatility_s is not None)


def market_row(
    setup: Setup, listing: Listing, own: Sequence[Seat], group: Sequence[Seat]
) -> NDArray[np.int64]:
    """Row 0 of an asset's market before it opens: its rules, and where it stands.

    `own` are those of a group who trade the asset.
    """
    scenario, limits, plan = setup.scenario, listing.limits, listing.plan
    most_mid = GROWTH * plan.mid
    row = np.zeros(c.COLUMNS, np.int64)
    f = row.view(np.float64)
    row[c.ACCOUNTS] = 1 + len(own)
    sizes = [size for seat in own for size in seat.sizes]
    alone = len(sizes) == 1 and sizes[0] <= limits.max_order_size and not is_several(setup)
    row[c.ALONE] = alone and setup.requote is None
    row[c.FAR] = any(setup.latency(seat) is not None for seat in own)
    row[c.DURATION], row[c.REQUOTE] = plan.duration, setup.requote or 0
    row[c.CROSSING] = c.CROSSINGS.index(scenario.crossing)
    row[c.SELF_TRADE] = c.SELF_TRADES.index(scenario.self_trade)
    row[c.CLOSING], row[c.FLATTEN] = scenario.end.inventory == "close", limits.flatten
    row[c.COOLDOWN], row[c.MAX_EVENTS] = limits.cooldown or 0, scenario.max_events
    row[c.MAX_INVENTORY] = min(limits.max_inventory, FAR)
    row[c.MAX_SIZE] = limits.max_order_size
    set_limits(row, limits)
    row[c.EXPOSED] = watched(setup)
    row[c.MAKER_LOT : c.MAKER_PER + 1] = listing.fees.maker
    row[c.TAKER_LOT : c.TAKER_PER + 1] = listing.fees.taker
    most = MOST_EQUITY // (listing.weight * len(group) if is_several(setup) and group else 1)
    row[c.MOST_LOTS] = int(most / (1000 * most_mid))
    row[c.MOST_CASH], row[c.MOST_WIDTH] = most // 1000, FAR // plan.duration
    period = setup.requote or 0
    row[c.TIMER_AT] = period if 0 < period < plan.duration else NEVER
    row[c.COOLS_AT], row[c.MESSAGE_AT], row[c.ROUNDS_AT] = NEVER, NEVER, -1
    level = float(scenario.risk.var_level)
    z = NormalDist().inv_cdf(level)
    f[[c.TAIL_Z, c.TAIL_DENSITY, c.TAIL]] = z, NormalDist().pdf(z), 1 - level
    f[[c.MU, c.SIGMA, c.MID, c.MOST_MID]] = plan.mu, plan.sigma, plan.mid, most_mid
    f[c.CLOSE_COST], f[c.FLOOR] = listing.close_cost, -listing.market.d0 / listing.market.tick
    return row


def set_limits(row: NDArray[np.int64], limits: Limits) -> None:
    """Those to an equity, and to what it may lose."""
    row[c.MAX_DRAWDOWN], row[c.MAX_LOSS] = limits.max_drawdown, limits.max_loss
    row[c.REDUCE_DRAWDOWN], row[c.REDUCE_LOSS] = limits.reduce_drawdown, limits.reduce_loss
    row[c.FIRST_DRAWDOWN] = min(limits.max_drawdown, limits.reduce_drawdown)
    row[c.FIRST_LOSS] = min(limits.max_loss, limits.reduce_loss)
    row[c.MAX_VAR], row[c.MAX_CVAR] = limits.max_var, limits.max_cvar


def watched(setup: Setup) -> int:
    """Of an account alone: those of several assets are watched together."""
    risk = setup.scenario.risk
    if len(setup.listings) > 1 or not (risk.max_var or risk.max_cvar):
        return c.UNWATCHED
    return law_of(setup)


def law_of(setup: Setup) -> int:
    """Of what is lost; several mids are Brownian where it is asked for."""
    plans = [listing.plan for listing in setup.listings]
    return c.GEOMETRIC if len(plans) == 1 and plans[0].price == GEOMETRIC else c.ARITHMETIC


class Tabled:
    """The quote tables of a pile, each once, in two arrays."""

    def __init__(self) -> None:
        self.starts: list[NDArray[Any]] = []
        self.depths: list[NDArray[Any]] = []
        self._places: dict[int, tuple[int, int]] = {}

    def place(self, table: TickTable) -> tuple[int, int]:
        """Where a table's rows and its cells begin."""
        if id(table) not in self._places:
            self._places[id(table)] = sum(map(len, self.starts)), sum(map(len, self.depths))
            self.starts.append(np.array([*table.starts[:-1], NEVER], np.int64))
            # By rung, and by column, for inventories change seldom: what follows a cell is its
            # next row.
            cells = np.empty((*table.bid_depth.T.shape, 2))
            cells[..., 0], cells[..., 1] = table.bid_depth.T, table.ask_depth.T
            self.depths.append(cells.reshape(-1, 2))
        return self._places[id(table)]

    def joined(self) -> Tables:
        """Where nobody has a table, an empty one."""
        if not self.starts:
            return Tables(np.zeros(1, np.int64), np.zeros((1, 2)))
        return Tables(joined(self.starts), joined(self.depths))


class Shared:
    """What the markets of a pile have between them: quote tables, measured latencies, sheets."""

    def __init__(self) -> None:
        self.tabled, self.measured, self.sheets = Tabled(), Measured(), Sheets()


def joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """One array of all; a single one, which may be of 100 MB, is not copied."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def rows_of(listing: Listing, group: Sequence[Seat], shared: Shared) -> list[NDArray[np.int64]]:
    """Those of the accounts, then those of their outer rungs."""
    accounts = [account_row(listing, seat, shared) for seat in group]
    outer: list[NDArray[np.int64]] = []
    for number, (seat, account) in enumerate(zip(group, accounts, strict=True), 1):
        account[c.OWNER] = number
        account[c.OUTER_AT] = 1 + len(group) + len(outer)
        account[c.OUTERS] = len(seat.sizes) - 1
        for rung, size in enumerate(seat.sizes[1:], 1):
            row = np.zeros(c.COLUMNS, np.int64)
            row[c.OWNER], row[c.SIZE] = number, size
            cells = account[c.ROWS] * (account[c.LAST] + 1)
            row[c.DEPTHS_AT] = account[c.DEPTHS_AT] + rung * cells
            outer.append(row)
    return accounts + outer


def account_row(listing: Listing, seat: Seat, shared: Shared) -> NDArray[np.int64]:
    row = np.zeros(c.COLUMNS, np.int64)
    row[c.CASH], row[c.LOTS], row[c.SIZE] = seat.cash, seat.inventory, seat.sizes[0]
    table, function = seat.table, seat.compiled
    if table is None:
        assert function is not None
        reach = furthest(listing, seat.sizes[0])
        row[c.SHEET] = shared.sheets.place(listing.market, reach, function)
        return row
    row[c.STARTS_AT], row[c.DEPTHS_AT] = shared.tabled.place(table)
    row[c.ROWS], row[c.LOWEST], row[c.LAST] = len(table.starts) - 1, table.lowest, table.last
    span = table.starts[-2]
    row.view(np.float64)[c.PACE] = (row[c.ROWS] - 1) / span if span else 0.0
    return row


def furthest(listing: Listing, size: int) -> float:
    """Ticks from the mid within which a quote of this size may be worth what it costs to count."""
    return min(FURTHEST, LARGEST_VALUE / size - GROWTH * listing.plan.mid)


class Book(NamedTuple):
    """The rows of one asset's market, and which of them draw, with the names of their streams."""

    rows: list[NDArray[np.int64]]
    streams: list[tuple[int, str]]


def book_of(
    setup: Setup,
    listing: Listing,
    own: Sequence[Seat],
    group: Sequence[Seat],
    numbers: Sequence[int],
    shared: Shared,
) -> Book:
    """`numbers` are those on the tape: the outside's, and of those of a group who trade here."""
    market, rows = market_row(setup, listing, own, group), rows_of(listing, own, shared)
    market[c.ORDER_ROWS], market[c.NUMBER] = 1 + len(rows), numbers[0]
    for row in rows:
        row[c.NUMBER] = numbers[row[c.OWNER]]
        market[[c.CASH, c.LOTS]] -= row[[c.CASH, c.LOTS]]
    streams = [(a, f"turn/{seat.spec.name}") for a, seat in enumerate(own, 1)]
    far: list[NDArray[np.int64]] = []
    for seat, account in zip(own, rows[: len(own)], strict=True):
        latency = setup.latency(seat)
        if latency is not None:
            account[c.DESK] = desk = 1 + len(rows) + len(far)
            far += far_rows(account, listing.plan.mid, latency, shared.measured)
            far[-c.FAR_ROWS][c.KNOWN_LIMIT] = market[c.MAX_INVENTORY]
            streams += [(desk + wire, name) for wire, name in wire_streams(latency, seat)]
    return Book([market, *rows, *far], streams)
