"""What a replay shows of one asset: the rows of its tape, each kind with its own columns.

A tape with more rows than a page can hold is thinned: of every short interval the page has what
still tells the book and the mid at its end.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lobsim.errors import escaped
from lobsim.report.paths import CARRIED_OUT
from lobsim.report.replay_book import Whole, changes, needed
from lobsim.report.story import words

if TYPE_CHECKING:
    import pandas as pd

BOOK, FILL, MID, CAME, REFUSED, TEXT = range(6)  # as lobsim/report/web/tape.js numbers them
TIMES = ("seq", "ts_event")
LONGEST_LINE = 400  # characters of a note
LARGEST_MILLI = 4e12  # ticks: mids up to here are told in thousandths of a tick


@dataclass
class Tables:
    """Those of one asset.  `texts` has risk and notes: seq, ts_event, strategy, risk, note."""

    orders: "pd.DataFrame"
    fills: "pd.DataFrame"
    mids: "pd.DataFrame"
    texts: "pd.DataFrame"
    tick: float
    accounts: list[str]  # "outside", then the strategies


@dataclass
class Shown:
    """Columns by name, what stands in the texts, and what was left out."""

    columns: dict[str, Whole]
    texts: list[str]
    milli: int  # parts of a tick that mids are told in
    events: int  # rows of the tape in this span of time
    opening: int  # rows that open the book: what there is before the first event
    instants: int = 0  # at which the book is as it was; 0: at all
    each: int = 1  # one of so many fills is shown
    kinds: dict[int, "pd.DataFrame"] = field(default_factory=dict)


def shown(tables: Tables, start: int, end: int, most: int) -> Shown:
    """At most about `most` rows from `start` to `end`, in ns, after those that open the book."""
    import pandas as pd

    inside = {
        name: frame["ts_event"].between(start, end)
        for name in ("orders", "mids", "texts")
        for frame in [getattr(tables, name)]
    }
    book = changes(tables.orders, tables.fills)
    book = book[book["ts_event"] <= end].reset_index(drop=True)
    trades = trades_of(tables)
    trades = trades[trades["ts_event"].between(start, end)]
    mids = tables.mids[tables.mids["ts_event"] <= end]
    events = len(trades) + sum(int(rows.sum()) for rows in inside.values())
    came, refused = arrivals(tables.orders[inside["orders"]], book)
    kinds = {FILL: trades, CAME: came, REFUSED: refused, TEXT: tables.texts[inside["texts"]]}
    opened = np.where(book["ts_event"] < start, -1, np.arange(len(book)))
    kinds[BOOK] = kept_book(book, opened, trades)
    kinds[MID] = kept_mids(mids, np.where(mids["ts_event"] < start, -1, np.arange(len(mids))))
    found = Shown({}, [], 1, events, 0)
    if sum(map(len, kinds.values())) > most:
        found.each = step_of(trades, most // 4)
        kinds |= {FILL: trades.iloc[:: found.each], CAME: came[:0], REFUSED: refused[:0]}
        kinds[TEXT] = kinds[TEXT].iloc[:: step_of(kinds[TEXT], most // 10)]
        found.instants = most
        while sum(map(len, kinds.values())) > most and found.instants > 1:
            found.instants //= 2
            wide = max((end - start) / found.instants, 1)
            kinds[BOOK] = kept_book(book, intervals(book, start, wide), kinds[FILL])
            kinds[MID] = kept_mids(mids, intervals(mids, start, wide))
    for kind in (BOOK, MID):  # what was there before the start opens the page
        found.opening += int((kinds[kind]["ts_event"] < start).sum())
        kinds[kind] = kinds[kind].assign(ts_event=kinds[kind]["ts_event"].clip(lower=start))
    prices = pd.concat([mids["mid"], trades["mid"]]) / tables.tick
    found.milli = 1000 if prices.abs().max() < LARGEST_MILLI or prices.empty else 1
    found.kinds = kinds
    return encoded(found, tables)


def step_of(rows: "pd.DataFrame", most: int) -> int:
    """One of how many can be shown."""
    return max(-(-len(rows) // most), 1)


def intervals(rows: "pd.DataFrame", start: int, wide: float) -> Whole:
    """The number of the interval that each is in; all before the start are in one."""
    place = np.floor((rows["ts_event"].to_numpy() - start) / wide)
    return whole(np.maximum(place, -1))


def kept_book(book: "pd.DataFrame", interval: Whole, trades: "pd.DataFrame") -> "pd.DataFrame":
    """Changes by commands, and by fills that are not shown themselves."""
    rows = book[needed(book, interval)]
    return rows[~rows["fill"].isin(trades["fill"])]


def kept_mids(mids: "pd.DataFrame", interval: Whole) -> "pd.DataFrame":
    """The last of each interval."""
    last = np.ones(len(mids), bool)
    last[:-1] = interval[1:] != interval[:-1]
    return mids[last]


def trades_of(tables: Tables) -> "pd.DataFrame":
    """A row a trade: the maker's, with what the taker's adds."""
    fills = tables.fills.sort_values("fill", kind="stable")
    maker, taker = fills.iloc[0::2], fills.iloc[1::2]
    return maker.assign(
        taker=taker["strategy"].to_numpy(), taker_inventory=taker["inventory"].to_numpy()
    )


def arrivals(orders: "pd.DataFrame", book: "pd.DataFrame") -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Orders that never rested, and commands that were refused."""
    done = orders["outcome"].isin(CARRIED_OUT)
    return orders[done & ~orders["order_id"].isin(book["order_id"])], orders[~done]


