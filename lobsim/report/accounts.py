"""What each account did, as the tape has it, in whole lots and 1/1000 (tick x lot)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lobsim.report.assets import assets_of, endowment
from lobsim.report.frames import Run
from lobsim.report.moments import Ints
from lobsim.report.moves import marks_of

if TYPE_CHECKING:
    import pandas as pd

FILL_COLUMNS = [
    "fill", "seq", "ts_event", "strategy", "asset", "side", "liquidity", "price_ticks", "size",
    "fee", "mid", "inventory", "cash", "counterparty",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Account:
    """One strategy in one asset: what it had at the start, and its fills (fills,) as integers.

    Lots are `lots` and `bought`, money is 1/1000 (tick x lot): `cash` at the start and `cash_then`
    after each fill are before `fee`.
    """

    lots: int
    cash: int
    bought: Ints
    paid: Ints  # for them, below 0 for a sale
    spread: Ints
    fee: Ints
    closes: "np.ndarray"
    cash_then: Ints
    lots_then: Ints
    fills: "pd.DataFrame"

    def values(self, name: str) -> Ints:
        found: Ints = self.fills[name].to_numpy(np.int64)
        return found


def known_rows(run: Run) -> "tuple[pd.DataFrame, pd.DataFrame | None]":
    """The rows of fills and mids, None where the run kept no mids.

    Tables of a run that was killed end at different rows: then as far as both of them go.
    """
    fills = run.frame("fills", FILL_COLUMNS)
    if run.dataset("mids") is None:
        return fills, None
    mids = run.frame("mids", ["seq", "ts_event", "asset", "kind", "mid"])
    if "rows" not in run.manifest:
        last = min(frame["seq"].max() if len(frame) else 0 for frame in (fills, mids))
        fills, mids = fills[fills["seq"] <= last], mids[mids["seq"] <= last]
    return fills, mids


def why_no_mids(run: Run) -> str:
    if run.manifest["scenario"]["record"] == "fills":
        return 'the run kept no mids (record = "fills")'
    return "the run was killed before the first of its mids were kept"


def account_of(run: Run, fills: "pd.DataFrame", strategy: str, asset: str) -> Account:
    tick = assets_of(run.manifest)[asset]["tick"]
    own = fills[(fills["strategy"] == strategy) & (fills["asset"] == asset)]
    lots, cash = endowment(run.manifest, strategy, asset)
    bought = np.where(own["side"] == "buy", 1, -1) * own["size"].to_numpy(np.int64)
    price = 1000 * own["price_ticks"].to_numpy(np.int64)
    return Account(
        lots=lots,
        cash=1000 * round(cash / tick),
        bought=bought,
        paid=bought * price,
        spread=bought * (marks_of(own["mid"].to_numpy(np.float64) / tick) - price),
        fee=np.rint(own["fee"].to_numpy(np.float64) / tick * 1000).astype(np.int64),
        closes=(own["liquidity"] == "close").to_numpy(),
        cash_then=1000 * np.rint(own["cash"].to_numpy(np.float64) / tick).astype(np.int64),
        lots_then=own["inventory"].to_numpy(np.int64),
        fills=own,
    )
