"""From a prepared market to the arrays that its compiled twin plays on."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch.far import Measured, far_rows, wire_streams
from lobsim.batch.live import FIRST, LiveTables, Sheets
from lobsim.batch.messages import FarTables
from lobsim.batch.replications import Pile
from lobsim.batch.streams import entropy_words
from lobsim.batch.tape_rows import Tables
from lobsim.compiled import NEVER
from lobsim.market.units import LARGEST_VALUE
from lobsim.models.world import GEOMETRIC
from lobsim.policy.quote_table import TickTable
from lobsim.seats import Seat
from lobsim.setup import Setup

FAR = 2**62  # a limit that no sum of 64 bits passes, and to which lots can be added
# What the mid may grow to, and what lots and cash then may be for equity to fit in 64 bits.
GROWTH, MOST_EQUITY = 64, 2**61
FURTHEST = 2.0**40  # ticks from the mid that a compiled function may quote


def market_row(setup: Setup, group: Sequence[Seat]) -> NDArray[np.int64]:
    """Row 0 of a market before it opens: its rules, and where it stands."""
    scenario, only = setup.scenario, setup.only
    limits, plan = only.limits, only.plan
    most_mid = GROWTH * plan.mid
    row = np.zeros(c.COLUMNS, np.int64)
    f = row.view(np.float64)
    row[c.ACCOUNTS] = 1 + len(group)
    sizes = [size for seat in group for size in seat.sizes]
    alone = len(sizes) == 1 and sizes[0] <= limits.max_order_size
    row[c.ALONE] = alone and setup.requote is None
    row[c.FAR] = any(setup.latency(seat) is not None for seat in group)
    row[c.DURATION], row[c.REQUOTE] = plan.duration, setup.requote or 0
    row[c.CROSSING] = c.CROSSINGS.index(scenario.crossing)
    row[c.SELF_TRADE] = c.SELF_TRADES.index(scenario.self_trade)
    row[c.CLOSING], row[c.FLATTEN] = scenario.end.inventory == "close", limits.flatten
    row[c.COOLDOWN], row[c.MAX_EVENTS] = limits.cooldown or 0, scenario.max_events
    row[c.MAX_INVENTORY] = min(limits.max_inventory, FAR)
    row[c.MAX_SIZE] = limits.max_order_size
    row[c.MAX_DRAWDOWN], row[c.MAX_LOSS] = limits.max_drawdown, limits.max_loss
    row[c.REDUCE_DRAWDOWN], row[c.REDUCE_LOSS] = limits.reduce_drawdown, limits.reduce_loss
    row[c.FIRST_DRAWDOWN] = min(limits.max_drawdown, limits.reduce_drawdown)
    row[c.FIRST_LOSS] = min(limits.max_loss, limits.reduce_loss)
    row[c.MAX_VAR], row[c.MAX_CVAR] = limits.max_var, limits.max_cvar
    row[c.EXPOSED] = watched(setup)
    row[c.MAKER_LOT : c.MAKER_PER + 1] = only.fees.maker
    row[c.TAKER_LOT : c.TAKER_PER + 1] = only.fees.taker
    row[c.MOST_LOTS] = int(MOST_EQUITY / (1000 * most_mid))
    row[c.MOST_CASH], row[c.MOST_WIDTH] = MOST_EQUITY // 1000, FAR // plan.duration
    period = setup.requote or 0
    row[c.TIMER_AT] = period if 0 < period < plan.duration else NEVER
    row[c.COOLS_AT], row[c.MESSAGE_AT], row[c.ROUNDS_AT] = NEVER, NEVER, -1
    level = float(scenario.risk.var_level)
    z = NormalDist().inv_cdf(level)
    f[[c.TAIL_Z, c.TAIL_DENSITY, c.TAIL]] = z, NormalDist().pdf(z), 1 - level
    f[[c.MU, c.SIGMA, c.MID, c.MOST_MID]] = plan.mu, plan.sigma, plan.mid, most_mid
    f[c.CLOSE_COST], f[c.FLOOR] = (
        only.close_cost,
        -only.market.d0 / only.market.tick,
    )
    return row


def watched(setup: Setup) -> int:
    risk = setup.scenario.risk
    if not (risk.max_var or risk.max_cvar):
        return c.UNWATCHED
    return c.GEOMETRIC if setup.only.plan.price == GEOMETRIC else c.ARITHMETIC


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


def joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """One array of all; a single one, which may be of 100 MB, is not copied."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def rows_of(
    setup: Setup, group: Sequence[Seat], tabled: Tabled, sheets: Sheets
) -> list[NDArray[np.int64]]:
    """Those of the accounts, then those of their outer rungs."""
    accounts = [account_row(setup, seat, tabled, sheets) for seat in group]
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


