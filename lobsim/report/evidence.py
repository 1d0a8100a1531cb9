"""What the tape has on the order behind one fill."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
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


def gather(run: Run, numbers: Iterable[int]) -> Iterator[Evidence]:
    """Of each fill, in order.  Raises UsageError for one that the run does not have.

    One pass over the tables, however many fills there are.
    """
    pairs = pairs_of(run, numbers)
    tables = Tables(run, {row["order_id"] for pair in pairs for row in pair})
    scenario, assets = run.manifest["scenario"], assets_of(run.manifest)
    for fill, other in pairs:
        seq, asset = fill["seq"], fill["asset"]
        account = fill["strategy"], asset
        commands = tables.commands[*account, fill["order_id"]]
        done = [row for row in commands if row["outcome"] in CARRIED_OUT]
        came = [row for row in tables.came[other["order_id"]] if row["seq"] < seq]
        noted = tables.notes[fill["strategy"]]
        yield Evidence(
            fill=fill,
            other=other,
            fills=tables.fills[*account, fill["order_id"]],
            commands=done,
            refused=[row for row in commands if row["outcome"] not in CARRIED_OUT],
            gave_place=place_giver(fill, done),
            came=came[-1] if came else None,
            risk=tables.risk[account],
            end=round(scenario["duration_s"] * 1e9),
            flattens=scenario["risk"]["on_halt"] == "flatten",
            tick=assets[asset]["tick"],
            record=scenario["record"],
            state=run.manifest["state"],
            mids=tables.mids[asset],
            notes=noted[: bisect_right(noted, seq, key=itemgetter("seq"))],
        )


class Tables:
    """The rows that matter to these orders, by what they are looked up with."""

    def __init__(self, run: Run, orders: set[int]) -> None:
        import pyarrow.dataset as ds

        theirs = ds.field("order_id").isin(list(orders))
        commands = rows(run, "orders", theirs)
        order = itemgetter("strategy", "asset", "order_id")
        self.commands = grouped(commands, order)
        self.came = grouped(commands, itemgetter("order_id"))
        self.fills = grouped(rows(run, "fills", theirs), order)
        self.risk = grouped(rows(run, "risk"), itemgetter("strategy", "asset"))
        self.notes = grouped(rows(run, "notes"), itemgetter("strategy"))
        assets = assets_of(run.manifest)
        self.mids = {name: mids_of(run, name, asset["mid"]) for name, asset in assets.items()}


def grouped(found: list[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Rows by a key, in their order; none for a key that no row has."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in found:
        groups[key(row)].append(row)
    return groups


def pairs_of(run: Run, numbers: Iterable[int]) -> list[tuple[Row, Row]]:
    """The two rows of each trade, the one asked for first; of a closing, the strategy's first."""
    import pyarrow.dataset as ds

    fills = run.dataset("fills")
    count = 0 if fills is None else fills.count_rows()
    wanted = list(numbers)
    for number in wanted:
        if not count:
            raise UsageError(f"--fill {number}: the run has no fills")
        if not 1 <= number <= count:
            raise UsageError(f"--fill {number}: the run has fills 1 to {count}")
    # The maker's row has an odd number; the taker's is next.
    both = {each for number in wanted for each in (number, number + (1 if number % 2 else -1))}
    found = {row["fill"]: row for row in rows(run, "fills", ds.field("fill").isin(list(both)))}
    pairs = []
    for number in wanted:
        fill, other = found[number], found[number + (1 if number % 2 else -1)]
        closed = fill["liquidity"] == "close" and fill["strategy"] == "outside"
        pairs.append((other, fill) if closed else (fill, other))
    return pairs


def place_giver(fill: Row, commands: list[Row]) -> int | None:
    """A maker's order has had its place since the last command of the instant it has it from."""
    since = fill["ts_event"] - fill["order_age_ns"]
    then = [r["seq"] for r in commands if r["ts_event"] == since and r["seq"] < fill["seq"]]
    return then[-1] if then and fill["liquidity"] == "maker" else None


def rows(run: Run, table: str, condition: "ds.Expression | None" = None) -> list[Row]:
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
