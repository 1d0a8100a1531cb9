"""What a scenario says of the price: the models of the mid, its jumps, a curve of the day."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lobsim.scenario.numbers import listed
from lobsim.scenario.table import Chance, Correlation, NotNegative, Positive, Real, Table


class Curve(Table):
    """A factor that depends on the time of day: each holds until the next begins."""

    at_s: Annotated[tuple[NotNegative, ...], BeforeValidator(listed)]
    """When each factor begins, the first at 0; seconds."""
    factor: Annotated[tuple[NotNegative, ...], BeforeValidator(listed)]
    """As many factors."""

    def mean(self, duration_s: Decimal, power: int = 1) -> Decimal:
        """Of the factors to this power, over the run."""
        ends = (*self.at_s[1:], duration_s)
        pieces = zip(self.at_s, ends, self.factor, strict=False)  # a faulty curve is told of
        total = sum((f**power * (end - at) for at, end, f in pieces), Decimal(0))
        return total / duration_s


class MertonJumps(Table):
    """Jumps at any time, of normal size."""

    model: Literal["merton"]
    """Normal sizes."""
    rate: NotNegative
    """Jumps per second."""
    mean: Real = Decimal(0)
    """Mean size; currency, of the mid's logarithm in models of it."""
    sd: NotNegative
    """Deviation of a size; currency, of the mid's logarithm in models of it."""
    compensated: bool = True
    """Whether the drift takes the jumps' mean back, so that they leave the mid a martingale."""


class KouJumps(Table):
    """Jumps at any time, exponential up or down."""

    model: Literal["kou"]
    """Double exponential sizes."""
    rate: NotNegative
    """Jumps per second."""
    p: Chance
    """Probability that a jump goes up."""
    eta_up: Positive
    """Of jumps up, whose mean size is 1/eta_up; per currency, pure in models of the logarithm."""
    eta_down: Positive
    """Of jumps down, whose mean size is 1/eta_down; per currency, pure in models of logarithms."""
    compensated: bool = True
    """Whether the drift takes the jumps' mean back, so that they leave the mid a martingale."""


Jumps = Annotated[MertonJumps | KouJumps, Field(discriminator="model")]


class BrownianPrice(Table):
    """dS = mu dt + sigma dW; currency."""

    model: Literal["brownian"]
    """Brownian motion."""
    sigma: NotNegative
    """Volatility; currency per sqrt(s)."""
    mu: Real = Decimal(0)
    """Drift; currency per s."""
    step_ms: Positive
    """Milliseconds from one move of the mid to the next; it also moves at every market order."""
    curve: Curve | None = None
    """Factors of sigma by the time of day."""
    jumps: Jumps | None = None
    """Jumps of the mid on top."""


class GeometricPrice(Table):
    """dS = mu S dt + sigma S dW."""

    model: Literal["geometric"]
    """Geometric Brownian motion."""
    sigma: NotNegative
    """Volatility relative to the mid; per sqrt(s)."""
    mu: Real = Decimal(0)
    """Drift relative to the mid; per s."""
    step_ms: Positive
    """Milliseconds from one move of the mid to the next; it also moves at every market order."""
    curve: Curve | None = None
    """Factors of sigma by the time of day."""
    jumps: Jumps | None = None
    """Jumps of the mid's logarithm on top."""


class RandomWalkPrice(Table):
    """Each step moves by mu dt +- sigma sqrt(dt), up or down with probability 1/2."""

    model: Literal["random_walk"]
    """A coin toss a step."""
    sigma: NotNegative
    """Volatility; currency per sqrt(s)."""
    mu: Real = Decimal(0)
    """Drift; currency per s."""
    step_ms: Positive
    """Milliseconds of a step."""
    jumps: Jumps | None = None
    """Jumps of the mid on top."""


class RevertingPrice(Table):
    """dS = kappa (theta - S) dt + sigma dW; currency."""

    model: Literal["ou"]
    """Ornstein and Uhlenbeck's process: the mid returns to a level."""
    sigma: NotNegative
    """Volatility; currency per sqrt(s)."""
    kappa: Positive
    """How fast it returns; per s."""
    theta: Positive | None = None
    """The level, the mid at the start where absent; currency."""
    step_ms: Positive
    """Milliseconds from one move of the mid to the next; it also moves at every market order."""
    jumps: Jumps | None = None
    """Jumps of the mid on top."""


class HestonPrice(Table):
    """dS = mu dt + sqrt(v) dW, dv = kappa (theta - v) dt + xi sqrt(v) dB."""

    model: Literal["heston"]
    """A random variance."""
    form: Literal["arithmetic", "log"] = "arithmetic"
    """Moves in currency, or (as Heston wrote it) relative to the mid: dS = mu S dt + ... ."""
    theta: Positive
    """The level to which the variance returns; currency^2 per s, per s in form "log"."""
    kappa: Positive
    """How fast it returns; per s."""
    xi: Positive
    """Volatility of the variance; currency per s, per s in form "log"."""
    rho: Correlation = Decimal(0)
    """Correlation of dW and dB."""
    v0: NotNegative | None = None
    """Variance at the start, theta where absent; currency^2 per s, per s in form "log"."""
    mu: Real = Decimal(0)
    """Drift; currency per s, per s in form "log"."""
    step_ms: Positive
    """Milliseconds from one move of the mid to the next; it also moves at every market order."""
    jumps: Jumps | None = None
    """Jumps of the mid, or of its logarithm, on top."""

    @property
    def start(self) -> Decimal:
        return self.theta if self.v0 is None else self.v0


Price = Annotated[
    BrownianPrice | GeometricPrice | RandomWalkPrice | RevertingPrice | HestonPrice,
    Field(discriminator="model"),
]


def is_relative(price: Price) -> bool:
    """Whether sigma, mu and jumps are of the mid's logarithm."""
    return price.model == "geometric" or (price.model == "heston" and price.form == "log")


def curve_of(table: object) -> Curve | None:
    """Of a price or a flow that may have none, and may have no such key."""
    found = getattr(table, "curve", None)
    return found if isinstance(found, Curve) else None
