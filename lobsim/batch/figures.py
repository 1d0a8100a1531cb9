"""From the rows that compiled markets end with to the figures of summaries, by column."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.batch.arrays import is_several
from lobsim.batch.piles import places_of
from lobsim.listings import Listing
from lobsim.seats import Seat
from lobsim.setup import Setup
from lobsim.summaries import NUMBERS

Ints = NDArray[np.int64]
Figures = dict[str, NDArray[Any]]


def columns_of(setup: Setup, group: Sequence[Seat], ends: Ints) -> dict[str, Figures]:
    """The figures of Summaries by strategy, (replications,) each, from the rows that a market of
    this group ends with in each.
    """
    duration, count = setup.plan.duration, len(setup.listings)
    if not is_several(setup):
        return {
            seat.spec.name: figures_of(setup.only, duration, ends[:, 0], ends[:, a])
            for a, seat in enumerate(group, 1)
        }
    found = {}
    # The same in all; none where nothing is played, so that all is compiled.
    firsts = [int(ends[:, 1 + asset, c.FIRST_ROW].max(initial=0)) for asset in range(count)]
    trades = np.sum([ends[:, first, c.MAKER_TRADES] for first in firsts], axis=0)
    for seat, (name, (asset, a)) in enumerate(places_of(setup, group).items()):
        listing, first = setup.listings[asset], firsts[asset]
        figures = figures_of(listing, duration, ends[:, first], ends[:, first + a])
        figures["maker_trades"] = trades
        if count > 1:
            # Equity is that of the portfolio, in units; a table trades in one of its assets.
            milli = float(setup.unit) / 1000
            profit = gain_of(ends[:, first], ends[:, first + a]) * listing.weight * milli
            figures["profit"] = profit
            figures["profit_closed"] = profit - closing(listing, ends[:, first + a])
            figures["drawdown"] = ends[:, 1 + count + len(group) + seat, c.DRAWDOWN] * milli
        found[name] = figures
    return found


def gain_of(market: Ints, account: Ints) -> NDArray[Any]:
    """Of equity since the start, in 1/1000 (tick x lot)."""
    return (
        1000 * account[:, c.CASH] - account[:, c.FEES] + account[:, c.LOTS] * market[:, c.MARK]
        - account[:, c.START]
    )  # fmt: skip


def closing(listing: Listing, account: Ints) -> NDArray[Any]:
    """What it would cost to trade the inventory away, in currency."""
    cost: NDArray[Any] = np.abs(account[:, c.LOTS]) * listing.close_cost * listing.market.tick
    return cost


def figures_of(listing: Listing, duration: int, market: Ints, account: Ints) -> Figures:
    """Of one account: the arithmetic of `lobsim.summary`, and in its order."""
    tick = listing.market.tick
    milli = tick / 1000
    gain = gain_of(market, account)
    profit = gain * milli
    least = account.view(np.float64)[:, c.LEAST]
    quoting = account[:, c.QUOTING]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(quoting > 0, account[:, c.WIDTH] * tick / quoting, np.nan)
    columns = {
        "profit": profit,
        "profit_closed": profit - closing(listing, account),
        "spread_earned": account[:, c.SPREAD] * milli,
        # Profit is spread and luck less fees, exactly (I17).
        "luck": (gain - account[:, c.SPREAD] + account[:, c.FEES]) * milli,
        "fees": account[:, c.FEES] * milli,
        "fills": account[:, c.FILLS],
        "inventory": account[:, c.LOTS],
        "lowest": account[:, c.LOW],
        "highest": account[:, c.HIGH],
        "drawdown": account[:, c.DRAWDOWN] * milli,
        "spread": spread,
        "uptime": quoting / duration,
        "best_share": account[:, c.AT_BEST] / (2 * duration),
        "halts": account[:, c.HALTS],
        "refused": account[:, c.REFUSED],
        "maker_trades": market[:, c.MAKER_TRADES],
        "quotes": account[:, c.QUOTED],
        "saturated": account[:, c.SATURATED],
        "least_depth": np.where(np.isfinite(least), least * tick, np.nan),
    }
    # Copies: a view would keep all rows of the batch in memory.
    return {name: np.array(columns[name]) for name in NUMBERS}
