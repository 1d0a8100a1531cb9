"""The formulas that both engines share, one function each.

They keep to what numba compiles unchanged and bit for bit: plain loops, `math.*`, integers,
one stated order of operations.  `compiled` marks them; it leaves them as they are, and a
compiling engine takes what it marked from `FORMULAS`.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

FORMULAS: list[Callable[..., Any]] = []

NEVER = 2**62  # a time that no run reaches, in ns; NEVER + any time of a run fits in 64 bits


def compiled(function: F) -> F:
    FORMULAS.append(function)
    return function


@compiled
def gap_ns(e: float, mean_ns: float) -> int:
    """The time to the next arrival, from a standard exponential; NEVER where the rate is 0."""
    gap = e * mean_ns
    # An infinite mean times 0 is NaN, which is not below anything.
    return int(gap) if gap < 4.611686018427388e18 else NEVER


@compiled
def lognormal_ns(z: float, median: float, sigma: float) -> int:
    """A lognormal time to the nearest ns, from a standard normal; NEVER at most."""
    factor = math.exp(min(sigma * z, 100.0))
    return int(min(median * factor + 0.5, 4.611686018427388e18))


@compiled
def lots(e: float, log_ratio: float) -> int:
    """A geometric size of 1 or more, from a standard exponential.

    P(size >= n) = exp(-(n - 1) log_ratio), the mean is 1 / (1 - exp(-log_ratio)); an infinite
    log_ratio makes every size 1.
    """
    return 1 + int(e / log_ratio)


@compiled
def order_limit(mid: float, reach: float, side: int) -> int:
    """The limit of a market order, in ticks: nothing beyond the mid plus its reach.

    A buy has side 1, a sale -1, which is rounded up, as -floor(-x): which of both comes nobody
    foretells, and compiled code need not jump.
    """
    price = side * math.floor(side * mid + reach)
    return price if price > 1 else 1


@compiled
def bid_price(mid: float, depth: float) -> int:
    """The price of a bid `depth` ticks below the mid, rounded away from it."""
    price = math.floor(mid - depth)
    return price if price > 1 else 1  # one call fewer than `max`


@compiled
def ask_price(mid: float, depth: float) -> int:
    price = math.ceil(mid + depth)
    return price if price > 1 else 1


@compiled
def mark_of(mid: float) -> int:
    """The mid in whole 1/1000 ticks, at which inventory is valued."""
    return math.floor(1000.0 * mid + 0.5)


@compiled
def fee_of(size: int, price: int, lot: int, tick: int, per: int) -> int:
    """The fee for `size` lots at `price`, in 1/1000 (tick x lot): `lot` and `tick` of its price
    per lot, both over `per`.  Rounded up: against the trader.
    """
    return -((-size * (lot + tick * price)) // per)


@compiled
def arithmetic_move(mid: float, mu: float, sigma: float, dt: float, z: float) -> float:
    """Brownian motion over `dt` seconds, exact; mid and sigma in ticks."""
    if mu != 0.0:
        mid = mid + mu * dt
    return mid + sigma * math.sqrt(dt) * z


@compiled
def geometric_move(mid: float, mu: float, sigma: float, dt: float, z: float) -> float:
    """Geometric Brownian motion over `dt` seconds, exact; mu and sigma relative."""
    power = (mu - 0.5 * sigma * sigma) * dt + sigma * math.sqrt(dt) * z
    return mid * math.exp(min(power, 700.0))  # a mid that far is past all bounds


@compiled
def close_price(mid: float, cost: float, selling: bool) -> int:
    """What the outside pays or asks for an inventory: the mid worse by `cost` ticks."""
    if selling:
        return max(1, math.floor(mid - cost))
    return max(1, math.ceil(mid + cost))


@compiled
def observe(
    seen: Any, at: int, now: int, duration_s: float, lots: int, mid: float, first_mid: float,
    tick: float, bid: int, ask: int, no_bid: float, no_ask: float,
) -> None:  # fmt: skip
    """Write what a quoting function sees, from `at` on: seconds left, lots held, the mid less the
    first mid, and how far from the mid others' best bid and ask are (in ticks, 0 for none).
    """
    here = mid * tick
    seen[at], seen[at + 1], seen[at + 2] = duration_s - now / 1e9, lots, here - first_mid
    seen[at + 3] = here - bid * tick if bid else no_bid
    seen[at + 4] = ask * tick - here if ask else no_ask


@compiled
def equity_of(cash: int, fees: int, tick: float, lots: int, mid: float) -> float:
    """Cash less fees, and the inventory at the mid, in currency."""
    return (cash - fees / 1000.0) * tick + lots * (mid * tick)
