"""The pictures of a sweep as plotly takes them: lines over an axis, frontiers, heat maps.

The panels of one picture have the same ranges and colours, so that they can be compared.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lobsim.report.sweep_looks import (
    NO_FIGURE,
    TOGETHER,
    band,
    bars,
    choice,
    colours,
    heading,
    look_of,
    looks_of,
    reach,
    title_of,
)
from lobsim.report.sweep_table import STATISTICS, Figure, Scale, Table, Values, evenly, safe

LINES, LENGTH = 40, 500  # of a panel, values of a line
DOTS, CROSSES = 2000, 200  # of a strategy's frontier; those with intervals
CELLS, MAPS = 100, 12  # of a heat map across and up, heat maps of a panel
NOTHING = Figure(None, None, None)


class Plot(NamedTuple):
    """What is drawn: `y` over `x`; with `z` that statistic over the axes x and y, as colours."""

    x: str
    y: str
    z: str | None = None


class Panel(NamedTuple):
    """One of the figures that a picture has: plotly's traces and layout."""

    heading: str
    traces: list[dict[str, Any]]
    layout: dict[str, Any]


class Line(NamedTuple):
    """`figures` by the places of a scale."""

    label: str
    colour: str
    symbol: str
    figures: list[tuple[float, Figure, str]]


class Dot(NamedTuple):
    """`at` are the values of the axes along which dots are not joined."""

    at: Values
    x: Figure
    y: Figure
    told: str


def lines(table: Table, plot: Plot) -> list[Panel]:
    """A line per strategy; with further axes a panel per strategy, and a line per combination."""
    found, scale = table.figures(plot.y), table.scales[plot.x]
    others = table.others(plot.x)
    combinations = evenly(table.combinations(others), LINES)
    looks = looks_of([at[0] for at in combinations] if len(others) == 1 else len(combinations))
    shown = set(evenly(scale.values, LENGTH))
    groups: dict[str, list[Line]] = {}
    for (mode, strategy), own in found.items():
        panel = groups.setdefault(heading(mode, strategy) if others else heading(mode), [])
        rows: dict[Values, list[tuple[float, Figure, str]]] = {at: [] for at in combinations}
        for p, figure in own.items():
            (value,), at = table.part(p, (plot.x,)), table.part(p, others)
            if value in shown and at in rows:
                rows[at].append((scale.at(value), figure, f"{safe(strategy)}<br>{table.told(p)}"))
        for at, look in zip(combinations, looks, strict=True):
            own_look = look if others else look_of(len(panel))
            label = table.text(others, at) if others else safe(strategy)
            panel.append(Line(label, *own_look, sorted(rows[at], key=lambda row: row[0])))
    figures = [row[1] for panel in groups.values() for line in panel for row in line.figures]
    layout = {
        "xaxis": {**scale.layout(), "title": {"text": safe(plot.x)}},
        "yaxis": {"range": reach(figures), "title": {"text": title_of(plot.y)}},
    }
    return [Panel(head, *drawn(group, scale, layout)) for head, group in groups.items()]


