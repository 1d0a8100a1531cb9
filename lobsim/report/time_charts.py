"""Mid, profit, drawdown and inventory over time, one above the other."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lobsim.report.looks import INK, dash_of
from lobsim.report.moments import Floats, Ints
from lobsim.report.page import Page, Picture, plain
from lobsim.report.source import TOGETHER, Shown, Source
from lobsim.report.stacked import axis_of, stacked
from lobsim.report.sweep_table import evenly, safe
from lobsim.report.thinning import intervals_for, kept

if TYPE_CHECKING:
    import pandas as pd

ASSETS, JUMPS, BANDS = 4, 400, 300  # that are drawn at most
SHADES = {"halted": "40", "cooling": "40", "reduce_only": "18"}  # how dark, in hexadecimal
Path = tuple[Ints, Floats | Ints]  # times in ns, and values


def over_time(page: Page, sources: Sequence[Source]) -> None:
    """The section with the paths of all strategies."""
    assets = list(dict.fromkeys(name for source in sources for name in source.assets))
    drawn = assets[:ASSETS]
    several = len(assets) > 1
    titles = [f"mid{f' of {safe(name)}' if several else ''} (currency)" for name in drawn]
    titles += ["profit (currency)", "drawdown (currency)"]
    titles += [f"inventory{f', {safe(name)}' if several else ''} (lots)" for name in drawn]
    end = max(source.duration_s for source in sources)
    layout, height = stacked(titles, "time (s)", [0, end])
    lines = sum(len(drawn) + len(s.strategies) * (2 + len(drawn)) for s in sources)
    intervals = intervals_for(lines)
    traces: list[dict[str, Any]] = []
    for i, name in enumerate(drawn):
        traces += mids(sources, name, i, intervals)
    for source in sources:
        for shown in source.strategies:
            traces += paths(source, shown, drawn, intervals)
    bands = [band for source in sources for band in shaded(source)]
    layout["shapes"] = [
        band | {"y0": 0, "y1": layout["yaxis" + axis_of(len(drawn))[1:]]["domain"][1]}
        for band in bands[:BANDS]
    ]
    thin = any(len(source.equity) > 4 * intervals for source in sources)
    page.section(
        "Over time",
        "Profit is equity less that at the start, with the inventory at the mid; drawdown its fall "
        "from its highest so far. What is zoomed in one row is zoomed in all.",
        f"Drawn are the first, lowest, highest and last value of each of {intervals} intervals: no "
        "peak is lost." if thin else "",
        *told(sources, bands, assets),
    )  # fmt: skip
    page.pictures([Picture("", traces, layout, height)])


def told(sources: Sequence[Source], bands: list[dict[str, Any]], assets: list[str]) -> list[str]:
    """What else one should know of the picture."""
    count = sum(len(source.strategies) for source in sources)
    return [
        f"Seen are {TOGETHER} of {count} strategies; a click in the legend shows another."
        if count > TOGETHER else "",
        "Shaded in a strategy's colour: dark while it was halted, light while it could only "
        f"reduce{f' (the first {BANDS} times)' if len(bands) > BANDS else ''}." if bands else "",
        f"Drawn are the first {ASSETS} of {len(assets)} assets." if len(assets) > ASSETS else "",
        "The run kept no mids: mid and equity are known at fills alone, and falls between them are "
        "not seen." if any(not len(source.mids) for source in sources) else "",
    ]  # fmt: skip


def mids(sources: Sequence[Source], asset: str, row: int, intervals: int) -> list[dict[str, Any]]:
    """The mid of an asset in every run, a line for those that are alike; and its jumps."""
    found: list[tuple[str, Ints, Floats]] = []
    for source in sources:
        if asset not in source.assets:
            continue
        times, values = source.mid(asset)
        if not any(np.array_equal(times, t) and np.array_equal(values, v) for _, t, v in found):
            found.append((source.label, times, values))
    traces = []
    for i, (label, times, values) in enumerate(found):
        name = "mid" if len(found) == 1 else f"{label}: mid"
        look = {"name": name, "legendgroup": f"mid {i}", "showlegend": row == 0}
        line = {"color": INK, "width": 1.2, "dash": dash_of(7 * i)}
        traces.append(line_of((times, values), row, intervals, look, line))
    for source in sources:
        own = source.mids[(source.mids["asset"] == asset) & (source.mids["kind"] == "jump")]
        at = evenly(range(len(own)), JUMPS)
        if at:
            traces.append({
                "type": "scatter", "mode": "markers", "yaxis": axis_of(row), "name": "jumps",
                "legendgroup": "jumps", "showlegend": row == 0 and source is sources[0],
                "x": plain(own["ts_event"].to_numpy()[at] / 1e9),
                "y": plain(own["mid"].to_numpy(np.float64)[at]),
                "marker": {"symbol": "x", "size": 6, "color": "#D55E00"},
                "hovertemplate": "jump to %{y:.6g} at %{x:.6g} s<extra></extra>",
            })  # fmt: skip
    return traces


def paths(
    source: Source, shown: Shown, assets: Sequence[str], intervals: int
) -> list[dict[str, Any]]:
    times, profit, drawdown = profit_of(source, shown.strategy)
    first = len(assets)
    look = shown.look
    traces = [
        line_of((times, profit), first, intervals, look, shown.line),
        line_of((times, drawdown), first + 1, intervals, look | {"showlegend": False}, shown.line),
    ]
    for i, asset in enumerate(assets):
        if asset in source.traded(shown.strategy):
            own = source.account(shown.strategy, asset)
            path = own["ts_event"].to_numpy(np.int64), own["inventory"].to_numpy(np.int64)
            row, hidden = first + 2 + i, look | {"showlegend": False}
            traces.append(line_of(path, row, intervals, hidden, shown.line))
    return traces


def line_of(
    path: Path, row: int, intervals: int, look: dict[str, Any], line: dict[str, Any]
) -> dict[str, Any]:
    times, values = path
    at = kept(times, values, intervals)
    return {
        "type": "scatter", "mode": "lines", "yaxis": axis_of(row), **look,
        "x": plain(times[at] / 1e9), "y": plain(values[at]), "line": {**line, "shape": "hv"},
        "hovertemplate": "%{y:.6g} at %{x:.6g} s",
    }  # fmt: skip


def profit_of(source: Source, strategy: str) -> tuple[Ints, Floats, Floats]:
    """Times (ns), profit so far and drawdown, over all its assets."""
    own = source.equity[source.equity["strategy"] == strategy]
    if len(source.traded(strategy)) == 1:
        equity = own["equity"].to_numpy(np.float64)
        return own["ts_event"].to_numpy(np.int64), equity - equity[0], own["drawdown"].to_numpy()
    times, equity = together(own)
    return times, equity - equity[0], np.maximum.accumulate(equity) - equity


def together(own: "pd.DataFrame") -> tuple[Ints, Floats]:
    """The sum over assets at the end of each instant: within one their mids move in turn."""
    import pandas as pd

    wide = pd.DataFrame(
        {
            asset: of.drop_duplicates("ts_event", keep="last").set_index("ts_event")["equity"]
            for asset, of in own.groupby("asset", observed=True)
        }
    )
    total = wide.sort_index().ffill().sum(axis=1)
    return total.index.to_numpy(np.int64), total.to_numpy(np.float64)


def shaded(source: Source) -> Iterator[dict[str, Any]]:
    """Plotly's shapes of the times in which a strategy was stopped, or could only reduce."""
    for shown in source.strategies:
        own = source.risk[source.risk["strategy"] == shown.strategy]
        for _, rows in own.groupby("asset", observed=True):
            ends = [*rows["ts_event"].tolist()[1:], round(source.duration_s * 1e9)]
            for since, state, until in zip(
                rows["ts_event"].tolist(), rows["state"], ends, strict=True
            ):
                if state in SHADES and until > since:
                    yield {
                        "type": "rect", "xref": "x", "yref": "paper", "layer": "below",
                        "x0": since / 1e9, "x1": until / 1e9, "line": {"width": 0},
                        "fillcolor": f"{shown.colour}{SHADES[state]}",
                    }  # fmt: skip
