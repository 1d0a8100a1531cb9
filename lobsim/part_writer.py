"""The tape's sink: packed rows become columns that say what they mean, in Parquet parts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lobsim.arrow import column, named, table, words
from lobsim.folder import write_bytes
from lobsim.rows import CAUSES, KINDS, MID_KINDS, OUTCOMES, STATES, Table
from lobsim.seal import part_name

SIDES = ("sell", "", "buy")


class PartWriter:
    """The tape's sink: turns packed rows into columns with names and currency, and writes them."""

    def __init__(
        self,
        folder: Path,
        strategies: Sequence[str],
        ticks: Mapping[str, float],
        keep: frozenset[str],
    ):
        """`ticks` are by the names of the assets.  Accounts are numbered asset by asset, and in
        each the outside comes first, then the strategies.
        """
        self._folder = folder
        self._assets = list(ticks)
        self._ticks = np.array(list(ticks.values()))
        self._accounts = ["outside", *strategies]
        self._keep = keep
        self.files: dict[str, dict[str, Any]] = {}  # the parts, by their paths in the folder
        self.written: dict[str, int] = dict.fromkeys(sorted(keep), 0)  # rows by table

    def write(self, name: str, rows: Any) -> None:
        if name not in self._keep:
            return
        made: pa.Table = getattr(self, f"_{name}")(rows)
        sink = pa.BufferOutputStream()
        pq.write_table(made, sink, compression="zstd")
        data = memoryview(sink.getvalue())
        number = sum(path.startswith(f"{name}/") for path in self.files)
        part = self._folder / name / part_name(number, data)
        write_bytes(part, data)
        self.files[f"{name}/{part.name}"] = {"rows": made.num_rows, "bytes": len(data)}
        self.written[name] += made.num_rows

    def close(self) -> None:
        """Write an empty part of each table that had no rows, so that it has its columns."""
        for name, rows in self.written.items():
            if not rows:
                self.write(name, [] if name == "notes" else np.empty(0, Table(name).dtype))

    def _who(self, accounts: Any) -> tuple[Any, Any]:
        """The numbers of asset and name of each account."""
        return np.divmod(np.asarray(accounts), len(self._accounts))

    def _orders(self, rows: Any) -> pa.Table:
        asset, owner = self._who(rows["account"])
        return table(
            {
                "seq": rows["seq"],
                "ts_event": rows["ts_event"],
                "order_id": rows["order_id"],
                "strategy": named(self._accounts, owner),
                "asset": named(self._assets, asset),
                "kind": named(KINDS, rows["kind"]),
                "side": named(SIDES, rows["side"] + 1),
                "price_ticks": rows["price_ticks"],
                "price": rows["price_ticks"] * self._ticks[asset],
                "size": rows["size"],
                "filled": rows["filled"],
                "open": rows["open"],
                "outcome": named(OUTCOMES, rows["outcome"]),
            }
        )

    def _fills(self, rows: Any) -> pa.Table:
        """Two rows a trade: the maker's, then the taker's."""
        taker_side = both(rows["taker_side"], rows["taker_side"])
        side = both(-rows["taker_side"], rows["taker_side"]).astype(np.int64)
        size = both(rows["size"], rows["size"])
        price = both(rows["price_ticks"], rows["price_ticks"])
        mid = both(rows["mid"], rows["mid"])
        mark = np.floor(1000.0 * mid + 0.5).astype(np.int64)
        liquidity = np.tile(np.array([0, 1], np.int8), len(rows))
        liquidity[both(rows["maker_id"] == 0, rows["maker_id"] == 0)] = 2
        (asset, maker), (_, taker) = self._who(rows["maker"]), self._who(rows["taker"])
        asset = np.repeat(asset, 2)
        nothing, tick = np.zeros_like(rows["queue_ahead"]), self._ticks[asset]
        milli = tick / 1000
        return table(
            {
                "fill": self.written["fills"] + 1 + np.arange(2 * len(rows)),
                "seq": np.repeat(rows["seq"], 2),
                "ts_event": both(rows["ts_event"], rows["ts_event"]),
                "order_id": both(rows["maker_id"], rows["taker_id"]),
                "strategy": named(self._accounts, both(maker, taker)),
                "asset": named(self._assets, asset),
                "side": named(SIDES, side + 1),
                "liquidity": named(("maker", "taker", "close"), liquidity),
                "taker_side": named(SIDES, taker_side + 1),
                "price_ticks": price,
                "price": price * tick,
                "size": size,
                "fee": both(rows["maker_fee"], rows["taker_fee"]) * milli,
                "mid": mid * tick,
                "spread_earned": side * size * (mark - 1000 * price) * milli,
                "queue_ahead": both(rows["queue_ahead"], nothing),
                "inventory": both(rows["maker_inventory"], rows["taker_inventory"]),
                "cash": both(rows["maker_cash"], rows["taker_cash"]) * tick,
                "order_age_ns": both(rows["order_age_ns"], nothing),
                "counterparty": named(self._accounts, both(taker, maker)),
            }
        )

    def _mids(self, rows: Any) -> pa.Table:
        return table(
            {
                "seq": rows["seq"],
                "ts_event": rows["ts_event"],
                "asset": named(self._assets, rows["asset"]),
                "kind": named(MID_KINDS, rows["kind"]),
                "mid": rows["mid"] * self._ticks[rows["asset"]],
            }
        )

    def _risk(self, rows: Any) -> pa.Table:
        """Figures are null where none led to the state: after a cool-down, or a plugin's error."""
        none = rows["limit"] == 0
        asset, owner = self._who(rows["account"])
        milli = self._ticks[asset] / 1000
        figure, limit = rows["figure"] * milli, rows["limit"] * milli
        return table(
            {
                "seq": rows["seq"],
                "ts_event": rows["ts_event"],
                "strategy": named(self._accounts, owner),
                "asset": named(self._assets, asset),
                "state": named(STATES, rows["state"]),
                "cause": named(CAUSES, rows["cause"]),
                "figure": column(figure, ~none),
                "limit": column(limit, ~none),
                "overshoot": column(figure - limit, ~none),
            }
        )

    def _notes(self, rows: list[tuple[int, int, int, str]]) -> pa.Table:
        seq, ts_event, account, text = zip(*rows, strict=True) if rows else ((), (), (), ())
        return table(
            {
                "seq": np.array(seq, np.int64),
                "ts_event": np.array(ts_event, np.int64),
                "strategy": named(self._accounts, self._who(np.array(account, np.int64))[1]),
                "note": words(text),
            }
        )


def both(maker: Any, taker: Any) -> Any:  # one column of fills, maker's row before the taker's
    return np.stack([maker, taker], axis=1).ravel()
