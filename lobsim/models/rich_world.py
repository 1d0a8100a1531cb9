"""The world outside where it is richer than Brownian prices and Poisson flow.

It keeps to the rules of lobsim/models/world.py, and its happenings are of the same kind; a plain
world does not pay for what only this one has.  At one instant the mid's own step comes first,
then jumps, buys, sells, and the moves that informed orders bring.
"""

import math
from typing import Any, NamedTuple

from lobsim.compiled import NEVER, compiled, gap_ns, order_limit
from lobsim.models.curves import Column, Curve, time_reached
from lobsim.models.flows import (
    BUY_EXCESS,
    HAWKES,
    SELL_EXCESS,
    Excitation,
    Informed,
    Sizes,
    await_excited,
    drawn_size,
    excite,
)
from lobsim.models.prices import MID, VARIANCE, Jumps, Reverting, Variance, diffuse, jumped
from lobsim.models.streams import Streams
from lobsim.models.world import (
    BERNOULLI,
    BUY_AT,
    END,
    ENDED,
    HIGHEST,
    INFORMED,
    JUMP,
    MOVE,
    MOVED,
    ORDER,
    PLAIN,
    SELL_AT,
    STARTED,
    STEP,
    Shape,
    World,
    WorldPlan,
)

RICH = Shape(
    (
        *PLAIN.streams, "asset.side", "asset.jump_gap", "asset.jump_size", "asset.jump_side",
        "asset.variance_count", "asset.variance", "asset.variance_reject", "asset.informed",
    ),
    whens=9,
    levels=5,
)  # fmt: skip
JUMP_AT, RISES, FALLS = 6, 7, 8  # more of `when`: the last two count informed moves to come


class RichPlan(NamedTuple):
    """As WorldPlan, and what only a rich world has."""

    duration: int
    step: int
    price: int
    mid: float
    mu: float
    sigma: float
    flow: int
    mean_gap: float
    mean_reach: float
    floor: float
    log_ratio: float
    constant_size: int
    curve: Curve  # of the variance of Brownian prices
    reverting: Reverting
    variance: Variance
    jumps: Jumps
    rates: Curve  # of the rate of Poisson flow
    excitation: Excitation
    sizes: Sizes
    informed: Informed


@compiled
def start_rich(plan: RichPlan, when: Column, levels: Column, rngs: Any) -> None:
    """Set the first step, jump and arrivals; excited sides begin at their mean rate."""
    gaps_rng, sides_rng, jump_gaps_rng = rngs[1], rngs[4], rngs[5]
    when[STARTED], when[STEP] = 1, plan.step
    when[JUMP_AT] = gap_ns(jump_gaps_rng.standard_exponential(), plan.jumps.mean_gap)
    levels[VARIANCE] = plan.variance.start
    if plan.mean_gap == math.inf:
        when[BUY_AT] = when[SELL_AT] = NEVER
    elif plan.flow == HAWKES:
        levels[BUY_EXCESS] = levels[SELL_EXCESS] = 1e9 / plan.mean_gap - plan.excitation.base
        await_excited(plan.excitation, when, levels, 0, gaps_rng, sides_rng)
    elif plan.flow != BERNOULLI:
        for side in (BUY_AT, SELL_AT):
            e = gaps_rng.standard_exponential()
            when[side] = time_reached(plan.rates, 0, e * plan.mean_gap)


@compiled
def await_next(
    plan: RichPlan, when: Column, levels: Column, side: int, now: int, rngs: Any
) -> None:
    """An order of this side has come at `now`: set when the next ones do."""
    gaps_rng, sides_rng = rngs[1], rngs[4]
    at = BUY_AT if side == 1 else SELL_AT
    if plan.flow == HAWKES:
        excite(plan.excitation, levels, side)
        await_excited(plan.excitation, when, levels, now, gaps_rng, sides_rng)
    elif plan.flow == BERNOULLI:
        when[at] = now + plan.step
    else:
        e = gaps_rng.standard_exponential()
        when[at] = time_reached(plan.rates, now, e * plan.mean_gap)


@compiled
def move_mid(plan: RichPlan, when: Column, levels: Column, now: int, kind: int, rngs: Any) -> None:
    """Let the mid diffuse to `now`, and jump there."""
    own_rngs = (rngs[0], rngs[8], rngs[9], rngs[10])
    diffuse(plan, levels, when[MOVED], now, when[STEP] == now, own_rngs)
    when[MOVED] = now
    if kind == JUMP:
        jump(plan, when, levels, now, rngs)


