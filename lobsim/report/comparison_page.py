"""report.html of a comparison: means and differences with their intervals, and all profits."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lobsim.report.looks import colour_of
from lobsim.report.page import Page, Picture, amount, plain, signed, span
from lobsim.report.paired import BOTH
from lobsim.report.sweep_looks import MODES, bars, look_of, reach
from lobsim.report.sweep_table import Figure, finite, labels_of

Row = Mapping[str, Any]  # of `Comparison.as_dicts`
Profits = Mapping[str, Mapping[str, NDArray[np.float64]]]  # by mode and strategy
QUANTILES = 401  # by which a distribution is drawn, where there are more replications
HEADINGS = (
    "", "profit", "sd", "95 % interval", "closed", "spread earned", "+ luck", "- fees",
    "inventory", "its sd", "fills", "quoted spread", "up", "at best", "drawdown", "halts", "worst",
)  # fmt: skip


def comparison_page(
    title: str,
    facts: Sequence[tuple[str, str]],
    scenario: Sequence[str],
    rows: Sequence[Row],
    profits: Profits,
) -> str:
    """HTML of a comparison's rows, and of the profits of replications, where they are known."""
    page = Page(title)
    page.facts(facts)
    page.folded("scenario, resolved", scenario)
    modes = list(dict.fromkeys(row["mode"] for row in rows))
    names = list(dict.fromkeys(row["strategy"] for row in rows))
    means(page, rows, modes, names)
    distributions(page, rows, profits, names)
    for mode in modes:
        own = [row for row in rows if row["mode"] == mode]
        base = own[0]["baseline"]
        differences(page, f"Less {base}, {MODES[mode]}", own, "difference", names)
    differences(page, f"In company: {MODES[BOTH]}", rows, "company", names)
    return page.html()


def means(page: Page, rows: Sequence[Row], modes: Sequence[str], names: Sequence[str]) -> None:
    page.section("Mean profit", "Bars: 95 % intervals of the mean.")
    aside = 0.12 * (len(modes) - 1)
    traces = []
    figures = []
    for i, mode in enumerate(modes):
        own = [row for row in rows if row["mode"] == mode]
        found = [figure_of(row, "profit") for row in own]
        places = [names.index(row["strategy"]) for row in own]
        shift = aside * (2 * i / max(len(modes) - 1, 1) - 1)
        traces.append(dotted(MODES[mode], i, [place + shift for place in places], found))
        figures += found
    layout = {**by_name(names), "yaxis": {"title": {"text": "mean profit (currency)"}}}
    layout["yaxis"]["range"] = reach(figures)
    page.pictures([Picture("", traces, layout)])
    for mode in modes:
        page.section(f"How each fared, {MODES[mode]}")
        page.table(HEADINGS, [cells(row) for row in rows if row["mode"] == mode])


def cells(row: Row) -> list[str]:
    return [
        row["strategy"], amount(row["profit_mean"]), amount(row["profit_sd"]),
        span(row["profit_low"], row["profit_high"]), amount(row["profit_closed_mean"]),
        amount(row["spread_earned_mean"]), amount(row["luck_mean"]), amount(row["fees_mean"]),
        amount(row["inventory_mean"]), amount(row["inventory_sd"]), amount(row["fills_mean"], 1),
        amount(row["spread_mean"], 3), f"{row['uptime']:.0%}", f"{row['best_share']:.0%}",
        amount(row["drawdown_mean"]), str(row["halts"]), f"--rep {row['worst_rep']}",
    ]  # fmt: skip


def distributions(page: Page, rows: Sequence[Row], profits: Profits, names: Sequence[str]) -> None:
    known = [each for own in profits.values() for each in own.values()]
    counts = [len(values) for values in known]
    if not counts or not max(counts):
        return
    reps = max(row["reps"] for row in rows)
    page.section(
        "Distribution of profit",
        "A shape per strategy is the density of its profit over replications; the box holds half "
        "of them, the dashed line is the mean.",
        f"Shown are the first {max(counts):,} of {reps:,} replications." if max(counts) < reps
        else "",
        f"Drawn by {QUANTILES} quantiles each." if max(counts) > QUANTILES else "",
    )  # fmt: skip
    ends = [Figure(None, float(values.min()), float(values.max())) for values in known]
    pictures = []
    for mode, own in profits.items():
        traces = [violin(names.index(name), values) for name, values in own.items()]
        layout = {
            **by_name(names), "showlegend": False,
            "yaxis": {"title": {"text": "profit (currency)"}, "range": reach(ends)},
        }  # fmt: skip
        pictures.append(Picture(MODES[mode], traces, layout))
    page.pictures(pictures)
    quantiles = [row for row in rows if row["profit_q50"] is not None]
    if quantiles:
        headings = [
            "", "", "5 %", "95 % interval", "median", "95 % interval", "95 %", "95 % interval",
            "lowest", "highest",
        ]  # fmt: skip
        page.table(headings, [quantile_cells(row) for row in quantiles])


