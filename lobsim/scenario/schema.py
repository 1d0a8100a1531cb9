"""What a scenario file may say: one class per table, one field per key.

A key's unit is the end of its name (`_s` seconds, `_ms` milliseconds); without one a number is
currency, lots or pure.  Numbers are read as decimal text, so that 100.1 is 1001 ticks of 0.1.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from lobsim.market.units import Crossing, SelfTrade
from lobsim.scenario.asset import NAME, Asset, AssetName, Assets
from lobsim.scenario.latency import Latency
from lobsim.scenario.numbers import (
    listed,
    lots_by_asset,
    plain_numbers,
    seed_number,
    texts,
    this_version,
)
from lobsim.scenario.table import (
    Correlation,
    Count,
    Fraction,
    Lots,
    NotNegative,
    Positive,
    Real,
    Share,
    Table,
)

RESERVED = ("asset", "risk", "end", "outside", "fees", "portfolio")


class Risk(Table):
    """Limits per account; absent is no limit."""

    max_inventory: Lots | None = None
    """Lots, long or short; open orders count, so that it cannot be passed."""
    volatility_s: Positive | None = None
    """max_inventory shrinks as the volatility of so many seconds is above the market's; seconds."""
    max_drawdown: Positive | None = None
    """How far equity may fall from its peak before the account is halted; currency."""
    max_loss: Positive | None = None
    """How far equity may fall from its start before the account is halted; currency."""
    max_order_size: Lots | None = None
    """Lots of one order."""
    max_var: Positive | None = None
    """VaR at var_level of the inventory held to the end; currency."""
    max_cvar: Positive | None = None
    """CVaR (the mean loss beyond VaR) at var_level of the inventory held to the end; currency."""
    var_level: Share = Decimal("0.99")
    """Probability that a loss is smaller than VaR."""
    reduce_at: Fraction = Decimal(1)
    """Share of max_drawdown and max_loss from which on orders may only reduce the inventory."""
    on_halt: Literal["cancel", "flatten"] = "cancel"
    """A halt cancels all orders; "flatten" also trades the inventory away, with the outside."""
    cooldown_s: Positive | None = None
    """How long a halt lasts; absent is for good; seconds."""
    close_cost: NotNegative = Decimal(0)
    """How much worse than the mid the outside trades, to flatten and to close; currency per lot."""


class End(Table):
    """What becomes of inventory at the end: marked at the mid, or traded with the outside."""

    inventory: Literal["mark", "close"] = "mark"
    """"mark": valued at the mid; "close": traded with the outside, at close_cost."""


class StrategySpec(Table):
    """One account and the plugin that runs it."""

    model_config = ConfigDict(title="Strategy", json_schema_extra={"required": ["plugin"]})

    name: Annotated[str, Field(pattern=NAME, json_schema_extra={"not": {"enum": [*RESERVED]}})]
    """Of the account; left out, the plugin's."""
    plugin: str
    """The strategy: an installed one, or one of the files in `plugins`."""
    params: Annotated[dict[str, Any], PlainSerializer(plain_numbers, when_used="json")] = {}  # noqa: RUF012
    """The strategy's own parameters."""
    assets: Annotated[tuple[str, ...], BeforeValidator(texts)] = ()
    """Which assets it trades, of several; absent: all."""
    inventory: Annotated[int | dict[str, int], BeforeValidator(lots_by_asset)] = 0
    """Lots held at the start, negative is short; of several assets a table, as { eth = 3 }."""
    cash: Real = Decimal(0)
    """Held at the start, whole ticks; currency."""
    latency: Latency = Latency()
    """How long its messages to and from the exchange take."""

    def inventory_in(self, asset: str) -> int:
        """Lots of an asset held at the start."""
        return self.inventory if isinstance(self.inventory, int) else self.inventory.get(asset, 0)

    @model_validator(mode="before")
    @classmethod
    def _name_after_plugin(cls, given: Any) -> Any:
        if isinstance(given, dict) and "name" not in given and "plugin" in given:
            plugin = given["plugin"]  # told itself, where it is no text
            return {"name": plugin if isinstance(plugin, str) else "unnamed", **given}
        return given


class Group(Table):
    """Limits over all accounts of a group of strategies; past one all of them are halted."""

    strategies: Annotated[tuple[str, ...], BeforeValidator(texts)]
    """Names of its strategies."""
    max_inventory: Lots | None = None
    """Lots of an asset, long or short, that they may hold together; open orders count."""
    max_drawdown: Positive | None = None
    """How far their equity may fall from its peak; currency."""
    max_loss: Positive | None = None
    """How far their equity may fall from its start; currency."""
    max_var: Positive | None = None
    """VaR, at risk.var_level, of the inventory that they hold to the end; currency."""
    max_cvar: Positive | None = None
    """CVaR, at risk.var_level, of the inventory that they hold to the end; currency."""


