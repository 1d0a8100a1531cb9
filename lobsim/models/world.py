"""The world outside: reference mid and market orders, a function of scenario and seed alone.

It never reads the book or the accounts.  `fill_chunk` is the one function that makes
happenings, for both engines; it keeps to what numba compiles.

Source of the order flow: Avellaneda and Stoikov (2008), section 2.5, with the reach of each
order drawn one by one: a quote at distance d from the mid is met at rate A exp(-k d).
"""

import math
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from lobsim.compiled import (
    NEVER,
    arithmetic_move,
    compiled,
    gap_ns,
    geometric_move,
    lots,
    order_limit,
)
from lobsim.errors import ScenarioError
from lobsim.market.units import SECOND, Lots, Nanos, Ticks
from lobsim.models.streams import Streams

HIGHEST = 2.0**52  # ticks: a mid up to here, in 1/1000 ticks, fits in 64 bits
CHUNK = 1024  # records: they stay in cache, and memory is flat

# Kinds of happening: the mid moves; so it does, and an order comes; the last move; a jump; the
# move that an informed order brings.
MOVE, ORDER, END, JUMP, INFORMED = range(5)
BROWNIAN, GEOMETRIC, RANDOM_WALK = 0, 1, 2
POISSON, BERNOULLI = 0, 1
SECONDS = 1e-9  # one ns
MOST_LOTS = 2.0**52  # of one order

Column = Any  # a list or an array of numbers


class Happening(NamedTuple):
    """One thing from outside.  `mid` holds from now on; an order's limit is in ticks."""

    time: Nanos
    kind: int
    side: int
    size: Lots
    limit: Ticks
    through: int  # 1 where the order's reach is negative: it wants a price through the mid
    mid: float
    asset: int = 0  # its number in the scenario


class WorldPlan(NamedTuple):
    """The world's numbers; prices in ticks, rates and sigma per second or sqrt(second)."""

    duration: Nanos
    step: Nanos
    price: int
    mid: float
    mu: float
    sigma: float
    flow: int
    mean_gap: float  # ns, of one side's arrivals; inf for none
    mean_reach: float  # ticks, beyond the floor
    floor: float  # ticks: the least reach is minus this
    log_ratio: float  # of geometric sizes; inf where constant
    constant_size: int  # 0 where geometric


# Where the world stands between chunks: indices into its two arrays of state.
MOVED, STEP, BUY_AT, SELL_AT, ENDED, STARTED = range(6)


@compiled
def start_clocks(plan: WorldPlan, when: Column, gaps_rng: Any) -> None:
    """Set the first step and the first arrivals; in a discrete market those come at 0."""
    when[STARTED] = 1
    when[STEP] = plan.step
    if plan.mean_gap == math.inf:
        when[BUY_AT] = when[SELL_AT] = NEVER
    elif plan.flow == POISSON:
        when[BUY_AT] = gap_ns(gaps_rng.standard_exponential(), plan.mean_gap)
        when[SELL_AT] = gap_ns(gaps_rng.standard_exponential(), plan.mean_gap)


