"""What a scenario says of the market orders: when they come, how large, and who sends them."""

import math
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lobsim.scenario.numbers import listed
from lobsim.scenario.prices import Curve
from lobsim.scenario.table import AtLeastOne, Chance, Lots, NotNegative, Positive, Table


class ConstantSize(Table):
    """Every market order is for `size` lots."""

    model: Literal["constant"]
    """All orders have one size."""
    size: Lots = 1
    """Lots of every market order."""

    def mean_lots(self) -> tuple[str, float]:
        """The key that makes orders large, and how large they are on average."""
        return "size", self.size


class GeometricSize(Table):
    """P(size >= n) = (1 - 1/mean)^(n - 1)."""

    model: Literal["geometric"]
    """Small orders are the most frequent."""
    mean: AtLeastOne
    """Mean number of lots of a market order."""

    def mean_lots(self) -> tuple[str, float]:
        return "mean", float(self.mean)


class LognormalSize(Table):
    """median exp(sigma Z), rounded up to whole lots."""

    model: Literal["lognormal"]
    """A few orders are much larger than the others."""
    median: Positive
    """Half of the sizes are below it, before rounding up; lots."""
    sigma: NotNegative
    """Deviation of the logarithm of a size in lots; at most 5."""

    def mean_lots(self) -> tuple[str, float]:
        """Before rounding up, and one more."""
        spread = min(float(self.sigma), 5.0)  # more is refused
        return "median", float(self.median) * math.exp(spread * spread / 2) + 1


class EmpiricalSize(Table):
    """One of the sizes of a list, as often as its weight says."""

    model: Literal["empirical"]
    """Sizes as they were seen."""
    sizes: Annotated[tuple[Lots, ...], BeforeValidator(listed)]
    """Lots; a size may be given again."""
    weights: Annotated[tuple[NotNegative, ...], BeforeValidator(listed)] | None = None
    """How often each of them comes, in proportion; all alike where absent."""

    def mean_lots(self) -> tuple[str, float]:
        """Not less than the mean: weights are not looked at."""
        return "sizes", float(max(self.sizes, default=1))


Size = Annotated[
    ConstantSize | GeometricSize | LognormalSize | EmpiricalSize, Field(discriminator="model")
]


class Informed(Table):
    """Orders that know: each is followed at once by a move of the mid in its direction."""

    share: Chance
    """Probability that an order that reaches the mid is informed."""
    move: NotNegative
    """How far the mid moves, traded or not; currency."""


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
    curve: Curve | None = None
    """Factors of A by the time of day."""
    informed: Informed | None = None
    """A share of the orders knows where the mid goes."""


class HawkesFlow(Table):
    """Orders that bring orders: each raises the rates, and that fades at rate decay."""

    model: Literal["hawkes"]
    """Orders excite more orders of their own side, and of the other."""
    A: NotNegative
    """Market orders per second and side that reach the mid, on average."""
    k: Positive
    """How fast they thin out with the distance from the mid; per currency."""
    d0: NotNegative = Decimal(0)
    """How far through the mid a quote may go and still meet the law; currency."""
    own: NotNegative
    """Mean number of orders of its own side that an order brings; with `cross` below 1."""
    cross: NotNegative = Decimal(0)
    """Mean number of orders of the other side that an order brings."""
    decay: Positive
    """How fast the excitation fades; per second."""
    size: Size = ConstantSize(model="constant")
    """Lots of a market order."""
    informed: Informed | None = None
    """A share of the orders knows where the mid goes."""


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
    informed: Informed | None = None
    """A share of the orders knows where the mid goes."""


Flow = Annotated[PoissonFlow | BernoulliFlow | HawkesFlow, Field(discriminator="model")]
