"""Who takes part in a market: an account each, its strategy, and its quote table if it has one."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass
from typing import Any

from lobsim.errors import UsageError, text_of
from lobsim.market.compiled_quote import CompiledQuote
from lobsim.market.strategy import Market, Strategy
from lobsim.market.units import Cash, Lots
from lobsim.offers import COMPILED, TABLE, check_reach, compiled_of, offer_of, table_of
from lobsim.plugins.parameters import ParameterError
from lobsim.plugins.registry import Registry
from lobsim.policy.quote_table import TickTable
from lobsim.scenario.schema import RESERVED, Scenario, StrategySpec

Live = Mapping[str, Strategy]  # strategy objects, by the name that stands for their plugin
NOBODY: Live = {}


@dataclass(frozen=True, slots=True)
class Seat:
    """One who takes part: name, strategy and endowment.  The table or the compiled function, if
    any, serves every run.

    `assets` are the numbers of those it trades, `inventories` what it begins with in each, `cash`
    is in ticks of the first.  `sizes` are those of the table's rungs, `table_digest` names its
    quotes, for the record.
    """

    spec: StrategySpec
    table: TickTable | None
    compiled: CompiledQuote | None
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
    ticks, compiled, digest = None, None, None
    sizes: tuple[Lots, ...] = (1,)
    own = markets[traded[0]].seen_from(spec.inventory_in(traded[0]), scenario.folder)
    offer = offer_of(spec, strategy)
    if offer and len(traded) > 1:
        what = f'quotes by {offer}, which is of one asset: give it one, as ["{traded[0]}"]'
        raise ParameterError((("assets",), what))
    if offer == TABLE:
        table, sizes = table_of(spec, strategy, own, float(scenario.plugin_timeout_s))
        ticks, digest = table.in_ticks(float(tick)), table.digest()
        check_reach(spec, ticks, sizes, first)
    elif offer == COMPILED:
        compiled, sizes = compiled_of(spec, strategy, own, float(scenario.plugin_timeout_s))
    numbers = tuple(i for i, name in enumerate(scenario.assets) if name in traded)
    held = tuple(map(spec.inventory_in, traded))
    return Seat(spec, ticks, compiled, sizes, numbers, int(spec.cash / tick), held, digest)
