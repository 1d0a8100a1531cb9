"""What a maker is to be paid for and punished for: the problem whose answer is a quote table.

    maximise  E[ U( W_T - phi q_T^2 - phi_r int q_t^2 dt ) ],   W = cash + q S,   |q| <= Q

where U is the identity (gamma = 0) or -exp(-gamma .), and a quote at depth d fills at rate
A exp(-k d).  Sources: Cartea, Jaimungal and Penalva 2015, chapter 10 (risk neutral); Gueant,
Lehalle and Fernandez-Tapia 2013 (gamma > 0).
"""

import math
from dataclasses import dataclass, fields

from lobsim.policy.unsolvable import UnsolvableError

# What a field's value must be above, or at least; one without either may be any finite number.
ABOVE_0 = ("k", "horizon_s")
AT_LEAST_0 = ("A_bid", "A_ask", "terminal_penalty", "running_penalty", "gamma", "sigma")
AT_LEAST_1 = ("max_inventory", "lot")
# Within these no product of three of the numbers is beyond the floats.
LARGEST, SMALLEST = 1e100, 1e-100
MOST_LOTS = 1e15  # whole as floats too


@dataclass(frozen=True, kw_only=True, slots=True)
class MakerProblem:
    """One maker, one market, one horizon.  Every fill is of `lot` lots.

    gamma = 0 is risk neutral, and sigma then changes nothing.  The mid is S, with
    dS = mu dt + sigma dW; it falls by `impact` when the bid fills and rises by it when the ask
    does.  Fees are paid by the maker on every lot filled; a rebate is a fee below 0.

    Raises ValueError, naming the field, its value and what is allowed.
    """

    A_bid: float  # sell orders per second that would reach a bid at the mid
    A_ask: float  # buy orders per second that would reach an ask at the mid
    k: float  # per currency: how fast that rate falls with depth
    horizon_s: float  # seconds
    max_inventory: int  # lots, either way; a whole multiple of lot
    terminal_penalty: float = 0.0  # phi, currency per lot^2, for what is left at the horizon
    running_penalty: float = 0.0  # phi_r, currency per lot^2 and second
    fee_bid: float = 0.0  # currency per lot
    fee_ask: float = 0.0  # currency per lot
    mu: float = 0.0  # currency per second
    impact: float = 0.0  # xi, currency
    lot: int = 1  # lots per fill
    gamma: float = 0.0  # per currency: absolute risk aversion
    sigma: float = 0.0  # currency per square root of a second

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value = number(name, getattr(self, name))
            if name in ABOVE_0 and value < SMALLEST:
                raise UnsolvableError(f"{name} = {value:g}: must be above 0, {SMALLEST:g} or more")
            if name in AT_LEAST_0 and value < 0:
                raise UnsolvableError(f"{name} = {value:g}: must be 0 or more")
            if name in AT_LEAST_1:
                if not 1 <= value <= MOST_LOTS or value != math.floor(value):
                    raise UnsolvableError(
                        f"{name} = {value:g}: must be whole, 1 or more, {MOST_LOTS:g} at most"
                    )
                value = int(value)
            object.__setattr__(self, name, value)
        if self.max_inventory % self.lot:
            raise UnsolvableError(
                f"max_inventory = {self.max_inventory}: must be a whole multiple of "
                f"lot = {self.lot}"
            )

    @property
    def markup(self) -> float:
        """Depth at which a fill is worth most when inventory is worth nothing; currency.

        (1/g) ln(1 + g/k) with g = gamma lot; its limit for g = 0 is 1/k.
        """
        return markup(self.k, self.gamma * self.lot)

    @property
    def holding_cost(self) -> float:
        """phi_r + gamma sigma^2 / 2: what holding one lot costs; currency per lot^2 and second."""
        return self.running_penalty + self.gamma * self.sigma**2 / 2

    @property
    def hop_bid(self) -> float:
        """M_{q,q+1}: hop_rate at A_bid, times exp(-k (fee_bid + impact/2)); per second."""
        return self._hop(self.A_bid, self.fee_bid)

    @property
    def hop_ask(self) -> float:
        """M_{q,q-1}: hop_rate at A_ask, times exp(-k (fee_ask + impact/2)); per second."""
        return self._hop(self.A_ask, self.fee_ask)

    def bare_hop(self, A: float) -> float:
        """hop_rate at this k and gamma lot; per second, as A."""
        return hop_rate(A, self.k, self.gamma * self.lot)

    def _hop(self, A: float, fee: float) -> float:
        rate = self.bare_hop(A)
        exponent = -self.k * (fee + self.impact / 2)
        if rate == 0 or exponent < 700:
            return rate * math.exp(min(exponent, 700.0))
        if math.log(rate) + exponent > 700:
            raise UnsolvableError(
                f"fee {fee:g} and impact {self.impact:g} at k = {self.k:g} make fills more "
                f"frequent than any number: k (fee + impact/2) must be above -600"
            )
        return math.exp(math.log(rate) + exponent)


def number(name: str, value: object) -> float:
    """The value as a float no larger than LARGEST.  Raises ValueError, naming it, where not so."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise UnsolvableError(f"{name} = {value!r}: must be a number") from None
    if not abs(found) <= LARGEST:
        raise UnsolvableError(f"{name} = {found:g}: must be finite, {LARGEST:g} at most in size")
    return found


def markup(k: float, g: float) -> float:
    """(1/g) ln(1 + g/k), or 1/k for g = 0.  k and g per currency; currency."""
    y = g / k
    return math.log1p(y) / y / k if y > 0 else 1 / k


def hop_rate(A: float, k: float, g: float) -> float:
    """A (1 + g/k)^-(1 + k/g), or A/e for g = 0: off the diagonal of M.  Per second, as A."""
    y = g / k
    return A * math.exp(-math.log1p(y) / y - math.log1p(y)) if y > 0 else A / math.e
