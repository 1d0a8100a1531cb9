"""What a run says: who earned what, who was halted, the paths of inventory."""

from collections.abc import Sequence
from typing import Any

from lobsim.console.write import number, say, table
from lobsim.report.frames import Run
from lobsim.report.sparkline import sparkline

PATH_WIDTH = 40


def print_run(run: Run) -> None:
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
