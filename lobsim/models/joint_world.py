"""The world outside where several assets are traded: their mids move together.

At every instant at which anything comes all mids move first, each by its exact transition over
the time since they last did, in the order of the scenario; then come the jumps, the buys, the
sells, and the moves that informed orders bring.  It keeps to the rules of lobsim/models/world.py,
and each asset's orders are those of lobsim/models/rich_world.py.

The mids' normal numbers are correlated: z = L e, with L the Cholesky factor of the correlation
matrix and e drawn from the assets' own streams.  So Brownian mids, plain and geometric, have
d<W_i, W_j> = rho_ij dt at any step.  Source: Glasserman, Monte Carlo Methods in Financial
Engineering, section 3.1.3.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from lobsim.errors import ScenarioError
from lobsim.market.units import Nanos
from lobsim.models.prices import MID, diffuse_by
from lobsim.models.rich_world import (
    FALLS,
    JUMP_AT,
    RICH,
    RISES,
    RichPlan,
    RichWorld,
    in_python,
    informed_move,
    jump,
    next_order,
    start_rich,
)
from lobsim.models.streams import Streams
from lobsim.models.world import (
    BUY_AT,
    CHUNK,
    END,
    HIGHEST,
    INFORMED,
    JUMP,
    MOVE,
    MOVED,
    ORDER,
    SELL_AT,
    STEP,
    Happening,
    World,
    WorldPlan,
    why_it_ended,
)

ARRIVALS = ((1, BUY_AT), (-1, SELL_AT))


class JointPlan(NamedTuple):
    """The plan of each asset, by name, and the lower Cholesky factor of their correlation."""

    names: tuple[str, ...]
    assets: tuple[RichPlan, ...]
    factor: tuple[tuple[float, ...], ...]

    @property
    def duration(self) -> Nanos:
        return self.assets[0].duration


Plan = WorldPlan | RichPlan | JointPlan


class Asset:
    """Where one asset stands: its clocks, mid and streams."""

    def __init__(self, number: int, name: str, plan: RichPlan, streams: Streams) -> None:
        self.number = number
        self.name = name
        self.plan = in_python(plan)
        self.when = [0] * RICH.whens
        self.levels = [plan.mid] + [0.0] * (RICH.levels - 1)
        names = [each.replace("asset.", f"{name}.", 1) for each in RICH.streams]
        self.rngs = tuple(map(streams.named, names))
        self.variance_rngs = self.rngs[8], self.rngs[9], self.rngs[10]
        self.draw = self.rngs[0].standard_normal
        start_rich(self.plan, self.when, self.levels, self.rngs)

    def next_time(self) -> Nanos:
        when = self.when
        return min(when[STEP], when[JUMP_AT], when[BUY_AT], when[SELL_AT])

    def move(self, now: Nanos, z: float) -> None:
        when = self.when
        diffuse_by(self.plan, self.levels, when[MOVED], now, z, self.variance_rngs)
        when[MOVED] = now
        if when[STEP] == now:
            when[STEP] += self.plan.step

    def happening(
        self, now: Nanos, kind: int, side: int = 0, size: int = 0, limit: int = 0, through: int = 0
    ) -> Happening:
        return Happening(now, kind, side, size, limit, through, self.levels[MID], self.number)


class JointWorld:
    """The happenings of one replication, in order of time; iterate to get them."""

    def __init__(self, plan: JointPlan, streams: Streams) -> None:
        self._plan = plan
        self._streams = streams

    def chunks(self) -> Iterator[list[Happening]]:
        """The happenings in lists of up to CHUNK.

        Raises ScenarioError where a mid falls below one tick, or rises above HIGHEST.
        """
        happenings = iter(self)
        while chunk := list(islice(happenings, CHUNK)):
            yield chunk

    def __iter__(self) -> Iterator[Happening]:
        names, plans, factor = self._plan
        assets = [
            Asset(number, name, plan, self._streams)
            for number, (name, plan) in enumerate(zip(names, plans, strict=True))
        ]
        duration = self._plan.duration
        now = -1
        while now < duration:
            now = min(duration, *(asset.next_time() for asset in assets))
            drawn = [asset.draw() for asset in assets]
            for asset, row in zip(assets, factor, strict=True):
                z = 0.0
                for weight, e in zip(row, drawn, strict=False):
                    z += weight * e
                asset.move(now, z)
                yield self._checked(asset, asset.happening(now, END if now == duration else MOVE))
            if now < duration:
                yield from self._events(assets, now)

    def _events(self, assets: list[Asset], now: Nanos) -> Iterator[Happening]:
        """What comes at an instant once the mids have moved there."""
        for asset in assets:
            while asset.when[JUMP_AT] == now:
                jump(asset.plan, asset.when, asset.levels, now, asset.rngs)
                yield self._checked(asset, asset.happening(now, JUMP))
        while True:
            due = (
                (side, asset) for side, at in ARRIVALS for asset in assets if asset.when[at] == now
            )
            side, asset = next(due, (0, assets[0]))
            if not side:
                break
            size, limit, through = next_order(
                asset.plan, asset.when, asset.levels, side, now, asset.rngs
            )
            yield asset.happening(now, ORDER, side, size, limit, through)
        for asset in assets:
            while asset.when[RISES] + asset.when[FALLS] > 0:
                informed_move(asset.plan, asset.when, asset.levels)
                yield self._checked(asset, asset.happening(now, INFORMED))

    def _checked(self, asset: Asset, happening: Happening) -> Happening:
        if not 1.0 <= happening.mid <= HIGHEST:
            replication = self._streams.replication
            raise ScenarioError(why_it_ended(happening, replication, f"the mid of {asset.name}"))
        return happening


def world_of(plan: Plan, streams: Streams) -> World | JointWorld:
    if isinstance(plan, JointPlan):
        return JointWorld(plan, streams)
    return RichWorld(plan, streams) if isinstance(plan, RichPlan) else World(plan, streams)
