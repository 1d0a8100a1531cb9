"""One strategy's quotes in one market, and what they come to, exactly: no path is simulated."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from lobsim.conversion import d0_of, market_of
from lobsim.errors import ScenarioError, UsageError, choices, cut
from lobsim.market.strategy import Market, Strategy
from lobsim.plugins.parameters import ParameterError
from lobsim.policy.certainty import certainty_equivalent
from lobsim.policy.chain import Flow
from lobsim.policy.discrete import evaluate_discrete
from lobsim.policy.evaluate import evaluate
from lobsim.policy.evaluation import Evaluation
from lobsim.policy.profit_law import profit_law
from lobsim.policy.quote_table import QuoteTable
from lobsim.scenario.schema import Scenario, StrategySpec
from lobsim.seats import table_of
from lobsim.setup import load_plugins, open_scenario, parameter_problems, told_of
from lobsim.watch import kept_apart

Floats = NDArray[np.float64]

LEVEL = 0.95  # of VaR and CVaR
LAW_ROWS = 500  # the law of profit takes quotes this often; its error is then some 1e-5


class Maker(TypedDict):
    """What the evaluations are told of a maker and its mid."""

    sigma: float
    mu: float
    horizon_s: float
    inventory: int
    size: int
    max_inventory: int | None
    maker_fee: float


class Penalties(TypedDict):
    terminal_penalty: float
    running_penalty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The quotes of one account, alone in its market.

    value      currency at the start: what the solver maximises, as it says; for quotes without a
               solver of their own `objective`
    objective  currency, of these very quotes in this very market: the certainty equivalent for
               quotes with a `gamma`, the mean of profit less penalties for all others
    exact      moments and laws; None where they cannot be had exactly, and `why_not` says why
    var, cvar  currency at 95 %: of the loss
    """

    name: str
    scenario: Scenario
    market: Market
    size: int
    table: QuoteTable
    exact: Evaluation | None
    why_not: str
    value: float | None
    objective: float | None
    var: float | None
    cvar: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """One account of a scenario, its strategy and the table that it gives."""

    scenario: Scenario
    spec: StrategySpec
    market: Market
    strategy: Strategy
    table: QuoteTable

    @property
    def maker(self) -> Maker:
        market = self.market
        return Maker(
            sigma=market.sigma, mu=market.mu, horizon_s=market.duration_s,
            inventory=self.spec.inventory, size=self.strategy.size,
            max_inventory=market.max_inventory, maker_fee=market.maker_fee,
        )  # fmt: skip

    def parameter(self, name: str) -> float:
        """0 where the strategy has none."""
        value = getattr(self.strategy, name, 0.0)
        return float(value) if isinstance(value, int | float) else 0.0

    def moments(self, *, kurtosis: bool = False) -> Evaluation:
        """Exactly, in a market that is not `inexact`.  Raises ValueError as `evaluate` does."""
        penalties = Penalties(
            terminal_penalty=self.parameter("terminal_penalty"),
            running_penalty=self.parameter("running_penalty"),
        )
        flow = flow_of(self.scenario)
        if self.scenario.asset.flow.model == "bernoulli":
            step_s = self.market.duration_s / self.market.rows
            return evaluate_discrete(self.table, flow, step_s=step_s, **self.maker, **penalties)
        return evaluate(self.table, flow, kurtosis=kurtosis, **self.maker, **penalties)

    def certainty_equivalent(self) -> float | None:
        """At the strategy's gamma, currency; None without one, and in discrete steps."""
        gamma = self.parameter("gamma")
        if gamma <= 0 or self.scenario.asset.flow.model == "bernoulli":
            return None
        return certainty_equivalent(
            self.table, flow_of(self.scenario), gamma=gamma,
            terminal_penalty=self.parameter("terminal_penalty"), **self.maker,
        )  # fmt: skip


