"""What a scenario file may say: one class per table, one field per key.

A key's unit is the end of its name (`_s` seconds, `_ms` milliseconds); without one a number is
currency, lots or pure.  Numbers are read as decimal text, so that 100.1 is 1001 ticks of 0.1.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    model_validator,
)

from lobsim.market.units import Crossing, SelfTrade
from lobsim.scenario.numbers import (
    listed,
    number,
    plain_numbers,
    seed_number,
    this_version,
    whole,
)

NAME = r"^[a-z][a-z0-9-]*$"
RESERVED = ("asset", "risk", "end", "outside", "fees")


ToJson = PlainSerializer(float, return_type=float, when_used="json")
Real = Annotated[Decimal, BeforeValidator(number), ToJson]
Positive = Annotated[
    Decimal, BeforeValidator(partial(number, allowed="above 0")), Field(gt=0), ToJson
]
NotNegative = Annotated[
    Decimal, BeforeValidator(partial(number, allowed="0 or more")), Field(ge=0), ToJson
]
Fraction = Annotated[
    Decimal,
    BeforeValidator(partial(number, allowed="above 0, at most 1")),
    Field(gt=0, le=1),
    ToJson,
]
Share = Annotated[
    Decimal, BeforeValidator(partial(number, allowed="above 0, below 1")), Field(gt=0, lt=1), ToJson
]
Whole = Annotated[int, BeforeValidator(whole)]
Lots = Annotated[int, BeforeValidator(whole), Field(ge=1)]


class Table(BaseModel):
    """Base of all tables.  Unknown keys are errors: a typing slip must not pass for a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ConstantSize(Table):
    """Every market order is for `size` lots."""

    model: Literal["constant"]
    size: Lots = 1


class GeometricSize(Table):
    """P(size >= n) = (1 - 1/mean)^(n - 1)."""

    model: Literal["geometric"]
    mean: Annotated[Decimal, BeforeValidator(number), Field(ge=1), ToJson]


Size = Annotated[ConstantSize | GeometricSize, Field(discriminator="model")]


class BrownianPrice(Table):
    """dS = mu dt + sigma dW; currency."""

    model: Literal["brownian"]
    sigma: NotNegative  # currency per sqrt(s)
    mu: Real = Decimal(0)  # currency per s
    step_ms: Positive  # the mid also moves at every market order


class GeometricPrice(Table):
    """dS = mu S dt + sigma S dW."""

    model: Literal["geometric"]
    sigma: NotNegative  # per sqrt(s)
    mu: Real = Decimal(0)  # per s
    step_ms: Positive


class RandomWalkPrice(Table):
    """Each step moves by mu dt +- sigma sqrt(dt), up or down with probability 1/2."""

    model: Literal["random_walk"]
    sigma: NotNegative
    mu: Real = Decimal(0)
    step_ms: Positive


Price = Annotated[BrownianPrice | GeometricPrice | RandomWalkPrice, Field(discriminator="model")]


class PoissonFlow(Table):
    """Market orders at rate A exp(k d0) a side, with reach -d0 + Exp(k)."""

    model: Literal["poisson"]
    A: NotNegative  # per second and side, at the mid
    k: Positive  # per currency
    d0: NotNegative = Decimal(0)  # currency
    size: Size = ConstantSize(model="constant")


class BernoulliFlow(Table):
    """One market order a side and step of the price, with reach -d0 + Exp(k), A e^(k d0) dt = 1."""

    model: Literal["bernoulli"]
    A: NotNegative
    k: Positive
    size: Size = ConstantSize(model="constant")


Flow = Annotated[PoissonFlow | BernoulliFlow, Field(discriminator="model")]


class Fees(Table):
    """Currency per lot; negative is a rebate."""

    maker: Real = Decimal(0)
    taker: Real = Decimal(0)


class Asset(Table):
    tick: Positive
    mid: Positive
    price: Price
    flow: Flow
    fees: Fees = Fees()


class Risk(Table):
    """Limits per account; absent is no limit."""

    max_inventory: Lots | None = None
    max_drawdown: Positive | None = None  # currency
    max_loss: Positive | None = None  # currency
    max_order_size: Lots | None = None
    max_var: Positive | None = None  # currency: VaR at var_level of the inventory held to the end
    max_cvar: Positive | None = None  # currency
    var_level: Share = Decimal("0.99")
    reduce_at: Fraction = Decimal(1)  # of max_drawdown and max_loss: from there on only reduce
    on_halt: Literal["cancel", "flatten"] = "cancel"
    cooldown_s: Positive | None = None  # how long a halt lasts; absent: for good
    close_cost: NotNegative = Decimal(0)  # currency per lot


class End(Table):
    """What becomes of inventory at the end: marked at the mid, or traded with the outside."""

    inventory: Literal["mark", "close"] = "mark"


class StrategySpec(Table):
    """One account and the plugin that runs it."""

    name: Annotated[str, Field(pattern=NAME)]
    plugin: str
    params: Annotated[dict[str, Any], PlainSerializer(plain_numbers, when_used="json")] = {}
    inventory: Whole = 0
    cash: Real = Decimal(0)

    @model_validator(mode="before")
    @classmethod
    def _name_after_plugin(cls, given: Any) -> Any:
        if isinstance(given, dict) and "name" not in given and "plugin" in given:
            return {"name": given["plugin"], **given}
        return given


@dataclass(frozen=True, eq=False)
class Source:
    """Where a scenario came from, to say where in it a problem is; no part of what it says."""

    path: Path
    text: str
    tree: dict[str, Any]
    set_keys: frozenset[str]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source)

    __hash__ = object.__hash__


class Scenario(Table):
    """One market, described completely.  A scenario, a seed and a replication fix a run."""

    version: Annotated[int, BeforeValidator(this_version)]
    title: str = ""
    duration_s: Positive
    requote: Literal["continuous", "timer"] = "continuous"
    requote_ms: Positive | None = None
    crossing: Crossing = Crossing.JOIN
    self_trade: SelfTrade = SelfTrade.ALLOW
    record: Literal["all", "fills"] = "all"
    seed: Annotated[int, BeforeValidator(seed_number)] | None = None
    max_events: Lots = 1_000_000_000
    on_plugin_error: Literal["stop", "bench"] = "stop"
    plugin_timeout_s: Positive = Decimal(10)  # of wall time, for one answer
    summary_reps: Annotated[int, BeforeValidator(whole), Field(ge=0)] = 0
    plugins: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    asset: Asset
    risk: Risk = Risk()
    end: End = End()
    strategy: tuple[StrategySpec, ...] = ()

    _name: str = PrivateAttr("scenario")
    _source: Source | None = PrivateAttr(None)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._name

    @property
    def source(self) -> Source | None:
        return self._source
