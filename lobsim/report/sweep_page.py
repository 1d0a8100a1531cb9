"""The pictures of a sweep in one HTML file that needs no network.

A picture is named X:Y, a statistic over an axis or against another, or X:Y:STATISTIC, a heat map
over two axes.
"""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lobsim.errors import UsageError, cut, meant
from lobsim.report.page import Page, Picture
from lobsim.report.sweep_panels import Panel, Plot, frontier, heat_map, left_out, lines
from lobsim.report.sweep_table import STATISTICS, Table, safe

if TYPE_CHECKING:
    import pandas as pd

HEIGHT = 460
LEGEND = {"orientation": "h", "x": 0, "yref": "container", "y": 0, "yanchor": "bottom"}


def sweep_page(
    title: str,
    frame: "pd.DataFrame",
    axes: Sequence[str],
    plots: Sequence[str] = (),
    facts: Sequence[tuple[str, str]] = (),
    scenario: Sequence[str] = (),
) -> str:
    """`frame` has a row per point, mode, strategy and statistic, and a column per axis.

    Without `plots` those that suit the axes are drawn; `facts` and `scenario` say what was run.
    Raises UsageError as `check_plots`.
    """
    table = Table(frame, axes)
    first, *rest = title.split("\n")
    page = Page(first)
    page.notes(*rest)
    if facts:
        page.facts(facts)
        page.folded("scenario, resolved", scenario)
    for plot in check_plots(plots, axes) or chosen(table):
        told, panels = pictured(table, plot)
        heading, note = (html.unescape(text) for text in told)
        page.section(heading, f"{note}{html.unescape(left_out(table, plot))}")
        page.pictures([drawing(panel) for panel in panels])
        if not panels:
            page.notes("No figures.")
    return page.html()


def check_plots(texts: Sequence[str], axes: Sequence[str]) -> list[Plot]:
    """Raises UsageError with all that is wrong, a line each."""
    plots, wrong = [], []
    for text in texts:
        names = [name.strip() for name in text.split(":")]
        unknown = [name for name in names if name not in axes and name not in STATISTICS]
        if len(names) not in (2, 3):
            wrong.append(f"--plot {cut(text)}: must be X:Y, or X:Y:STATISTIC for a heat map")
        elif unknown:
            known = f"statistics: {', '.join(STATISTICS)}; axes: {cut(', '.join(axes)) or 'none'}"
            wrong += [
                f"--plot {cut(text)}: unknown '{cut(each)}'"
                f"{meant(each, [*STATISTICS, *axes]) or ';'} {known}"
                for each in unknown
            ]
        elif names[-1] in axes:
            wrong.append(
                f"--plot {cut(text)}: {cut(names[-1])} is an axis, the last must be a statistic"
            )
        elif len(names) == 3 and (names[0] == names[1] or not set(names[:2]) <= set(axes)):
            wrong.append(f"--plot {cut(text)}: a heat map is over two axes, X:Y:STATISTIC")
        else:
            plots.append(Plot(names[0], names[1], names[2] if names[2:] else None))
    if wrong:
        raise UsageError(*wrong)
    return plots


def chosen(table: Table) -> list[Plot]:
    """Over the axis of the most values, a heat map of two of numbers, and always the frontier."""
    sizes = {axis: len(table.scales[axis].values) for axis in table.varied}
    longest = sorted(sizes, key=lambda axis: -sizes[axis])[:2]
    plots = [Plot(longest[0], "profit")] if longest else []
    if len(longest) == 1:
        plots.append(Plot(longest[0], "sd"))
    elif longest and all(table.scales[axis].kind != "text" for axis in longest):
        plots.append(Plot(longest[0], longest[1], "profit"))
    return [*plots, Plot("sd", "profit")]


def pictured(table: Table, plot: Plot) -> tuple[tuple[str, str], list[Panel]]:
    """Its heading, what is to be known of it, and its panels."""
    if plot.z is not None:
        told = f"{STATISTICS[plot.z][0]} over {safe(plot.x)} and {safe(plot.y)}"
        return (told, f"Colours: {STATISTICS[plot.z][1]}. Grey: no figure."), heat_map(table, plot)
    what = STATISTICS[plot.y][0]
    if plot.x in table.scales:
        lined = ", ".join(map(safe, table.others(plot.x))) or "strategy"
        told = f"{what} over {safe(plot.x)}"
        texts = table.scales[plot.x].kind == "text"
        drawn = f"A {'dot' if texts else 'line'} per {lined}."
        shown = f"{'Bars' if texts else 'Bands'}: 95 % intervals."
        return (told, f"{drawn} {shown}"), lines(table, plot)
    told = f"{what} against {STATISTICS[plot.x][0]}"
    return (told, "A dot is a point of the sweep. Bars: 95 % intervals."), frontier(table, plot)


def drawing(panel: Panel) -> Picture:
    layout = {
        **panel.layout, "legend": LEGEND, "xaxis": {"zeroline": False, **panel.layout["xaxis"]},
    }  # fmt: skip
    return Picture(panel.heading, panel.traces, layout, HEIGHT)
