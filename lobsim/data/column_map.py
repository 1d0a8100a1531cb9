"""Which columns of a plain CSV are what: a TOML file with the tables [trades] and [quotes]."""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lobsim.data.columns import (
    CLOCK,
    MICROS,
    MILLIS,
    MOMENT,
    NANO,
    NUMBER,
    OFFSET,
    WHOLE,
    WORD,
    Block,
    Column,
    sample,
)
from lobsim.data.recording import DAY
from lobsim.errors import StorageError, choices, kind_of

Ints = NDArray[np.int64]
UNITS = {"s": NUMBER, "ms": MILLIS, "us": MICROS, "ns": WHOLE}  # each is read as ns
NEEDED = {
    "trades": ("time", "time_format", "price", "size"),
    "quotes": ("time", "time_format", "bid", "ask"),
}
MORE = {"trades": ("zone", "side", "buy", "sell"), "quotes": ("zone", "bid_size", "ask_size")}


@dataclass(frozen=True, slots=True)
class Table:
    """One of the two tables: what its file says of each key."""

    path: Path
    name: str
    keys: dict[str, str]

    def __getitem__(self, key: str) -> str:
        return self.keys[key]

    def get(self, key: str) -> str | None:
        return self.keys.get(key)

    @property
    def where(self) -> str:
        return f"which [{self.name}] of {self.path} names"

    def wrong(self, key: str, must: str) -> StorageError:
        return StorageError(f"{self.path}: [{self.name}] {key} = '{self[key]}': {must}")

    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.get("zone") or "UTC")
        except (OSError, ValueError, KeyError):
            raise self.wrong("zone", "no time zone of this name, as Europe/Berlin is one") from None

    def time_column(self, path: Path) -> Column:
        """How the time is to be read from that file."""
        form = self["time_format"]
        kind = UNITS.get(form, WORD)
        if form == "iso":
            first = sample(path, self["time"], self.where).strip()
            kind = MOMENT if re.search(f"{OFFSET}$", first) else CLOCK
        elif kind == WORD and "%" not in form:
            raise self.wrong("time_format", f"must be {', '.join(UNITS)}, iso or a format with %")
        if kind in (WORD, CLOCK) and "%z" not in form and self.get("zone") is None:
            raise StorageError(
                f"{self.path}: [{self.name}] has no zone: times without an offset are of some zone"
            )
        return Column(self["time"], kind)

    def times(self, block: Block, column: Column) -> Ints:
        """ns from 1970 on (or from midnight, if the file's are)."""
        found = block[column.name]
        if column.kind == WORD:
            found = self.parsed(block, found)
        if column.kind == CLOCK or (column.kind == WORD and "%z" not in self["time_format"]):
            found = self.from_local(block, found)
        return np.asarray(found)

    def parsed(self, block: Block, words: Any) -> Ints:
        import pandas as pd

        form = self["time_format"]
        texts = words.to_pandas()
        try:
            times = pd.to_datetime(texts, format=form, errors="coerce", utc="%z" in form)
        except ValueError as error:
            raise self.wrong("time_format", str(error)) from None
        block.refuse(times.isna().to_numpy(), self["time"], f"is no time of the format '{form}'")
        return np.asarray(times.to_numpy("datetime64[ns]").astype(np.int64))

    def from_local(self, block: Block, clock: Ints) -> Ints:
        """Times that a clock in the zone has shown, as ns from 1970 on."""
        import pyarrow as pa
        import pyarrow.compute as pc

        zone = self.zone().key
        try:
            shown = pc.assume_timezone(pa.array(clock, pa.timestamp("ns")), zone)
            return np.asarray(shown.cast("int64"))
        except pa.ArrowInvalid:
            for i in range(len(clock)):
                try:
                    pc.assume_timezone(pa.array(clock[i : i + 1], pa.timestamp("ns")), zone)
                except pa.ArrowInvalid:
                    wrong = np.arange(len(clock)) == i
                    must = f"a clock in {zone} shows this never, or twice: give an offset"
                    block.refuse(wrong, self["time"], must, clock_of)
            raise

    def midnight(self, first_ns: int) -> int:
        """The one before that time, in the zone; times from midnight on stay as they are."""
        if first_ns < DAY:
            return 0
        day = datetime.fromtimestamp(first_ns // NANO, self.zone()).date()
        return int(datetime.combine(day, time(), self.zone()).timestamp()) * NANO


def clock_of(value: int) -> str:
    return str(np.datetime64(int(value), "ns"))


def read_map(path: Path) -> dict[str, Table]:
    """Both tables.  Raises StorageError."""
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StorageError(f"{path}: {error}") from None
    for name in text:
        if name not in NEEDED:
            raise StorageError(f"{path}: [{name}]{choices(name, NEEDED, 'its tables')}")
    return {name: table(path, name, text.get(name)) for name in NEEDED}


def table(path: Path, name: str, keys: Any) -> Table:
    if not isinstance(keys, dict):
        raise StorageError(f"{path}: no table [{name}]: must say {', '.join(NEEDED[name])}")
    known = NEEDED[name] + MORE[name]
    for key, value in keys.items():
        if key not in known:
            raise StorageError(f"{path}: [{name}] {key}{choices(key, known, 'its keys')}")
        if not isinstance(value, str) or not value:
            raise StorageError(f"{path}: [{name}] {key} is {kind_of(value)}: must be a text")
    groups = [("side", "buy", "sell")] if name == "trades" else [("bid_size", "ask_size")]
    needed = [*NEEDED[name]]
    for group in groups:
        needed += group if keys.keys() & set(group) else ()
    for key in needed:
        if key not in keys:
            raise StorageError(f"{path}: [{name}] has no {key}: must be there")
    return Table(path, name, keys)
