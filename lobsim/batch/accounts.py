"""Accounts in the compiled market: fills, marks and presence, as ledger, monitor and presence."""

import math

import numpy as np

from lobsim.batch import columns as c
from lobsim.batch.columns import Rows
from lobsim.batch.jit import entry, hot, jitted
from lobsim.batch.orders import rung_row
from lobsim.market.risk import State
from lobsim.market.units import LARGEST, SECOND
from lobsim.rows import CAUSES, STATES

OK, HALTED, COOLING, REDUCE_ONLY = (STATES.index(state) for state in State)
DRAWDOWN, LOSS, VAR, CVAR, COOLED, RECOVERED = (
    CAUSES.index(cause) for cause in ("drawdown", "loss", "var", "cvar", "cooled", "recovered")
)
NO_CHANGE = -1  # of an account's state
SQRT_2 = math.sqrt(2.0)


@hot
def fill(k: Rows, a: int, bought: int, price: int, fee: int) -> None:
    """Take part in a trade.  What luck an account had follows from the rest, at the end."""
    row = k[a]
    row[c.CASH] -= bought * price
    row[c.LOTS] += bought
    row[c.FEES] += fee
    row[c.SPREAD] += bought * (k[0, c.MARK] - 1000 * price)
    row[c.FILLS] += 1
    row[c.HIGH] = max(row[c.HIGH], row[c.LOTS])
    row[c.LOW] = min(row[c.LOW], row[c.LOTS])
    if abs(row[c.LOTS]) > k[0, c.MOST_LOTS] or abs(row[c.CASH]) > k[0, c.MOST_CASH]:
        k[0, c.STATUS] = c.OVERFLOW


@hot
def equity(k: Rows, a: int) -> int:
    row = k[a]
    return 1000 * row[c.CASH] - row[c.FEES] + row[c.LOTS] * k[0, c.MARK]


@hot
def value(k: Rows, a: int) -> bool:
    """Mark an account; whether its limits have to be looked at.

    The event engine tracks peaks by `if`; by `max` it is the same, for an equity past `crest`
    (counted anew after a cool-down) is never further below the peak than the worst so far.
    """
    row, worth = k[a], equity(k, a)
    row[c.CREST] = max(row[c.CREST], worth)
    row[c.PEAK] = max(row[c.PEAK], worth)
    row[c.DRAWDOWN] = max(row[c.DRAWDOWN], row[c.PEAK] - worth)
    return is_past(row, k[0], worth)


@hot
def is_past(row: c.Array, m: c.Array, worth: int) -> bool:
    """Whether the limits of `m` have to be looked at for an equity whose peaks are in `row`."""
    return bool(
        row[c.CREST] - worth > m[c.FIRST_DRAWDOWN]
        or row[c.BASE] - worth > m[c.FIRST_LOSS]
        or row[c.STATE] == REDUCE_ONLY
        or m[c.EXPOSED] != c.UNWATCHED
    )


@jitted
def told(m: c.Array, state: int, cause: int, figure: int, limit: int) -> int:
    m[c.TOLD_CAUSE], m[c.TOLD_FIGURE], m[c.TOLD_LIMIT] = cause, figure, limit
    return state


@jitted
def wanted_state(k: Rows, a: int) -> int:
    """The state that an account's mark calls for, NO_CHANGE if none; `told` has the reason."""
    row, m = k[a], k[0]
    state = judged(row, m, equity(k, a))
    if state != NO_CHANGE or m[c.EXPOSED] == c.UNWATCHED or stopped(row):
        return state
    left = m[c.DURATION] - m[c.NOW]
    var, cvar = exposure(k.view(np.float64)[0], m[c.EXPOSED], left, row[c.LOTS])
    return exposed(m, var, cvar)


@jitted
def stopped(row: c.Array) -> bool:
    return bool(row[c.STATE] == HALTED or row[c.STATE] == COOLING)


