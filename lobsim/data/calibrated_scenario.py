"""A scenario of a market that was calibrated, with where its figures are from."""

import textwrap

from lobsim.data.calibrate import Calibration, Fit
from lobsim.data.findings import Row, fits, rows, warnings, words
from lobsim.errors import UsageError, figure

LONGEST_S = 600  # of a replication
FULL = 20  # lots: the inventory limit; half of it moves quotes by about 1/k
WIDTH = 98


def scenario_text(found: Calibration, sources: list[str], again: str) -> str:
    """TOML that `lobsim run` and `compare` take as it is.  Raises UsageError where no A and k
    were found.  `again` are the options with which `lobsim facts` reads the same files.
    """
    fit = found.chosen
    if fit is None:
        raise UsageError(f"--out: there is no scenario to write: {warnings(found)[0]}")
    sigma = found.volatility.best.value * found.tick
    k = fit.k.value / found.tick
    duration_s = int(min(found.span_s, LONGEST_S))
    gamma = 2 / (FULL * k * sigma * sigma * duration_s)
    flow = "\n".join(flow_lines(found, fit))
    return f"""\
{comments(found, sources, again)}
version = 1
title = "What do market makers earn in the market of {escaped(sources[0])}?"
duration_s = {duration_s}
summary_reps = 100

[asset]
tick = {found.tick:.10g}
mid = {found.tick * round(found.mid):.10g}

[asset.price]
model = "brownian"
sigma = {figure(sigma)}
step_ms = 100

[asset.flow]
model = "poisson"
{flow}
size = {size(found)}

[risk]
max_inventory = {FULL}

[[strategy]]
name = "a-s"
plugin = "avellaneda-stoikov"
params = {{ gamma = {figure(gamma)} }}

[[strategy]]
name = "hjb"
plugin = "hjb-table"
params = {{ terminal_penalty = 0, running_penalty = {figure(gamma * sigma * sigma / 2)} }}

[[strategy]]
name = "fixed"
plugin = "fixed-spread"
params = {{ half_spread = {figure(found.median_half * found.tick)} }}   # the median half-spread
"""


def comments(found: Calibration, sources: list[str], again: str) -> str:
    lot = f"{found.lot * found.size_step:.10g}"
    told = [
        f"What do market makers earn in the market of {' and '.join(map(escaped, sources))}?",
        f"Calibrated by lobsim to {found.orders:,} market orders of {found.span_s:,.1f} s.  One "
        f"lot is {lot} shares and prices are per share: money here is 1/{lot} of theirs.",
        f"Is a run of it like them?  lobsim facts RUN {escaped(again)}",
    ]
    doubts = ["Intervals: 95 %, blocks of a twentieth of the time drawn again.", *words(found)]
    doubts += [f"WARNING: {line}" for line in warnings(found)]
    lines = [*folded(told), "", *map(columns, rows(found)), "", *folded(doubts)]
    return "\n".join(f"# {line}".rstrip() for line in lines)


def folded(sentences: list[str]) -> list[str]:
    return [line for sentence in sentences for line in textwrap.wrap(sentence, WIDTH)]


def columns(row: Row) -> str:
    interval = "" if row.low is None else f"{row.low:.5g} to {row.high:.5g}"
    return f"{row.figure:<28}{row.value:>11.5g}   {interval:<22} {row.unit}"


def flow_lines(found: Calibration, fit: Fit) -> list[str]:
    """A and k as chosen, and as comments those of the other fits, and the clusters."""
    lines = []
    for each in (fit, *(other for other in fits(found) if other is not fit)):
        mark = "" if each is fit else "# "
        lines.append(f"{mark}A = {figure(each.A.value)}   # {each.name}; per s and side")
        lines.append(f"{mark}k = {figure(each.k.value / found.tick)}   # {each.name}; per currency")
    if found.hawkes:
        own = sum(each.branching for each in found.hawkes.values()) / len(found.hawkes)
        decay = sum(each.beta for each in found.hawkes.values()) / len(found.hawkes)
        lines.append('# with model = "hawkes":')
        lines.append(f"# own = {figure(own)}")
        lines.append(f"# decay = {figure(decay)}   # per s")
    return lines


def size(found: Calibration) -> str:
    lots = found.lots
    if lots.is_geometric:
        return f'{{ model = "geometric", mean = {figure(lots.mean)} }}'
    return (
        f'{{ model = "lognormal", median = {figure(lots.median)}, sigma = {figure(lots.sigma)} }}'
    )


def escaped(name: str) -> str:
    """A file's name where a comment or a string of TOML can hold it."""
    return "".join(c if c.isprintable() and c not in '"\\' else "?" for c in name)
