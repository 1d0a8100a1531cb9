"""Worlds alone, many replications of each, as the compiled engine makes them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lobsim.batch.engine import world_of
from lobsim.batch.jit import entry
from lobsim.batch.world_chunks import begin_world, next_chunk, seed_world
from lobsim.models.prices import VARIANCE
from lobsim.models.world import ORDER
from lobsim.setup import prepare
from market import scenario

Floats = NDArray[np.float64]


class Ends(NamedTuple):
    """Per replication: the mid at the end, the variance, and the orders of each side."""

    mid: Floats
    variance: Floats
    buys: Floats
    sells: Floats


@entry
def play(plan, world, first, ends):
    _, kinds, sides, _, _, _, mids = world.chunk
    for i in range(len(ends)):
        begin_world(plan, world)
        seed_world(plan, world, first + i)
        while True:
            n = next_chunk(plan, world)
            if not n:
                break
            for j in range(n):
                if kinds[j] == ORDER:
                    ends[i, 2 if sides[j] == 1 else 3] += 1
            ends[i, 0] = mids[n - 1]
        ends[i, 1] = world.mid_now[-1 if len(world.mid_now) == 1 else VARIANCE]


def ends_of(*settings, reps, seed=1):
    """Of a market with these settings, mids in ticks."""
    plan = prepare(scenario("asset.tick=0.001", *settings)).plan
    ends = np.zeros((reps, 4))
    play(plan, world_of(plan, seed), 0, ends)
    return Ends(*ends.T)
