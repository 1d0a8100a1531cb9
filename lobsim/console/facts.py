"""Stylised facts on the terminal, as rows, and as a page."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lobsim.console.write import say, table, warn
from lobsim.data.blocks import interval
from lobsim.data.fact_figures import DIFFERENCE, FACTOR, FAINT, MEAN_DIFFERENCE, Curve, Facts
from lobsim.data.fact_verdicts import FAIL, PASS, UNCLEAR, Compared, compare
from lobsim.data.findings import figure3
from lobsim.data.known_facts import Judged, judge, setting
from lobsim.errors import figure
from lobsim.report.facts_page import Line, Told, facts_page

EMPTY = 0.001  # share of the time without quotes that is worth a word
Table = tuple[str, list[str], list[list[str]], list[str]]  # what of, headings, rows, words


def print_facts(seen: Sequence[Facts], about: Sequence[str]) -> None:
    """Of one market beside what is known of all, or of a run beside data."""
    told = told_of(seen, about)
    say(*told.about)
    for _, headings, rows, words in told.tables:
        say("")
        table(headings, rows)
        say(*([""] if words else []), *words)
    warn(*cautions(seen))


def rows_of(seen: Sequence[Facts]) -> list[dict[str, Any]]:
    """For CSV and JSON: a row a fact, None where there is no figure."""
    if len(seen) == 2:
        return [finite(row_of(each)) for each in compare(seen[0], seen[1])]
    judged = {each.claim.figure: each for each in judge(seen[0])}
    return [finite(row_alone(seen[0], name, judged.get(name))) for name in seen[0].figures]


def row_of(each: Compared) -> dict[str, Any]:
    row: dict[str, Any] = {"fact": each.run.name, "unit": each.run.unit}
    for name, found in (("run", each.run.interval()), ("data", each.data.interval())):
        row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    between = each.between
    return row | {
        "compared": "ratio" if each.ratio else "difference", "between": between.value,
        "between_low": between.low, "between_high": between.high, "shows": each.shows,
        "must_show": each.run.matters, "verdict": each.verdict,
    }  # fmt: skip


def row_alone(seen: Facts, name: str, judged: Judged | None) -> dict[str, Any]:
    found = seen.figures[name].interval()
    row: dict[str, Any] = {"fact": name, "unit": seen.figures[name].unit, "value": found.value}
    row |= {"low": found.low, "high": found.high}
    told = ("known", "expected", "known_low", "known_high", "verdict", "source")
    if judged is None:
        return row | dict.fromkeys(told)
    claim = judged.claim
    values = (
        claim.says, claim.expected, judged.found.low, judged.found.high, judged.verdict,
        claim.source,
    )  # fmt: skip
    return row | dict(zip(told, values, strict=True))


def finite(row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }


def told_of(seen: Sequence[Facts], about: Sequence[str]) -> Told:
    """The same for terminal and page."""
    looked_at = [
        f"{each.of.name}: {len(each.of.orders):,} market orders of "
        f"{each.of.quotes.span_s:,.1f} s, tick {figure(each.of.tick)}"
        for each in seen
    ]
    tables = [beside(seen)] if len(seen) == 2 else [figures(seen[0]), known(seen[0])]
    return Told([*about, *looked_at], tables)


def beside(seen: Sequence[Facts]) -> Table:
    found = compare(seen[0], seen[1])
    rows = []
    for each in found:
        run, data, between = each.run.interval(), each.data.interval(), each.between
        how = f"x {shown(between.value)}" if each.ratio else f"{between.value:+.3g}"
        rows.append([
            each.run.name, shown(run.value), span(run.low, run.high), shown(data.value),
            span(data.low, data.high), how if math.isfinite(between.value) else "-",
            span(between.low, between.high), each.verdict, each.run.unit,
        ])  # fmt: skip
    failed = [each.run.name for each in found if each.verdict == FAIL]
    words = [
        count([each.verdict for each in found]),
        f"95 %: interval of each figure by itself.  run:data: the run's over the data's (x) or "
        f"less it (+, -); all at once: its interval, 95 % that all {len(found)} hold.",
        f"pass: it holds no difference, and would have shown a factor of {FACTOR} or a difference "
        f"of {DIFFERENCE} ({MEAN_DIFFERENCE} in means over lags, {FAINT} of signs at lags 11-50).  "
        f"unclear: it holds none, but would not have: too little was seen.  FAIL: there is a "
        f"difference.",
        "What was fitted to the data (of lobsim calibrate: sigma, orders, sizes) passes without "
        "merit.",
        *settings(failed),
    ]
    headings = ["fact", "run", "95 %", "data", "95 %", "run:data", "all at once", "verdict", "unit"]
    return "Run beside data", headings, rows, words


def figures(seen: Facts) -> Table:
    rows = []
    for each in seen.figures.values():
        found = each.interval()
        rows.append([each.name, shown(found.value), shown(found.low), shown(found.high), each.unit])
    return "Figures, with 95 % intervals", ["fact", "value", "low", "high", "unit"], rows, []


def known(seen: Facts) -> Table:
    found = judge(seen)
    rows = [
        [
            each.claim.says, each.claim.figure, shown(each.found.value),
            span(each.found.low, each.found.high), each.claim.expected, each.verdict,
            each.claim.source,
        ]
        for each in found
    ]  # fmt: skip
    failed = [each.claim.figure for each in found if each.verdict == FAIL]
    words = [
        count([each.verdict for each in found]),
        f"all at once: 95 % that all {len(found)} hold.  pass: all of it is where it should be.  "
        f"FAIL: it ends short of what a market with that fact would show.  unclear: too little "
        f"was seen to tell.",
        "Real markets have most of these facts, none is sure to have all: data tells more "
        "(--data).",
        *(settings(failed) if seen.of.simulated else []),
    ]
    headings = ["known of markets", "fact", "value", "all at once", "expected", "verdict", "source"]
    return "Beside what is known of markets", headings, rows, words


def settings(failed: list[str]) -> list[str]:
    """What of a scenario would bring the facts that are not there."""
    told: dict[str, list[str]] = {}
    for name in failed:
        told.setdefault(setting(name), []).append(name)
    lines = [f"  {'; '.join(names)}: {said}" for said, names in told.items()]
    return ["In a scenario this is a matter of:", *lines] if lines else []


def count(verdicts: list[str]) -> str:
    each = (f"{verdicts.count(verdict)} {verdict}" for verdict in (PASS, FAIL, UNCLEAR))
    return f"{', '.join(each)}, of {len(verdicts)} facts"


def cautions(seen: Sequence[Facts]) -> list[str]:
    """What a reader may not see in the figures."""
    lines = []
    for each in seen:
        quotes, name = each.of.quotes, each.of.name
        quoted = float(quotes.lasting_s.sum()) / quotes.span_s
        if quoted < 1 - EMPTY:
            lines.append(
                f"{name}: a side was empty for {1 - quoted:.1%} of the time, which is left out"
            )
        if each.of.orders.without_quotes:
            lines.append(
                f"{name}: {each.of.orders.without_quotes} market orders came where a side was "
                f"empty: left out"
            )
    if len(seen) == 2:
        short, long = sorted(seen, key=lambda each: len(each.of.orders))
        if 2 * len(short.of.orders) < len(long.of.orders):
            lines.append(
                f"{short.of.name} has {len(short.of.orders):,} market orders, {long.of.name} "
                f"{len(long.of.orders):,}: intervals are mostly as wide as the former makes them"
            )
        if seen[0].of.tick != seen[1].of.tick:
            lines.append("the ticks differ: prices are compared in currency")
    return lines


def page_of(seen: Sequence[Facts], about: Sequence[str]) -> str:
    names = ["run", "data"] if len(seen) == 2 else ["seen"]
    lines: dict[str, list[Line]] = {}
    for name, each in zip(names, seen, strict=True):
        for key, curve in each.curves.items():
            lines.setdefault(key, []).append(line(name, curve))
    title = " beside ".join(each.of.name for each in seen)
    heading, intervals_s = f"Stylised facts: {title}", seen[0].intervals_s
    return facts_page(heading, told_of(seen, about), cautions(seen), lines, intervals_s)


def line(name: str, curve: Curve) -> Line:
    if len(curve.y) == 1:
        return Line(name, curve.x, curve.y[0])
    bounds = [interval(column) for column in curve.y.T]
    low, high = (np.array([getattr(each, end) for each in bounds]) for end in ("low", "high"))
    return Line(name, curve.x, curve.y[0], low, high)


def shown(value: float) -> str:
    return figure3(value) if math.isfinite(value) else "-"


def span(low: float, high: float) -> str:
    return f"{shown(low)}..{shown(high)}" if math.isfinite(low + high) else "-"
