"""Which market orders come where it is more than a Poisson process: curve, excitation, sizes.

Excited (Hawkes) arrivals of a side have the rate, in orders per second,

    base + sum over past orders of share beta exp(-beta (t - s)),   share own or cross

and are drawn exactly: both sides' excesses decay at one rate, so their sum is the excess of one
process, whose gap is the lesser of that of the base and that of the excess (which may never
come); the side of an arrival is then drawn by the rates at its time.  Source: Dassios and Zhao,
"Exact simulation of Hawkes process with exponentially decaying intensity", Electronic
Communications in Probability 18, 2013; Hawkes, Biometrika 58, 1971.
"""

import math
from typing import Any, NamedTuple

from lobsim.compiled import NEVER, compiled, gap_ns, lots
from lobsim.models.curves import Column, piece_at
from lobsim.models.world import BUY_AT, MOST_LOTS, SELL_AT

HAWKES = 2  # beside the flows of a plain world
EVEN, LOGNORMAL, EMPIRICAL = 0, 1, 2  # laws of sizes; even: constant or geometric

# Where the world's levels stand; the last is how far into its ns the last order came.
BUY_EXCESS, SELL_EXCESS, WITHIN = 2, 3, 4


class Excitation(NamedTuple):
    """Rates per second; own and cross are the mean numbers of orders that one order brings."""

    base: float  # of a side
    own: float
    cross: float
    decay: float


class Sizes(NamedTuple):
    """Lots of market orders."""

    law: int
    median: float  # of lognormal sizes, and the deviation of their logarithm
    sigma: float
    lots: Column  # of empirical ones, and the chances of these or smaller places
    chances: Column


class Informed(NamedTuple):
    """A share of the orders that reach the mid is followed by a move of it, in ticks."""

    share: float
    move: float


@compiled
def drawn_size(plan: Any, sizes_rng: Any) -> int:
    sizes = plan.sizes
    if sizes.law == LOGNORMAL:
        power = sizes.sigma * sizes_rng.standard_normal()
        size: float = sizes.median * math.exp(min(power, 700.0))
        return max(1, math.ceil(min(size, MOST_LOTS)))
    if sizes.law == EMPIRICAL:
        known: int = sizes.lots[piece_at(sizes.chances, sizes_rng.random())]
        return known
    constant: int = plan.constant_size
    return constant or lots(sizes_rng.standard_exponential(), plan.log_ratio)


@compiled
def excite(excitation: Excitation, levels: Column, side: int) -> None:
    """An order has come: more of both sides will."""
    own, cross = excitation.own * excitation.decay, excitation.cross * excitation.decay
    if side == 1:
        levels[BUY_EXCESS] += own
        levels[SELL_EXCESS] += cross
    else:
        levels[BUY_EXCESS] += cross
        levels[SELL_EXCESS] += own


@compiled
def await_excited(
    excitation: Excitation, when: Column, levels: Column, now: int, gaps_rng: Any, sides_rng: Any
) -> None:
    """Set when the next order comes and of which side, and let the rates decay until then."""
    base, decay = excitation.base, excitation.decay
    if base == 0.0:
        when[BUY_AT] = when[SELL_AT] = NEVER
        return
    excess = levels[BUY_EXCESS] + levels[SELL_EXCESS]
    gap = gaps_rng.standard_exponential() / (2.0 * base)
    e = gaps_rng.standard_exponential()
    if excess > 0.0 and decay * e < excess:
        gap = min(gap, -math.log1p(-decay * e / excess) / decay)
    left = math.exp(-decay * gap)
    levels[BUY_EXCESS] *= left
    levels[SELL_EXCESS] *= left
    buying = base + levels[BUY_EXCESS]
    both = buying + base + levels[SELL_EXCESS]
    # The part of a ns is carried on: cut off, it would keep the excesses from decaying, and orders
    # that come within a ns would bring more without end.
    since = levels[WITHIN] + gap * 1e9
    wait = gap_ns(since, 1.0)
    levels[WITHIN] = since - wait
    when[BUY_AT] = when[SELL_AT] = NEVER
    if sides_rng.random() * both < buying:
        when[BUY_AT] = now + wait
    else:
        when[SELL_AT] = now + wait