def solve_for(
    strategy: str,
    scenario: Scenario | str | PathLike[str],
    settings: Sequence[str] = (),
    plugins: Sequence[str | PathLike[str]] = (),
) -> Solved:
    """The quote table of a strategy of the scenario, by its name or its plugin's, and its figures.

    A plugin that the scenario does not name joins it.  Raises ScenarioError, PluginError, and
    UsageError where the strategy decides while the market runs: it has no table.
    """
    loaded = open_scenario(scenario, settings, plugins, [strategy])
    with kept_apart():
        return solved(quotes_of(loaded, strategy))


def quotes_of(scenario: Scenario, strategy: str) -> Quotes:
    """Of one account alone: no other strategy is made."""
    registry = load_plugins(scenario)
    if faults := parameter_problems(scenario, registry):
        raise ScenarioError(*faults)
    number = account_of(scenario, strategy)
    spec = scenario.strategy[number]
    made = registry.make(spec.plugin, spec.params)
    if type(made).quote_table is Strategy.quote_table:
        raise UsageError(
            f"strategy '{spec.name}' gives no quote table: it decides while the market runs"
        )
    market = market_of(scenario).seen_from(spec.inventory, scenario.folder)
    try:
        table = table_of(spec, made, market, float(scenario.plugin_timeout_s))
    except ParameterError as error:
        raise ScenarioError(*told_of(scenario, number, error)) from None
    return Quotes(scenario=scenario, spec=spec, market=market, strategy=made, table=table)


def account_of(scenario: Scenario, strategy: str) -> int:
    """The number of the account of this name, or else the first with this plugin."""
    for key in ("name", "plugin"):
        for number, spec in enumerate(scenario.strategy):
            if getattr(spec, key) == strategy:
                return number
    names = [spec.name for spec in scenario.strategy]
    raise UsageError(
        f"no strategy '{cut(strategy)}' in {scenario.name}{choices(strategy, names, 'there are')}"
    )


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
                law = profit_law(few, flow_of(quotes.scenario), **quotes.maker)
                var, cvar = law.var(LEVEL), law.cvar(LEVEL)
        except ValueError as error:
            why_not = str(error)
    said = quotes.table.figures.get("value")
    value = float(said) if isinstance(said, int | float) and math.isfinite(said) else objective
    return Solved(
        name=quotes.spec.name, scenario=quotes.scenario, market=quotes.market,
        size=quotes.strategy.size, table=quotes.table, exact=exact, why_not=why_not, value=value,
        objective=objective, var=var, cvar=cvar,
    )  # fmt: skip


def inexact(scenario: Scenario) -> str:
    """Why this market's figures cannot be had without simulating it; "" where they can."""
    price, flow = scenario.asset.price.model, scenario.asset.flow.model
    pairs = {"brownian": "poisson", "random_walk": "bernoulli"}
    if pairs.get(price) != flow:
        known = " or ".join(f"{one} prices with {other} flow" for one, other in pairs.items())
        return f"exact figures are for {known}, this market has {price} with {flow}"
    if scenario.requote == "timer":
        return "exact figures are for continuous requoting, this market has a timer"
    return ""


def flow_of(scenario: Scenario) -> Flow:
    flow = scenario.asset.flow
    lots, mean = 1, None
    if flow.size.model == "constant":
        lots = flow.size.size
    else:
        mean = float(flow.size.mean)
    return Flow(
        A_bid=float(flow.A), A_ask=float(flow.A), k=float(flow.k), d0=d0_of(scenario), lots=lots,
        mean_lots=mean,
    )  # fmt: skip


def thinned(table: QuoteTable, rows: int) -> QuoteTable:
    """Every n-th row, so that there are `rows` at most."""
    every = math.ceil(len(table.times_s) / rows)
    return QuoteTable(
        table.times_s[::every], table.inventories, table.bid_depth[::every],
        table.ask_depth[::every], horizon_s=table.horizon_s, figures=table.figures,
    )  # fmt: skip


def shown_depths(table: QuoteTable, rows: int) -> tuple[Floats, Floats, Floats]:
    """Times, bid and ask depths of at most so many rows; NaN where nothing is quoted."""
    few = thinned(table, rows)
    bid, ask = (np.where(np.isinf(each), np.nan, each) for each in (few.bid_depth, few.ask_depth))
    return few.times_s, bid, ask
