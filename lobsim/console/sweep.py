"""What a sweep says: what it will take, its table, what failed."""

import sys
from pathlib import Path

from lobsim.console.write import aside, counted, number, say, table
from lobsim.sweeps.results import Result
from lobsim.sweeps.sweep import Sweep

SHOWN, TOLD = 40, 10  # rows of the table, failures


def confirmed(size: str, long: bool, yes: bool) -> bool:
    """Tell what a sweep will take; whether it may begin, which is asked where it is long."""
    aside(size)
    if not long or yes:
        return True
    if not sys.stdin.isatty():
        return False
    sys.stderr.write("go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def print_sweep(sweep: Sweep) -> None:
    """The profit at every point; the rest is in the folder."""
    rows = profits(sweep)
    headings = [*sweep.axes, "mode", "strategy", "profit", "95 % interval", "sd", "fills"]
    cells = [
        [
            *map(cell, profit.values), profit.mode, profit.strategy, number(profit.value),
            "-" if profit.low is None else f"{profit.low:.2f}..{profit.high:.2f}",
            number(sd.value), number(fills.value, 1),
        ]
        for profit, sd, fills in rows[:SHOWN]
    ]  # fmt: skip
    if cells:
        table(headings, cells)
    if len(rows) > SHOWN:
        say(f"... {len(rows) - SHOWN} more rows in {sweep.folder / 'results.csv'}")
    say(f"digest {sweep.digest[:8]}")
    points = len({failure.point for failure in sweep.failures})
    if points:
        say(f"{counted(points, 'point')} with failures, which have no results")


def failures_of(sweep: Sweep) -> list[str]:
    """A line each, of the first ones."""
    told = [
        f"point {each.point}, replications {each.first} to {each.last - 1}: {each.reason}"
        for each in sweep.failures[:TOLD]
    ]
    more = len(sweep.failures) - TOLD
    return [*told, *([f"... {more} more, in {sweep.folder / 'sweep.json'}"] if more > 0 else [])]


def profits(sweep: Sweep) -> list[tuple[Result, Result, Result]]:
    """Profit, its deviation and the fills of each strategy in each mode at each point."""
    by_statistic: dict[str, list[Result]] = {"profit": [], "sd": [], "fills": []}
    for row in sweep.results:
        if row.statistic in by_statistic:
            by_statistic[row.statistic].append(row)
    return list(zip(*by_statistic.values(), strict=True))


def cell(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def save_page(sweep: Sweep, plots: list[str]) -> Path | None:
    """The pictures of a sweep, in its folder.  Raises StorageError."""
    import pandas as pd

    from lobsim.folder import write_bytes
    from lobsim.report.sweep_page import sweep_page
    from lobsim.sweeps.results import as_dicts

    if not sweep.results:
        return None
    frame = pd.DataFrame(as_dicts(sweep.results, sweep.axes))
    page = sweep_page(sweep.title, frame, sweep.axes, plots)
    path = sweep.folder / "plots.html"
    write_bytes(path, page.encode())
    return path
