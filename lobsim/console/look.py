"""What is found in a run: which run it is, rows of any kind, the story of an order."""

import csv
import json
import math
import sys
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lobsim.console.write import say, table
from lobsim.report.frames import Run

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 1000  # rows of a table; CSV and JSON have them all
DIGITS = 6  # after the point, at most, in a table
RARE = ("diffusion", "drift", "jumps", "informed", "fees", "closing")
FILL_COLUMNS = (
    "fill", "time_s", "strategy", "side", "liquidity", "price", "size", "mid", "spread_earned",
    "fee", "queue_ahead", "age_ms", "inventory", "counterparty",
)  # fmt: skip


def which(run: Run) -> str:
    """quickstart-3, seed 7, replication 0, 14:02: the local time, with the date if not today."""
    manifest = run.manifest
    started = datetime.fromisoformat(manifest["started"]).astimezone()
    today = started.date() == datetime.now().astimezone().date()
    when = f"{started:%H:%M}" if today else f"{started:%Y-%m-%d %H:%M}"
    state = "" if manifest["state"] == "complete" else f", {manifest['state']}"
    return (
        f"{run.folder.resolve().name}, seed {manifest['seed']}, "
        f"replication {manifest['replication']}, {when}{state}"
    )


def say_which(run: Run, form: str) -> None:
    """Above a table; beside CSV and JSON, which stand alone on stdout."""
    if form == "table":
        say(which(run))
    else:
        sys.stderr.write(f"{which(run)}\n")


def show(names: Sequence[str], rows: Sequence[Sequence[Any]], form: str) -> None:
    """Rows as a table, CSV or JSON; a number that is missing or none is empty or null."""
    if form == "table":
        columns = [cells(name, [row[i] for row in rows[:SHOWN]]) for i, name in enumerate(names)]
        table(names, list(zip(*columns, strict=True)))
        if len(rows) > SHOWN:
            say(f"... {len(rows) - SHOWN} more rows: --format csv or json gives them all")
        return
    # Not through rich: it takes 15 us a line, and puts pictures for words like :smile:.
    values = ([plain(value) for value in row] for row in rows)
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(values)
        return
    opening = "["
    for row in values:
        line = json.dumps(dict(zip(names, row, strict=True)), allow_nan=False)
        sys.stdout.write(f"{opening}\n {line}")
        opening = ","
    sys.stdout.write("\n]\n" if rows else "[]\n")


def show_fills(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """The columns of fills that a table has room for, and markouts; fees where there are any."""
    fills = [dict(zip(names, row, strict=True)) for row in rows]
    for fill in fills:
        fill["age_ms"] = fill["order_age_ns"] / 1e6
    shown = [name for name in FILL_COLUMNS if name != "fee" or any(fill["fee"] for fill in fills)]
    shown += [name for name in names if name.startswith("markout_")]
    show(shown, [[fill[name] for name in shown] for fill in fills], "table")


def show_frame(frame: "pd.DataFrame", form: str) -> None:
    """A frame's rows; a table leaves out what has no say: a single asset, causes that were none."""
    if form == "table":
        none = [name for name in RARE if name in frame and not frame[name].any()]
        if frame["asset"].nunique() == 1:
            none.append("asset")
        frame = frame.drop(columns=none)
    show(list(frame.columns), list(frame.itertuples(index=False, name=None)), form)


def show_measures(frame: "pd.DataFrame", form: str) -> None:
    """A table has a line a measure, with errors beside their figures."""
    from lobsim.report.run_measures import UNITS

    if form != "table":
        show_frame(frame, form)
        return
    rows, several = frame.to_dict("records"), frame["asset"].nunique() > 1
    names = [name for name in UNITS if not name.endswith("_se")]
    columns = []
    for row in rows:
        texts = [figure(row[name], row.get(f"{name}_se")) for name in names]
        heading = f"{row['strategy']} {row['asset']}" if several else row["strategy"]
        width = max(map(len, [heading, *texts]))
        columns.append([heading.rjust(width), *(text.rjust(width) for text in texts)])
    units = ["", *(UNITS[name] for name in names)]
    width = max(map(len, units))
    columns.append([unit.ljust(width) for unit in units])
    table(
        ["", *(column[0] for column in columns)],
        list(zip(names, *(c[1:] for c in columns), strict=True)),
    )


def figure(value: float, error: float | None) -> str:
    """Five digits of it, and its standard error."""
    if not math.isfinite(value):
        return "-"
    known = error is not None and math.isfinite(error)
    return f"{value:.5g} (se {error:.2g})" if known else f"{value:.5g}"


def tell(story: Sequence[dict[str, Any]], form: str) -> None:
    """Events with their times: {time_s, what}."""
    if form != "table":
        show(["time_s", "what"], [(each["time_s"], each["what"]) for each in story], form)
        return
    times = ["" if each["time_s"] is None else f"{each['time_s']:.6f} s" for each in story]
    width = max(map(len, times))
    say(*(f"{time:>{width}}  {each['what']}" for time, each in zip(times, story, strict=True)))


def cells(heading: str, values: Sequence[Any]) -> list[str]:
    """One column of a table: its floats with as many digits as the longest of them needs."""
    floats = [value for value in values if isinstance(value, float) and math.isfinite(value)]
    digits = max((len(fraction(value)) for value in floats), default=0)
    texts = [cell(value, digits) for value in values]
    if any(isinstance(value, int | float) for value in values):
        width = max(map(len, [heading, *texts]))
        return [text.rjust(width) for text in texts]  # the first column is set to the left
    return texts


def cell(value: Any, digits: int) -> str:
    value = plain(value)
    if value is None:
        return "-"
    if not isinstance(value, float):
        return str(value)
    ordinary = value == 0 or 10**-DIGITS <= abs(value) < 1e12
    return f"{value:.{digits}f}" if ordinary else f"{value:.6g}"


def fraction(value: float) -> str:
    """The digits that a number shows after the point."""
    return f"{value:.{DIGITS}f}".partition(".")[2].rstrip("0")


def plain(value: Any) -> Any:
    """A value of a query as JSON has it: no NaN, and text for what is neither number nor text."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case Decimal():
            return plain(float(value))
        case list() | tuple():
            return [plain(each) for each in value]
        case dict():
            return {str(key): plain(each) for key, each in value.items()}
    return str(value)
