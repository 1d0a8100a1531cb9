"""What a sweep has found: one tidy table, a row per point, mode, strategy and statistic."""

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lobsim.errors import DamagedError
from lobsim.sweeps.plan import Plan
from lobsim.tally import Row, Tally
from lobsim.workers.batches import Found, in_cells

# By statistic: the fields of a Row that are its value and the ends of its 95 % interval.
INTERVALS = {
    "profit": ("profit_mean", "profit_low", "profit_high"),
    "sd": ("profit_sd", "profit_sd_low", "profit_sd_high"),
    "q05": ("profit_q05", "profit_q05_low", "profit_q05_high"),
    "q50": ("profit_q50", "profit_q50_low", "profit_q50_high"),
    "q95": ("profit_q95", "profit_q95_low", "profit_q95_high"),
}
FIGURES = {
    "profit_closed": "profit_closed_mean", "spread_earned": "spread_earned_mean",
    "luck": "luck_mean", "fees": "fees_mean", "inventory": "inventory_mean",
    "inventory_sd": "inventory_sd", "fills": "fills_mean", "spread": "spread_mean",
    "uptime": "uptime", "best_share": "best_share", "drawdown": "drawdown_mean",
    "halts": "halts", "benched": "benched", "maker_trades": "maker_trades_mean",
}  # fmt: skip
PARQUET, CSV = "results.parquet", "results.csv"
DIFFERENCE = "difference"  # of mean profit, from the baseline's or from the isolated


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table: `values` of the axes, in their order; what is not known is None."""

    point: int
    values: tuple[Any, ...]
    mode: str
    strategy: str
    statistic: str
    value: float | None
    low: float | None
    high: float | None


def results_of(point: int, values: tuple[Any, ...], tally: Tally) -> list[Result]:
    """All statistics of one point."""
    found = []
    for row in tally.rows():
        for statistic, value, low, high in statistics_of(row):
            found.append(Result(point, values, row.mode, row.strategy, statistic, value, low, high))
    for each in tally.differences():
        found.append(
            Result(
                point, values, each.mode, each.strategy, DIFFERENCE, each.mean, each.low, each.high
            )
        )
    return found


def statistics_of(row: Row) -> Iterable[tuple[str, float | None, float | None, float | None]]:
    for statistic, fields in INTERVALS.items():
        value, low, high = (number_of(getattr(row, field)) for field in fields)
        yield statistic, value, low, high
    for statistic, field in FIGURES.items():
        yield statistic, number_of(getattr(row, field)), None, None


def number_of(value: float | None) -> float | None:
    return None if value is None else float(value)


def tally_of(
    parts: Sequence[Path], modes: Sequence[str], names: Sequence[str], baseline: str, reps: int
) -> Tally:
    """A point's figures, from all its parts in their order.  Raises DamagedError."""
    from lobsim.sweeps.folder import read_part  # pyarrow, 0.1 s

    tally = Tally(modes, names, baseline)
    found: Iterable[Found] = (read_part(part, modes, names) for part in parts)
    for cell in in_cells(found, 0, reps):
        tally.add(cell)
    return tally


def summed_up(plan: Plan, parts: Mapping[int, Path], failed: Collection[int] = ()) -> list[Result]:
    """The table of all points but the `failed` ones, from their parts by number."""
    values = parsed([dict(point.texts) for point in plan.points])
    found: list[Result] = []
    for point in plan.points:
        if point.number not in failed:
            first = point.number * plan.tasks
            own = [parts[number] for number in range(first, first + plan.tasks)]
            tally = tally_of(own, plan.modes, point.chosen, plan.baseline_at(point), plan.reps)
            found += results_of(point.number, values[point.number], tally)
    return found


def digest_of(results: Iterable[Result]) -> str:
    """Names a table: every bit of every figure."""
    named = hashlib.sha256()
    for row in results:
        figures = [None if x is None else x.hex() for x in (row.value, row.low, row.high)]
        named.update(
            repr((row.point, row.values, row.mode, row.strategy, row.statistic, *figures)).encode()
        )
    return named.hexdigest()


def as_dicts(results: Iterable[Result], axes: Sequence[str]) -> list[dict[str, Any]]:
    """The table as it is written: a column per axis."""
    return [
        {
            "point": row.point, **dict(zip(axes, row.values, strict=True)), "mode": row.mode,
            "strategy": row.strategy, "statistic": row.statistic, "value": row.value,
            "low": row.low, "high": row.high,
        }
        for row in results
    ]  # fmt: skip


def parsed(texts: Sequence[Mapping[str, str]]) -> list[tuple[Any, ...]]:
    """The axes' values of every point: numbers where all of an axis are, else their texts."""
    keys = list(texts[0])
    columns = []
    for key in keys:
        column: list[Any] = [own[key] for own in texts]
        with suppress(ValueError):
            column = [float(text) for text in column]
        columns.append(column)
    return list(zip(*columns, strict=True))


def write_results(folder: Path, results: Sequence[Result], axes: Sequence[str]) -> tuple[Path, ...]:
    """results.parquet, and results.csv for the eye; where they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from lobsim.folder import write_bytes

    rows = as_dicts(results, axes)
    names = ["point", *axes, "mode", "strategy", "statistic", "value", "low", "high"]
    sink = pa.BufferOutputStream()
    columns = {name: pa.array([row[name] for row in rows]) for name in names}
    pq.write_table(pa.table(columns), sink, compression="zstd")
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files = folder / PARQUET, folder / CSV
    write_bytes(files[0], memoryview(sink.getvalue()))
    write_bytes(files[1], text.getvalue().encode())
    return files


def read_results(folder: Path, axes: Sequence[str]) -> list[Result]:
    """Raises DamagedError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(folder / PARQUET).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise DamagedError(f"{folder / PARQUET}: damaged: {error}") from None
    return [
        Result(
            row["point"], tuple(row[axis] for axis in axes), row["mode"], row["strategy"],
            row["statistic"], row["value"], row["low"], row["high"],
        )
        for row in rows
    ]  # fmt: skip
