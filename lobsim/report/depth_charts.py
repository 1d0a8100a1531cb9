"""How far from the mid was quoted: against the inventory, and as a policy's table with the path
that the run took over it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.report.looks import ASK, BID
from lobsim.report.moments import Floats, Ints
from lobsim.report.page import Page, Picture, plain
from lobsim.report.policy_page import heat_map, layout_of
from lobsim.report.source import Shown, Source, of_account
from lobsim.report.sweep_looks import band, reach
from lobsim.report.sweep_table import Figure, safe
from lobsim.report.thinning import kept

PANELS, LEVELS, INTERVALS = 12, 41, 400  # accounts; inventories of a line; of the path


class Policy(NamedTuple):
    """Depths (T, Q) in currency, NaN where nothing is quoted; `times_s` (T + 1,) are edges."""

    times_s: Floats
    inventories: NDArray[np.int64]
    bid: Floats
    ask: Floats


Policies = Mapping[str, Policy | str]  # by strategy; in place of one that cannot be had why not


def depths(page: Page, sources: Sequence[Source]) -> None:
    accounts = [
        (source, shown, asset)
        for source in sources
        for shown in source.strategies
        for asset in source.traded(shown.strategy)
    ]
    found = []
    for source, shown, asset in accounts[:PANELS]:
        several = len(source.traded(shown.strategy)) > 1
        sides = sides_of(source, shown.strategy, asset)
        if sides:
            name = f"{shown.label}, {safe(asset)}" if several else shown.label
            found.append((name, sides))
    page.section(
        "Quoted depth against inventory",
        "Depth of the best own quote from the mid whenever it reached the book at a new price: "
        "lines are medians, bands hold 5 to 95 % of the quotes.",
        f"Drawn are {PANELS} of {len(accounts)} accounts." if len(accounts) > PANELS else "",
    )
    figures = [each for _, sides in found for _, _, own in sides for each in own]
    layout = {
        "xaxis": {"title": {"text": "inventory (lots)"}, "zeroline": False},
        "yaxis": {"title": {"text": "depth (currency)"}, "range": reach(figures)},
    }
    if found:
        page.pictures([Picture(name, drawn(sides), layout, 340) for name, sides in found])
    else:
        page.notes("No quotes are known: the run kept no orders, or there were none.")


Side = tuple[str, list[float], list[Figure]]  # its name, inventories, and depths at them


def sides_of(source: Source, strategy: str, asset: str) -> list[Side]:
    quotes = of_account(source.quotes, strategy, asset)
    account = source.account(strategy, asset)
    at = np.searchsorted(account["seq"].to_numpy(), quotes["seq"].to_numpy(), side="right") - 1
    mid = account["mid"].to_numpy(np.float64)[at]
    held = account["inventory"].to_numpy(np.int64)[at]
    sides = []
    for name, sign in (("bid", 1), ("ask", -1)):
        price = quotes[name].to_numpy(np.float64)
        new = ~np.isnan(price) & (price != np.concatenate([[np.nan], price[:-1]]))
        if new.any():
            sides.append((name, *by_inventory(held[new], sign * (mid - price)[new])))
    return sides


def by_inventory(held: Ints, depth: Floats) -> tuple[list[float], list[Figure]]:
    """Of every inventory, or of ranges of them, their middles: median, 5 and 95 % quantiles."""
    width = max(1, -(-int(held.max() - held.min() + 1) // LEVELS))
    group = (held - held.min()) // width
    order = np.lexsort((depth, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    middles, figures = [], []
    for place, own in zip(starts, np.split(depth[order], starts[1:]), strict=True):
        low, middle, high = np.quantile(own, [0.05, 0.5, 0.95]).tolist()
        middles.append(float(held.min() + group[order][place] * width + (width - 1) / 2))
        figures.append(Figure(middle, low, high))
    return middles, figures


def drawn(sides: Sequence[Side]) -> list[dict[str, Any]]:
    traces: list[dict[str, Any]] = []
    for name, middles, figures in sides:
        colour = BID if name == "bid" else ASK
        shared = {"type": "scatter", "name": name, "legendgroup": name, "x": middles}
        traces.append({**shared, **band(middles, figures, colour)})
        traces.append({
            **shared, "mode": "lines+markers", "y": [figure.value for figure in figures],
            "line": {"color": colour, "width": 2},
            "marker": {"size": 6, "symbol": "circle" if name == "bid" else "square"},
            "hovertemplate": f"{name} %{{y:.5g}} at %{{x:.4g}} lots<extra></extra>",
        })  # fmt: skip
    return traces


def policies(page: Page, source: Source, found: Policies) -> None:
    """Heat maps of the tables that the strategies quoted from, with the run's path over them."""
    if not found:
        return
    page.section(
        "The policy, and the path over it",
        "Depth of bid and ask by time and inventory, as the strategy's table has it, made again "
        "from the scenario; it has the hash that the run recorded. Grey: no quote. The line is the "
        "inventory that the run had.",
    )
    pictures: list[Picture] = []
    for shown in source.strategies:
        policy = found.get(shown.strategy)
        if isinstance(policy, str):
            page.notes(f"{shown.strategy}: left out: {policy}")
        elif policy is not None and (depth := only_depth(policy)) is not None:
            page.notes(f"{shown.strategy}: no map: its depth is always {depth:.6g}.")
        elif policy is not None and len(pictures) < PANELS:
            pictures += maps(source, shown, policy)
    page.pictures(pictures)


def only_depth(policy: Policy) -> float | None:
    """The depth of a table in which there is no other, None where there is."""
    known = np.unique(np.concatenate([policy.bid, policy.ask]))
    known = known[~np.isnan(known)]
    return float(known[0]) if len(known) == 1 else None


def maps(source: Source, shown: Shown, policy: Policy) -> list[Picture]:
    own = source.account(shown.strategy, source.traded(shown.strategy)[0])
    times, held = own["ts_event"].to_numpy(np.int64), own["inventory"].to_numpy(np.int64)
    at = kept(times, held, INTERVALS)
    path = {
        "type": "scatter", "mode": "lines", "x": plain(times[at] / 1e9), "y": plain(held[at]),
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip
    layout = layout_of([policy.bid, policy.ask])
    layout["xaxis"]["range"] = [0, source.duration_s]
    return [
        Picture(
            f"{shown.label}, {name}",
            [
                heat_map(f"{name} depth", policy.times_s, policy.inventories, depth),
                {**path, "line": {"color": "#ffffff", "width": 4, "shape": "hv"}},
                {**path, "line": {"color": "#111111", "width": 1.6, "shape": "hv"}},
            ],
            layout,
            360,
        )
        for name, depth in (("bid", policy.bid), ("ask", policy.ask))
    ]
