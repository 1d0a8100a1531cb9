"""Who takes part in a market: an account each, its strategy, and its quote table if it has one."""

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass
from typing import Any

from lobsim.errors import (
    PluginError,
    ScenarioError,
    UsageError,
    figure,
    lines_in,
    one_line,
    reraise_interrupt,
    shown,
    text_of,
)
from lobsim.market.ladder import sizes_of
from lobsim.market.strategy import Market, Strategy
from lobsim.market.units import LARGEST_VALUE, Cash, Lots
from lobsim.plugins.parameters import ParameterError, refused
from lobsim.plugins.registry import Registry
from lobsim.policy.quote_table import QuoteTable, TickTable
from lobsim.policy.unsolvable import UnsolvableError
from lobsim.scenario.schema import RESERVED, OneAsset, Scenario, StrategySpec
from lobsim.watch import TookTooLongError, Watch

Live = Mapping[str, Strategy]  # strategy objects, by the name that stands for their plugin
NOBODY: Live = {}


@dataclass(frozen=True, slots=True)
class Seat:
    """One who takes part: name, strategy and endowment.  The table, if any, serves every run.

    `assets` are the numbers of those it trades, `inventories` what it begins with in each, `cash`
    is in ticks of the first.  `sizes` are those of the table's rungs, `table_digest` names its
    quotes, for the record.
    """

    spec: StrategySpec
    table: TickTable | None
    sizes: tuple[Lots, ...]
    assets: tuple[int, ...]
    cash: Cash
    inventories: tuple[Lots, ...]
    table_digest: str | None

    @property
    def inventory(self) -> Lots:
        """In the first of its assets."""
        return self.inventories[0]

    def endowment(self, asset: int) -> tuple[Cash, Lots]:
        """Cash and lots in an asset at the start."""
        if asset not in self.assets:
            return 0, 0
        place = self.assets.index(asset)
        return self.cash if place == 0 else 0, self.inventories[place]


def with_live(
    scenario: Scenario, strategies: Sequence[str | Strategy] | Strategy | str | None
) -> tuple[Scenario, Live, list[str] | None]:
    """Let strategy objects join a scenario, each under the name of its class: Mine is mine.

    The scenario with them, the objects, and the names of all that were asked for (None: all).
    Raises UsageError.
    """
    if strategies is None or isinstance(strategies, str):
        return scenario, NOBODY, None if strategies is None else [strategies]
    if isinstance(strategies, Strategy):
        strategies = [strategies]
    if not strategies:
        raise UsageError("strategies: none are given; leave it out for all of the scenario")
    names, live, specs = [], {}, list(scenario.strategy)
    for each in strategies:
        if isinstance(each, str):
            names.append(each)
            continue
        if not isinstance(each, Strategy):
            raise UsageError(f"strategies: must be names or Strategy objects, got {each!r}")
        kind = type(each)
        name = unused(account_name(kind.__name__), specs)
        plugin = f"{kind.__module__}.{kind.__qualname__}, as {name}"
        own: tuple[Field[Any], ...] = fields(each) if is_dataclass(each) else ()
        params = {field.name: plain(getattr(each, field.name)) for field in own if field.init}
        specs.append(StrategySpec(name=name, plugin=plugin, params=params))
        live[plugin] = each
        names.append(name)
    joined = scenario.model_copy(update={"strategy": tuple(specs)})
    return joined, live, names