@dataclass(frozen=True, eq=False)
class Source:
    """Where a scenario came from, to say where in it a problem is; no part of what it says."""

    path: Path
    text: str
    tree: dict[str, Any]
    settings: dict[str, str]  # as they were typed, by the keys that they set

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source)

    __hash__ = object.__hash__


class Scenario(Table):
    """One market, described completely.  A scenario, a seed and a replication fix a run."""

    version: Annotated[int, BeforeValidator(this_version), WithJsonSchema({"const": 1})]
    """Of the format of this file: 1."""
    title: str = ""
    """What a run is headed with."""
    duration_s: Annotated[Positive, Field(json_schema_extra={"maximum": 4 * 10**9})]
    """Length of the run, a whole number of steps of the price; simulated seconds."""
    requote: Literal["continuous", "timer"] = "continuous"
    """When makers are asked: before every instant's first order, or on a timer and after fills."""
    requote_ms: Positive | None = None
    """With requote = "timer": milliseconds from one question to the next."""
    crossing: Crossing = Crossing.JOIN
    """A quote that would trade with the other side: "join" one tick short of it, trade, refuse."""
    self_trade: SelfTrade = SelfTrade.ALLOW
    """An order that meets one of its own account: allow, or cancel the maker, the taker, both."""
    record: Literal["all", "fills"] = "all"
    """What the tape keeps; "fills" keeps risk events and notes too."""
    seed: Annotated[int, Field(ge=0, le=2**64 - 1), BeforeValidator(seed_number)] | None = None
    """Of the random numbers; --seed wins over it, and without either it is 1."""
    max_events: Lots = 1_000_000_000
    """The most events that a run may have."""
    on_plugin_error: Literal["stop", "bench"] = "stop"
    """A strategy that fails ends the run, or is out of the market for the rest of it ("bench")."""
    plugin_timeout_s: Positive = Decimal(10)
    """For one answer of a strategy; seconds of wall time."""
    summary_reps: Count = 0
    """Replications that `lobsim run` summarises beside the one it shows."""
    plugins: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    """Python files with strategies, relative to this one."""
    asset: Assets
    """What is traded: one asset, or several in tables of their names, as [asset.eth]."""
    correlation: dict[AssetName, dict[AssetName, Correlation]] = {}  # noqa: RUF012
    """Of the assets' mids, as eth.btc = 0.8; absent is 0."""
    risk: Risk = Risk()
    """Limits per account."""
    group: dict[AssetName, Group] = {}  # noqa: RUF012
    """Limits over several accounts, in tables of the groups' names, as [group.desk]."""
    end: End = End()
    """What becomes of inventory at the end."""
    strategy: tuple[StrategySpec, ...] = ()
    """The accounts of this market, a [[strategy]] each."""

    _name: str = PrivateAttr("scenario")
    _source: Source | None = PrivateAttr(None)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._name

    @property
    def source(self) -> Source | None:
        return self._source

    @property
    def folder(self) -> str:
        """Of its file; the working folder where there is none."""
        return "." if self._source is None else str(self._source.path.parent)

    @property
    def assets(self) -> dict[str, Asset]:
        """By name; a single asset without one is "asset"."""
        return {"asset": self.asset} if isinstance(self.asset, Asset) else self.asset

    def of(self, asset: str) -> "OneAsset":
        """The same market with one of its assets alone."""
        fields = {name: getattr(self, name) for name in Scenario.model_fields}
        one = OneAsset.model_construct(**fields | {"asset": self.assets[asset]})
        one._name, one._source, one._asset_name = self._name, self._source, asset
        return one

    def assets_of(self, spec: StrategySpec) -> tuple[str, ...]:
        """Names of the assets that a strategy trades, in the scenario's order."""
        return tuple(name for name in self.assets if not spec.assets or name in spec.assets)


class OneAsset(Scenario):
    """A scenario as seen from one of its assets."""

    asset: Asset

    _asset_name: str = PrivateAttr("asset")

    @property
    def asset_name(self) -> str:
        return self._asset_name

    @property
    def assets(self) -> dict[str, Asset]:
        return {self._asset_name: self.asset}

    @property
    def max_inventory(self) -> int | None:
        """Lots, of one account in this asset."""
        own = self.asset.risk.max_inventory
        return self.risk.max_inventory if own is None else own
