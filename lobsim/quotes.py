"""One account's quote table in its market, and its exact moments: no path is simulated."""

import math
from dataclasses import dataclass
from typing import TypedDict

from lobsim.conversion import market_of
from lobsim.errors import ScenarioError, UsageError, choices, cut
from lobsim.market.strategy import Market, Strategy
from lobsim.market.units import Lots
from lobsim.offers import table_of
from lobsim.plans import d0_of, extras
from lobsim.plugins.parameters import ParameterError
from lobsim.policy.certainty import certainty_equivalent
from lobsim.policy.chain import Flow
from lobsim.policy.discrete import evaluate_discrete
from lobsim.policy.evaluate import evaluate
from lobsim.policy.evaluation import Evaluation
from lobsim.policy.quote_table import QuoteTable
from lobsim.scenario.schema import OneAsset, Scenario, StrategySpec
from lobsim.setup import load_plugins, parameter_problems, told_of

TILTED_ROWS = 2000  # for a certainty equivalent: off by some 1e-7, in a fifth of the time
SMALL_RISK = 1e-4  # gamma times sd, below which two moments say more than E exp(-gamma profit)


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
class Quotes:
    """One account of a scenario, its strategy and the table that it gives."""

    scenario: OneAsset
    spec: StrategySpec
    market: Market
    strategy: Strategy
    table: QuoteTable
    sizes: tuple[Lots, ...]  # of its rungs

    @property
    def maker(self) -> Maker:
        market = self.market
        return Maker(
            sigma=market.sigma, mu=market.mu, horizon_s=market.duration_s,
            inventory=self.market.inventory, size=self.sizes[0],
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
        penalty = self.parameter("terminal_penalty")
        moments = self.moments()
        if gamma * moments.profit_sd < SMALL_RISK and penalty == 0:
            return moments.profit_mean - gamma / 2 * moments.profit_sd**2
        return certainty_equivalent(
            thinned(self.table, TILTED_ROWS), flow_of(self.scenario), gamma=gamma,
            terminal_penalty=penalty, **self.maker,
        )  # fmt: skip


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
    traded = scenario.assets_of(spec)
    if len(traded) > 1:
        raise UsageError(
            f"strategy '{spec.name}' trades {', '.join(traded)}, and a quote table is of one asset"
        )
    one = scenario.of(traded[0])
    market = market_of(one).seen_from(spec.inventory_in(traded[0]), scenario.folder)
    try:
        table, sizes = table_of(spec, made, market, float(scenario.plugin_timeout_s))
    except ParameterError as error:
        raise ScenarioError(*told_of(scenario, number, error)) from None
    return Quotes(scenario=one, spec=spec, market=market, strategy=made, table=table, sizes=sizes)


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


def inexact(scenario: OneAsset) -> str:
    """Why this market's figures cannot be had without simulating it; "" where they can."""
    price, flow = scenario.asset.price.model, scenario.asset.flow.model
    if more := extras(scenario):
        return f"exact figures are for plain prices and flow, this market has {', '.join(more)}"
    pairs = {"brownian": "poisson", "random_walk": "bernoulli"}
    if pairs.get(price) != flow:
        known = " or ".join(f"{one} prices with {other} flow" for one, other in pairs.items())
        return f"exact figures are for {known}, this market has {price} with {flow}"
    if scenario.requote == "timer":
        return "exact figures are for continuous requoting, this market has a timer"
    return ""


def flow_of(scenario: OneAsset) -> Flow:
    flow = scenario.asset.flow
    lots, mean = 1, None
    if flow.size.model == "constant":
        lots = flow.size.size
    elif flow.size.model == "geometric":
        mean = float(flow.size.mean)
    else:
        raise ValueError(
            f"exact figures are for constant and geometric sizes, not {flow.size.model}"
        )
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