def encoded(found: Shown, tables: Tables) -> Shown:
    """Whole numbers for all that the page is to know, in the order of the tape."""
    import pandas as pd

    kinds = found.kinds
    every = pd.concat(
        [kinds[kind][list(TIMES)].assign(kind=kind) for kind in range(6)], ignore_index=True
    ).sort_values("seq", kind="stable")
    book, trades = kinds[BOOK].sort_values("seq"), kinds[FILL].sort_values("seq")
    came, refused = kinds[CAME], kinds[REFUSED]
    ids, first = np.unique(book["order_id"].to_numpy(np.int64), return_index=True)
    names = {name: i for i, name in enumerate(tables.accounts)}

    def who(rows: "pd.DataFrame", column: str = "strategy") -> Whole:
        return whole(rows[column].astype(object).map(names))

    def mids(rows: "pd.DataFrame") -> Whole:
        return whole(np.rint(rows["mid"].to_numpy(float) / tables.tick * found.milli))

    maker = trades["order_id"].to_numpy(np.int64)
    place = np.searchsorted(ids, maker)
    known = np.isin(maker, ids)
    columns: dict[str, Any] = {
        "kind": every["kind"], "time": every["ts_event"],
        "order.id": ids, "order.who": who(book)[first], "order.side": side(book)[first],
        "book.order": np.searchsorted(ids, book["order_id"]), "book.price": book["price_ticks"],
        "book.open": book["open"], "book.placed": book["placed"],
        "fill.number": trades["fill"], "fill.order": np.where(known, place, -1),
        "fill.maker": who(trades), "fill.taker": who(trades, "taker"),
        "fill.side": -side(trades), "fill.price": trades["price_ticks"],
        "fill.size": trades["size"], "fill.mid": mids(trades), "fill.held": trades["inventory"],
        "fill.taker_held": trades["taker_inventory"], "fill.ahead": trades["queue_ahead"],
        "fill.age": trades["order_age_ns"],
        "mid.mid": mids(kinds[MID]), "mid.code": codes(kinds[MID]["kind"], found.texts),
        "came.who": who(came), "came.side": side(came), "came.price": came["price_ticks"],
        "came.size": came["size"], "came.filled": came["filled"],
        "came.code": codes(came["kind"], found.texts),
        "refused.who": who(refused), "refused.code": codes(refused["kind"], found.texts),
        "refused.why": codes(refused["outcome"], found.texts),
        "text.code": codes(lines(kinds[TEXT]), found.texts),
    }  # fmt: skip
    found.columns = {name: whole(values) for name, values in columns.items()}
    return found


def lines(rows: "pd.DataFrame") -> "pd.Series[Any]":
    """Risk states and notes in words."""
    import pandas as pd

    told = [
        f"{row['strategy']} notes: {words(row['note'])}"
        if isinstance(row["note"], str)
        else f"{row['strategy']} is {row['risk']}"
        for row in rows.to_dict("records")
    ]
    return pd.Series([escaped(line)[:LONGEST_LINE] for line in told], dtype=object)


def side(rows: "pd.DataFrame") -> Whole:
    """1 buys, -1 sells, 0 is for neither."""
    return whole(rows["side"].astype(object).map({"buy": 1, "sell": -1}).fillna(0))


def codes(values: "pd.Series[Any]", texts: list[str]) -> Whole:
    """Places in the texts, which grow by those that are new."""
    import pandas as pd

    found, names = pd.factorize(values.astype(object))
    texts += (more := [str(word) for word in names])
    return whole(found) + len(texts) - len(more)


def whole(values: Any) -> Whole:
    made: Whole = np.asarray(values).astype(np.int64)
    return made
