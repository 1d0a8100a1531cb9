"""Accounts held against limits together in the compiled market, as `lobsim.kernel.pools` does:
those of one strategy (a portfolio), and groups.
"""

import math

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.accounts import (
    HALTED,
    NO_CHANGE,
    OK,
    equity,
    exposed,
    exposure,
    is_past,
    judged,
    stopped,
)
from lobsim.batch.columns import Rows
from lobsim.batch.jit import jitted
from lobsim.batch.limits import enter
from lobsim.batch.several import follow_all, give_back, lend, pool_row, rows_of
from lobsim.market.pool import GROUP, PORTFOLIO
from lobsim.market.units import SECOND
from lobsim.rows import CAUSES

OF_PORTFOLIO, OF_GROUP = (CAUSES.index(f"{kind} {CAUSES[0]}") for kind in (PORTFOLIO, GROUP))


@jitted
def open_pools(w: Rows) -> None:
    for i in range(w[0, c.POOLS]):
        pool = w[pool_row(w, i)]
        pool[c.STATE] = OK
        pool[c.START] = pool[c.PEAK] = pool[c.BASE] = pool[c.CREST] = worth(w, pool)
        pool[c.DRAWDOWN] = 0


@jitted
def worth(w: Rows, pool: c.Array) -> int:
    total = 0
    for i in range(pool[c.FIRST_MEMBER], pool[c.PAST_MEMBER]):
        member = w[i]
        total += member[c.WEIGHT] * equity(rows_of(w, member[c.AT_ASSET]), member[c.AT_ROW])
    return total


@jitted
def look(w: Rows, tables: c.Array) -> None:
    """Value all pools, and make the transitions that this calls for."""
    for i in range(w[0, c.POOLS]):
        pool = w[pool_row(w, i)]
        total = worth(w, pool)
        hold(pool, total)
        if is_past(pool, pool, total):
            state = judged(pool, pool, total)
            if state == NO_CHANGE and pool[c.EXPOSED] != c.UNWATCHED and not stopped(pool):
                var, cvar = exposure_of_all(w, tables, pool)
                state = exposed(pool, var, cvar)
                if pool[c.STATUS] == c.OVERFLOW:
                    w[0, c.STATUS] = c.OVERFLOW
            if state != NO_CHANGE:
                enter_all(w, tables, pool, state)


@jitted
def hold(pool: c.Array, total: int) -> None:
    """As the event engine tracks peaks: what flattening costs is not seen before the next look,
    and a cool-down that ends before that counts anew from there.
    """
    if total >= pool[c.CREST]:
        pool[c.CREST] = total
        pool[c.PEAK] = max(pool[c.PEAK], total)
    else:
        pool[c.DRAWDOWN] = max(pool[c.DRAWDOWN], pool[c.PEAK] - total)


@jitted
def lots_of(w: Rows, pool: c.Array, asset: int) -> int:
    lots = 0
    for i in range(pool[c.FIRST_MEMBER], pool[c.PAST_MEMBER]):
        if w[i, c.AT_ASSET] == asset:
            lots += rows_of(w, asset)[w[i, c.AT_ROW], c.LOTS]
    return lots


@jitted
def exposure_of_all(w: Rows, tables: c.Array, pool: c.Array) -> tuple[float, float]:
    """VaR and CVaR of what all hold: `lobsim.models.exposure.pool_exposure`, term by term."""
    assets, left = w[0, c.ASSETS], w[0, c.DURATION] - w[0, c.NOW]
    if assets == 1:
        f = rows_of(w, 0).view(np.float64)[0]
        var, cvar = exposure(f, pool[c.EXPOSED], left, lots_of(w, pool, 0))
        return var, cvar
    mu, square = 0.0, 0.0
    for j in range(assets):
        load = 0.0
        for i in range(assets):
            risk = lots_of(w, pool, i) * w.view(np.float64)[1 + i, c.LOSS_SIGMA]
            load += tables.factor[i, j] * risk
        square += load * load
        mu += lots_of(w, pool, j) * w.view(np.float64)[1 + j, c.LOSS_MU]
    f, h = w.view(np.float64)[0], left / SECOND
    drift, deviation = -mu * h, math.sqrt(square) * math.sqrt(h)
    return drift + deviation * f[c.TAIL_Z], drift + deviation * f[c.TAIL_DENSITY] / f[c.TAIL]


@jitted
def enter_all(w: Rows, tables: c.Array, pool: c.Array, state: int) -> None:
    """Make a transition of a pool, of each member in its own ticks; a group's halt is for good."""
    group = pool[c.KIND] == c.TOGETHER
    cause, figure, limit = pool[c.TOLD_CAUSE], pool[c.TOLD_FIGURE], pool[c.TOLD_LIMIT]
    if limit:
        cause += OF_GROUP if group else OF_PORTFOLIO
    pool[c.STATE] = state
    for i in range(pool[c.FIRST_MEMBER], pool[c.PAST_MEMBER]):
        a, weight = w[i, c.AT_ROW], w[i, c.WEIGHT]
        k = rows_of(w, w[i, c.AT_ASSET])
        if k[a, c.STATE] != HALTED:
            lend(w, k)
            enter(k, a, state, cause, figure // weight, limit // weight, group)
            give_back(w, k)
            if group and state == HALTED:
                halt_portfolio(w, w[i, c.AT_ASSET], a)
    follow_all(w, tables)


@jitted
def halt_portfolio(w: Rows, asset: int, a: int) -> None:
    pool = portfolio_of(w, asset, a)
    if pool:
        w[pool, c.STATE] = HALTED


@jitted
def portfolio_of(w: Rows, asset: int, a: int) -> int:
    """The row of the pool of an account's strategy; 0 where it has none."""
    for i in range(w[0, c.POOLS]):
        r = pool_row(w, i)
        first = w[w[r, c.FIRST_MEMBER]]
        if w[r, c.KIND] == c.PORTFOLIO and first[c.AT_ASSET] == asset and first[c.AT_ROW] == a:
            return int(r)
    return 0


@jitted
def resumed(w: Rows, asset: int, a: int) -> None:
    """A cool-down is over, and with it that of the portfolio."""
    r = portfolio_of(w, asset, a)
    if r and stopped(w[r]):
        pool = w[r]
        pool[c.STATE] = OK
        pool[c.BASE] = pool[c.CREST] = worth(w, pool)
