"""From a prepared market to the arrays that its compiled twin plays on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch.arrays import (
    Book,
    Shared,
    book_of,
    is_several,
    law_of,
    market_row,
    set_limits,
)
from lobsim.batch.distance import FAR, LIVE, SEVERAL
from lobsim.batch.live import LiveTables
from lobsim.batch.messages import FarTables, new_messages
from lobsim.batch.replications import Pile
from lobsim.batch.several import FarSeveralTables, SeveralTables
from lobsim.batch.streams import entropy_words
from lobsim.batch.tape_rows import Tables
from lobsim.market.risk import Limits
from lobsim.market.units import LARGEST
from lobsim.models.joint_world import JointPlan
from lobsim.seats import Seat
from lobsim.setup import Setup

Ints = NDArray[np.int64]
Places = Mapping[str, tuple[int, int]]  # asset and row there, by strategy


def book_of_one(setup: Setup, group: Sequence[Seat], shared: Shared) -> Book:
    return book_of(setup, setup.only, group, group, range(1 + len(group)), shared)


def book_of_several(setup: Setup, group: Sequence[Seat], shared: Shared) -> Book:
    """The head and what stands beside it, then the rows of each asset."""
    head = market_row(setup, setup.listings[0], group, group)
    head[c.ASSETS], head[c.SEATS] = len(setup.listings), len(group)
    head[c.NUMBER] = 0
    assets = [asset_row(setup, asset) for asset in range(len(setup.listings))]
    places = places_of(setup, group)
    seats = [row_with({c.AT_ASSET: asset, c.AT_ROW: a}) for asset, a in places.values()]
    first = 1 + len(assets) + len(seats)
    pools, members = pools_of(setup, group, places, first)
    head[c.POOLS] = len(pools)
    rows, streams = [head, *assets, *seats, *pools, *members], []
    for asset, listing in enumerate(setup.listings):
        own = [seat for seat in group if places[seat.spec.name][0] == asset]
        outside = asset * (1 + len(group))
        numbers = [outside, *(outside + 1 + group.index(seat) for seat in own)]
        book = book_of(setup, listing, own, group, numbers, shared)
        share_inventories(setup, own, book.rows)
        streams += [(len(rows) + row, name) for row, name in book.streams]
        assets[asset][c.FIRST_ROW] = len(rows)
        rows += book.rows
        assets[asset][c.PAST_ROW] = len(rows)
    return Book(rows, streams)


def places_of(setup: Setup, group: Sequence[Seat]) -> Places:
    """Where the accounts of a group stand."""
    counts = [0] * len(setup.listings)
    places = {}
    for seat in group:
        (asset,) = seat.assets  # quote tables are of one
        counts[asset] += 1
        places[seat.spec.name] = asset, counts[asset]
    return places


def row_with(values: Mapping[int, int]) -> Ints:
    row = np.zeros(c.COLUMNS, np.int64)
    for column, value in values.items():
        row[column] = value
    return row


def asset_row(setup: Setup, asset: int) -> Ints:
    listing = setup.listings[asset]
    plan, sigma = listing.plan, listing.market.sigma / listing.market.tick
    row = row_with({c.WINDOW: listing.window or 0})
    f = row.view(np.float64)
    f[[c.HEARD_MID, c.SQUARED, c.NORMAL]] = plan.mid, sigma * sigma, sigma * sigma
    f[c.MOST_HELD] = float(listing.limits.max_inventory)
    f[c.LOSS_SIGMA], f[c.LOSS_MU] = listing.weight * plan.sigma, listing.weight * plan.mu
    return row


def pools_of(
    setup: Setup, group: Sequence[Seat], places: Places, first: int
) -> tuple[list[Ints], list[Ints]]:
    """Rows of the pools, from `first` on, and then of their members."""
    names = [seat.spec.name for seat in group]
    portfolios = names if len(setup.listings) > 1 else []
    wanted = [(c.PORTFOLIO, [name], setup.portfolio) for name in portfolios]
    for each in setup.groups:
        own = [name for name in each.strategies if name in names]
        if own:
            wanted.append((c.TOGETHER, own, each.limits))
    pools: list[Ints] = []
    members: list[Ints] = []
    for kind, own, limits in wanted:
        begin = first + len(wanted) + len(members)
        for asset, listing in enumerate(setup.listings):
            members += [
                row_with({c.AT_ASSET: asset, c.AT_ROW: places[name][1], c.WEIGHT: listing.weight})
                for name in own
                if places[name][0] == asset
            ]
        past = first + len(wanted) + len(members)
        pools.append(row_with({c.KIND: kind, c.FIRST_MEMBER: begin, c.PAST_MEMBER: past}))
        set_limits(pools[-1], limits)
        pools[-1][c.EXPOSED] = law_of(setup) if is_watched(limits) else c.UNWATCHED
    return pools, members


def is_watched(limits: Limits) -> bool:
    return min(limits.max_var, limits.max_cvar) < LARGEST


def share_inventories(setup: Setup, own: Sequence[Seat], rows: Sequence[Ints]) -> None:
    """Those of a group with a limit to its inventory in an asset know of it."""
    for number, group in enumerate(setup.groups, 1):
        for seat, row in zip(own, rows[1:], strict=False):
            if seat.spec.name in group.strategies and group.max_inventory is not None:
                row[c.GROUP], row[c.GROUP_LIMIT] = number, group.max_inventory


def stream_names(setup: Setup, groups: Sequence[Sequence[Seat]]) -> list[str]:
    """Of a pile's `streams`."""
    make = book_of_several if is_several(setup) else book_of_one
    books = [make(setup, group, Shared()) for group in groups]
    return [name for book in books for _, name in book.streams]


def tables_of(setup: Setup, seats: Sequence[Seat]) -> Any:
    """The type of the tables, which says what is compiled for a market."""
    far = any(setup.latency(seat) is not None for seat in seats)
    if is_several(setup):
        return FarSeveralTables if far else SeveralTables
    if far:
        return FarTables
    return LiveTables if any(seat.compiled for seat in seats) else Tables


def pile_of(setup: Setup, groups: Sequence[Sequence[Seat]], seed: int) -> Pile:
    """The markets of these groups of accounts."""
    shared, bounds = Shared(), [0]
    rows: list[Ints] = []
    streams: list[tuple[int, str]] = []
    make = book_of_several if is_several(setup) else book_of_one
    for group in groups:
        book = make(setup, group, shared)
        streams += [(len(rows) + row, name) for row, name in book.streams]
        rows += book.rows
        bounds.append(len(rows))
    endowed = np.array(rows)
    parts: list[Any] = [*shared.tabled.joined()]
    kind = tables_of(setup, [seat for group in groups for seat in group])
    if FAR in kind._fields:
        parts += [new_messages(), shared.measured.array()]
    if LIVE in kind._fields:
        parts += [shared.sheets.words.copy(), shared.sheets.words]
    if SEVERAL in kind._fields:
        plan = setup.plan
        parts.append(np.array(plan.factor if isinstance(plan, JointPlan) else [[1.0]]))
    tables = kind(*parts)
    places, names = zip(*streams, strict=True)
    entropy = np.array([entropy_words(seed, 0, name) for name in names])
    return Pile(endowed.copy(), endowed, np.array(bounds), np.array(places), entropy, tables)
