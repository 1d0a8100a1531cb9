"""Paths over time that the tape implies and does not hold: own quotes, and marked equity."""

from typing import TYPE_CHECKING, Any

from lobsim.report.assets import assets_of, endowment, traded_by

if TYPE_CHECKING:
    import pandas as pd

# Outcomes after which an order is what its row says: `open` lots at `price`.  All others are
# refusals, which leave it as it was.
CARRIED_OUT = (
    "rested", "replaced", "filled", "requested", "ioc_rest", "no_liquidity", "self_trade",
)  # fmt: skip
Quote = tuple[float | None, int]  # price in currency, None while there is none, and lots
Resting = dict[int, tuple[float, int]]  # open orders of one side: price and lots, by id
NO_QUOTE: Quote = (None, 0)


def own_quotes(orders: "pd.DataFrame", fills: "pd.DataFrame") -> "pd.DataFrame":
    """The best own bid and ask of each strategy, a row whenever one of them changes.

    `bid_size` and `ask_size` are all its own lots at that price; a price is NaN and its size 0
    while there is no quote.  One pass over the rows, 3 us each.
    """
    import pandas as pd

    resting: dict[tuple[tuple[str, str], str], Resting] = {}
    quotes: dict[tuple[str, str], dict[str, Quote]] = {}
    rows = []
    for ts_event, seq, strategy, asset, side, order_id, price, size in changes(orders, fills):
        account = strategy, asset
        book = resting.setdefault((account, side), {})
        if size < 0:  # a fill
            price, left = book[order_id]
            size += left
        if size:
            book[order_id] = (price, size)
        else:
            book.pop(order_id, None)
        quote = best(book, side)
        own = quotes.setdefault(account, {"buy": NO_QUOTE, "sell": NO_QUOTE})
        if quote != own[side]:
            own[side] = quote
            rows.append((ts_event, seq, *account, *own["buy"], *own["sell"]))
    columns = ["ts_event", "seq", "strategy", "asset", "bid", "bid_size", "ask", "ask_size"]
    frame = pd.DataFrame(rows, columns=columns)
    whole = {"ts_event": "int64", "seq": "int64", "bid_size": "int64", "ask_size": "int64"}
    return frame.astype(
        {**whole, "strategy": "category", "asset": "category", "bid": "float64", "ask": "float64"}
    )


def changes(orders: "pd.DataFrame", fills: "pd.DataFrame") -> list[tuple[Any, ...]]:
    """What changed a strategy's resting orders, in the order of the tape.

    (ts_event, seq, strategy, asset, side, order_id, price, size): `size` is what is open then, or,
    where negative, what a fill took away.
    """
    columns = ["ts_event", "seq", "strategy", "asset", "side", "order_id", "price"]
    placed = orders[(orders["strategy"] != "outside") & orders["outcome"].isin(CARRIED_OUT)]
    traded = fills[(fills["liquidity"] == "maker") & fills["order_id"].isin(placed["order_id"])]
    told = [
        *placed[[*columns, "open"]].itertuples(index=False, name=None),
        *traded[columns].assign(size=-traded["size"]).itertuples(index=False, name=None),
    ]
    told.sort(key=lambda row: row[1])
    return told


def best(book: Resting, side: str) -> Quote:
    if not book:
        return NO_QUOTE
    if len(book) == 1:
        return next(iter(book.values()))
    price = (max if side == "buy" else min)(price for price, _ in book.values())
    return price, sum(size for each, size in book.values() if each == price)


def marked_equity(
    manifest: dict[str, Any], fills: "pd.DataFrame", mids: "pd.DataFrame"
) -> "pd.DataFrame":
    """Every account at its start, after each move of its asset's mid and after each own fill."""
    import pandas as pd

    assets = assets_of(manifest)
    paths = []
    for strategy in manifest["strategies"]:
        for name in traded_by(manifest, strategy):
            own = fills[(fills["strategy"] == strategy) & (fills["asset"] == name)]
            start = endowment(manifest, strategy, name)
            path = path_of(start, assets[name], own, mids[mids["asset"] == name])
            paths.append(path.assign(strategy=strategy, asset=name))
    frame = pd.concat(paths).sort_values("seq", kind="stable", ignore_index=True)
    columns = ["ts_event", "seq", "strategy", "asset"]
    columns += [name for name in frame.columns if name not in columns]
    return frame[columns].astype({"strategy": "category", "asset": "category"})


def path_of(
    start: tuple[int, float],
    asset: dict[str, Any],
    fills: "pd.DataFrame",
    mids: "pd.DataFrame",
) -> "pd.DataFrame":
    """`marked_equity` of one account, from its inventory and cash at the start.

    Summed in whole 1/1000 (tick x lot), as the ledger does, so that it ends where the summary does.
    """
    import numpy as np
    import pandas as pd

    tick = asset["tick"]
    fees = np.rint(fills["fee"].to_numpy(np.float64) / tick * 1000).astype(np.int64).cumsum()
    # Where an account trades with itself, both rows tell what it has after the trade.
    last = (~fills.duplicated("seq", keep="last")).to_numpy()
    own = fills[last]
    seq = np.concatenate([[0], mids["seq"], own["seq"]]).astype(np.int64)
    order = seq.argsort(kind="stable")
    seq = seq[order]
    ts_event = np.concatenate([[0], mids["ts_event"], own["ts_event"]]).astype(np.int64)[order]
    mid = np.concatenate([[asset["mid"]], mids["mid"], own["mid"]]).astype(np.float64)[order]
    known = np.searchsorted(own["seq"].to_numpy(np.int64), seq, side="right")  # own fills so far
    inventory = np.concatenate([[start[0]], own["inventory"]]).astype(np.int64)[known]
    money = np.concatenate([[start[1]], own["cash"]]).astype(np.float64)
    cash = np.rint(money / tick).astype(np.int64)[known]
    paid = np.concatenate([[0], fees[last]]).astype(np.int64)[known]
    mark = np.floor(1000.0 * (mid / tick) + 0.5).astype(np.int64)
    equity = 1000 * cash - paid + inventory * mark
    milli = tick / 1000
    return pd.DataFrame(
        {
            "ts_event": ts_event,
            "seq": seq,
            "mid": mid,
            "inventory": inventory,
            "cash": cash * tick,
            "fees": paid * milli,
            "equity": equity * milli,
            "drawdown": (np.maximum.accumulate(equity) - equity) * milli,
        }
    )
