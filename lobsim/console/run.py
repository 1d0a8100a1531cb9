"""What a run says: who earned what, who was halted, the paths of inventory."""

from collections.abc import Sequence
from typing import Any

from lobsim.console.write import number, say, table
from lobsim.report.assets import assets_of, endowment, traded_by
from lobsim.report.frames import Run
from lobsim.report.sparkline import sparkline
from lobsim.summary import Summary

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
    for row in summary:
        if row["by_asset"]:
            parts = [f"{profit:+.2f} in {asset}" for asset, profit in row["by_asset"]]
            say(f" {row['strategy']}: {', '.join(parts)}")
    say("")
    print_states(run)
    print_paths(run)


def oddities(manifest: dict[str, Any]) -> list[str]:
    """What a user should know of strategies that did not do what they may have meant."""
    said = [
        f"{name} took {share:.0%} of the run's {manifest['seconds']:.0f} s for its answers"
        for name, share in manifest["slow"].items()
    ]
    for row in manifest["summary"]:
        name = row["strategy"]
        if row["problem"]:
            said.append(f"{name} was taken out of the market: {row['problem']}")
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
        elif not (row["fills"] or row["uptime"] or row["best_share"] or row["problem"]):
            said.append(f"{name} sent no quote; does on_quote return what desk.quote() gives?")
    return said


def print_states(run: Run) -> None:
    """Who was stopped when, by what figure, and for how long; who could only reduce."""
    found = run.dataset("risk")
    states: dict[str, list[dict[str, Any]]] = {}
    for row in [] if found is None else found.to_table().to_pylist():
        states.setdefault(account_name(run.manifest, row["strategy"], row["asset"]), []).append(row)
    if not states:
        return
    scenario = run.manifest["scenario"]
    steps = sorted({asset["price"]["step_ms"] for asset in assets_of(run.manifest).values()})
    marks = f"marks every {' or '.join(f'{ms:g}' for ms in steps)} ms, at orders and fills"
    for name, rows in states.items():
        ends = [row["ts_event"] for row in rows[1:]] + [round(scenario["duration_s"] * 1e9)]
        reducing = [
            (row, end - row["ts_event"])
            for row, end in zip(rows, ends, strict=True)
            if row["state"] == "reduce_only"
        ]
        if reducing:
            first, spent = reducing[0][0], sum(lasted for _, lasted in reducing)
            times = "once" if len(reducing) == 1 else f"{len(reducing)} times"
            say(
                f"{name} could only reduce {times}, {spent / 1e9:.3g} s in all, first at "
                f"{first['ts_event'] / 1e9:.4g} s: {passed(first)}"
            )
        for row in rows:
            at = f"at {row['ts_event'] / 1e9:.4g} s"
            if row["cause"] == "plugin":
                say(f"{name} taken out of the market {at}: its plugin failed")
            elif row["state"] == "halted":
                say(f"{name} halted {at}: {passed(row)}, {row['overshoot']:.2g} over ({marks})")
            elif row["cause"] == "cooled":
                say(f"{name} back {at}")
    say("")


def passed(row: dict[str, Any]) -> str:
    return f"{row['cause']} {row['figure']:.4g}, limit {row['limit']:.4g}"


def print_saved(limited: Sequence[Summary], free: Sequence[Summary]) -> None:
    """What the limits saved or cost each strategy on one path."""
    say("")
    for with_limits, without in zip(limited, free, strict=True):
        saved = with_limits.profit - without.profit
        if saved:
            say(
                f"limits {'saved' if saved > 0 else 'cost'} {with_limits.strategy} "
                f"{abs(saved):.2f} on this path: profit {with_limits.profit:.2f} with them, "
                f"{without.profit:.2f} without"
            )


def print_paths(run: Run) -> None:
    """Every strategy's inventory over time, on one scale."""
    scenario = run.manifest["scenario"]
    assets, accounts = assets_of(run.manifest), accounts_of(run.manifest)
    summary = run.manifest["summary"]
    scale = max(max(abs(row["lowest"]), abs(row["highest"])) for row in summary)
    duration = round(scenario["duration_s"] * 1e9)
    say(f"inventory, 0 to {scenario['duration_s']:g} s (scale {-scale}..{scale})")
    width = max(map(len, accounts))
    for account, (strategy, asset) in accounts.items():
        since, held = own_path(run, strategy, asset)
        times, path = [0, *since], [endowment(run.manifest, strategy, asset)[0], *held]
        say(f" {account:<{width}}  {sparkline(times, path, duration, scale, PATH_WIDTH)}")
    if not any(row["fills"] for row in summary):
        say(" no fills")
    for name, told in assets.items():
        if not told["flow"]["A"]:
            key = "asset" if len(assets) == 1 else f"asset.{name}"
            say(f" no market orders: {key}.flow.A = 0")


def accounts_of(manifest: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Strategy and asset of every account, by what it is called."""
    return {
        account_name(manifest, strategy, asset): (strategy, asset)
        for strategy in manifest["strategies"]
        for asset in traded_by(manifest, strategy)
    }


def account_name(manifest: dict[str, Any], strategy: str, asset: str) -> str:
    return strategy if len(traded_by(manifest, strategy)) == 1 else f"{strategy} {asset}"


def own_path(run: Run, strategy: str, asset: str) -> tuple[list[int], list[int]]:
    """When a strategy's inventory in an asset changed, in ns, and what it was from then on."""
    import pyarrow.dataset as ds  # not by frames: pandas takes 0.3 s to be imported

    fills = run.dataset("fills")
    if fills is None:
        return [], []
    own = fills.to_table(
        ["ts_event", "inventory"],
        filter=(ds.field("strategy") == strategy) & (ds.field("asset") == asset),
    )
    return own["ts_event"].to_pylist(), own["inventory"].to_pylist()


def print_next(commands: dict[str, str]) -> None:
    """What one may want to type next, and what it shows."""
    width = max(map(len, commands))
    say("")
    for i, (command, shows) in enumerate(commands.items()):
        say(f"{'' if i else 'next':<5} {command:<{width}}   {shows}")
