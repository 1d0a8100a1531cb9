"""What a scenario says of the asset: how its price moves, which orders come, what trading costs."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from lobsim.scenario.table import AtLeastOne, Lots, NotNegative, Positive, Real, Table


class ConstantSize(Table):
    """Every market order is for `size` lots."""

    model: Literal["constant"]
    """All orders have one size."""
    size: Lots = 1
    """Lots of every market order."""


class GeometricSize(Table):
    """P(size >= n) = (1 - 1/mean)^(n - 1)."""

    model: Literal["geometric"]
    """Small orders are the most frequent."""
    mean: AtLeastOne
    """Mean number of lots of a market order."""


Size = Annotated[ConstantSize | GeometricSize, Field(discriminator="model")]


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


Price = Annotated[BrownianPrice | GeometricPrice | RandomWalkPrice, Field(discriminator="model")]


class PoissonFlow(Table):
    """Market orders at rate A exp(k d0) a side, with reach -d0 + Exp(k)."""

    model: Literal["poisson"]
    """Orders at any time, independent of each other."""
    A: NotNegative
    """Market orders per second and side that reach the mid."""
    k: Positive
    """How fast they thin out with the distance from the mid; per currency."""
    d0: NotNegative = Decimal(0)
    """How far through the mid a quote may go and still meet the law; currency."""
    size: Size = ConstantSize(model="constant")
    """Lots of a market order."""


class BernoulliFlow(Table):
    """One market order a side and step of the price, with reach -d0 + Exp(k), A e^(k d0) dt = 1."""

    model: Literal["bernoulli"]
    """One order a side and step of the price, so at most one fill."""
    A: NotNegative
    """Market orders per second and side that reach the mid; times the step at most 1."""
    k: Positive
    """How fast they thin out with the distance from the mid; per currency."""
    size: Size = ConstantSize(model="constant")
    """Lots of a market order."""


Flow = Annotated[PoissonFlow | BernoulliFlow, Field(discriminator="model")]


class Fees(Table):
    """Currency per lot; negative is a rebate."""

    maker: Real = Decimal(0)
    """Paid by the order that rested; currency per lot, negative is a rebate."""
    taker: Real = Decimal(0)
    """Paid by the order that came; currency per lot, negative is a rebate."""


class Asset(Table):
    """What is traded, and what comes from outside: prices and orders."""

    tick: Positive
    """The smallest step of a price; currency."""
    mid: Positive
    """The reference mid at the start; currency."""
    price: Price
    """How the reference mid moves."""
    flow: Flow
    """Which market orders come."""
    fees: Fees = Fees()
    """What trading costs."""
