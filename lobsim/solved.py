"""One strategy's quotes in one market, and what they come to, exactly: no path is simulated."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from lobsim.market.strategy import Market
from lobsim.plans import extras
from lobsim.policy.evaluation import Evaluation
from lobsim.policy.profit_law import profit_law
from lobsim.policy.quote_table import QuoteTable
from lobsim.quotes import Quotes, flow_of, inexact, quotes_of, thinned
from lobsim.scenario.flows import Size
from lobsim.scenario.schema import OneAsset, Scenario
from lobsim.setup import open_scenario
from lobsim.watch import kept_apart

Floats = NDArray[np.float64]

IN_SIMULATION = (  # of [risk]: what only a simulation counts
    "max_drawdown", "max_loss", "max_var", "max_cvar", "max_order_size",
)  # fmt: skip

LEVEL = 0.95  # of VaR and CVaR
LAW_ROWS, LAW_ERROR = 200, 3e-5  # rows of the quotes, and error of the distribution function
COARSE = 1e-3  # a tick times k, above which rounding shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The quotes of one account, alone in its market.

    value      currency at the start: what the solver maximises, as it says; for quotes without a
               solver of their own `objective`
    objective  currency, of these very quotes in this very market; `objective_is` says what of:
               the certainty equivalent for quotes with a `gamma`, the mean of profit less
               penalties for all others
    sizes      lots of each rung of the table
    notes      what of the scenario is not counted, and what else one should know
    exact      moments and laws; None where they cannot be had exactly, and `why_not` says why
    var, cvar  currency at 95 %: of the loss
    """

    name: str
    scenario: OneAsset
    market: Market
    sizes: tuple[int, ...]
    table: QuoteTable
    exact: Evaluation | None
    why_not: str
    value: float | None
    objective: float | None
    objective_is: str
    notes: tuple[str, ...]
    var: float | None
    cvar: float | None


def solve_for(
    strategy: str,
    scenario: Scenario | str | PathLike[str],
    settings: Sequence[str] = (),
    plugins: Sequence[str | PathLike[str]] = (),
    beside: Sequence[str] = (),
) -> Solved:
    """The quote table of a strategy of the scenario, by its name or its plugin's, and its figures.

    A plugin that the scenario does not name joins it, and so do those `beside`.  Raises
    ScenarioError, PluginError, and UsageError where the strategy decides while the market runs:
    it has no table.
    """
    joining = list(dict.fromkeys((strategy, *beside)))
    loaded = open_scenario(scenario, settings, plugins, joining)
    with kept_apart():
        return solved(quotes_of(loaded, strategy))


def solved(quotes: Quotes) -> Solved:
    exact, objective, var, cvar = None, None, None, None
    why_not = inexact(quotes.scenario)
    if not why_not:
        try:
            exact = quotes.moments()
            averse = quotes.parameter("gamma") > 0
            objective = quotes.certainty_equivalent() if averse else exact.objective
            if quotes.scenario.asset.flow.model == "poisson":
                few = thinned(quotes.table, LAW_ROWS)
                flow = flow_of(quotes.scenario)
                law = profit_law(few, flow, tolerance=LAW_ERROR, **quotes.maker)
                var, cvar = law.var(LEVEL), law.cvar(LEVEL)
        except ValueError as error:
            why_not = str(error)
    said = quotes.table.figures.get("value")
    value = float(said) if isinstance(said, int | float) and math.isfinite(said) else objective
    return Solved(
        name=quotes.spec.name, scenario=quotes.scenario, market=quotes.market,
        sizes=quotes.sizes, table=quotes.table, exact=exact, why_not=why_not, value=value,
        objective=objective, objective_is=objective_is(quotes), notes=tuple(notes(quotes)),
        var=var, cvar=cvar,
    )  # fmt: skip


def objective_is(quotes: Quotes) -> str:
    if (gamma := quotes.parameter("gamma")) > 0:
        return f"certainty equivalent at gamma {gamma:g}"
    penalties = [
        f"{quotes.parameter(name):g} {of}"
        for name, of in (("terminal_penalty", "q_T^2"), ("running_penalty", "int q^2 dt"))
        if quotes.parameter(name)
    ]
    return " - ".join(["mean of profit", *penalties])


def notes(quotes: Quotes) -> list[str]:
    """What of the scenario the exact figures leave out."""
    scenario, market, found = quotes.scenario, quotes.market, []
    given = [name for name in IN_SIMULATION if getattr(scenario.risk, name) is not None]
    if given:
        found.append(f"not counted: {', '.join(f'risk.{name}' for name in given)}")
    if more := extras(scenario):
        means = f"sigma = {market.sigma:.4g}, A = {market.A:.4g}, mu = {market.mu:.4g}"
        found.append(f"the quotes take {', '.join(more)} for what they are on average: {means}")
    if scenario.end.inventory == "close":
        found.append("not counted: the closing of what is left at the end")
    if scenario.asset.fees.maker_bps:
        found.append(f"fees in bps are counted as at the first mid: {market.maker_fee:.6g} a lot")
    size, least = quotes.sizes[0], least_lots(scenario.asset.flow.size)
    if size > least and "value" in quotes.table.figures:
        found.append(
            f"the value counts fills of {size} lots only; orders are of {least} and more, as the "
            f"objective counts"
        )
    if market.tick * market.k > COARSE:
        found.append(f"not counted: rounding to the tick, {market.tick:g}")
    table, floor = quotes.table, -market.d0
    if table.rungs > 1:
        found.append(f"ladders of {table.rungs} rungs: only the best of each side is shown")
    deep = int(np.sum(table.bid_depth < floor) + np.sum(table.ask_depth < floor))
    if deep:
        share = deep / (2 * table.bid_depth.size)
        found.append(
            f"{share:.1%} of the table is deeper through the mid than d0 = {market.d0:g}: it fills "
            f"no more often than at d0, which solvers leave out and the objective counts"
        )
    return found


def least_lots(size: Size) -> int:
    """Of a market order."""
    if size.model == "constant":
        return size.size
    return min(size.sizes) if size.model == "empirical" else 1


def shown_depths(table: QuoteTable, rows: int) -> tuple[Floats, Floats, Floats]:
    """Times, bid and ask depths of at most so many rows, of ladders the best rung; NaN where
    nothing is quoted.
    """
    few = thinned(table.best(), rows)
    bid, ask = (np.where(np.isinf(each), np.nan, each) for each in (few.bid_depth, few.ask_depth))
    return few.times_s, bid, ask


def shown_lots(table: QuoteTable, market: Market) -> NDArray[np.int64]:
    """The table's inventories, or all that the limit allows where it has but one."""
    most = market.max_inventory
    if len(table.inventories) > 1 or most is None:
        return table.inventories
    return np.arange(-min(most, 100), min(most, 100) + 1)


def at_lots(
    table: QuoteTable, market: Market, depth: Floats, lots: NDArray[np.int64], side: int
) -> Floats:
    """Depths (T, n) at these inventories; NaN for a side that the limit does not let quote."""
    own, most = table.inventories, market.max_inventory
    found: Floats = depth[:, np.clip(lots - own[0], 0, len(own) - 1)]
    if most is not None:
        found = np.where(side * lots >= most, np.nan, found)
    return found
