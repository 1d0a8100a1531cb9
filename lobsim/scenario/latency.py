"""What a scenario says of a strategy's distance from the exchange, in milliseconds."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lobsim.errors import figure
from lobsim.scenario.numbers import number
from lobsim.scenario.table import NotNegative, Positive, Table


class ConstantDelay(Table):
    """Every message takes the same time; a plain number says so too."""

    model: Literal["constant"]
    """Always the same."""
    ms: NotNegative
    """Of every message; milliseconds."""


class LognormalDelay(Table):
    """median_ms * exp(sigma Z), Z standard normal."""

    model: Literal["lognormal"]
    """Mostly near the median, now and then much longer."""
    median_ms: Positive
    """Half of all messages are faster; milliseconds."""
    sigma: NotNegative
    """Deviation of the logarithm of the milliseconds."""


class EmpiricalDelay(Table):
    """One of the values, each as likely as its weight says."""

    model: Literal["empirical"]
    """As it was measured."""
    values_ms: Annotated[tuple[NotNegative, ...], Field(min_length=1)]
    """The times that occur; milliseconds."""
    weights: tuple[Positive, ...] | None = None
    """How often each occurs, relative to the others; left out, all alike."""


def from_number(value: Any) -> Any:
    """A plain number is a constant."""
    if isinstance(value, dict | Table):
        return value
    ms = number(value, "0 or more")
    if ms < 0:
        raise ValueError("must be 0 or more")
    return ConstantDelay(model="constant", ms=ms)


def or_number(schema: dict[str, Any]) -> None:
    """What `from_number` takes, for editors."""
    schema["oneOf"] = [{"type": "number", "minimum": 0, "maximum": 10**18}, *schema["oneOf"]]


Delay = Annotated[
    ConstantDelay | LognormalDelay | EmpiricalDelay,
    Field(discriminator="model", json_schema_extra=or_number),
    BeforeValidator(from_number),
]
NONE = ConstantDelay(model="constant", ms=Decimal(0))


class Latency(Table):
    """A number of milliseconds, or a model of them; no message overtakes the one before it."""

    data_ms: Delay = NONE
    """Market data, from the exchange to the trader; milliseconds."""
    orders_ms: Delay = NONE
    """Orders, from the trader to the exchange; milliseconds."""
    acks_ms: Delay = NONE
    """Acknowledgements and fills, from the exchange to the trader; milliseconds."""

    @property
    def is_none(self) -> bool:
        return self.data_ms == self.orders_ms == self.acks_ms == NONE

    def problems(self, duration_ms: Decimal) -> Iterator[tuple[tuple[str, ...], str]]:
        """What is wrong with it in a market of this duration, with the path to the key."""
        for key in ("data_ms", "orders_ms", "acks_ms"):
            delay: Delay = getattr(self, key)
            path: tuple[str, ...]
            times: tuple[Decimal, ...]
            match delay:
                case ConstantDelay():
                    path, times = (key,), (delay.ms,)
                case LognormalDelay():
                    path, times = (key, "median_ms"), (delay.median_ms,)
                case EmpiricalDelay():
                    path, times = (key, "values_ms"), delay.values_ms
                    if len(delay.weights or times) != len(times):
                        yield (
                            (key, "weights"),
                            f"must be as many as values_ms, {len(times)}",
                        )
            if max(times) > duration_ms:
                yield path, f"must be at most the duration, {figure(duration_ms)} ms"
            elif delay.model != "lognormal" and any(ms * 1_000_000 % 1 for ms in times):
                yield path, "must be a whole number of nanoseconds"
