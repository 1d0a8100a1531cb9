"""Markets of several assets, or with limits that accounts have in common or that move: where their
parts are.

Each asset has rows of its own, on which all that one market does is done; `w` is the whole, and
`k` the rows of one asset.  What all have in common stands in the head: an asset is lent it while
it acts, and gives it back.
"""

from typing import Any, NamedTuple

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import OK, stopped
from lobsim.batch.columns import Rows
from lobsim.batch.distance import either, follow
from lobsim.batch.jit import SHARED, hot, jitted, pasted
from lobsim.batch.limits import withdraw_excess

COMMON, LENT = c.COMMON, c.LENT
faded, scale_of = SHARED["faded"], SHARED["scale_of"]


class SeveralTables(NamedTuple):
    """`Tables`, and the Cholesky factor of the mids' correlation."""

    starts: c.Array
    depths: c.Array
    factor: c.Array  # float64 (assets, assets)


class FarSeveralTables(NamedTuple):
    """`FarTables`, and the factor."""

    starts: c.Array
    depths: c.Array
    messages: Rows
    measured: Rows
    factor: c.Array


@pasted
def rows_of(w: Rows, asset: int) -> Rows:
    return w[w[1 + asset, c.FIRST_ROW] : w[1 + asset, c.PAST_ROW]]


@hot
def seat_row(w: Rows, seat: int) -> Any:
    """Of the seats, counted from 0."""
    return 1 + w[0, c.ASSETS] + seat


@hot
def pool_row(w: Rows, pool: int) -> Any:
    return 1 + w[0, c.ASSETS] + w[0, c.SEATS] + pool


@hot
def lend(w: Rows, k: Rows) -> None:
    for column in LENT:
        k[0, column] = w[0, column]


@hot
def give_back(w: Rows, k: Rows) -> None:
    for column in COMMON:
        w[0, column] = k[0, column]


@jitted
def near_follow_all(w: Rows, tables: Any) -> None:
    """Those beside the exchange have been told."""


@jitted
def far_follow_all(w: Rows, tables: Any) -> None:
    """Send what follows from what was done in any asset."""
    for asset in range(w[0, c.ASSETS]):
        k = rows_of(w, asset)
        lend(w, k)
        follow(k, tables, False)
        give_back(w, k)


follow_all = either(near_follow_all, far_follow_all)


# Limits that move


@jitted
def hear_mid(w: Rows, k: Rows, asset: int) -> None:
    """The mid of an asset has moved: its limit to inventories follows the volatility."""
    own, f, m = w[1 + asset], w.view(np.float64)[1 + asset], k[0]
    if not own[c.WINDOW]:
        return
    mid = k.view(np.float64)[0, c.MID]
    move, elapsed = mid - f[c.HEARD_MID], m[c.NOW] - own[c.HEARD_AT]
    f[c.HEARD_MID], own[c.HEARD_AT] = mid, m[c.NOW]
    f[c.SQUARED] = faded(f[c.SQUARED], move, elapsed, own[c.WINDOW])
    most = f[c.MOST_HELD] * scale_of(f[c.SQUARED], f[c.NORMAL])
    before, limit = m[c.MAX_INVENTORY], c.NO_LIMIT
    if most < c.NO_LIMIT:
        limit = max(1, int(most))
    m[c.MAX_INVENTORY] = limit
    if limit < before:
        for a in range(1, m[c.ACCOUNTS]):
            if not stopped(k[a]):
                withdraw_excess(k, a, limit if k[a, c.STATE] == OK else 0)
