"""What changed the book of one asset, and how few of these rows still tell what it was.

A change says what an order is from then on: its price and open lots (0: it is gone), and whether
it went to the end of its level's queue.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lobsim.report.paths import CARRIED_OUT

if TYPE_CHECKING:
    import pandas as pd

Whole = NDArray[np.int64]


def changes(orders: "pd.DataFrame", fills: "pd.DataFrame") -> "pd.DataFrame":
    """seq, ts_event, order_id, strategy, side, price_ticks, open, placed and `fill`, its number.

    One row per command that was carried out and concerns an order that rests at some time, and
    one per fill of such an order as maker (0 in `fill` of the others).  By order, then in time.
    What is left of an order that trades comes after its trades.
    """
    import pandas as pd

    done = orders[orders["outcome"].isin(CARRIED_OUT)]
    done = done[done["order_id"].isin(done.loc[done["open"] > 0, "order_id"].unique())]
    done = done.assign(seq=after_trades(done, fills))
    made = fills[(fills["liquidity"] == "maker") & fills["order_id"].isin(done["order_id"])]
    columns = ["seq", "ts_event", "order_id", "strategy", "side", "price_ticks"]
    found = pd.concat(
        [done[[*columns, "open"]].assign(fill=0), made[[*columns, "fill", "size"]]],
        ignore_index=True,
    )
    found = found.sort_values(["order_id", "seq"], kind="stable", ignore_index=True)
    # A fill leaves what the last command left, less all fills since.
    command = found["fill"].eq(0)
    since = command.cumsum()
    taken = found["size"].where(~command, 0).fillna(0).groupby(since).cumsum()
    found["open"] = (found["open"].where(command).groupby(since).transform("first") - taken).astype(
        "int64"
    )
    gone = found["open"].eq(0)
    price = found["price_ticks"].where(~gone).groupby(found["order_id"]).ffill()  # a cancel has 0
    found["price_ticks"] = price.fillna(found["price_ticks"]).astype("int64")
    before = found[["price_ticks", "open"]].groupby(found["order_id"]).shift()
    stays = (before["price_ticks"] == found["price_ticks"]) & (found["open"] <= before["open"])
    found["placed"] = command & ~gone & ~stays
    return found.drop(columns="size")


def after_trades(orders: "pd.DataFrame", fills: "pd.DataFrame") -> "pd.Series[float]":
    """Where each command belongs among the rows of the tape: half a row after its last trade."""
    import pandas as pd

    own = fills.loc[fills["liquidity"] == "taker", ["seq", "order_id"]].sort_values("seq")
    commands = orders[["seq", "order_id"]].rename(columns={"seq": "of"}).sort_values("of")
    traded = pd.merge_asof(own, commands, left_on="seq", right_on="of", by="order_id")
    last = traded.groupby("of")["seq"].max() + 0.5
    return orders["seq"].map(last).fillna(orders["seq"]).astype(float)


def needed(found: "pd.DataFrame", interval: Whole) -> NDArray[np.bool_]:
    """Which of the `changes` tell what the book is at the end of each of the intervals.

    `interval` numbers the one that each row is in.  Of every order: its last change in the
    interval, and the last that gave it its place; none if it came and went within it.
    """
    import pandas as pd

    order = found["order_id"].to_numpy()
    placed = found["placed"].to_numpy()
    first = np.ones(len(found), bool)
    first[1:] = order[1:] != order[:-1]
    begins = first.copy()
    begins[1:] |= interval[1:] != interval[:-1]
    group = begins.cumsum()
    last = np.ones(len(found), bool)
    last[:-1] = group[1:] != group[:-1]
    later = pd.Series(placed[::-1]).groupby(group[::-1]).cumsum().to_numpy()[::-1]
    gives_place = placed & (later == 1)
    open_last = pd.Series(found["open"].to_numpy()).groupby(group).transform("last").to_numpy()
    born = pd.Series(first).groupby(group).transform("any").to_numpy()
    kept: NDArray[np.bool_] = (last & ~(born & (open_last == 0))) | (gives_place & (open_last > 0))
    return kept
