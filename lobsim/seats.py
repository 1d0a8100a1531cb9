"""Who takes part in a market: an account each, its strategy, and its quote table if it has one."""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass
from typing import Any

from lobsim.errors import LobsimError, PluginError, UsageError, lines_in
from lobsim.market.desk import whole
from lobsim.market.strategy import Market, Strategy
from lobsim.market.units import Cash, Lots
from lobsim.plugins.registry import Registry
from lobsim.policy.quote_table import QuoteTable, TickTable
from lobsim.scenario.schema import Scenario, StrategySpec
from lobsim.watch import TookTooLongError, Watch

Live = Mapping[str, Strategy]  # strategy objects, by the name that stands for their plugin
NOBODY: Live = {}


@dataclass(frozen=True, slots=True)
class Seat:
    """One account: its name, strategy and endowment.  The table, if any, serves every run."""

    spec: StrategySpec
    table: TickTable | None
    size: Lots
    cash: Cash
    inventory: Lots


def with_live(
    scenario: Scenario, strategies: Sequence[str | Strategy] | str | None
) -> tuple[Scenario, Live, list[str] | None]:
    """Let strategy objects join a scenario, each under the name of its class: Mine is mine.

    The scenario with them, the objects, and the names of all that were asked for (None: all).
    Raises UsageError.
    """
    if strategies is None or isinstance(strategies, str):
        return scenario, NOBODY, None if strategies is None else [strategies]
    names, live, specs = [], {}, list(scenario.strategy)
    for each in strategies:
        if isinstance(each, str):
            names.append(each)
            continue
        if not isinstance(each, Strategy):
            raise UsageError(f"strategies: must be names or Strategy objects, got {each!r}")
        kind = type(each)
        name = unused(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", "-", kind.__name__).lower(), specs)
        plugin = f"{kind.__module__}.{kind.__qualname__}, as {name}"
        own: tuple[Field[Any], ...] = fields(each) if is_dataclass(each) else ()
        params = {field.name: getattr(each, field.name) for field in own if field.init}
        specs.append(StrategySpec(name=name, plugin=plugin, params=params))
        live[plugin] = each
        names.append(name)
    joined = scenario.model_copy(update={"strategy": tuple(specs)})
    return joined, live, names


def unused(name: str, specs: Sequence[StrategySpec]) -> str:
    taken = {spec.name for spec in specs}
    candidates = [name, *(f"{name}-{n}" for n in range(2, len(specs) + 2))]
    return next(each for each in candidates if each not in taken)


def seat_of(spec: StrategySpec, registry: Registry, market: Market, scenario: Scenario) -> Seat:
    strategy = registry.make(spec.plugin, spec.params)
    table, size = None, 1
    if type(strategy).quote_table is not Strategy.quote_table:
        table = table_of(spec.name, strategy, market, float(scenario.plugin_timeout_s))
        if not isinstance(table, QuoteTable):
            raise PluginError(
                f"strategy '{spec.name}': quote_table must return a QuoteTable, "
                f"returned {type(table).__name__}"
            )
        try:
            size = whole(strategy.size)
        except ValueError as error:
            raise PluginError(f"strategy '{spec.name}': {error}") from None
    tick = scenario.asset.tick
    ticks = None if table is None else table.in_ticks(float(tick))
    return Seat(spec, ticks, size, int(spec.cash / tick), spec.inventory)


def table_of(name: str, strategy: Strategy, market: Market, timeout_s: float) -> QuoteTable:
    """A strategy's own table, as soon as it gives one.  Raises PluginError."""
    watch = Watch(timeout_s)
    watch.answering = name
    try:
        with watch.watching():
            return strategy.quote_table(market)
    except LobsimError:
        raise
    except TookTooLongError:
        what = f"no answer after {timeout_s:g} s (plugin_timeout_s)"
        raise PluginError(f"strategy '{name}': quote_table: {what}") from None
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"
        told = PluginError(f"strategy '{name}': quote_table: {what}")
        module = sys.modules.get(type(strategy).__module__)
        for line in lines_in(getattr(module, "__file__", None), error):
            told.add_note(f"  {line}")
        raise told from error