def drawn(
    group: Sequence[Line], scale: Scale, layout: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A band and a line each; where places are texts dots with bars, beside each other."""
    traces = []
    for i, line in enumerate(group):
        texts, part = scale.kind == "text", i % TOGETHER
        aside = 0.6 * (part + 0.5) / min(len(group), TOGETHER) - 0.3 if texts else 0.0
        xs = [place + aside for place, _, _ in line.figures]
        shared = {
            "type": "scatter", "legendgroup": f"{i}", "name": line.label,
            "visible": i < TOGETHER, "x": xs,
        }  # fmt: skip
        figures = [figure for _, figure, _ in line.figures]
        own: dict[str, Any] = {
            **shared, "y": [figure.value for figure in figures], "hoverinfo": "text",
            "mode": "markers" if texts else "lines+markers",
            "hovertext": [f"{told}<br><b>{figure.text}</b>" for _, figure, told in line.figures],
            "line": {"color": line.colour, "width": 2},
            "marker": {"color": line.colour, "symbol": line.symbol, "size": 7},
        }  # fmt: skip
        if texts or len(scale.values) < 2:
            own["error_y"] = bars(figures, line.colour)
            traces += [own]
        else:
            traces += [{**shared, **band(xs, figures, line.colour)}, own]
    return traces, {**layout, **choice([line.label for line in group], len(traces), TOGETHER)}


def frontier(table: Table, plot: Plot) -> list[Panel]:
    """A statistic against another: a dot per point, joined along the axis of the most values."""
    found = table.figures(plot.x), table.figures(plot.y)
    along = max(table.varied, key=lambda axis: len(table.scales[axis].values), default=None)
    rest = () if along is None else table.others(along)
    groups: dict[str, list[list[Dot]]] = {}
    names: dict[str, list[str]] = {}
    for mode, strategy in (key for key in found[0] if key in found[1]):
        dots: list[Dot] = []
        both = [each[mode, strategy] for each in found]
        order = sorted(both[0].keys() & both[1].keys(), key=lambda p: (table.places(p, rest), p))
        for p in evenly(order, DOTS):
            figures = both[0][p], both[1][p]
            said = "".join(f"<br>{n} {f.text}" for n, f in zip(plot, figures, strict=False))
            at = table.part(p, rest)
            if dots and dots[-1].at != at:
                dots.append(Dot(at, NOTHING, NOTHING, ""))
            dots.append(Dot(at, *figures, f"<b>{safe(strategy)}</b><br>{table.told(p)}{said}"))
        groups.setdefault(heading(mode), []).append(dots)
        names.setdefault(heading(mode), []).append(safe(strategy))
    joined = (
        along is not None
        and table.scales[along].kind != "text"
        and len(table.points) <= DOTS
        and len(table.combinations(rest)) <= TOGETHER
    )
    every = [dot for group in groups.values() for dots in group for dot in dots]
    layout = {
        "xaxis": {"range": reach([d.x for d in every]), "title": {"text": title_of(plot.x)}},
        "yaxis": {"range": reach([d.y for d in every]), "title": {"text": title_of(plot.y)}},
    }
    return [
        Panel(
            head,
            [dotted(dots, names[head][i], look_of(i), joined) for i, dots in enumerate(group)],
            layout,
        )
        for head, group in groups.items()
    ]


def dotted(dots: Sequence[Dot], name: str, look: tuple[str, str], joined: bool) -> dict[str, Any]:
    colour, symbol = look
    trace: dict[str, Any] = {
        "type": "scatter", "name": name, "mode": "lines+markers" if joined else "markers",
        "x": [dot.x.value for dot in dots], "y": [dot.y.value for dot in dots],
        "hoverinfo": "text", "hovertext": [dot.told for dot in dots],
        "line": {"color": colour, "width": 1.5},
        "marker": {"color": colour, "symbol": symbol, "size": 6},
        "opacity": 0.8,
    }  # fmt: skip
    if len(dots) <= CROSSES:
        trace["error_x"] = bars([dot.x for dot in dots], colour)
        trace["error_y"] = bars([dot.y for dot in dots], colour)
    return trace


def heat_map(table: Table, plot: Plot) -> list[Panel]:
    """A panel per strategy and mode; with further axes a map per combination of their values."""
    found = table.figures(plot.z or "")
    scales = table.scales[plot.x], table.scales[plot.y]
    others = table.others(plot.x, plot.y)
    combinations = evenly(table.combinations(others), MAPS)
    across, up = (evenly(scale.values, CELLS) for scale in scales)
    places = {table.part(p, (plot.x, plot.y, *others)): p for p in table.points}
    labels = [table.text(others, at) if others else "" for at in combinations]
    panels = []
    for (mode, strategy), own in found.items():
        traces: list[dict[str, Any]] = []
        for at in combinations:
            rows = [[places.get((x, y, *at), -1) for x in across] for y in up]
            traces.append({
                "type": "heatmap", "x": scales[0].edges(across), "y": scales[1].edges(up),
                "z": [[own[p].value if p in own else None for p in row] for row in rows],
                "hovertext": [
                    [f"{table.told(p)}<br><b>{own[p].text}</b>" if p in own else "" for p in row]
                    for row in rows
                ],
                "hoverinfo": "text", "coloraxis": "coloraxis", "visible": not traces,
            })  # fmt: skip
        layout = {
            "plot_bgcolor": NO_FIGURE,
            "coloraxis": {
                **colours([figure for each in found.values() for figure in each.values()]),
                "colorbar": {"thickness": 14, "title": {"text": STATISTICS[plot.z or ""][1]}},
            },
            **{
                name: {
                    **scale.layout(),
                    "title": {"text": safe(scale.name)},
                    "showgrid": False,
                    "zeroline": False,
                    "range": scale.span(shown),
                }
                for name, scale, shown in zip(("xaxis", "yaxis"), scales, (across, up), strict=True)
            },
            **choice(labels, len(traces), 1),
        }
        panels.append(Panel(heading(mode, strategy), traces, layout))
    return panels


def left_out(table: Table, plot: Plot) -> str:
    """What a picture of a large sweep does not show."""
    axes = [axis for axis in plot if axis is not None and axis in table.scales]
    most = LENGTH if plot.z is None else CELLS
    limits = [(f"values of {safe(axis)}", len(table.scales[axis].values), most) for axis in axes]
    if axes:
        together = len(table.combinations(table.others(*axes)))
        limits.append(("lines", together, LINES) if plot.z is None else ("maps", together, MAPS))
    else:
        limits.append(("points", len(table.points), DOTS))
    told = [f"{most:,} of {count:,} {what}" for what, count, most in limits if count > most]
    return f" Shown are {', '.join(told)}." if told else ""