def account_row(setup: Setup, seat: Seat, tabled: Tabled, sheets: Sheets) -> NDArray[np.int64]:
    row = np.zeros(c.COLUMNS, np.int64)
    row[c.CASH], row[c.LOTS], row[c.SIZE] = seat.cash, seat.inventory, seat.sizes[0]
    table, function = seat.table, seat.compiled
    if table is None:
        assert function is not None
        reach = furthest(setup, seat.sizes[0])
        row[c.SHEET] = sheets.place(setup.only.market, reach, function)
        return row
    row[c.STARTS_AT], row[c.DEPTHS_AT] = tabled.place(table)
    row[c.ROWS], row[c.LOWEST], row[c.LAST] = len(table.starts) - 1, table.lowest, table.last
    span = table.starts[-2]
    row.view(np.float64)[c.PACE] = (row[c.ROWS] - 1) / span if span else 0.0
    return row


def furthest(setup: Setup, size: int) -> float:
    """Ticks from the mid within which a quote of this size may be worth what it costs to count."""
    return min(FURTHEST, LARGEST_VALUE / size - GROWTH * setup.only.plan.mid)


def stream_rows(setup: Setup, groups: Sequence[Sequence[Seat]]) -> list[tuple[int, str]]:
    """The rows that draw, with the names of their streams."""
    found, first = [], 0
    for group in groups:
        found += [(first + a, f"turn/{seat.spec.name}") for a, seat in enumerate(group, 1)]
        first += 1 + sum(len(seat.sizes) for seat in group)
        for seat in group:
            latency = setup.latency(seat)
            if latency is not None:
                found += [(first + wire, name) for wire, name in wire_streams(latency, seat)]
                first += c.FAR_ROWS
    return found


def pile_of(setup: Setup, groups: Sequence[Sequence[Seat]], seed: int) -> Pile:
    """The markets of these groups of accounts."""
    tabled, measured, sheets, bounds = Tabled(), Measured(), Sheets(), [0]
    rows: list[NDArray[np.int64]] = []
    for group in groups:
        market = market_row(setup, group)
        own = rows_of(setup, group, tabled, sheets)
        market[c.ORDER_ROWS] = 1 + len(own)
        market[[c.CASH, c.LOTS]] = -np.sum(own, axis=0)[[c.CASH, c.LOTS]]
        far: list[NDArray[np.int64]] = []
        for seat, account in zip(group, own[: len(group)], strict=True):
            latency = setup.latency(seat)
            if latency is not None:
                account[c.DESK] = 1 + len(own) + len(far)
                far += far_rows(account, setup.only.plan.mid, latency, measured)
        rows += [market, *own, *far]
        bounds.append(len(rows))
    endowed = np.array(rows)
    near = tabled.joined()
    tables: Tables | FarTables | LiveTables = near
    if endowed[:, c.FAR][bounds[:-1]].any():
        tables = measured.beside(near)
    elif len(sheets.words) > FIRST:
        tables = sheets.beside(*near)
    places, names = zip(*stream_rows(setup, groups), strict=True)
    entropy = np.array([entropy_words(seed, 0, name) for name in names])
    return Pile(endowed.copy(), endowed, np.array(bounds), np.array(places), entropy, tables)