def account_name(kind: str) -> str:
    """MyMaker is my-maker."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_+", "-", kind).lower()
    return re.sub(r"[^a-z0-9-]", "", words).lstrip("-0123456789").rstrip("-") or "mine"


def plain(value: Any) -> Any:
    """A parameter as JSON can hold it: what it cannot is kept as its text."""
    if hasattr(value, "tolist"):  # numpy's
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str | bool | int | float | None) else text_of(value)


def unused(name: str, specs: Sequence[StrategySpec]) -> str:
    taken = {*(spec.name for spec in specs), *RESERVED, *Scenario.model_fields}
    candidates = [name, *(f"{name}-{n}" for n in range(2, len(specs) + 3))]
    return next(each for each in candidates if each not in taken)


def seat_of(
    spec: StrategySpec, registry: Registry, markets: Mapping[str, Market], scenario: Scenario
) -> Seat:
    """`markets` are what is known of each asset.  Raises ParameterError for what a table of
    quotes cannot do.
    """
    strategy = registry.make(spec.plugin, spec.params)
    traded = scenario.assets_of(spec)
    first = scenario.of(traded[0])
    tick = first.asset.tick
    ticks, digest = None, None
    sizes: tuple[Lots, ...] = (1,)
    if type(strategy).quote_table is not Strategy.quote_table:
        if len(traded) > 1:
            what = f'quotes by a table, which is of one asset: give it one, as ["{traded[0]}"]'
            raise ParameterError((("assets",), what))
        own = markets[traded[0]].seen_from(spec.inventory_in(traded[0]), scenario.folder)
        table, sizes = table_of(spec, strategy, own, float(scenario.plugin_timeout_s))
        ticks, digest = table.in_ticks(float(tick)), table.digest()
        check_reach(spec, ticks, sizes, first)
    numbers = tuple(i for i, name in enumerate(scenario.assets) if name in traded)
    held = tuple(map(spec.inventory_in, traded))
    return Seat(spec, ticks, sizes, numbers, int(spec.cash / tick), held, digest)


def check_reach(
    spec: StrategySpec, table: TickTable, sizes: Sequence[Lots], scenario: OneAsset
) -> None:
    """Raises ParameterError where a table's furthest quote is worth more than an order may be."""
    tick = scenario.asset.tick
    depth = table.reach
    allowed = LARGEST_VALUE - float(scenario.asset.mid / tick)
    if depth > allowed:
        far, near = figure(depth * float(tick)), figure(allowed * float(tick))
        given = ", ".join(f"{key} = {shown(value)}" for key, value in spec.params.items())
        what = f"quotes {far} from the mid, at most {near} (1e15 ticks) can be"
        if len(spec.params) == 1:
            raise ParameterError((("params", *spec.params), what))
        raise ParameterError((("params",), f"{what}: {given or 'by default'}"))
    most = int(LARGEST_VALUE / (LARGEST_VALUE - allowed + depth))
    if max(sizes) > most:
        key = ("params", "size") if "size" in spec.params else ("params",)
        what = f"must be a whole number from 1 to {most}: price times size at most 1e15 ticks"
        raise ParameterError((key, what))


def table_of(
    spec: StrategySpec, strategy: Strategy, market: Market, timeout_s: float
) -> tuple[QuoteTable, tuple[Lots, ...]]:
    """A strategy's own table, as soon as it gives one, and the sizes of its rungs.

    Raises ParameterError where the strategy names a parameter (`gamma = 9: must ...`),
    ScenarioError where the market lacks what it needs or a solver has no answer, and PluginError
    for all else.
    """
    name = spec.name
    watch = Watch(timeout_s)
    watch.begin(name)
    try:
        with watch.watching():
            table = strategy.quote_table(market)
        in_time = watch.end()
    except (TookTooLongError, Exception, SystemExit, GeneratorExit, KeyboardInterrupt) as error:
        in_time = watch.end() and not isinstance(error, TookTooLongError)
        reraise_interrupt(error)
        if isinstance(error, ValueError) and str(error).partition(" = ")[0] in spec.params:
            raise refused(spec.plugin, spec.params, error) from None
        if isinstance(error, ScenarioError | UnsolvableError):
            told = [f"strategy '{name}': {line}" for line in str(error).splitlines()]
            raise ScenarioError(*told) from None
        what = one_line(error) if in_time else late(timeout_s)
        failure = PluginError(f"strategy '{name}': quote_table: {what}")
        module = sys.modules.get(type(strategy).__module__)
        for line in lines_in(getattr(module, "__file__", None), error)[:20] if in_time else ():
            failure.add_note(f"  {line}")
        raise failure from error
    if not in_time:
        raise PluginError(f"strategy '{name}': quote_table: {late(timeout_s)}")
    if not isinstance(table, QuoteTable):
        raise PluginError(
            f"strategy '{name}': quote_table must return a QuoteTable, "
            f"returned {type(table).__name__}"
        )
    try:
        return table, tuple(sizes_of(strategy.size, table.rungs))
    except ValueError as error:
        raise PluginError(f"strategy '{name}': {error}") from None


def late(timeout_s: float) -> str:
    return f"no answer after {timeout_s:g} s (plugin_timeout_s)"
