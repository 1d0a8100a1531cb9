"""What is said of a policy: its exact figures, its quotes at several times, JSON of both."""

import math
from typing import Any

import numpy as np

from lobsim.console.write import number, say, table
from lobsim.report.policy_page import policy_page
from lobsim.solved import LEVEL, Solved, at_lots, shown_depths, shown_lots

FIGURES = {
    "value": "value at the start, by its solver",
    "objective": "objective of these quotes, here",
    "profit_mean": "profit, mean",
    "profit_sd": "profit, sd",
    "var": f"loss, VaR at {LEVEL:.0%} (below 0: profit)",
    "cvar": f"loss, CVaR at {LEVEL:.0%}",
    "inventory_mean": "inventory at the end, mean",
    "inventory_sd": "inventory at the end, sd",
    "fills_bid": "fills of the bid",
    "fills_ask": "fills of the ask",
}
EXACT = ("profit_mean", "profit_sd", "inventory_mean", "inventory_sd", "fills_bid", "fills_ask")
ROWS = {"table": 5, "json": 201, "page": 300}  # how many times are shown, at most
LOTS = 11  # how many inventories a table shows, at most


def figures_of(solved: Solved) -> dict[str, float | None]:
    """By the names of FIGURES; None where there is none."""
    exact = {name: getattr(solved.exact, name, None) for name in EXACT}
    own = {name: getattr(solved, name) for name in FIGURES if name not in EXACT}
    return {name: (own | exact)[name] for name in FIGURES}


def as_dict(solved: Solved) -> dict[str, Any]:
    """Figures, and the quotes at 201 times at most; None where nothing is quoted."""
    times, bid, ask = shown_depths(solved.table, ROWS["json"])
    said = {name: value for name, value in solved.table.figures.items() if name != "value"}
    law = None
    if solved.exact is not None:
        chances = zip(
            solved.exact.inventories.tolist(), solved.exact.probabilities.tolist(), strict=True
        )
        law = [{"inventory": lots, "probability": p} for lots, p in chances if p > 0]
    return {
        "strategy": solved.name,
        "scenario": solved.scenario.name,
        **figures_of(solved),
        "var_level": LEVEL,
        "objective_is": solved.objective_is,
        "notes": list(solved.notes),
        "solver": said,
        "why_not_exact": solved.why_not or None,
        "inventory_law": law,
        "times_s": times.tolist(),
        "inventories": solved.table.inventories.tolist(),
        "bid_depth": without_nan(bid),
        "ask_depth": without_nan(ask),
    }


def without_nan(depth: Any) -> list[list[float | None]]:
    return [[None if math.isnan(cell) else cell for cell in row] for row in depth.tolist()]


def print_solved(solved: Solved, other: Solved | None) -> None:
    say(
        f"{solved.name} in {solved.scenario.name}, alone in its market, exactly (nothing simulated)"
    )
    if solved.why_not:
        say(f"no figures: {solved.why_not}")
    columns = [figures_of(each) for each in (solved, other) if each is not None]
    headings = ["", solved.name, *([other.name, "difference"] if other else [])]
    rows = []
    for name, words in FIGURES.items():
        values = [column[name] for column in columns]
        if all(value is None for value in values):
            continue
        alike = other is not None and (
            name not in ("value", "objective") or solved.objective_is == other.objective_is
        )
        gap = values[0] - values[1] if alike and None not in values else None  # type: ignore[operator]
        more = [rounded(gap)] if other else []
        rows.append([f" {words}", *(rounded(value) for value in values), *more])
    table(headings, rows)
    for each in (solved, other):
        if each is not None:
            say(f" {each.name}: objective is the {each.objective_is}")
            said = {name: value for name, value in each.table.figures.items() if name != "value"}
            for name, value in said.items():
                say(f" {each.name}: solver's {name} {short(value)}")
            for note in each.notes:
                say(f" {each.name}: {note}")
    print_quotes(solved)


def short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def rounded(value: float | None) -> str:
    return number(value if value is None else round(value, 4) + 0.0, 4)


def print_quotes(solved: Solved) -> None:
    """Bid and ask depth by inventory, at several times."""
    times, bid, ask = chosen_rows(solved)
    lots = solved.table.inventories
    kept = np.unique(np.linspace(0, len(lots) - 1, min(LOTS, len(lots))).round().astype(int))
    say("", "depth of bid / ask from the mid, by inventory (down) and time (across)")
    cells = [
        [
            f" {lots[i]:+d}",
            *(f"{depth(b[i])} / {depth(a[i])}" for b, a in zip(bid, ask, strict=True)),
        ]
        for i in kept
    ]
    table(["", *(f"{time:.4g} s" for time in times)], cells)
    say(
        f"1/k = {1 / solved.market.k:.4g} is the depth that earns most per second where inventory "
        f"costs nothing"
    )


def chosen_rows(solved: Solved) -> tuple[Any, Any, Any]:
    """At 0, a quarter, a half ... of the time, and the last."""
    table = solved.table.best()
    wanted = np.linspace(0, 1, ROWS["table"]) * solved.market.duration_s
    rows = np.unique(np.searchsorted(table.times_s, wanted, side="right") - 1)
    return table.times_s[rows], table.bid_depth[rows], table.ask_depth[rows]


def depth(value: float) -> str:
    return "-" if math.isinf(value) else f"{value:.4f}"


def page_of(solved: Solved, other: Solved | None) -> str:
    """The heat map of the quotes, or of how much deeper they are than the other's."""
    times, bid, ask = shown_depths(solved.table, ROWS["page"])
    lots = shown_lots(solved.table, solved.market)
    bid, ask = (
        at_lots(solved.table, solved.market, each, lots, side)
        for each, side in ((bid, +1), (ask, -1))
    )
    edges = np.append(times, solved.market.duration_s)
    title = f"{solved.name} in {solved.scenario.name}\n{told(solved)}"
    if other is None:
        return policy_page(title, edges, lots, {"bid depth": bid, "ask depth": ask})
    best = other.table.best()
    rows = np.searchsorted(best.times_s, times, side="right") - 1
    theirs = [
        at_lots(other.table, other.market, np.where(np.isinf(each), np.nan, each)[rows], lots, side)
        for each, side in ((best.bid_depth, +1), (best.ask_depth, -1))
    ]
    sides = {"bid: how much deeper": bid - theirs[0], "ask: how much deeper": ask - theirs[1]}
    title = f"{title}\nless {other.name}: {told(other)}"
    return policy_page(title, edges, lots, sides, neutral=0.0)


def told(solved: Solved) -> str:
    exact, rungs = solved.exact, solved.table.rungs
    if rungs > 1:
        return f"the best of {rungs} rungs a side; no exact figures"
    if exact is None:
        return "no exact figures"
    return (
        f"profit {exact.profit_mean:.4g}, sd {exact.profit_sd:.4g}; inventory at the end sd "
        f"{exact.inventory_sd:.3g}; fills {exact.fills_bid:.4g} and {exact.fills_ask:.4g}"
    )
