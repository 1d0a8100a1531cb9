"""From the rows that compiled markets end with to the figures of summaries, by column."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.batch import columns as c
from lobsim.setup import Setup
from lobsim.summaries import NUMBERS

Ints = NDArray[np.int64]


def columns_of(setup: Setup, market: Ints, account: Ints) -> dict[str, NDArray[Any]]:
    """The figures of a Summary, (replications,) each, from the rows of market and account: the
    arithmetic of `lobsim.summary`, and in its order.
    """
    tick, duration = setup.only.market.tick, setup.plan.duration
    milli = tick / 1000
    lots = account[:, c.LOTS]
    gain = (
        1000 * account[:, c.CASH] - account[:, c.FEES] + lots * market[:, c.MARK]
        - account[:, c.START]
    )  # fmt: skip
    profit = gain * milli
    least = account.view(np.float64)[:, c.LEAST]
    quoting = account[:, c.QUOTING]
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(quoting > 0, account[:, c.WIDTH] * tick / quoting, np.nan)
    columns = {
        "profit": profit,
        "profit_closed": profit - np.abs(lots) * setup.only.close_cost * tick,
        "spread_earned": account[:, c.SPREAD] * milli,
        # Profit is spread and luck less fees, exactly (I17).
        "luck": (gain - account[:, c.SPREAD] + account[:, c.FEES]) * milli,
        "fees": account[:, c.FEES] * milli,
        "fills": account[:, c.FILLS],
        "inventory": lots,
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
