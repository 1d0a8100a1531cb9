"""What the tape has on the order behind one fill."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lobsim.errors import UsageError
from lobsim.report.assets import assets_of
from lobsim.report.frames import Run
from lobsim.report.paths import CARRIED_OUT

if TYPE_CHECKING:
    import numpy as np
    import pyarrow.dataset as ds

Row = dict[str, Any]  # of a table: its columns by name


@dataclass
class Evidence:
    """`fill` is the one to explain, `other` the other side of that trade."""

    fill: Row
    other: Row
    fills: list[Row]  # all of this order
    commands: list[Row]  # all that changed this order, with their outcomes
    refused: list[Row]  # and those for it that were refused
    gave_place: int | None  # which of the commands gave it the place it was filled in, by its seq
    came: Row | None  # the other side's last command before the trade
    risk: list[Row]  # the account's states
    end: int  # of the day, in ns
    flattens: bool  # whether a halt does
    tick: float
    record: str
    state: str
    mids: "tuple[np.ndarray, np.ndarray]"  # seq, and the mid from there on
    notes: list[Row]  # the account's, up to the fill

    @property
    def name(self) -> str:
        return str(self.fill["strategy"])

    def mid_at(self, seq: int) -> float:
        """The mid that a command of this number met."""
        import numpy as np

        known, mids = self.mids
        return float(mids[np.searchsorted(known, seq) - 1])

    def left_at(self, seq: float) -> int:
        """The lots that the order has open just before a row of this number."""
        known = [row for row in self.commands if row["seq"] < seq]
        if not known:
            return 0
        since = known[-1]["seq"]
        made = [row for row in self.fills if since < row["seq"] < seq]
        open_then: int = known[-1]["open"]
        taken: int = sum(row["size"] for row in made if row["liquidity"] == "maker")
        return open_then - taken

    def note_at(self, seq: float) -> Row | None:
        """The last note at or before a row of this number."""
        return next((note for note in reversed(self.notes) if note["seq"] <= seq), None)


def gather(run: Run, number: int) -> Evidence:
    """Raises UsageError for a fill that the run does not have."""
    import pyarrow.dataset as ds

    fill, other = pair_of(run, number)
    seq, order_id, asset = fill["seq"], fill["order_id"], fill["asset"]
    its = ds.field("strategy") == fill["strategy"]
    own = its & (ds.field("asset") == asset)
    came = rows(
        run, "orders", (ds.field("order_id") == other["order_id"]) & (ds.field("seq") < seq)
    )
    commands = rows(run, "orders", own & (ds.field("order_id") == order_id))
    done = [row for row in commands if row["outcome"] in CARRIED_OUT]
    scenario, table = run.manifest["scenario"], assets_of(run.manifest)[asset]
    return Evidence(
        fill=fill,
        other=other,
        fills=rows(run, "fills", own & (ds.field("order_id") == order_id)),
        commands=done,
        refused=[row for row in commands if row["outcome"] not in CARRIED_OUT],
        gave_place=place_giver(fill, done),
        came=came[-1] if came else None,
        risk=rows(run, "risk", own),
        end=round(scenario["duration_s"] * 1e9),
        flattens=scenario["risk"]["on_halt"] == "flatten",
        tick=table["tick"],
        record=scenario["record"],
        state=run.manifest["state"],
        mids=mids_of(run, asset, table["mid"]),
        notes=rows(run, "notes", its & (ds.field("seq") <= seq)),
    )


def pair_of(run: Run, number: int) -> tuple[Row, Row]:
    """The two rows of a trade, the one asked for first; of a closing, the strategy's first."""
    import pyarrow.dataset as ds

    fills = run.dataset("fills")
    count = 0 if fills is None else fills.count_rows()
    if not count:
        raise UsageError(f"--fill {number}: the run has no fills")
    if not 1 <= number <= count:
        raise UsageError(f"--fill {number}: the run has fills 1 to {count}")
    first = number - 1 + number % 2  # the maker's row; the taker's is next
    pair = rows(run, "fills", ds.field("fill").isin([first, first + 1]))
    fill, other = sorted(pair, key=lambda row: row["fill"] != number)
    closed = fill["liquidity"] == "close" and fill["strategy"] == "outside"
    return (other, fill) if closed else (fill, other)


def place_giver(fill: Row, commands: list[Row]) -> int | None:
    """A maker's order has had its place since the last command of the instant it has it from."""
    since = fill["ts_event"] - fill["order_age_ns"]
    then = [r["seq"] for r in commands if r["ts_event"] == since and r["seq"] < fill["seq"]]
    return then[-1] if then and fill["liquidity"] == "maker" else None


def rows(run: Run, table: str, condition: "ds.Expression") -> list[Row]:
    """The rows of a table that a condition holds for; none where the run has no such table."""
    found = run.dataset(table)
    return [] if found is None else list(found.to_table(filter=condition).to_pylist())


def mids_of(run: Run, asset: str, first: float) -> "tuple[np.ndarray, np.ndarray]":
    import numpy as np
    import pyarrow.dataset as ds

    found = run.dataset("mids")
    if found is None:
        return np.zeros(1), np.array([first])
    table = found.to_table(["seq", "mid"], filter=ds.field("asset") == asset)
    seq, mid = table["seq"].to_numpy(), table["mid"].to_numpy()
    return np.concatenate([[0], seq]), np.concatenate([[first], mid])
