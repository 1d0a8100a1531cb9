"""Writing to the terminal: lines, tables, CSV and JSON, warnings, progress."""

import csv
import io
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

Cells = Sequence[Sequence[str]]
WIDE = 200  # columns where no terminal says how wide it is


def console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, emoji=False)


def say(*lines: str) -> None:
    out = console()
    for line in lines:
        out.print(line, markup=False, emoji=False, soft_wrap=True)


def warn(*lines: str) -> None:
    for line in lines:
        sys.stderr.write(f"warning: {line}\n")


def table(headings: Sequence[str], rows: Cells) -> None:
    """Columns under headings: the first to the left, numbers to the right."""
    grid = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    for i, heading in enumerate(headings):
        grid.add_column(heading, justify="left" if i == 0 else "right", no_wrap=True)
    for row in rows:
        grid.add_row(*row)
    console().print(grid, markup=False, emoji=False)


def emit(rows: Sequence[dict[str, Any]], form: str) -> None:
    """Rows as CSV or JSON; what is missing is empty or null, never NaN."""
    if form == "json":
        say(json.dumps(list(rows), indent=1, allow_nan=False))
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    say(text.getvalue().rstrip("\n"))


def number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


@contextmanager
def progress(what: str, total: int) -> Iterator[Any]:
    """Yields `advance(steps)`; a bar with the time left appears after a second, on a terminal."""
    out = Console(stderr=True)
    bar = Progress(
        TextColumn(what), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(), console=out, transient=True, disable=not out.is_terminal,
    )  # fmt: skip
    task = bar.add_task(what, total=total)
    began, shown = time.monotonic(), False

    def advance(steps: int) -> None:
        nonlocal shown
        bar.advance(task, steps)
        if not shown and time.monotonic() - began > 1:
            bar.start()
            shown = True

    try:
        yield advance
    finally:
        bar.stop()
