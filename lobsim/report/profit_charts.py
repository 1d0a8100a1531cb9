"""Where profit came from: its causes as stacked bars, and what fills were worth later."""

import html
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lobsim.errors import UsageError
from lobsim.report.attribution import COLUMNS, WITHOUT_MIDS
from lobsim.report.looks import INK
from lobsim.report.markouts import column_of, error_of, mean
from lobsim.report.page import Page, Picture, amount
from lobsim.report.source import Shown, Source, of_account
from lobsim.report.statistics import normal
from lobsim.report.sweep_looks import bars
from lobsim.report.sweep_table import Figure, finite, safe

if TYPE_CHECKING:
    import pandas as pd

CAUSES = {  # and their colours
    "spread": "#009E73", "diffusion": "#56B4E9", "moves": "#56B4E9", "drift": "#0072B2",
    "jumps": "#D55E00", "informed": "#CC79A7", "fees": "#E69F00", "closing": "#000000",
}  # fmt: skip
SHARES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)  # of the run: horizons of markouts


def attribution(page: Page, sources: Sequence[Source]) -> None:
    page.section(
        "What the profit is made of",
        "Spread earned at the fills, moves of the mid on the inventory held by their causes, fees "
        "(below 0 where paid) and closing: they add up to the profit, in whole 1/1000 ticks. The "
        "diamond is the profit.",
    )
    rows: list[tuple[str, dict[str, Any]]] = []
    for source in sources:
        try:
            frame = source.run.attribution()
        except UsageError as error:
            page.notes(*error.problems)
            continue
        rows += [row for shown in source.strategies for row in told(source, shown, frame)]
    if not rows:
        return
    columns = [
        name
        for name in dict.fromkeys((*COLUMNS, *WITHOUT_MIDS))
        if name in ("spread", "profit", "residual") or any(row.get(name) for _, row in rows)
    ]
    columns.sort(key=lambda name: name in ("profit", "residual"))
    page.pictures([stacked_bars(rows, columns)])
    page.table(
        ["", *columns],
        [
            [html.unescape(label), *(amount(row.get(name, 0.0)) for name in columns)]
            for label, row in rows
        ],
    )


def told(
    source: Source, shown: Shown, frame: "pd.DataFrame"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """A strategy's rows of the attribution, one an asset, and what they are called."""
    for row in frame[frame["strategy"] == shown.strategy].to_dict("records"):
        several = len(source.traded(shown.strategy)) > 1
        yield f"{shown.label}, {safe(row['asset'])}" if several else shown.label, row


def stacked_bars(rows: Sequence[tuple[str, dict[str, Any]]], columns: Sequence[str]) -> Picture:
    places = list(range(len(rows)))
    traces: list[dict[str, Any]] = [
        {
            "type": "bar", "name": name, "x": places, "marker": {"color": CAUSES[name]},
            "y": [finite(row.get(name, 0.0)) for _, row in rows],
            "hovertemplate": f"{name} %{{y:.6g}}<extra></extra>",
        }
        for name in columns
        if name in CAUSES
    ]  # fmt: skip
    traces.append({
        "type": "scatter", "mode": "markers", "name": "profit", "x": places,
        "y": [finite(row["profit"]) for _, row in rows],
        "marker": {
            "symbol": "diamond", "size": 11, "color": "#ffffff",
            "line": {"width": 2, "color": INK},
        },
        "hovertemplate": "profit %{y:.6g}<extra></extra>",
    })  # fmt: skip
    layout = {
        "barmode": "relative", "bargap": 0.5,
        "xaxis": {
            "tickvals": places, "ticktext": [label for label, _ in rows], "showgrid": False,
            "range": [-0.6, len(rows) - 0.4], "zeroline": False, "title": {"text": "strategy"},
        },
        "yaxis": {"title": {"text": "profit (currency)"}},
    }  # fmt: skip
    return Picture("", traces, layout)


def markouts(page: Page, sources: Sequence[Source]) -> None:
    """What the fills as maker were worth so much later."""
    page.section(
        "Markouts",
        "side x (mid some time later - price), mean per lot over fills as maker: the half-spread "
        "that is left after so long. Bars: 95 % intervals (Newey and West), where the run is long "
        "enough for them; a fall beyond them is what others knew.",
    )
    found: list[tuple[Shown, str, dict[float, Figure]]] = []
    for source in sources:
        label = f"{source.name}: " if len(sources) > 1 else ""
        horizons = [float(f"{share * source.duration_s:.3g}") for share in SHARES]
        try:
            fills = source.run.markouts(horizons)
            page.notes(f"{label}{source.run.adverse_selection}.")
        except UsageError as error:
            page.notes(f"{label}{'; '.join(error.problems)}")
            continue
        fills = fills[fills["liquidity"] == "maker"]
        page.notes("" if len(fills) else f"{label}No fills as maker.")
        for shown in source.strategies:
            several = len(source.traded(shown.strategy)) > 1
            for asset in source.traded(shown.strategy):
                own = of_account(fills, shown.strategy, asset)
                name = f"{shown.label}, {safe(asset)}" if several else shown.label
                if len(own):
                    found.append((shown, name, curve(own, horizons)))
    if not found:
        return
    at = sorted({time for _, _, figures in found for time in figures})
    layout = {
        "xaxis": {
            "title": {"text": "time after the fill (s)"}, "zeroline": False,
            "tickvals": list(range(len(at))),
            "ticktext": ["at the fill", *(f"{time:g}" for time in at[1:])],
        },
        "yaxis": {"title": {"text": "markout (currency per lot)"}, "rangemode": "tozero"},
    }  # fmt: skip
    traces = [
        {
            "type": "scatter", "mode": "lines+markers", **shown.look, "name": name,
            "x": [at.index(time) for time in figures],
            "y": [figure.value for figure in figures.values()], "line": shown.line,
            "marker": {"symbol": shown.symbol, "size": 7},
            "error_y": bars([*figures.values()], shown.colour), "hovertemplate": "%{y:.5g}",
        }
        for shown, name, figures in found
    ]  # fmt: skip
    page.pictures([Picture("", traces, layout)])


def curve(fills: "pd.DataFrame", horizons: Sequence[float]) -> dict[float, Figure]:
    """The mean half-spread at the fill (0), and the mean markout per lot so much later."""
    side = np.where(fills["side"] == "buy", 1.0, -1.0)
    quoted = side * (fills["mid"] - fills["price"]).to_numpy(np.float64)
    size = fills["size"].to_numpy(np.float64)
    at_fill = Figure(finite(mean(quoted, size)), None, None)
    return {0.0: at_fill} | {horizon: figure_of(fills, horizon) for horizon in horizons}


def figure_of(fills: "pd.DataFrame", horizon_s: float) -> Figure:
    """The mean markout per lot, and its interval; of the fills whose markout is known."""
    own = fills[fills[column_of(horizon_s)].notna()]
    values = own[column_of(horizon_s)].to_numpy(np.float64)
    size = own["size"].to_numpy(np.float64)
    error = error_of(values, size, own["ts_event"].to_numpy(np.int64) / 1e9, horizon_s)
    middle = finite(mean(values, size)) if len(values) else None
    if middle is None or not math.isfinite(error):
        return Figure(middle, None, None)
    return Figure(middle, middle - normal() * error, middle + normal() * error)
