"""Run folders: the tape's tables as Parquet parts, and run.json, which says what they are.

A file is written under another name, synced and renamed, so a reader sees the old file or the
new one, never a mixture.
"""

import errno
import json
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lobsim.arrow import column, named, table, words
from lobsim.errors import StorageError, UsageError, cut
from lobsim.report.frames import RUNS
from lobsim.rows import CAUSES, KINDS, MID_KINDS, OUTCOMES, STATES, Table
from lobsim.seal import part_name, sealed

DEVICE = r"(?i:CON|PRN|AUX|NUL|COM\d|LPT\d)(?:\.|\Z)"  # of Windows, whatever their ending
NAME = re.compile(rf"(?!{DEVICE})[A-Za-z0-9][A-Za-z0-9._-]{{0,79}}(?<!\.)")
SIDES = ("sell", "", "buy")


def new_folder(name: str | None, out: Path | None, default: str) -> Path:
    """Make the folder of a run: `out` itself, or runs/NAME, NAME-2, ...  Nothing is overwritten."""
    if name is not None and out is not None:
        raise UsageError("give --name or --out, not both")
    if name is not None and not NAME.fullmatch(name):
        allowed = "must be letters, digits, dots, dashes and underscores, at most 80"
        raise StorageError(f"--name '{cut(name)}': {allowed}; the run goes to {RUNS}/NAME")
    try:
        if out is not None:
            if os.path.exists(out):
                raise StorageError(f"--out {out}: exists already; nothing is overwritten")
            if os.fsencode(out).decode(errors="replace") != str(out):
                raise StorageError(f"--out {out}: not UTF-8")  # pyarrow could not read it
            out = out.resolve() if ".." in out.parts else out  # of a/../b only b is to be made
            out.mkdir(parents=True)
            _sync_folder(out.parent)
            return out
        RUNS.mkdir(parents=True, exist_ok=True)
        stem = name or default
        count = 1
        while True:
            folder = RUNS / (stem if count == 1 else f"{stem}-{count}")
            try:
                folder.mkdir()
            except FileExistsError:
                count += 1
            else:
                _sync_folder(RUNS)
                return folder
    except OSError as error:
        raise StorageError(obstacle(out or RUNS, error)) from None


def obstacle(place: Path, error: OSError) -> str:
    dead = os.path.islink(place) and not os.path.exists(place)
    what = f"a link to {os.readlink(place)}, which is not there" if dead else error.strerror
    return f"{place.absolute() if place == RUNS else place}: cannot write here: {what}"


def check_space(folder: Path, wanted: int) -> None:
    """Raises StorageError where a disk has less room than a tape is sure to need."""
    if (free := shutil.disk_usage(folder).free) < wanted:
        needs = f"the tape needs {wanted / 1e6:,.0f} MB at least, {free / 1e6:,.0f} are free"
        raise StorageError(f'{folder}: {needs}; free some, use another --out, or record = "fills"')


def write_json(path: Path, value: Any) -> None:
    write_bytes(path, f"{json.dumps(value, indent=1, allow_nan=False)}\n".encode())


def write_manifest(folder: Path, value: dict[str, Any]) -> None:
    write_bytes(folder / "run.json", sealed(value).encode())


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """All of a file or nothing of it; an older one stays until then.  Raises StorageError."""
    partial = path.with_name(path.name + ".tmp")
    try:
        if not path.parent.exists():
            path.parent.mkdir(exist_ok=True)
            _sync_folder(path.parent.parent)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        what = f"{error.strerror}; {len(data):,} bytes were wanted"
        with suppress(OSError):
            what += f", {shutil.disk_usage(path.parents[1]).free:,} are free"
        if error.errno == errno.EFBIG:
            what = "larger than this process may write (ulimit -f)"
        raise StorageError(f"{path}: {what}") from None


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows opens no folders
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class PartWriter:
    """The tape's sink: turns packed rows into columns with names and currency, and writes them."""

    def __init__(self, folder: Path, accounts: list[str], tick: float, keep: frozenset[str]):
        """`accounts` are the names by account number, the outside first."""
        self._folder = folder
        self._accounts = accounts
        self._tick = tick
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

    def _orders(self, rows: Any) -> pa.Table:
        return table(
            {
                "seq": rows["seq"],
                "ts_event": rows["ts_event"],
                "order_id": rows["order_id"],
                "strategy": named(self._accounts, rows["account"]),
                "kind": named(KINDS, rows["kind"]),
                "side": named(SIDES, rows["side"] + 1),
                "price_ticks": rows["price_ticks"],
                "price": rows["price_ticks"] * self._tick,
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
        maker, taker = rows["maker"], rows["taker"]
        nothing = np.zeros_like(rows["queue_ahead"])
        milli = self._tick / 1000
        return table(
            {
                "fill": self.written["fills"] + 1 + np.arange(2 * len(rows)),
                "seq": np.repeat(rows["seq"], 2),
                "ts_event": both(rows["ts_event"], rows["ts_event"]),
                "order_id": both(rows["maker_id"], rows["taker_id"]),
                "strategy": named(self._accounts, both(maker, taker)),
                "asset": named(("asset",), np.zeros(2 * len(rows), np.int8)),
                "side": named(SIDES, side + 1),
                "liquidity": named(("maker", "taker", "close"), liquidity),
                "taker_side": named(SIDES, taker_side + 1),
                "price_ticks": price,
                "price": price * self._tick,
                "size": size,
                "fee": both(rows["maker_fee"], rows["taker_fee"]) * milli,
                "mid": mid * self._tick,
                "spread_earned": side * size * (mark - 1000 * price) * milli,
                "queue_ahead": both(rows["queue_ahead"], nothing),
                "inventory": both(rows["maker_inventory"], rows["taker_inventory"]),
                "cash": both(rows["maker_cash"], rows["taker_cash"]) * self._tick,
                "order_age_ns": both(rows["order_age_ns"], nothing),
                "counterparty": named(self._accounts, both(taker, maker)),
            }
        )

    def _mids(self, rows: Any) -> pa.Table:
        return table(
            {
                "seq": rows["seq"],
                "ts_event": rows["ts_event"],
                "kind": named(MID_KINDS, rows["kind"]),
                "mid": rows["mid"] * self._tick,
            }
        )

    def _risk(self, rows: Any) -> pa.Table:
        """Figures are null where none led to the state: after a cool-down, or a plugin's error."""
        none = rows["limit"] == 0
        figure, limit = rows["figure"] * (self._tick / 1000), rows["limit"] * (self._tick / 1000)
        return table(
            {
                "seq": rows["seq"],
                "ts_event": rows["ts_event"],
                "strategy": named(self._accounts, rows["account"]),
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
                "strategy": named(self._accounts, account),
                "note": words(text),
            }
        )


def both(maker: Any, taker: Any) -> Any:  # one column of fills, maker's row before the taker's
    return np.stack([maker, taker], axis=1).ravel()
