"""The measures of one run: a row for each strategy and asset, and for what it holds of several."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lobsim.report.activity import (
    fill_ratio,
    halted_time,
    lot_ratio,
    mean_queue_ahead,
    time_at_limit,
    turnover,
)
from lobsim.report.assets import assets_of, endowment, traded_by
from lobsim.report.frames import Run
from lobsim.report.measures import (
    LEVEL,
    conditional_value_at_risk,
    half_life,
    max_drawdown,
    on_grid,
    sharpe_ratio,
    standard_deviation,
    time_weighted,
    value_at_risk,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {  # of tables, that are read
    "fills": [
        "seq", "ts_event", "order_id", "strategy", "asset", "liquidity", "price", "size",
        "inventory", "queue_ahead",
    ],
    "orders": [
        "seq", "order_id", "strategy", "asset", "kind", "size", "filled", "open", "outcome",
    ],
    "risk": ["ts_event", "strategy", "asset", "state"],
}  # fmt: skip
PORTFOLIO = "portfolio"  # in place of an asset: all that a strategy holds, of several
STEPS = 1000  # of the grid in a run, where none is given
UNITS = {  # of the columns
    "grid_s": "s, of what is on a grid",
    "profit": "currency",
    "deviation": "currency, of changes on the grid",
    "deviation_se": "currency",
    "var": "currency, of changes on the grid",
    "var_se": "currency",
    "cvar": "currency, of changes on the grid",
    "cvar_se": "currency",
    "max_drawdown": "currency, on the grid",
    "sharpe": "mean over deviation, of the run",
    "sharpe_se": "pure",
    "inventory_mean": "lots, over time",
    "inventory_sd": "lots, over time",
    "at_limit": "share of the time",
    "half_life_s": "s, of the inventory, on the grid",
    "fill_ratio": "orders that traded, of those placed",
    "lot_ratio": "lots traded, of those placed",
    "uptime": "share of the time, mean of assets",
    "best_share": "share of the time, mean of assets",
    "queue_ahead": "lots",
    "lots": "lots",
    "turnover": "currency",
    "halted": "share of the time",
}


def measures_of(run: Run, grid_s: float | None = None, level: float = LEVEL) -> "pd.DataFrame":
    """`Run.measures`.  Raises UsageError."""
    import pandas as pd

    equity = run.equity
    fills, orders, risk = (run.frame(table, columns) for table, columns in COLUMNS.items())
    end_s = float(run.manifest["scenario"]["duration_s"])
    grid = end_s / STEPS if grid_s is None else grid_s
    summary = {row["strategy"]: row for row in run.manifest.get("summary", [])}
    rows = []
    for strategy in run.manifest["strategies"]:
        told, traded = summary.get(strategy, {}), traded_by(run.manifest, strategy)
        for asset in [*traded, PORTFOLIO] if len(traded) > 1 else traded:
            within = traded if asset == PORTFOLIO else [asset]
            path, own, placed, states = (
                frame[(frame["strategy"] == strategy) & frame["asset"].isin(within)]
                for frame in (equity, fills, orders, risk)
            )
            paths = [rows for _, rows in path.groupby("asset")]
            row = {"strategy": strategy, "asset": asset, "grid_s": grid}
            row |= of_equity(paths, grid, end_s, level)
            if asset != PORTFOLIO:
                row |= of_inventory(run, strategy, asset, own, grid, end_s)
            if len(within) == len(traded):  # the run counts these for all together
                row |= {name: told.get(name, math.nan) for name in ("uptime", "best_share")}
            row |= {
                "fill_ratio": fill_ratio(placed, own) if len(placed) else math.nan,
                "lot_ratio": lot_ratio(placed, own) if len(placed) else math.nan,
                "queue_ahead": mean_queue_ahead(own),
                "lots": int(own["size"].sum()),
                "turnover": turnover(own),
                "halted": halted_time(states, end_s),
            }
            rows.append(row)
    return pd.DataFrame(rows, columns=["strategy", "asset", *UNITS])


def of_equity(
    paths: "list[pd.DataFrame]", grid: float, end_s: float, level: float
) -> dict[str, float]:
    """Of equity at every mark, seen on the grid: the sum of what each account has."""
    each = [on_grid(path["equity"], path["ts_event"] / 1e9, grid, end_s) for path in paths]
    seen = np.sum(each, axis=0)
    changes = np.diff(seen)
    found = {
        "deviation": standard_deviation(changes),
        "var": value_at_risk(changes, level),
        "cvar": conditional_value_at_risk(changes, level),
        "sharpe": sharpe_ratio(changes, end_s / grid),
    }
    row = {"profit": float(seen[-1] - seen[0]), "max_drawdown": max_drawdown(seen)}
    for name, (value, error) in found.items():
        row |= {name: value, f"{name}_se": error}
    return row


def of_inventory(
    run: Run, strategy: str, asset: str, fills: "pd.DataFrame", grid: float, end_s: float
) -> dict[str, float]:
    lots, _ = endowment(run.manifest, strategy, asset)
    times = np.concatenate([[0.0], fills["ts_event"] / 1e9])
    held = np.concatenate([[lots], fills["inventory"]])
    mean, deviation = time_weighted(held, times, end_s)
    limit = limit_of(run.manifest, asset)
    return {
        "inventory_mean": mean,
        "inventory_sd": deviation,
        "at_limit": time_at_limit(fills, lots, limit, end_s),
        "half_life_s": half_life(on_grid(held, times, grid, end_s), grid),
    }


def limit_of(manifest: dict[str, Any], asset: str) -> int | None:
    """Of an account's inventory in an asset, lots; as it is in quiet times, where it depends on
    the volatility.
    """
    own: int | None = assets_of(manifest)[asset]["risk"]["max_inventory"]
    whole: int | None = manifest["scenario"]["risk"]["max_inventory"]
    return whole if own is None else own