@jitted
def judged(row: c.Array, m: c.Array, worth: int) -> int:
    """The state that an equity calls for.  Without limits of its own it may be told to reduce, and
    does not judge when to stop.
    """
    if stopped(row):
        return NO_CHANGE
    drawdown, loss = row[c.CREST] - worth, row[c.BASE] - worth
    if drawdown > m[c.MAX_DRAWDOWN]:
        return told(m, HALTED, DRAWDOWN, drawdown, m[c.MAX_DRAWDOWN])
    if loss > m[c.MAX_LOSS]:
        return told(m, HALTED, LOSS, loss, m[c.MAX_LOSS])
    reduced = row[c.STATE] == REDUCE_ONLY
    if reduced and min(m[c.FIRST_DRAWDOWN], m[c.FIRST_LOSS]) == LARGEST:
        return NO_CHANGE
    if drawdown > m[c.REDUCE_DRAWDOWN]:
        if not reduced:
            return told(m, REDUCE_ONLY, DRAWDOWN, drawdown, m[c.REDUCE_DRAWDOWN])
    elif loss > m[c.REDUCE_LOSS]:
        if not reduced:
            return told(m, REDUCE_ONLY, LOSS, loss, m[c.REDUCE_LOSS])
    elif reduced:
        return told(m, OK, RECOVERED, 0, 0)
    return NO_CHANGE


@jitted
def exposed(m: c.Array, var: float, cvar: float) -> int:
    """The state that VaR and CVaR call for."""
    if not (abs(1000 * var) < c.LARGEST_FIGURE and abs(1000 * cvar) < c.LARGEST_FIGURE):
        m[c.STATUS] = c.OVERFLOW
        return NO_CHANGE
    if math.ceil(1000 * var) > m[c.MAX_VAR]:
        return told(m, HALTED, VAR, math.ceil(1000 * var), m[c.MAX_VAR])
    if math.ceil(1000 * cvar) > m[c.MAX_CVAR]:
        return told(m, HALTED, CVAR, math.ceil(1000 * cvar), m[c.MAX_CVAR])
    return NO_CHANGE


@entry
def exposure(f: c.Array, law: int, left: int, lots: int) -> tuple[float, float]:
    """VaR and CVaR of an inventory: `lobsim.models.exposure`, term by term."""
    mu, sigma, h, z = f[c.MU], f[c.SIGMA], left / SECOND, f[c.TAIL_Z]
    if law == c.ARITHMETIC:
        drift, deviation = -lots * mu * h, abs(lots) * sigma * math.sqrt(h)
        return drift + deviation * z, drift + deviation * f[c.TAIL_DENSITY] / f[c.TAIL]
    s = sigma * math.sqrt(h)
    side = 1 if lots > 0 else -1
    quantile = math.exp(mu * h - s * s / 2 - side * s * z)
    beyond = 0.5 * (1.0 + math.erf((-z - side * s) / SQRT_2))
    mean_beyond = math.exp(mu * h) * beyond / f[c.TAIL]
    mid = f[c.MID]
    return lots * mid * (1 - quantile), lots * mid * (1 - mean_beyond)


@hot
def renew(k: Rows, a: int, best_bid: int, best_ask: int) -> None:
    """Count the time that an account's quotes stood, and see them as they stand now."""
    row = k[a]
    bids, asks = row[c.BID + c.OPEN] > 0, row[c.ASK + c.OPEN] > 0
    see(k, a, row[c.BID + c.PRICE], row[c.ASK + c.PRICE], bids, asks, best_bid, best_ask)


@jitted
def renew_ladder(k: Rows, a: int, best_bid: int, best_ask: int) -> None:
    """`renew` for an account with outer rungs: its best order need not be that of its best rung."""
    bid, ask = 0, c.NO_ASK
    for rung in range(1 + k[a, c.OUTERS]):
        row = k[rung_row(k, a, rung)]
        bid = max(bid, row[c.BID + c.PRICE] if row[c.BID + c.OPEN] else 0)
        ask = min(ask, row[c.ASK + c.PRICE] if row[c.ASK + c.OPEN] else c.NO_ASK)
    see(k, a, bid, ask, bid > 0, ask < c.NO_ASK, best_bid, best_ask)


@hot
def see(
    k: Rows, a: int, bid: int, ask: int, bids: bool, asks: bool, best_bid: int, best_ask: int
) -> None:
    """Own best prices, where there `bids` and `asks` are."""
    row, now = k[a], k[0, c.NOW]
    elapsed = now - row[c.SEEN]
    row[c.SEEN] = now
    wide = row[c.WIDE]
    row[c.QUOTING] += elapsed if wide else 0
    row[c.WIDTH] += wide * elapsed
    row[c.AT_BEST] += row[c.SIDES] * elapsed
    # All are read before any is chosen, so that nothing jumps: which is best nobody foretells.
    row[c.SIDES] = (1 if bids and bid == best_bid else 0) + (1 if asks and ask == best_ask else 0)
    wide = ask - bid if bids and asks else 0
    row[c.WIDE] = wide
    if wide > k[0, c.MOST_WIDTH]:
        k[0, c.STATUS] = c.OVERFLOW