@compiled
def fill_chunk(plan: WorldPlan, when: Column, mid_now: Column, rngs: Any, columns: Any) -> int:
    """Fill the columns (a Happening's first fields) with what comes; how many, 0 after the end.

    `when` (6) and `mid_now` (1) carry the state on; `rngs` are those of mid, gaps, reaches and
    sizes.  At one instant the mid's own step comes first, then buys, then sells.  A mid below
    one tick or above HIGHEST ends the world with a record that shows it.  Columns and state may
    be lists (fast in Python) or arrays (fast when compiled).
    """
    (
        duration, step, price, _, mu, sigma, flow, mean_gap, mean_reach, floor, log_ratio,
        constant_size,
    ) = plan  # fmt: skip
    mids_rng, gaps_rng, reach_rng, sizes_rng = rngs
    times, kinds, sides, sizes, limits, throughs, mids = columns
    if not when[STARTED]:
        start_clocks(plan, when, gaps_rng)
    mid, moved, step_at = mid_now[0], when[MOVED], when[STEP]
    buy_at, sell_at = when[BUY_AT], when[SELL_AT]
    n = 0
    while n < len(times) and not when[ENDED]:
        now = min(step_at, buy_at, sell_at, duration)
        stepping = now == step_at
        if price == RANDOM_WALK:
            if stepping:
                z = 1.0 if mids_rng.random() < 0.5 else -1.0
                mid = arithmetic_move(mid, mu, sigma, step * SECONDS, z)
        elif price == BROWNIAN:
            z = mids_rng.standard_normal()
            mid = arithmetic_move(mid, mu, sigma, (now - moved) * SECONDS, z)
        else:
            z = mids_rng.standard_normal()
            mid = geometric_move(mid, mu, sigma, (now - moved) * SECONDS, z)
        moved = now
        kind, side, size, limit, through = MOVE, 0, 0, 0, 0
        if now == duration or not 1.0 <= mid <= HIGHEST:  # which NaN is not, either
            kind, when[ENDED] = END, 1
        elif stepping:
            step_at += step
        else:
            kind = ORDER
            reach = reach_rng.standard_exponential() * mean_reach - floor
            through = 1 if reach < 0.0 else 0
            size = constant_size or lots(sizes_rng.standard_exponential(), log_ratio)
            buys = 1 if buy_at == now else 0
            side = 2 * buys - 1
            limit = order_limit(mid, reach, side)
            gap = step
            if flow == POISSON:
                gap = gap_ns(gaps_rng.standard_exponential(), mean_gap)
            buy_at += buys * gap
            sell_at += gap - buys * gap
        times[n], kinds[n], sides[n], sizes[n] = now, kind, side, size
        limits[n], throughs[n], mids[n] = limit, through, mid
        n += 1
    mid_now[0] = mid
    when[MOVED], when[STEP], when[BUY_AT], when[SELL_AT] = moved, step_at, buy_at, sell_at
    return n


class Shape(NamedTuple):
    """What a world is made with: the names of its streams, and how much state it carries on."""

    streams: tuple[str, ...]
    whens: int
    levels: int  # the mid is the first


PLAIN = Shape(("asset.mid", "asset.gap", "asset.reach", "asset.size"), whens=6, levels=1)


class World:
    """The happenings of one replication, in order of time; iterate to get them."""

    shape: ClassVar[Shape] = PLAIN
    fill: ClassVar[Callable[..., int]] = staticmethod(fill_chunk)
    columns: ClassVar[int] = len(Happening._fields) - 1  # that are filled: all are of asset 0

    def __init__(self, plan: Any, streams: Streams) -> None:
        self._plan = plan
        self._streams = streams

    def __iter__(self) -> Iterator[Happening]:
        for chunk in self.chunks():
            yield from chunk

    def chunks(self) -> Iterator[list[Happening]]:
        """The happenings in lists of up to CHUNK.

        Raises ScenarioError where a mid falls below one tick, or rises above HIGHEST.
        """
        when, levels, rngs = self._start()
        columns: tuple[list[Any], ...] = tuple([0] * CHUNK for _ in Happening._fields)
        filled = columns[: self.columns]
        while n := self.fill(self._plan, when, levels, rngs, filled):
            chunk = list(islice(map(Happening._make, zip(*columns, strict=True)), n))
            last = chunk[-1]
            if not 1.0 <= last.mid <= HIGHEST:
                raise ScenarioError(
                    why_it_ended(last, self._streams.replication, self._mid_of(last.asset))
                )
            yield chunk

    def _start(self) -> tuple[Any, Any, Any]:
        """When what comes next, the levels, and the streams; nothing is drawn yet."""
        names, whens, levels = self.shape
        rngs = tuple(self._streams.named(name) for name in names)
        return [0] * whens, [self._plan.mid] + [0.0] * (levels - 1), rngs

    def _mid_of(self, asset: int) -> str:
        return "the mid"


def why_it_ended(last: Happening, replication: int, mid: str) -> str:
    if last.mid < 1.0:
        what, remedy = "fell below one tick", "start it higher, or lower sigma"
    else:
        what, remedy = "rose above 2^52 ticks", "lower mu or sigma, or raise tick"
    when = f"{last.time / SECOND:.9g} s (replication {replication})"
    return f"{mid} {what} at {when}: {remedy}"
