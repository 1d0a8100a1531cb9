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

from typing import Any, NamedTuple

from lobsim.compiled import compiled
from lobsim.market.units import Nanos
from lobsim.models.curves import Column
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
    END,
    ENDED,
    HIGHEST,
    INFORMED,
    JUMP,
    MOVE,
    MOVED,
    ORDER,
    SELL_AT,
    STARTED,
    STEP,
    Happening,
    World,
    WorldPlan,
)

# The levels of an asset are those of a rich world, and the normal number drawn for it.
DRAWN = RICH.levels
LEVELS = DRAWN + 1
# A row of `when` for each asset, and one for all: of that, MOVED is the instant, and MOVERS counts
# the mids that have moved there.
MOVERS = 8
NOBODY = -1


class JointPlan(NamedTuple):
    """The plan of each asset, by name, and the lower Cholesky factor of their correlation."""

    names: tuple[str, ...]
    assets: tuple[RichPlan, ...]
    factor: tuple[tuple[float, ...], ...]

    @property
    def duration(self) -> Nanos:
        return self.assets[0].duration


Plan = WorldPlan | RichPlan | JointPlan


def streams_of(plan: JointPlan) -> list[list[str]]:
    """The names of each asset's streams."""
    return [[each.replace("asset.", f"{name}.", 1) for each in RICH.streams] for name in plan.names]


@compiled
def start_joint(plan: JointPlan, when: Column, levels: Column, rngs: Any) -> None:
    count = len(plan.assets)
    common = when[count]
    common[STARTED], common[MOVED], common[MOVERS] = 1, NOBODY, count
    for i in range(count):
        start_rich(plan.assets[i], when[i], levels[i], rngs[i])


@compiled
def next_there(count: int, when: Column, now: int) -> tuple[int, int, int]:
    """What comes next at an instant to which all mids have moved: its kind, asset and side."""
    for i in range(count):
        if when[i][JUMP_AT] == now:
            return JUMP, i, 0
    for i in range(count):
        if when[i][BUY_AT] == now:
            return ORDER, i, 1
    for i in range(count):
        if when[i][SELL_AT] == now:
            return ORDER, i, -1
    for i in range(count):
        if when[i][RISES] + when[i][FALLS] > 0:
            return INFORMED, i, 0
    return MOVE, NOBODY, 0


@compiled
def next_instant(plan: JointPlan, when: Column, levels: Column, rngs: Any) -> None:
    """When anything comes next; the normal numbers of all mids for it."""
    count = len(plan.assets)
    now = plan.assets[0].duration
    for i in range(count):
        own = when[i]
        now = min(now, own[STEP], own[JUMP_AT], own[BUY_AT], own[SELL_AT])
        levels[i][DRAWN] = rngs[i][0].standard_normal()
    when[count][MOVED], when[count][MOVERS] = now, 0


@compiled
def move_jointly(
    plan: JointPlan, when: Column, levels: Column, i: int, now: int, rngs: Any
) -> None:
    """Let the mid of an asset diffuse to `now`."""
    asset, own, own_rngs = plan.assets[i], when[i], rngs[i]
    z = 0.0
    for j in range(i + 1):
        z += plan.factor[i][j] * levels[j][DRAWN]
    variance_rngs = (own_rngs[8], own_rngs[9], own_rngs[10])
    diffuse_by(asset, levels[i], own[MOVED], now, z, variance_rngs)
    own[MOVED] = now
    if own[STEP] == now:
        own[STEP] += asset.step


@compiled
def fill_joint_chunk(plan: JointPlan, when: Column, levels: Column, rngs: Any, columns: Any) -> int:
    """As `fill_chunk`, by asset: `when`, `levels` and `rngs` have a row for each, and columns one
    more with its number.
    """
    times, kinds, sides, sizes, limits, throughs, mids, numbers = columns
    count = len(plan.assets)
    common = when[count]
    if not common[STARTED]:
        start_joint(plan, when, levels, rngs)
    n = 0
    while n < len(times) and not common[ENDED]:
        now, side, size, limit, through = common[MOVED], 0, 0, 0, 0
        if common[MOVERS] < count:
            kind, i = MOVE, common[MOVERS]
            move_jointly(plan, when, levels, i, now, rngs)
            common[MOVERS] += 1
            if now == plan.assets[0].duration:
                kind, common[ENDED] = END, 1 if common[MOVERS] == count else 0
        else:
            kind, i, side = next_there(count, when, now)
            if i == NOBODY:
                next_instant(plan, when, levels, rngs)
                continue
            asset, own = plan.assets[i], when[i]
            if kind == JUMP:
                jump(asset, own, levels[i], now, rngs[i])
            elif kind == INFORMED:
                informed_move(asset, own, levels[i])
            else:
                size, limit, through = next_order(asset, own, levels[i], side, now, rngs[i])
        mid = levels[i][MID]
        if not 1.0 <= mid <= HIGHEST:  # which NaN is not, either
            common[ENDED] = 1
        times[n], kinds[n], sides[n], sizes[n] = now, kind, side, size
        limits[n], throughs[n], mids[n], numbers[n] = limit, through, mid, i
        n += 1
    return n


class JointWorld(World):
    """The happenings of one replication of several assets."""

    fill = staticmethod(fill_joint_chunk)
    columns = len(Happening._fields)

    def __init__(self, plan: JointPlan, streams: Streams) -> None:
        super().__init__(plan._replace(assets=tuple(map(in_python, plan.assets))), streams)

    def _start(self) -> tuple[Any, Any, Any]:
        plan = self._plan
        when = [[0] * RICH.whens for _ in range(len(plan.assets) + 1)]
        levels = [[asset.mid] + [0.0] * (LEVELS - 1) for asset in plan.assets]
        rngs = [[self._streams.named(name) for name in names] for names in streams_of(plan)]
        return when, levels, rngs

    def _mid_of(self, asset: int) -> str:
        return f"the mid of {self._plan.names[asset]}"


def world_of(plan: Plan, streams: Streams) -> World:
    if isinstance(plan, JointPlan):
        return JointWorld(plan, streams)
    return RichWorld(plan, streams) if isinstance(plan, RichPlan) else World(plan, streams)