@compiled
def jump(plan: RichPlan, when: Column, levels: Column, now: int, rngs: Any) -> None:
    jump_gaps_rng, jump_sizes_rng, jump_sides_rng = rngs[5], rngs[6], rngs[7]
    levels[MID] = jumped(plan.jumps, levels[MID], jump_sizes_rng, jump_sides_rng)
    when[JUMP_AT] = now + gap_ns(jump_gaps_rng.standard_exponential(), plan.jumps.mean_gap)


@compiled
def next_order(
    plan: RichPlan, when: Column, levels: Column, side: int, now: int, rngs: Any
) -> tuple[int, int, int]:
    """Size, limit and `through` of an order that comes at `now`; sets when the next ones do."""
    reach_rng, sizes_rng, informed_rng = rngs[2], rngs[3], rngs[11]
    reach = reach_rng.standard_exponential() * plan.mean_reach - plan.floor
    through = 1 if reach < 0.0 else 0
    size = drawn_size(plan, sizes_rng)
    limit = order_limit(levels[MID], reach, side)
    if not through and informed_rng.random() < plan.informed.share:
        when[RISES if side == 1 else FALLS] += 1
    await_next(plan, when, levels, side, now, rngs)
    return size, limit, through


@compiled
def informed_move(plan: RichPlan, when: Column, levels: Column) -> None:
    if when[RISES] > 0:
        when[RISES] -= 1
        levels[MID] += plan.informed.move
    else:
        when[FALLS] -= 1
        levels[MID] -= plan.informed.move


@compiled
def kind_at(plan: RichPlan, when: Column, now: int) -> int:
    if now == plan.duration:
        return END
    if now == when[STEP]:
        return MOVE
    return JUMP if now == when[JUMP_AT] else ORDER


@compiled
def fill_rich_chunk(plan: RichPlan, when: Column, levels: Column, rngs: Any, columns: Any) -> int:
    """As `fill_chunk`: `levels` are those of the mid, its variance and the excited rates."""
    times, kinds, sides, sizes, limits, throughs, mids = columns
    if not when[STARTED]:
        start_rich(plan, when, levels, rngs)
    n = 0
    while n < len(times) and not when[ENDED]:
        now = min(when[STEP], when[JUMP_AT], when[BUY_AT], when[SELL_AT], plan.duration)
        side, size, limit, through = 0, 0, 0, 0
        if now > when[MOVED] and when[RISES] + when[FALLS] > 0:
            now, kind = when[MOVED], INFORMED
            informed_move(plan, when, levels)
        else:
            kind = kind_at(plan, when, now)
            move_mid(plan, when, levels, now, kind, rngs)
        mid = levels[MID]
        if kind == END or not 1.0 <= mid <= HIGHEST:  # which NaN is not, either
            kind, when[ENDED] = END, 1
        elif kind == MOVE:
            when[STEP] += plan.step
        elif kind == ORDER:
            side = 1 if when[BUY_AT] == now else -1
            size, limit, through = next_order(plan, when, levels, side, now, rngs)
        times[n], kinds[n], sides[n], sizes[n] = now, kind, side, size
        limits[n], throughs[n], mids[n] = limit, through, mid
        n += 1
    return n


class RichWorld(World):
    """The happenings of one replication of a rich world."""

    shape = RICH
    fill = staticmethod(fill_rich_chunk)

    def __init__(self, plan: RichPlan, streams: Streams) -> None:
        super().__init__(in_python(plan), streams)


def in_python(plan: RichPlan) -> RichPlan:
    """With lists for arrays, which are slow there."""
    curve, rates, sizes = plan.curve, plan.rates, plan.sizes
    return plan._replace(
        curve=Curve(curve.starts.tolist(), curve.factors.tolist()),
        rates=Curve(rates.starts.tolist(), rates.factors.tolist()),
        sizes=sizes._replace(lots=sizes.lots.tolist(), chances=sizes.chances.tolist()),
    )


def shape_of(plan: WorldPlan | RichPlan) -> Shape:
    return RICH if isinstance(plan, RichPlan) else PLAIN
