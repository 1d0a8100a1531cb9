"""Quotes as a function of time and inventory alone, in a table."""

import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ARRAYS = ("times_s", "inventories", "bid_depth", "ask_depth")
NO_FIGURES: Mapping[str, float | str] = {}


@dataclass(frozen=True, slots=True)
class TickTable:
    """A quote table in ns and ticks, made once and read at every question.

    `starts` are the rows' times and one that never comes; `lowest` is the inventory of the
    first column, `last` the number of the last.  Depths are (T, Q), or (T, Q, rungs) of ladders.
    """

    starts: list[int]
    lowest: int
    last: int
    bid_depth: Floats
    ask_depth: Floats

    @property
    def reach(self) -> float:
        """Ticks from the mid to the furthest quote."""
        sides = (self.bid_depth, self.ask_depth)
        return max(float(abs(side[side < np.inf]).max(initial=0)) for side in sides)

    @property
    def rungs(self) -> int:
        return rungs_of(self.bid_depth)


@dataclass(frozen=True, slots=True, init=False, eq=False)
class QuoteTable:
    """How far from the mid to quote, by time elapsed and inventory.

    times_s      (T,) seconds since the start, rising, the first 0; a row holds until the next
    inventories  (Q,) lots, whole and rising by one; beyond them the outermost column holds
    bid_depth    (T, Q) currency below the mid; inf where no bid is quoted
    ask_depth    (T, Q) currency above the mid; inf where no ask is quoted
                 Both are (T, Q, rungs) of ladders: best first, each rung deeper than the last or
                 inf.
    horizon_s    seconds from the start to the end that the quotes were made for; None: any
    figures      what the solver says of them, by name: value (currency), gap, status ...

    Raises ValueError, saying what is wrong, for tables of other shapes or with values that no
    quote can have.
    """

    times_s: Floats
    inventories: NDArray[np.int64]
    bid_depth: Floats
    ask_depth: Floats
    horizon_s: float | None
    figures: Mapping[str, float | str]

    def __init__(
        self,
        times_s: ArrayLike,
        inventories: ArrayLike,
        bid_depth: ArrayLike,
        ask_depth: ArrayLike,
        *,
        horizon_s: float | None = None,
        figures: Mapping[str, float | str] = NO_FIGURES,
    ) -> None:
        # Copies: a table stays what it is, whatever becomes of the arrays it was made of.
        times = np.array(times_s, dtype=np.float64)
        lots = np.array(inventories)
        bid = np.array(bid_depth, dtype=np.float64)
        ask = np.array(ask_depth, dtype=np.float64)
        if times.ndim != 1 or not len(times) or times[0] != 0 or not np.all(np.diff(times) > 0):
            raise ValueError("times_s must start at 0 and rise")
        if not np.all(np.isfinite(times)):
            raise ValueError("times_s must be finite")
        if lots.dtype.kind not in "iuf" or lots.ndim != 1 or not len(lots):
            raise ValueError("inventories must be whole lots, at least one")
        if not (np.all(np.isfinite(lots)) and np.all(lots == np.floor(lots))):
            raise ValueError("inventories must be whole lots")
        if not np.all(np.diff(lots) == 1):
            raise ValueError("inventories must be whole lots, each one more than the last")
        check_depths(bid, ask, (len(times), len(lots)))
        if bid.ndim == 3 and bid.shape[2] == 1:
            bid, ask = bid[..., 0], ask[..., 0]
        if horizon_s is not None and not times[-1] < horizon_s < np.inf:
            raise ValueError(f"horizon_s must be after the last row's {times[-1]:g} s")
        for name, value in (
            ("times_s", times),
            ("inventories", lots.astype(np.int64)),
            ("bid_depth", bid),
            ("ask_depth", ask),
        ):
            value.flags.writeable = False
            object.__setattr__(self, name, value)
        object.__setattr__(self, "horizon_s", None if horizon_s is None else float(horizon_s))
        object.__setattr__(self, "figures", dict(figures))

    @property
    def rungs(self) -> int:
        """How many prices a side are quoted at most."""
        return rungs_of(self.bid_depth)

    def best(self) -> "QuoteTable":
        """The best rung of each side alone."""
        if self.rungs == 1:
            return self
        return QuoteTable(
            self.times_s, self.inventories, self.bid_depth[..., 0], self.ask_depth[..., 0],
            horizon_s=self.horizon_s, figures=self.figures,
        )  # fmt: skip

    def in_ticks(self, tick: float) -> TickTable:
        """Times to the nearest ns, depths in ticks."""
        starts = [round(time * 1e9) for time in self.times_s.tolist()]
        return TickTable(
            starts=[*starts, 2**63],
            lowest=int(self.inventories[0]),
            last=len(self.inventories) - 1,
            bid_depth=self.bid_depth / tick,
            ask_depth=self.ask_depth / tick,
        )

    def digest(self) -> str:
        """A name of the quotes: the same quotes, the same name."""
        found = hashlib.sha256()
        for name in ARRAYS:
            found.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return found.hexdigest()

    def as_bytes(self) -> bytes:
        """As a .npz file holds it."""
        about = json.dumps({"horizon_s": self.horizon_s, "figures": self.figures})
        arrays: dict[str, Any] = {name: getattr(self, name) for name in ARRAYS}
        file = io.BytesIO()
        np.savez_compressed(file, about=np.array(about), **arrays)
        return file.getvalue()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table as .npz; an existing file is replaced in one step."""
        target = Path(path)
        partial = target.with_name(target.name + ".tmp")
        with partial.open("wb") as file:
            file.write(self.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "QuoteTable":
        """Read what `save` wrote.  Raises ValueError where the file is not such a table."""
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                missing = [name for name in ARRAYS if name not in stored.files]
                if missing:
                    raise ValueError(f"no {', '.join(missing)}")
                about = json.loads(str(stored["about"])) if "about" in stored.files else {}
                return cls(*(stored[name] for name in ARRAYS), **about)
        except FileNotFoundError:
            raise
        except Exception as error:  # numpy raises half a dozen kinds for a damaged file
            raise ValueError(f"{path}: not a quote table: {error}") from error

    def __eq__(self, other: Any) -> bool:
        """The same quotes for the same horizon, whatever is said of them."""
        return (
            isinstance(other, QuoteTable)
            and self.horizon_s == other.horizon_s
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in ARRAYS)
        )

    __hash__ = None  # type: ignore[assignment]


def check_depths(bid: Floats, ask: Floats, shape: tuple[int, int]) -> None:
    """Raises ValueError for what no maker could quote."""
    for name, depth in (("bid_depth", bid), ("ask_depth", ask)):
        if depth.shape[:2] != shape or depth.ndim > 3 or not depth.size:
            times, lots = shape
            raise ValueError(
                f"{name} must be of shape {shape} or ({times}, {lots}, rungs), is {depth.shape}"
            )
        if np.any(np.isnan(depth)) or np.any(depth == -np.inf):
            raise ValueError(f"{name} must be finite, or inf for no quote")
        if depth.ndim == 3:
            deeper = depth[..., 1:]
            if not np.all((deeper > depth[..., :-1]) | (deeper == np.inf)):
                raise ValueError(f"{name} must rise from rung to rung, best first; inf for none")
    if bid.shape != ask.shape:
        raise ValueError(f"ask_depth must be of the shape of bid_depth, {bid.shape}: {ask.shape}")
    if np.any(bid + ask <= 0):
        raise ValueError("a bid must be below the ask: bid_depth + ask_depth must be above 0")


def rungs_of(depth: Floats) -> int:
    return depth.shape[2] if depth.ndim == 3 else 1
