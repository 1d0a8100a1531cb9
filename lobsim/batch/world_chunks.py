"""Which functions make a world: the plan's type says so when a caller is compiled.

So a plain world's machine code has nothing of a rich or a joint one's, and is kept apart from it.
"""

from collections.abc import Callable
from typing import Any

from numba.extending import overload

from lobsim.batch.jit import INNER, SHARED
from lobsim.batch.streams import REPLICATION, seed_stream
from lobsim.models.joint_world import JointPlan
from lobsim.models.rich_world import RichPlan
from lobsim.models.world import WorldPlan

fill_chunk, fill_rich_chunk = SHARED["fill_chunk"], SHARED["fill_rich_chunk"]
fill_joint_chunk = SHARED["fill_joint_chunk"]


def by_plan(options: Any) -> Callable[..., Callable[..., Any]]:
    """A function of a plan and more, of which there is one for each type of plan."""

    def made(plain: Any, rich: Any, joint: Any) -> Callable[..., Any]:
        own = {WorldPlan: plain, RichPlan: rich, JointPlan: joint}

        def chosen(plan: Any, *more: Any) -> Any:
            return own[type(plan)](plan, *more)

        def compiled(plan: Any, *more: Any) -> Any:
            return own[plan.instance_class]

        overload(chosen, strict=False, jit_options=options)(compiled)
        return chosen

    return made


def fill_plain(plan: Any, world: Any) -> int:
    return int(fill_chunk(plan, world.when, world.mid_now, world.rngs, world.chunk))


def fill_rich(plan: Any, world: Any) -> int:
    return int(fill_rich_chunk(plan, world.when, world.mid_now, world.rngs, world.chunk))


def fill_joint(plan: Any, world: Any) -> int:
    columns = (*world.chunk, world.numbers)
    return int(fill_joint_chunk(plan, world.when, world.mid_now, world.rngs, columns))


def begin_one(plan: Any, world: Any) -> None:
    for i in range(len(world.when)):
        world.when[i] = 0
    for i in range(len(world.mid_now)):
        world.mid_now[i] = 0.0  # of what the replication before has left
    world.mid_now[0] = plan.mid


def begin_joint(plan: Any, world: Any) -> None:
    for i in range(world.when.shape[0]):
        for j in range(world.when.shape[1]):
            world.when[i, j] = 0
    for i in range(world.mid_now.shape[0]):
        for j in range(world.mid_now.shape[1]):
            world.mid_now[i, j] = 0.0
        world.mid_now[i, 0] = plan.assets[i].mid


def seed_one(plan: Any, world: Any, replication: int) -> None:
    for i in range(len(world.rngs)):
        world.entropy[i, REPLICATION] = replication
        seed_stream(world.entropy[i], world.rngs[i])


def seed_joint(plan: Any, world: Any, replication: int) -> None:
    for i in range(world.entropy.shape[0]):
        for j in range(world.entropy.shape[1]):
            world.entropy[i, j, REPLICATION] = replication
            seed_stream(world.entropy[i, j], world.rngs[i, j])


fast, allocating = by_plan({"_nrt": False, **INNER}), by_plan(INNER)
next_chunk = fast(fill_plain, fill_rich, fill_joint)
begin_world = fast(begin_one, begin_one, begin_joint)
seed_world = allocating(seed_one, seed_one, seed_joint)
