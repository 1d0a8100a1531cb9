"""What the commands print: tables, one run's story, progress."""

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

from lobsim.compare import Comparison, Row
from lobsim.report.frames import Run
from lobsim.report.sparkline import sparkline

Cells = Sequence[Sequence[str]]
PATH_WIDTH = 40
WIDE = 200  # columns where no terminal says how wide it is


def console() -> Console:
    return Console(highlight=False) if sys.stdout.isatty() else Console(width=WIDE, highlight=False)


def say(*lines: str) -> None:
    out = console()
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


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
    console().print(grid, markup=False)


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


# A run


def print_run(run: Run, notes: Comparison | None) -> None:
    manifest = run.manifest
    scenario, summary = manifest["scenario"], manifest["summary"]
    say(scenario["title"] or manifest["name"])
    audit = "" if manifest["audited"] else " · no audit"
    say(
        f" seed {manifest['seed']} · replication {manifest['replication']} · "
        f"{manifest['engine']} engine · took {manifest['seconds']:.2f} s · "
        f"digest {run.digest[:8]}{audit}",
        "",
    )
    fees = any(row["fees"] for row in summary)
    headings = ["", "fills", "spread earned", "+ luck", *(["- fees"] if fees else []), "= profit"]
    table(
        [*headings, "closed", "worst drawdown", "inventory low..high", "halts"],
        [
            [
                f" {row['strategy']}",
                str(row["fills"]),
                number(row["spread_earned"]),
                f"{row['luck']:+.2f}",
                *([number(row["fees"])] if fees else []),
                number(row["profit"]),
                number(row["profit_closed"]),
                number(row["drawdown"]),
                f"{row['lowest']}..{row['highest']}",
                str(row["halts"]),
            ]
            for row in summary
        ],
    )
    say("")
    print_halts(run)
    print_paths(run)
    if notes is not None:
        print_replications(notes)


def oddities(summary: Sequence[dict[str, Any]]) -> list[str]:
    """What a user should know of strategies that did not do what they may have meant."""
    said = []
    for row in summary:
        name = row["strategy"]
        if row["saturated"]:
            said.append(
                f"{name}: {row['saturated'] / row['quotes']:.1%} of quotes saturated (deeper "
                f"through the mid than d0); raise asset.flow.d0 to {-row['least_depth']:.2g}"
            )
        if row["refused"]:
            said.append(
                f"{name}: {row['refused']} commands were refused (inventory limit, halt or "
                f"crossing); the outcome column of the orders says why"
            )
        elif not (row["fills"] or row["uptime"] or row["best_share"]):
            said.append(f"{name} sent no quote; does on_quote return what desk.quote() gives?")
    return said


def print_halts(run: Run) -> None:
    """Who was halted when, with the figure that caused it."""
    frame = run.risk
    for row in frame.to_dict("records") if len(frame) else ():
        say(
            f"{row['strategy']} {row['state']} at {row['ts_event'] / 1e9:.4g} s: "
            f"{row['cause']} {row['figure']:.4g}, limit {row['limit']:.4g}"
        )
    if len(frame):
        say("")


def print_paths(run: Run) -> None:
    """Every strategy's inventory over time, on one scale."""
    scenario = run.manifest["scenario"]
    fills = run.fills
    endowed = {spec["name"]: spec["inventory"] for spec in scenario["strategy"]}
    summary = run.manifest["summary"]
    scale = max(max(abs(row["lowest"]), abs(row["highest"])) for row in summary)
    duration = round(scenario["duration_s"] * 1e9)
    say(f"inventory, 0 to {scenario['duration_s']:g} s (scale {-scale}..{scale})")
    width = max(len(row["strategy"]) for row in summary)
    for row in summary:
        name = row["strategy"]
        own = fills[fills["strategy"] == name] if len(fills) else fills
        times = [0, *(own["ts_event"].tolist() if len(own) else ())]
        path = [endowed.get(name, 0), *(own["inventory"].tolist() if len(own) else ())]
        say(f" {name:<{width}}  {sparkline(times, path, duration, scale, PATH_WIDTH)}")
    if not len(fills):
        say(" no fills")


def print_replications(comparison: Comparison) -> None:
    say("", f"One path is luck. {comparison.reps} replications (mean, standard deviation):")
    worst = min(
        comparison.rows,
        key=lambda row: comparison.summaries[row.mode][row.strategy][row.worst_rep].profit,
    )
    width = max(len(row.strategy) for row in comparison.rows)
    for row in comparison.rows:
        say(
            f" {row.strategy:<{width}}  {row.profit_mean:7.1f}  {number(row.profit_sd, 1):>6}   "
            f"drawdown {row.drawdown_mean:.1f}"
            + (f"   worst: --rep {row.worst_rep}" if row is worst else "")
        )


# A comparison


def print_comparison(comparison: Comparison) -> None:
    for mode in comparison.summaries:
        what = "each alone in the same world" if mode == "isolated" else "all in one book"
        say(f"{mode}: {what}, seed {comparison.seed}, {comparison.reps} replications")
        rows = [row for row in comparison.rows if row.mode == mode]
        fees = any(row.fees_mean for row in rows)
        crossed = any(row.maker_trades_mean for row in rows)
        headings = ["", "profit", "sd", "95 % interval", "closed", "spread earned", "+ luck"]
        headings += ["- fees"] if fees else []
        headings += ["inventory", "its sd", "fills", "quoted spread", "up", "at best"]
        headings += ["drawdown", "halts", *(["maker trades"] if crossed else []), "worst"]
        table(headings, [comparison_cells(row, fees, crossed) for row in rows])
        only = " --strategies NAME" if mode == "isolated" else ""
        say(f"one path of it: lobsim run {comparison.scenario}{only} --rep N", "")


def comparison_cells(row: Row, fees: bool, crossed: bool) -> list[str]:
    interval = "-" if row.profit_low is None else f"{row.profit_low:.2f}..{row.profit_high:.2f}"
    return [
        f" {row.strategy}",
        number(row.profit_mean),
        number(row.profit_sd),
        interval,
        number(row.profit_closed_mean),
        number(row.spread_earned_mean),
        f"{row.luck_mean:+.2f}",
        *([number(row.fees_mean)] if fees else []),
        f"{row.inventory_mean:+.2f}",
        number(row.inventory_sd),
        number(row.fills_mean, 1),
        number(row.spread_mean, 3),
        f"{row.uptime:.0%}",
        f"{row.best_share:.0%}",
        number(row.drawdown_mean),
        str(row.halts),
        *([number(row.maker_trades_mean, 1)] if crossed else []),
        f"--rep {row.worst_rep}",
    ]


# Progress


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
