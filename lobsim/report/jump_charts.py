"""What happens around a jump of the mid, on average: quotes, inventory, profit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lobsim.report.looks import INK
from lobsim.report.moments import Floats, Ints
from lobsim.report.page import Page, Picture, plain
from lobsim.report.source import Shown, Source, of_account
from lobsim.report.stacked import axis_of, stacked
from lobsim.report.statistics import around
from lobsim.report.sweep_looks import band
from lobsim.report.sweep_table import Figure, finite, safe

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 5  # jumps that an average is made of
TIMES = 81  # at which the paths are seen
TITLES = ("price (currency)", "inventory (lots)", "profit (currency)")


class Jumps(NamedTuple):
    """Those whose window lies within the run: `grid` is the times (ns) seen around each, (J, T)
    `at` when that is; `before` the mid just before, `sign` 1 for a jump up.
    """

    grid: Ints
    at: Ints
    before: Floats
    sign: Floats
    since: Ints  # (J,) seq of the last row before the jump


def around_jumps(page: Page, source: Source, *, several: bool) -> None:
    """A section, where there are enough of them."""
    found = [(asset, jumps) for asset in source.assets if (jumps := jumps_of(source, asset))]
    if not found:
        return
    page.section(
        f"Around jumps{f' in {source.name}' if several else ''}",
        "Average paths before and after a jump of the mid; of jumps down everything is turned "
        "over, so that all go up. Prices are less the mid just before, and so is profit. "
        "Solid: the quote that the jump went towards, dotted the other; both at their mean "
        "distance from the mid, of those that were there. Bands: 95 % intervals.",
    )
    for asset, jumps in found:
        heading = f"{len(jumps.at)} jumps{f' of {asset}' if len(source.assets) > 1 else ''}"
        page.pictures([picture(source, asset, jumps, safe(heading))])


def jumps_of(source: Source, asset: str) -> Jumps | None:
    own = source.mids[source.mids["asset"] == asset]
    places = np.flatnonzero((own["kind"] == "jump").to_numpy())
    if len(places) < FEWEST:
        return None
    times, mids = source.mid(asset)  # one longer: the start is the first
    at, end = times[places + 1], round(source.duration_s * 1e9)
    window = int(min(np.median(np.diff(at)) / 2, end / 20))
    inside = (at >= window) & (at + window <= end)
    at, places = at[inside], places[inside]
    if len(at) < FEWEST or not window:
        return None
    grid = np.linspace(-window, window, TIMES).round().astype(np.int64)
    before, seq = mids[places], own["seq"].to_numpy(np.int64)[places] - 1
    sign = np.where(mids[places + 1] >= before, 1.0, -1.0)
    return Jumps(grid, at[:, None] + grid, before[:, None], sign[:, None], seq)


def picture(source: Source, asset: str, jumps: Jumps, heading: str) -> Picture:
    seconds = jumps.grid / 1e9
    layout, height = stacked(TITLES, "time from the jump (s)", [seconds[0], seconds[-1]])
    layout["shapes"] = [{
        "type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1,
        "line": {"color": INK, "width": 1, "dash": "dot"},
    }]  # fmt: skip
    times, mids = source.mid(asset)
    mid = mids[np.searchsorted(times, jumps.at, side="right") - 1]
    traces = mean_path(
        jumps, jumps.sign * (mid - jumps.before), 0, {"name": "mid", "legendgroup": "mid"},
        {"color": INK, "width": 2},
    )  # fmt: skip
    for shown in source.strategies:
        if asset in source.traded(shown.strategy):
            traces += of_strategy(source, shown, asset, jumps)
    return Picture(heading, traces, layout, height)


def of_strategy(source: Source, shown: Shown, asset: str, jumps: Jumps) -> list[dict[str, Any]]:
    account = source.account(shown.strategy, asset)
    look, quiet = shown.look, shown.look | {"showlegend": False}
    place = seen(account, jumps.at)
    equity = account["equity"].to_numpy(np.float64)
    then = np.searchsorted(account["seq"].to_numpy(np.int64), jumps.since, side="right") - 1
    profit = equity[place] - equity[then][:, None]
    held = account["inventory"].to_numpy(np.float64)[place] * jumps.sign
    traces = [
        *mean_path(jumps, held, 1, look, shown.line),
        *mean_path(jumps, profit, 2, quiet, shown.line),
    ]
    mid = account["mid"].to_numpy(np.float64)[place]
    quotes = of_account(source.quotes, shown.strategy, asset)
    if len(quotes):
        place = seen(quotes, jumps.at)
        bid, ask = (
            np.where(place < 0, np.nan, quotes[name].to_numpy(np.float64)[place]) - mid
            for name in ("bid", "ask")
        )
        way, up = (jumps.sign * (mid - jumps.before)).mean(axis=0), jumps.sign > 0
        for distance, dash in ((np.where(up, ask, bid), "solid"), (np.where(up, bid, ask), "dot")):
            line = {**shown.line, "dash": dash}
            traces += mean_path(jumps, way + jumps.sign * distance, 0, quiet, line)[-1:]
    return traces


def seen(frame: "pd.DataFrame", at: Ints) -> Ints:
    """The places of the last rows at or before these times; -1 where there is none."""
    return np.searchsorted(frame["ts_event"].to_numpy(np.int64), at, side="right") - 1


def mean_path(
    jumps: Jumps, paths: Floats, row: int, look: dict[str, Any], line: dict[str, Any]
) -> list[dict[str, Any]]:
    """The interval of the mean of paths (J, T), and the mean; NaN are left out of it."""
    figures = [figure_of(column[~np.isnan(column)]) for column in paths.T]
    seconds = plain(jumps.grid / 1e9)
    shared = {"type": "scatter", "yaxis": axis_of(row), **look}
    return [
        {**shared, **band(seconds, figures, line["color"])},
        {
            **shared, "mode": "lines", "x": seconds, "y": [each.value for each in figures],
            "line": line, "hovertemplate": "%{y:.5g} at %{x:.4g} s",
        },
    ]  # fmt: skip


def figure_of(values: Floats) -> Figure:
    if not len(values):
        return Figure(None, None, None)
    middle = float(values.mean())
    error = float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else None
    low, high = around(middle, error, len(values))
    return Figure(finite(middle), finite(low), finite(high))


def around_all_jumps(page: Page, sources: Sequence[Source]) -> None:
    for source in sources:
        around_jumps(page, source, several=len(sources) > 1)
