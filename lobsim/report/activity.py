"""How an account traded, from its rows of the tape: what came of its orders, and when it could."""

import math
from typing import TYPE_CHECKING

import numpy as np

from lobsim.report.measures import share_of_time
from lobsim.report.paths import CARRIED_OUT

if TYPE_CHECKING:
    import pandas as pd

PLACING = ("limit", "ioc", "fok", "post_only", "market")
STOPPED = ("halted", "cooling")


def fill_ratio(orders: "pd.DataFrame", fills: "pd.DataFrame") -> float:
    """The part of the orders placed that traded at all; NaN of none.

    An order is one id, however often it was replaced; refused ones were not placed.
    """
    placed = orders["outcome"].isin(CARRIED_OUT) & orders["kind"].isin(PLACING)
    ids = orders["order_id"][placed]
    return float(ids.isin(fills["order_id"]).mean()) if len(ids) else math.nan


def lot_ratio(orders: "pd.DataFrame", fills: "pd.DataFrame") -> float:
    """The part of the lots placed that traded; NaN of none.

    A replace places the lots by which it makes an order larger than what was left of it.
    """
    import pandas as pd

    kinds = orders["kind"].isin((*PLACING, "replace"))
    placed = orders[kinds & orders["outcome"].isin(CARRIED_OUT)]
    ordered = fills[fills["order_id"].isin(placed["order_id"])]
    made = ordered[ordered["liquidity"] == "maker"]
    market = placed["kind"].isin(("market", "ioc", "fok"))
    left = placed["open"] + np.where(market, placed["size"], placed["filled"])
    rows = pd.concat(
        [
            placed[["order_id", "seq", "open"]].assign(left=left, taken=0),
            made[["order_id", "seq"]].assign(taken=made["size"].astype("int64")),
        ]
    ).sort_values(["order_id", "seq"], kind="stable")
    rows["taken"] = rows.groupby("order_id")["taken"].cumsum()
    own = rows[rows["left"].notna()]
    before = own.groupby("order_id")[["open", "taken"]].shift(fill_value=0)
    open_then = before["open"] - (own["taken"] - before["taken"])
    lots = (own["left"] - open_then).clip(lower=0).sum()
    return float(ordered["size"].sum() / lots) if lots else math.nan


def turnover(fills: "pd.DataFrame") -> float:
    """What was bought and what was sold, both above 0, currency."""
    return float((fills["price"] * fills["size"]).sum())


def mean_queue_ahead(fills: "pd.DataFrame") -> float:
    """Lots that were ahead of an order when it got its place, mean over its fills as maker.

    Orders that never traded are not seen, which had more ahead; NaN of no fills.
    """
    return float(fills["queue_ahead"][fills["liquidity"] == "maker"].mean())


def halted_time(risk: "pd.DataFrame", end_s: float) -> float:
    """The part of the run in which the account was halted or cooling down."""
    stopped = np.concatenate([[False], risk["state"].isin(STOPPED)])
    return share_of_time(stopped, np.concatenate([[0.0], risk["ts_event"] / 1e9]), end_s)


def time_at_limit(fills: "pd.DataFrame", lots: int, limit: int | None, end_s: float) -> float:
    """The part of the run in which the inventory, `lots` at the start, was at its limit or past
    it, long or short; NaN without one.
    """
    if limit is None:
        return math.nan
    held = np.abs(np.concatenate([[lots], fills["inventory"]]))
    return share_of_time(held >= limit, np.concatenate([[0.0], fills["ts_event"] / 1e9]), end_s)
