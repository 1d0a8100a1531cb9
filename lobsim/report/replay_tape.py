"""The tables of a run, asset by asset, up to a time, as a replay needs them."""

from typing import TYPE_CHECKING

from lobsim.report.assets import assets_of, endowment, traded_by
from lobsim.report.frames import Run
from lobsim.report.one_fill import state_of
from lobsim.report.replay_rows import Tables

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

COLUMNS = {
    "orders": [
        "seq", "ts_event", "order_id", "strategy", "kind", "side", "price_ticks", "size", "filled",
        "open", "outcome",
    ],
    "fills": [
        "fill", "seq", "ts_event", "order_id", "strategy", "side", "liquidity", "price_ticks",
        "size", "mid", "inventory", "queue_ahead", "order_age_ns",
    ],
    "mids": ["seq", "ts_event", "kind", "mid"],
    "risk": ["seq", "ts_event", "strategy", "state", "cause", "figure", "limit"],
    "notes": ["seq", "ts_event", "strategy", "note"],
}  # fmt: skip
TYPES = {"figure": "float64", "limit": "float64", "mid": "float64"} | dict.fromkeys(
    ("strategy", "kind", "side", "liquidity", "outcome", "state", "cause", "note"), "object"
)


class Tape:
    """`told` is what is to be known of it."""

    def __init__(self, run: Run, end: int) -> None:
        self._run, self._end = run, end
        self.accounts = ["outside", *run.manifest["strategies"]]
        self.told: list[str] = []
        self._last = self._whole_until()

    def _whole_until(self) -> int | None:
        """Of a run that was killed, the last row before which no table lacks any."""
        manifest = self._run.manifest
        if manifest["scenario"]["record"] != "all":
            self.told.append(
                'The run has record = "fills": no orders and no mids are on its tape, so there is '
                "no book to show."
            )
        if "rows" in manifest:
            return None
        kept = (
            ("orders", "fills", "mids") if manifest["scenario"]["record"] == "all" else ("fills",)
        )
        ends = [self._read(table, ["seq"], None)["seq"].max() for table in kept]
        last = 0 if any(end != end for end in ends) else int(min(ends))
        self.told.append(
            f"The run was killed: its tables end at different places, and only the first {last:,} "
            "rows of its tape, where none lacks any, are shown."
        )
        return last

    def of(self, asset: str) -> Tables:
        import pandas as pd

        orders, fills, mids, risk, notes = (self._table(name, asset) for name in COLUMNS)
        risk = risk.assign(risk=[state_of(row) for row in risk.to_dict("records")], note=None)
        trading = [n for n in self.accounts[1:] if asset in traded_by(self._run.manifest, n)]
        notes = notes[notes["strategy"].isin(trading)].assign(risk=None)
        shared = ["seq", "ts_event", "strategy", "risk", "note"]
        texts = [each[shared].astype(object) for each in (risk, notes) if len(each)]
        told = pd.concat(texts) if texts else pd.DataFrame(columns=shared)
        told = told.astype({"seq": "int64", "ts_event": "int64"}).sort_values("seq")
        tick = assets_of(self._run.manifest)[asset]["tick"]
        return Tables(orders, fills, mids, told, tick, self.accounts)

    def held(self, asset: str, start: int) -> list[int]:
        """The lots of each account before the first event from `start` on; 0 of the outside."""
        fills = self._table("fills", asset)
        before = fills[fills["ts_event"] < start].groupby("strategy", observed=True)["inventory"]
        last = before.last().to_dict()
        manifest = self._run.manifest
        first = {n: endowment(manifest, n, asset)[0] for n in self.accounts[1:]}
        return [0, *(int(last.get(name, lots)) for name, lots in first.items())]

    def commands_behind(self, fills: "NDArray[np.int64]") -> "NDArray[np.float64]":
        """How many commands the order of each of these fills has had in all."""
        orders = self._read("fills", ["fill", "order_id"], None).set_index("fill")["order_id"]
        count = self._read("orders", ["order_id"], None)["order_id"].value_counts()
        found: NDArray[np.float64] = orders.reindex(fills).map(count).fillna(0).to_numpy(float)
        return found

    def _table(self, name: str, asset: str) -> "pd.DataFrame":
        frame = self._read(name, COLUMNS[name], None if name == "notes" else asset)
        return frame if self._last is None else frame[frame["seq"] <= self._last]

    def _read(self, name: str, columns: list[str], asset: str | None) -> "pd.DataFrame":
        import pandas as pd
        import pyarrow.dataset as ds

        found = self._run.dataset(name)
        if found is None:
            return pd.DataFrame({c: pd.Series(dtype=TYPES.get(c, "int64")) for c in columns})
        its = ds.field("ts_event") <= self._end
        its = its if asset is None else its & (ds.field("asset") == asset)
        frame: pd.DataFrame = found.to_table(columns, filter=its).to_pandas()
        return frame
