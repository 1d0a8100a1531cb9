"""Profit that adds up: what the fills earned, what then moved the inventory held, what was paid.

    profit = spread + diffusion + drift + jumps + informed + fees + closing

exactly, in whole 1/1000 (tick x lot): `residual` is what is left of that, from the account's own
cash and inventory on the tape, and is 0.  `spread` is side x size x (mid - price) of the fills, as
maker and as taker; `closing` the same of trades with the outside that flatten or close an account;
`fees` are below 0 where they were paid and above where rebates came in; the others are the moves
of the mid times the inventory held, by their causes (lobsim/report/moves.py).

The same moves belong to fills, too: a fill of `bought` lots holds them from then on, so its part
of a cause is bought x (what that cause moved the mark from the fill to the end), and the sum over
all fills, and over the inventory held at the start, is the sum over the moves.  That is how sides,
counterparties and single fills get theirs: each is charged for holding until the end what others
may have sold again; no other split of what is held together needs fewer conventions.
Source: Cartea, Jaimungal and Penalva, "Algorithmic and High-Frequency Trading", 2015, section 10.2
(wealth as cash and inventory at the mid; its increments).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lobsim.errors import UsageError
from lobsim.report.accounts import Account, account_of, known_rows, why_no_mids
from lobsim.report.assets import assets_of, traded_by
from lobsim.report.frames import Run
from lobsim.report.moments import Ints
from lobsim.report.moves import CAUSES, Moves, moves_of

if TYPE_CHECKING:
    import pandas as pd

GROUPS = ("side", "time", "counterparty", "fill")
COLUMNS = ("spread", *CAUSES, "fees", "closing", "profit", "residual")
WITHOUT_MIDS = ("spread", "moves", "fees", "closing", "profit", "residual")
START = "at the start"  # in place of a side or a counterparty, of the inventory held then
Parts = dict[str, Ints]  # of COLUMNS: (rows,) in 1/1000 (tick x lot)


def attribution_of(run: Run, by: str | None = None, bins: int = 20) -> "pd.DataFrame":
    """`Run.attribution`.  Raises UsageError."""
    import pandas as pd

    if by is not None and by not in GROUPS:
        raise UsageError(f"by = '{by}': must be one of {', '.join(GROUPS)}")
    if type(bins) is not int or bins < 1:
        raise UsageError(f"bins = {bins}: must be a whole number from 1 on")
    fills, mids = known_rows(run)
    if mids is None:
        return without_mids(run, fills, by)
    frames = []
    for asset in assets_of(run.manifest):
        moves = moves_of(run, mids, asset)
        for strategy in run.manifest["strategies"]:
            if asset not in traded_by(run.manifest, strategy):
                continue
            account = account_of(run, fills, strategy, asset)
            if by is None:
                keys, parts = {}, by_time(account, moves, np.zeros(0, np.int64))
            elif by == "time":
                edges = edges_of(run, bins)
                keys = {"from_s": edges[:-1] / 1e9, "to_s": edges[1:] / 1e9}
                parts = by_time(account, moves, edges[1:-1])
            else:
                keys, parts = grouped(account, by_fill(account, moves), by)
            frames.append(told(run, strategy, asset, keys, parts))
    frame = pd.concat(frames, ignore_index=True)
    order = {name: i for i, name in enumerate(run.manifest["strategies"])}
    return frame.sort_values(
        "strategy", key=lambda names: names.map(order), kind="stable", ignore_index=True
    )


def edges_of(run: Run, bins: int) -> Ints:
    """(bins + 1,) ns: as long as each other, to the nearest ns."""
    end = round(run.manifest["scenario"]["duration_s"] * 1e9)
    return np.rint(np.linspace(0, end, bins + 1)).astype(np.int64)


def by_time(account: Account, moves: Moves, edges: Ints) -> Parts:
    """In the time before the first of the edges (ns), between them, and from the last on.

    From the moves and the inventory that each of them met; the profit is the change in equity, by
    the cash and the inventory that the tape says the account had.
    """
    seq, ts_event = account.values("seq"), account.values("ts_event")
    held = np.concatenate([[account.lots], account.lots + np.cumsum(account.bought)])
    met = held[np.searchsorted(seq, moves.seq)]
    at_moves = np.concatenate([np.searchsorted(moves.ts_event, edges), [len(moves.seq)]])
    at_fills = np.concatenate([np.searchsorted(ts_event, edges), [len(seq)]])
    parts = {
        cause: between(met * np.diff(way, prepend=0), at_moves)
        for cause, way in zip(CAUSES, moves.parts, strict=True)
    }
    parts["spread"] = between(np.where(account.closes, 0, account.spread), at_fills)
    parts["closing"] = between(np.where(account.closes, account.spread, 0), at_fills)
    parts["fees"] = between(-account.fee, at_fills)
    cash = np.concatenate([[account.cash], account.cash_then])[at_fills]
    lots = np.concatenate([[account.lots], account.lots_then])[at_fills]
    paid = np.concatenate([[0], np.cumsum(account.fee)])[at_fills]
    equity = cash - paid + lots * moves.mark[np.maximum(at_moves, 1) - 1]
    start = account.cash + account.lots * moves.mark[0]
    return parts | {"profit": np.diff(equity, prepend=start)}


def between(amounts: Ints, ends: Ints) -> Ints:
    """The sums of what comes before each of these places, and since the last of them."""
    return np.diff(np.concatenate([[0], np.cumsum(amounts)])[ends], prepend=0)


def by_fill(account: Account, moves: Moves) -> Parts:
    """Of the inventory held at the start, then of each fill, until the end.

    The profit of a fill is the value at the end of what it bought, less what was paid for it.
    """
    at = np.concatenate([[0], moves.at(account.values("seq"))])
    bought = np.concatenate([[account.lots], account.bought])
    parts = {
        cause: bought * (way[-1] - way[at]) for cause, way in zip(CAUSES, moves.parts, strict=True)
    }
    spread, fee = (np.concatenate([[0], each]) for each in (account.spread, account.fee))
    closes = np.concatenate([[False], account.closes])
    paid = np.concatenate([[account.lots * moves.mark[0]], account.paid])
    return parts | {
        "spread": np.where(closes, 0, spread),
        "closing": np.where(closes, spread, 0),
        "fees": -fee,
        "profit": bought * moves.mark[-1] - paid - fee,
    }


def grouped(account: Account, parts: Parts, by: str) -> tuple[dict[str, Any], Parts]:
    """Sums over fills that have the same value of `by`; the inventory at the start apart."""
    import pandas as pd

    start = 0 if by == "fill" else START
    keys = pd.Series([start, *account.fills[by].tolist()], dtype=object)
    frame = pd.DataFrame(parts)[[name for name in COLUMNS if name != "residual"]]
    if not account.lots:
        keys, frame = keys[1:], frame[1:]
    sums = frame.groupby(keys.tolist(), sort=by != "counterparty").sum()
    return {by: sums.index.tolist()}, {name: sums[name].to_numpy() for name in sums}


def told(
    run: Run, strategy: str, asset: str, keys: Mapping[str, Any], parts: Parts
) -> "pd.DataFrame":
    """In currency."""
    import pandas as pd

    summed = [name for name in parts if name != "profit"]
    parts["residual"] = parts["profit"] - sum(parts[name] for name in summed)
    milli = assets_of(run.manifest)[asset]["tick"] / 1000
    columns = COLUMNS if "diffusion" in parts else WITHOUT_MIDS
    rows = len(parts["profit"])
    names: dict[str, Any] = {"strategy": [strategy] * rows, "asset": [asset] * rows}
    return pd.DataFrame({**names, **keys, **{name: parts[name] * milli for name in columns}})


def without_mids(run: Run, fills: "pd.DataFrame", by: str | None) -> "pd.DataFrame":
    """Of a run with record = "fills": all moves in one column, which is what the rest leaves of
    the profit that run.json tells.
    """
    import pandas as pd

    if by is not None:
        raise UsageError(
            f"by = '{by}': {why_no_mids(run)}, so it cannot be told whose the moves of the mid were"
        )
    frames = []
    for row in run.manifest.get("summary", []):
        strategy = row["strategy"]
        profits = dict(row["by_asset"]) or {next(iter(assets_of(run.manifest))): row["profit"]}
        for asset, profit in profits.items():
            account = account_of(run, fills, strategy, asset)
            parts = {
                "spread": account.spread[~account.closes].sum(),
                "fees": -account.fee.sum(),
                "closing": account.spread[account.closes].sum(),
            }
            whole = round(profit / assets_of(run.manifest)[asset]["tick"] * 1000)
            parts |= {"moves": whole - sum(parts.values()), "profit": whole}
            arrays = {name: np.array([value]) for name, value in parts.items()}
            frames.append(told(run, strategy, asset, {}, arrays))
    if not frames:
        raise UsageError(f"no attribution: {why_no_mids(run)}, and it did not end")
    return pd.concat(frames, ignore_index=True)
