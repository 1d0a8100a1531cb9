"""Writing to the terminal: lines, tables, CSV and JSON, warnings, progress."""

import csv
import io
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from lobsim.engines import FIRST
from lobsim.errors import escaped

Cells = Sequence[Sequence[str]]
GAP = 2  # blanks between columns


def say(*lines: str) -> None:
    """Lines on stdout; of what is in them nothing can end a line or colour it."""
    sys.stdout.writelines(f"{escaped(line)}\n" for line in lines)


def aside(*lines: str) -> None:
    """Lines beside the output, on stderr."""
    sys.stderr.writelines(f"{escaped(line)}\n" for line in lines)


def warn(*lines: str) -> None:
    aside(*(f"warning: {line}" for line in lines))


def table(headings: Sequence[str], rows: Cells) -> None:
    """Columns under headings: the first to the left, numbers to the right.

    A terminal that is too narrow for all gets the columns in several tables, each with the first.
    """
    columns = [[escaped(cell) for cell in column] for column in zip(headings, *rows, strict=True)]
    widths = [max(map(cell_len, column)) for column in columns]
    padded = [
        [padded_cell(cell, width, left=i == 0) for cell in column]
        for i, (column, width) in enumerate(zip(columns, widths, strict=True))
    ]
    for i, group in enumerate(groups(widths, width_of_terminal())):
        chosen = [padded[0], *(padded[column] for column in group)]
        lines = [(" " * GAP).join(line).rstrip() for line in zip(*chosen, strict=True)]
        say(*([""] if i else []), *lines)


def width_of_terminal() -> int | None:
    """None where there is no terminal, or it does not say."""
    if not sys.stdout.isatty():
        return None
    return os.get_terminal_size(sys.stdout.fileno()).columns or None


def groups(widths: Sequence[int], available: int | None) -> list[list[int]]:
    """The columns after the first, in groups that fit beside it; one at least in each."""
    found: list[list[int]] = [[]]
    used = widths[0]
    for column in range(1, len(widths)):
        needed = GAP + widths[column]
        if available is not None and found[-1] and used + needed > available:
            found.append([])
            used = widths[0]
        found[-1].append(column)
        used += needed
    return found


def padded_cell(cell: str, width: int, *, left: bool) -> str:
    blanks = " " * (width - cell_len(cell))
    return f"{cell}{blanks}" if left else f"{blanks}{cell}"


def emit(rows: Sequence[dict[str, Any]], form: str) -> None:
    """Rows as CSV or JSON; what is missing is empty or null, never NaN."""
    if form == "json":
        sys.stdout.write(json.dumps(list(rows), indent=1, allow_nan=False) + "\n")
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    sys.stdout.write(text.getvalue())


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


class Rate(ProgressColumn):
    """How many steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if not speed else f"{speed:,.0f}/s" if speed >= 10 else f"{speed:.1f}/s")


class Steps:
    """How far a long piece of work is: a bar with the time left, on a terminal, after a second."""

    def __init__(self, what: str, total: int, rate: bool) -> None:
        out = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(), TextColumn(what), BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"), *([Rate()] if rate else []),
            TimeRemainingColumn(), console=out, transient=True, disable=not out.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(what, total=total)
        self._began, self._shown = time.monotonic(), False

    def __call__(self, steps: int, total: int | None = None) -> None:
        """So many more are done, of so many in all where that changes."""
        self._bar.update(self._task, advance=steps, total=total)
        if time.monotonic() - self._began > 1:
            self.show()
        if self._shown and self._bar.finished:
            self._bar.stop()  # another may follow: one at a time can be shown

    def tell(self, line: str) -> None:
        """A line aside; that something takes its time before the first step shows the bar."""
        aside(line)
        if line == FIRST:
            self.show()

    def show(self) -> None:
        if not self._shown:
            self._bar.start()
            self._shown = True

    def stop(self) -> None:
        self._bar.stop()


@contextmanager
def progress(what: str, total: int, rate: bool = False) -> Iterator[Steps]:
    """Shows nothing of work that is done in a second; `rate`: with steps per second."""
    steps = Steps(what, total, rate)
    try:
        yield steps
    finally:
        steps.stop()