def violin(place: int, values: NDArray[np.float64]) -> dict[str, Any]:
    if len(values) > QUANTILES:
        values = np.quantile(values, np.linspace(0, 1, QUANTILES))
    colour = colour_of(place)
    return {
        "type": "violin", "x0": place, "y": plain(values), "width": 0.8, "points": False,
        "box": {"visible": True}, "meanline": {"visible": True}, "spanmode": "hard",
        "line": {"color": colour}, "fillcolor": f"{colour}40", "hoverinfo": "y",
    }  # fmt: skip


def quantile_cells(row: Row) -> list[str]:
    told = [row["strategy"], MODES[row["mode"]]]
    for name in ("q05", "q50", "q95"):
        low, high = row[f"profit_{name}_low"], row[f"profit_{name}_high"]
        told += [amount(row[f"profit_{name}"]), span(low, high)]
    return [*told, amount(row["profit_worst"]), amount(row["profit_best"])]


def differences(
    page: Page, heading: str, rows: Sequence[Row], kind: str, names: Sequence[str]
) -> None:
    """Paired, with intervals that hold all at once."""
    own = [row for row in rows if row.get(f"{kind}_mean") is not None]
    if not own:
        return
    sure = "95 %" if len(own) == 1 else f"95 % for all {len(own)} at once"
    page.section(
        heading,
        f"Differences of mean profit on the same worlds; bars: {sure}. Where one holds 0, the last "
        "column says how large a difference can still be.",
    )
    found = [figure_of(row, kind) for row in own]
    traces = []
    for i, (row, figure) in enumerate(zip(own, found, strict=True)):
        trace = dotted("", names.index(row["strategy"]), [figure.value], [figure], across=[i])
        traces.append({**trace, "showlegend": False})
    layout = {
        "xaxis": {
            "title": {"text": "difference of mean profit (currency)"},
            "range": reach([*found, Figure(0.0, None, None)]),
        },
        "yaxis": {
            "tickvals": list(range(len(own))), "range": [len(own) - 0.4, -0.6], "showgrid": False,
            "ticktext": texts([row["strategy"] for row in own]), "zeroline": False,
        },
    }  # fmt: skip
    page.pictures([Picture("", traces, layout, 110 + 34 * len(own))])
    headings = ["", "profit", "interval", "sd", "interval", "pairing narrowed it", "no larger than"]
    page.table(headings, [difference_cells(row, kind) for row in own])


def difference_cells(row: Row, kind: str) -> list[str]:
    narrowed = row[f"{kind}_narrowed"]
    return [
        row["strategy"], signed(row[f"{kind}_mean"]),
        span(row[f"{kind}_low"], row[f"{kind}_high"]), signed(row[f"{kind}_sd"]),
        span(row[f"{kind}_sd_low"], row[f"{kind}_sd_high"]),
        "-" if narrowed is None else f"{narrowed:.1f} times",
        amount(row[f"{kind}_no_larger_than"]),
    ]  # fmt: skip


def dotted(
    name: str,
    look: int,
    places: Sequence[float | None],
    figures: Sequence[Figure],
    across: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Figures at places along x, with bars up and down; or, `across`, at heights."""
    colour, symbol = look_of(look)
    values = [figure.value for figure in figures]
    x, y = (places, values) if across is None else (values, across)
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": list(x), "y": list(y),
        "error_y" if across is None else "error_x": {**bars(figures, colour), "thickness": 2},
        "marker": {"color": colour, "symbol": symbol, "size": 9},
        "hoverinfo": "text", "hovertext": [figure.text for figure in figures],
    }  # fmt: skip


def by_name(names: Sequence[str]) -> dict[str, Any]:
    return {
        "xaxis": {
            "tickvals": list(range(len(names))), "ticktext": texts(names), "showgrid": False,
            "range": [-0.6, len(names) - 0.4], "zeroline": False, "title": {"text": "strategy"},
        }
    }  # fmt: skip


def texts(names: Sequence[str]) -> list[str]:
    labels = labels_of(names)
    return [labels[name] for name in names]


def figure_of(row: Row, kind: str) -> Figure:
    return Figure(*(finite(row[f"{kind}_{end}"]) for end in ("mean", "low", "high")))
